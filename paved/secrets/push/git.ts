/** Questions to git in the repository of a hook, whose environment says where its objects are. */
import { childProcess } from '../late.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where a hook runs: git says by both where the objects are. */
export interface Hook {
  readonly folder: string;
  readonly environment: Environment;
}

/** This process. */
export const here = (): Hook => ({ folder: process.cwd(), environment: process.env });

/** What a command of git printed. Throws where it fails, with what it said. */
export function git(
  parameters: readonly string[],
  { input = '', hook = here() }: { input?: string; hook?: Hook } = {},
): Buffer {
  const { status, stdout, stderr, error } = childProcess().spawnSync('git', parameters, {
    input,
    cwd: hook.folder,
    env: { ...hook.environment, GIT_NO_REPLACE_OBJECTS: '1', GIT_NO_LAZY_FETCH: '1' },
    maxBuffer: 2 ** 30,
  });
  if (error) throw new Error(`git cannot be run: ${error.message}`);
  if (status !== 0)
    throw new Error(`git ${parameters[0]} failed: ${stderr.toString().trim().split('\n')[0] ?? ''}`);
  return stdout;
}

/** Fills from bytes that are here already. */
export function fillFromBuffer(bytes: Buffer): (into: Uint8Array) => number {
  let at = 0;
  return (into) => {
    const part = bytes.subarray(at, at + into.length);
    into.set(part);
    at += part.length;
    return part.length;
  };
}
