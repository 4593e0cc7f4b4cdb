/** Tokens of targets, from the environment: they are never arguments, which other processes could read. */
import type { Problem } from '@macadam/core/facts/observation';

export type Environment = Readonly<Record<string, string | undefined>>;

/** `ENTRA_TOKEN` and the target, with `_` for what no name may hold. */
export const variableOf = (name: string, target: string): string =>
  `${name}_${target.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;

/** Undefined when there is none. A token is of one target, so the variable that names none is used only where a single one is asked. */
export function tokenOf(
  name: string,
  target: string,
  targets: number,
  environment: Environment,
): string | undefined {
  const own = environment[variableOf(name, target)]?.trim();
  if (own) return own;
  const any = environment[name]?.trim();
  return targets === 1 && any ? any : undefined;
}

/** `credential`: what is missing, and of what: `token for the tenant …`. */
export const credentialMissing = (credential: string, remedy: string): Problem => ({
  code: 'credential-missing',
  cause: 'forbidden',
  message: `there is no ${credential}, so nothing of it was read`,
  remedy,
});
