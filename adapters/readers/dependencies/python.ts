/** What Python's formats have in common: names (PEP 503) and requirement lines (PEP 508). */
import { compact } from '../../compact.ts';
import { commitOf, type Package } from './format.ts';

export function normalName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

/** Longer than any requirement that people or tools write; beyond it a line is not looked into. */
const LONGEST = 20_000;

export interface Requirement {
  readonly name: string;
  /** Everything after name and extras, without the marker: `>=1,<2`, `==1.2`, `@ git+https://…`. */
  readonly range: string;
}

/** A PEP 508 requirement without hashes and options; undefined when it is none. */
export function parseRequirement(source: string): Requirement | undefined {
  if (source.length > LONGEST) return undefined;
  const line = source.replaceAll(/\s+/g, ' ').trim();
  const name = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?/.exec(line)?.[0];
  if (name === undefined) return undefined;
  let rest = line.slice(name.length).trimStart();
  if (rest.startsWith('[')) {
    const close = rest.indexOf(']');
    if (close < 0) return undefined;
    rest = rest.slice(close + 1).trimStart();
  }
  if (rest.startsWith('@')) {
    const marker = rest.indexOf(' ;');
    return { name, range: (marker < 0 ? rest : rest.slice(0, marker)).trim() };
  }
  const range = (rest.split(';', 1)[0] ?? '').trim();
  if (range !== '' && !/^\(?[<>=!~]/.test(range)) return undefined;
  return { name, range: range.replace(/^\(|\)$/g, '') };
}

/** The version that a range admits, when it is exactly one. */
export function exactVersion(range: string): string | undefined {
  return /^===? ?([^\s,*]+)$/.exec(range)?.[1];
}

export function referenceOrigin(range: string): Package['origin'] {
  const target = range.replace(/^@ ?/, '');
  if (/^(git|hg|svn|bzr)\+/.test(target)) return 'git';
  if (/^https?:|^ftp:/.test(target)) return 'url';
  // Hatch writes a path below the project as `{root:uri}/…`.
  if (/^(file:|\.{0,2}\/|\{root(?::[a-z:]+)?\})/.test(target)) return 'path';
  return 'registry';
}

/** A requirement of a manifest: asked for, not pinned. */
export function declared(
  { name, range }: Requirement,
  development: boolean,
  line: number | undefined,
): Package {
  return compact<Package>({
    type: 'pypi',
    name: normalName(name),
    requirement: range || '*',
    direct: true,
    development,
    origin: referenceOrigin(range),
    line,
  });
}

/** `@ git+https://…@<commit>`: pinned by content, with no index in between. */
export function gitCommit(range: string): string | undefined {
  return referenceOrigin(range) === 'git' ? commitOf(range.replace(/#.*/s, '')) : undefined;
}
