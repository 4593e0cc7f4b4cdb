/** A certificate or key before it is registered somewhere: where it stands already, and where it would stand. */
import { resolve } from 'node:path';
import { credentialsOf, observationOf, readBoundaries } from '@macadam/adapters/sources/certificates/collect';
import { emptyFound, readPath } from '@macadam/adapters/sources/certificates/places';
import { UsageError } from '../terminal.ts';

export interface RegistrationRequest {
  /** The certificate, key or store. */
  readonly file: string;
  /** Where it would be registered. */
  readonly boundary: string;
  /** The file that says which places lie in which boundary. */
  readonly boundaries: string;
  /** Name of the environment variable with the password of `file`. */
  readonly passwordEnv: string | undefined;
  readonly now: Date;
}

/** What the gate is asked about, an observation a line: each credential of the file, with the place where it would stand among those where it does. */
export async function registrationText(request: RegistrationRequest): Promise<string> {
  const { file, boundary, boundaries, passwordEnv, now } = request;
  const { env } = process;
  const password = passwordEnv === undefined ? undefined : env[passwordEnv];
  if (passwordEnv !== undefined && password === undefined)
    throw new UsageError(`--password-env: ${passwordEnv} is not set`);
  const asked = emptyFound();
  readPath(asked, resolve(file), { place: `${file} (asked for)`, password });
  const [problem] = asked.problems;
  if (problem !== undefined) throw new UsageError(`${file}: ${problem.why}`);
  let known: Awaited<ReturnType<typeof readBoundaries>>;
  try {
    known = await readBoundaries(boundaries, { environment: env, report: () => {} });
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(`--certificates: ${error.message}`);
    throw error;
  }
  if (!known.some((one) => one.boundary === boundary))
    throw new UsageError(
      `--boundary: ${boundaries} has no \`${boundary}\`; there are ${known.map((one) => one.boundary).join(', ')}`,
    );
  const isWhole = known.every(({ found }) => found.problems.length === 0);
  const own = new Set(credentialsOf([{ boundary, found: asked }], now).keys());
  const all = credentialsOf([...known, { boundary, found: asked }], now);
  const of = { store: resolve(boundaries), isWhole, now: now.toISOString() };
  return [...all.values()]
    .filter(({ id }) => own.has(id))
    .map((credential) => JSON.stringify(observationOf(credential, of)))
    .join('\n');
}
