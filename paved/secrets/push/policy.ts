/** The policy of a server, as the words of one command: a hook hands the same ones to itself and to the resident. */
import { parseArgs } from 'node:util';
import type { Environment } from './git.ts';
import type { PresencePolicy } from './presence.ts';
import type { Policy, RunningPolicy } from './receive.ts';

export const POLICY = {
  repository: { type: 'string' },
  log: { type: 'string' },
  bypass: { type: 'string', default: 'reason' },
  'on-failure': { type: 'string', default: 'refuse' },
  'allowed-signers': { type: 'string' },
  bot: { type: 'string', multiple: true },
} as const;

export interface Given {
  readonly bypass: string;
  readonly 'on-failure': string;
  readonly 'allowed-signers'?: string | undefined;
  readonly bot?: readonly string[] | undefined;
}

export class UsageError extends Error {}

export function policyOf(given: Given) {
  const { bypass, 'on-failure': onFailure, 'allowed-signers': allowedSigners, bot: bots = [] } = given;
  if (bypass !== 'reason' && bypass !== 'never')
    throw new UsageError(`--bypass is \`${bypass}\`; give reason or never`);
  if (onFailure !== 'refuse' && onFailure !== 'accept')
    throw new UsageError(`--on-failure is \`${onFailure}\`; give refuse or accept`);
  if (allowedSigners === undefined && bots.length > 0)
    throw new UsageError('--bot goes with --allowed-signers, which holds its key');
  const presence = allowedSigners === undefined ? undefined : { allowedSigners, bots };
  return { bypass, onFailure, presence } as const;
}

/** None is empty: see `hook.ts`, where an empty one ends them. */
export function wordsOf({ repository, log, bypass, onFailure, presence }: Policy): string[] {
  const words = { repository, log, bypass, 'on-failure': onFailure };
  const signers = presence === undefined ? [] : [`--allowed-signers=${presence.allowedSigners}`];
  return [
    ...Object.entries(words).map(([name, value]) => `--${name}=${value}`),
    ...signers,
    ...(presence?.bots ?? []).map((bot) => `--bot=${bot}`),
  ];
}

/** From the words that a hook was written with. `folder`: where it runs, which names a repository that has no other name. */
export async function runningPolicy(
  words: readonly string[],
  { folder, environment }: { readonly folder: string; readonly environment: Environment },
): Promise<RunningPolicy> {
  const { values } = parseArgs({ args: [...words], options: POLICY });
  if (values.log === undefined) throw new UsageError('--log is missing: install the hook again');
  const { bypass, onFailure, presence } = policyOf(values);
  return {
    bypass,
    onFailure,
    log: values.log,
    repository: values.repository || (environment.GL_PROJECT_PATH ?? folder),
    ...(presence && (await checkOf(presence))),
  };
}

async function checkOf(presence: PresencePolicy) {
  const { presenceCheck } = await import('./presence.ts');
  return { check: (now: Date) => presenceCheck(presence, now) };
}
