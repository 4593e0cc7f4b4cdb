/** What an installed hook let through, from its log: said of the repository itself, beside what a canary shows of it. */
import { existsSync, readFileSync } from 'node:fs';
import { MARK } from './hook.ts';

/**
 * An attribute `push_bypasses`, as `macadam ingest` reads it. `file`: the hook as it was installed. `named`: one of its repositories, where it
 * is a hook for many. Throws where it is none of ours.
 */
export function letThroughBy(file: string, named: string | null = null): object {
  const hook = readFileSync(file, 'utf8');
  const log = wordIn(hook, LOG);
  if (!hook.includes(MARK) || log === null)
    throw new Error(`${file} is no hook of macadam-secrets; name the file that \`install\` printed`);
  const repository = named ?? wordIn(hook, REPOSITORY);
  if (!repository) throw new Error(`${file} is a hook for many repositories; name one by --repository`);
  // A hook that never let anything through never wrote one.
  if (!existsSync(log)) return { value: [], complete: true, assurance: 'effective' };
  return bypassesIn(readFileSync(log, 'utf8'), repository);
}

/** Words of the hook, which quotes each for a shell. */
const LOG = /'--log=((?:[^']|'\\'')*)'/;
const REPOSITORY = /'--repository=((?:[^']|'\\'')*)'/;

const wordIn = (hook: string, pattern: RegExp): string | null =>
  pattern.exec(hook)?.[1]?.replaceAll("'\\''", "'") ?? null;

const NOT_TOLD = {
  unobserved: 'unobserved',
  why: 'the log holds the reason of who pushed, and nothing of what became of the secret; look at it, and rotate the secret',
} as const;

function bypassesIn(log: string, repository: string): object {
  const value: object[] = [];
  let complete = true;
  for (const line of log.split('\n')) {
    if (line === '') continue;
    const record = recordIn(line);
    if (record === null) complete = false;
    const { kind, attributes } = record ?? {};
    if (kind !== 'push-bypass') continue;
    const [of, at, by] = ['repository', 'pushed_at', 'pushed_by'].map((name) => attributes?.[name]?.value);
    if (of !== repository) continue;
    value.push({
      number: value.length + 1,
      ...(typeof at === 'string' && { at }),
      ...(typeof by === 'string' && { by }),
      revoked: NOT_TOLD,
      second_person: NOT_TOLD,
    });
  }
  // Read from a log, while what a canary shows of the protection is tested.
  return { value, complete, assurance: 'effective' };
}

interface Record {
  readonly kind?: string;
  readonly attributes?: Readonly<{ [name: string]: { readonly value?: unknown } | undefined }>;
}

/** Null for a line that was cut off: it may have been of a push. */
function recordIn(line: string): Record | null {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
