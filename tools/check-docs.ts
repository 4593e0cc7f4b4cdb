/**
 * What the documents point at exists: links, headings, paths in backticks, commands, and blocks of JSON and YAML that
 * parse. Why: the first wrong line of a README costs the trust that every later line needs.
 */
import { posix } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { finish, matches, type Offence, type Rule, repositoryPaths, type SourceFile } from './repository.ts';

const LINK = /\]\(([^)\s]+)\)/g;
const PATH =
  /`((?:core|adapters|services|simulation|testing|apps|paved|kinds|standards|frameworks|conformance|docs|tools)\/[\w./-]*)`/g;
const COMMAND = /\bnpm (?:run (?:-s |--silent )?([\w:-]+)|(start|test)\b)/g;
const BLOCK = /^```(json|yaml|yml)\n([\s\S]*?)^```/gm;

const slug = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

function parseError(language: string, block: string): string | null {
  try {
    if (language === 'json') JSON.parse(block);
    const [error] = language === 'json' ? [] : parseAllDocuments(block).flatMap(({ errors }) => errors);
    return error?.message ?? null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export function checkDocs(files: readonly SourceFile[], paths: readonly string[]): Offence[] {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const known = new Set([...texts.keys(), ...paths]);
  for (const path of known) if (path.includes('/')) known.add(posix.dirname(path));
  const scripts = Object.keys(JSON.parse(texts.get('package.json') ?? '{}').scripts ?? {});
  return files
    .filter(({ path }) => path.endsWith('.md') && !/(^|\/)(start|examples)\//.test(path))
    .flatMap(({ path, text }) => {
      const found: Offence[] = [];
      for (const { line, match } of matches(text, LINK)) {
        const [file = '', heading] = (match[1] ?? '').split('#');
        if (/^(https?|mailto):/.test(match[1] ?? '')) continue;
        const to = file === '' ? path : posix.join(posix.dirname(path), decodeURI(file)).replace(/\/$/, '');
        const headings = [...(texts.get(to) ?? '').matchAll(/^#+ (.*)$/gm)].map((one) => slug(one[1] ?? ''));
        if (!known.has(to)) found.push({ path, line, what: `links to ${to}, which does not exist` });
        else if (heading !== undefined && to.endsWith('.md') && !headings.includes(heading))
          found.push({ path, line, what: `links to #${heading}, which ${to} has not` });
      }
      for (const { line, match } of matches(text, PATH)) {
        const to = (match[1] ?? '').replace(/\/$/, '');
        const near = posix.join(posix.dirname(path), to);
        if (!known.has(to) && !known.has(near))
          found.push({ path, line, what: `names ${to}, which does not exist` });
      }
      for (const { line, match } of matches(text, COMMAND))
        if (!scripts.includes(match[1] ?? match[2] ?? '') && !path.startsWith('standards/'))
          found.push({ path, line, what: `\`${match[0]}\` is no script of package.json` });
      for (const { line, match } of matches(text, BLOCK)) {
        const error = parseError(match[1] ?? '', match[2] ?? '');
        if (error !== null) found.push({ path, line, what: `this ${match[1]} does not parse: ${error}` });
      }
      return found;
    });
}

export const rule: Rule = {
  name: 'docs',
  offences: (files) => checkDocs(files, repositoryPaths()),
};

if (import.meta.main) finish(rule);
