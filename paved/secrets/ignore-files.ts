/**
 * What a repository told other scanners to pass over: `.gitleaksignore` names findings by place, `.secrets.baseline`
 * (detect-secrets) by the SHA-1 of the secret or by place. Neither gives a reason.
 */
import { crypto } from './late.ts';

/** Names of the files, at the root of a repository. */
export const IGNORE_FILES = ['.gitleaksignore', '.secrets.baseline'] as const;

export interface IgnoreFiles {
  /** The file that passes over this secret, or undefined. `line` counts from 1. */
  readonly ignoredBy: (path: string, line: number, secret: string) => string | undefined;
  /** Whether anything of this file is passed over. */
  readonly names: (path: string) => boolean;
}

/** Reads the texts by file name. A file that is not in its format passes over nothing; never throws. */
export function readIgnoreFiles(texts: Readonly<Record<string, string | undefined>>): IgnoreFiles {
  const byPlace = new Map<string, string>();
  const bySecret = new Map<string, string>();
  const paths = new Set<string>();
  for (const { path, line } of gitleaksIgnore(texts['.gitleaksignore'] ?? '')) {
    paths.add(path);
    byPlace.set(`${path}:${line}`, '.gitleaksignore');
  }
  for (const { path, line, hash } of baseline(texts['.secrets.baseline'] ?? '')) {
    paths.add(path);
    if (line !== undefined) byPlace.set(`${path}:${line}`, '.secrets.baseline');
    if (hash !== undefined) bySecret.set(`${path}:${hash}`, '.secrets.baseline');
  }
  return {
    names: (path) => paths.has(path),
    ignoredBy: (path, line, secret) => {
      if (!paths.has(path)) return undefined;
      const hash = crypto().createHash('sha1').update(secret).digest('hex');
      return byPlace.get(`${path}:${line}`) ?? bySecret.get(`${path}:${hash}`);
    },
  };
}

/** Lines of `commit:path:rule:line` or `path:rule:line`; `#` begins a comment. */
function gitleaksIgnore(text: string): { path: string; line: number }[] {
  return text.split('\n').flatMap((raw) => {
    const found = /^(?:[0-9a-f]{7,64}:)?(.+):[^:]+:(\d+)$/.exec(raw.trim());
    return found === null || raw.startsWith('#') ? [] : [{ path: found[1] ?? '', line: Number(found[2]) }];
  });
}

/** Entries that an audit called real (`is_secret: true`) are not passed over. */
function baseline(text: string): { path: string; line: number | undefined; hash: string | undefined }[] {
  const results = field(parsed(text), 'results');
  if (typeof results !== 'object' || results === null) return [];
  return Object.entries(results).flatMap(([path, entries]) =>
    (Array.isArray(entries) ? entries : [])
      .filter((entry: unknown) => field(entry, 'is_secret') !== true)
      .map((entry: unknown) => {
        const line = field(entry, 'line_number');
        const hash = field(entry, 'hashed_secret');
        return {
          path: path.replaceAll('\\', '/'),
          line: typeof line === 'number' ? line : undefined,
          hash: typeof hash === 'string' ? hash : undefined,
        };
      }),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
