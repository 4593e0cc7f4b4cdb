/**
 * requirements files of pip. One may be a wish list or, with `==` and `--hash` on each line, a lockfile.
 * Format: https://pip.pypa.io/en/stable/reference/requirements-file-format/
 */
import type { Unobserved } from '@macadam/core/facts/observation';
import { compact } from '../../../compact.ts';
import {
  type Beside,
  baseName,
  type DependencyFormat,
  type FileReading,
  folder,
  join,
  MEBIBYTE,
  type Package,
  type ReadingProblem,
} from '../format.ts';
import {
  declared,
  exactVersion,
  gitCommit,
  normalName,
  parseRequirement,
  referenceOrigin,
} from '../python.ts';
import { conflict, eachLine } from '../text.ts';

interface Logical {
  readonly content: string;
  readonly line: number;
}

/** Joins continued lines and drops comments, as pip does. */
function logicalLines(source: string): Logical[] {
  const found: Logical[] = [];
  let parts: string[] = [];
  let start = 0;
  eachLine(source, (raw, number) => {
    if (parts.length === 0) start = number;
    else if (raw.trimStart().startsWith('#')) return;
    if (raw.endsWith('\\')) {
      parts.push(raw.slice(0, -1));
      return;
    }
    parts.push(raw);
    const content = uncomment(parts.join(' '));
    if (content !== '') found.push({ content, line: start });
    parts = [];
  });
  const rest = uncomment(parts.join(' '));
  if (rest !== '') found.push({ content: rest, line: start });
  return found;
}

function uncomment(line: string): string {
  const comment = line.startsWith('#') ? 0 : line.search(/\s#/);
  return (comment < 0 ? line : line.slice(0, comment)).trim();
}

const CONSTRAINT = /^(?:-c|--constraint)[ =]?(.+)$/;

function parseRequirements(source: string, path: string, beside: Beside): FileReading {
  const packages: Package[] = [];
  const problems: ReadingProblem[] = [];
  const includes: string[] = [];
  const pins = new Map<string, string>();
  const unfinished = conflict(source);
  if (unfinished) return { packages, problems: [unfinished] };
  const development = /dev|test|lint|doc|ci|build|typing/i.test(baseName(path));
  for (const { content, line } of logicalLines(source)) {
    const include = /^(?:-r|--requirement)[ =]?(.+)$/.exec(content)?.[1]?.trim();
    const constraint = CONSTRAINT.exec(content)?.[1]?.trim();
    const other = include ?? constraint;
    if (other !== undefined) {
      const target = /^[a-z]+:\/\//.test(other) ? undefined : join(folder(path), other);
      if (target === undefined) {
        problems.push({
          code: 'include-elsewhere',
          message: `takes more requirements from \`${other.slice(0, 120)}\`, which is not in this repository`,
          remedy: 'keep a copy in the repository',
          line,
        });
      } else if (include !== undefined) includes.push(target);
      else collectPins(beside.get(target), pins);
      continue;
    }
    const editable = /^(?:-e|--editable)[ =]?(.+)$/.exec(content)?.[1]?.trim();
    if (content.startsWith('-') && editable === undefined) continue;
    const { requirement, hash } = splitOptions(editable ?? content);
    const read = readRequirement(requirement, hash, development, line);
    if (read === undefined) {
      problems.push({
        code: 'requirement-unreadable',
        message: `line ${line} is not a requirement: \`${requirement.slice(0, 60)}\``,
        remedy: 'write it as PEP 508 says',
        line,
      });
    } else packages.push(read);
  }
  const pinned = packages.map((found) => {
    const version = found.version === undefined ? pins.get(found.name) : undefined;
    return version === undefined ? found : { ...found, version };
  });
  return { packages: pinned, problems: problems.slice(0, 20), includes };
}

function splitOptions(content: string): { requirement: string; hash: string | undefined } {
  const option = content.search(/ --?[a-z]/);
  const requirement = option < 0 ? content : content.slice(0, option);
  return { requirement: requirement.trim(), hash: /--hash[ =](\S+)/.exec(content)?.[1] };
}

function readRequirement(
  requirement: string,
  hash: string | undefined,
  development: boolean,
  line: number,
): Package | undefined {
  const origin = referenceOrigin(requirement);
  if (origin !== 'registry' || /\.(whl|zip|tar\.gz)$/.test(requirement) || requirement === '.') {
    const egg = /[#&]egg=([A-Za-z0-9._-]+)/.exec(fragmentOf(requirement))?.[1];
    const tail = requirement.replace(/[#?].*/s, '').replace(/(\.git)?(@[^@/]*)?\/?$/, '');
    const name = egg ?? tail.slice(tail.lastIndexOf('/') + 1);
    const local = origin === 'registry' || requirement.startsWith('.');
    return located({
      parsed: { name: name || requirement, range: requirement },
      origin: local ? 'path' : origin,
      hash,
      development,
      line,
    });
  }
  const parsed = parseRequirement(requirement);
  // A bare name with a slash is a folder of the repository.
  if (parsed === undefined)
    return /^[\w.-]+\/[\w./-]*(\[.*\])?$/.test(requirement)
      ? located({
          parsed: { name: requirement, range: requirement },
          origin: 'path',
          hash,
          development,
          line,
        })
      : undefined;
  if (parsed.range.startsWith('@'))
    return located({ parsed, origin: referenceOrigin(parsed.range), hash, development, line });
  return compact<Package>({
    ...declared(parsed, development, line),
    version: exactVersion(parsed.range),
    integrity: exactVersion(parsed.range) === undefined ? undefined : hash,
  });
}

interface LocatedInput {
  readonly parsed: { name: string; range: string };
  readonly origin: Package['origin'];
  readonly hash: string | undefined;
  readonly development: boolean;
  readonly line: number;
}

function located({ parsed, origin, hash, development, line }: LocatedInput): Package {
  const commit = gitCommit(parsed.range);
  const fragment = /[#&](sha(?:256|384|512)=[0-9a-f]+)/
    .exec(fragmentOf(parsed.range))?.[1]
    ?.replace('=', ':');
  const integrity = commit ?? hash ?? fragment;
  return compact<Package>({
    ...declared(parsed, development, line),
    origin,
    version: commit ?? (origin === 'url' ? integrity : undefined),
    integrity,
  });
}

function collectPins(source: string | Unobserved | undefined, pins: Map<string, string>): void {
  if (typeof source !== 'string') return;
  for (const { content } of logicalLines(source)) {
    const parsed = parseRequirement(splitOptions(content).requirement);
    const version = parsed && exactVersion(parsed.range);
    if (parsed && version !== undefined) pins.set(normalName(parsed.name), version);
  }
}

const NAME = /^(?:[\w.-]+[-_.])?requirements(?:[-_.][\w.-]+)?\.(?:txt|in|pip)$/i;

/** Constraints install nothing by themselves. */
function isRequirements(path: string, name = baseName(path)): boolean {
  if (/constraint|readme|licen[cs]e/i.test(name)) return false;
  return NAME.test(name) || (/\.(txt|in)$/.test(name) && baseName(folder(path)) === 'requirements');
}

export const requirementsTxt: DependencyFormat = {
  id: 'requirements-txt',
  family: 'pypi',
  ecosystem: 'pip',
  role: 'both',
  matches: isRequirements,
  limit: 8 * MEBIBYTE,
  beside: (path, source) =>
    logicalLines(source).flatMap(({ content }) => {
      const name = CONSTRAINT.exec(content)?.[1]?.trim();
      const found = name === undefined ? undefined : join(folder(path), name);
      return found === undefined ? [] : [found];
    }),
  parse: parseRequirements,
};

/** From the first `#` on; empty where there is none. */
function fragmentOf(requirement: string): string {
  const at = requirement.indexOf('#');
  return at < 0 ? '' : requirement.slice(at);
}
