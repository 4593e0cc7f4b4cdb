/** Pipfile (TOML) and Pipfile.lock (JSON), of Pipenv. */
import { compact } from '../../../compact.ts';
import {
  commitOf,
  type DependencyFormat,
  entries,
  type FileReading,
  failed,
  field,
  MEBIBYTE,
  named,
  type Package,
  text,
  texts,
} from '../format.ts';
import { normalName } from '../python.ts';
import { jsonLines, parseJson, parseToml, tomlLines, twiceProblems } from '../text.ts';

/** Tables of a Pipfile that are not groups of packages. */
const OTHER = new Set(['source', 'requires', 'scripts', 'pipenv', 'build-system']);

const originOf = (value: unknown): Package['origin'] =>
  text(field(value, 'git')) !== undefined
    ? 'git'
    : text(field(value, 'path')) !== undefined
      ? 'path'
      : text(field(value, 'file')) !== undefined || text(field(value, 'uri')) !== undefined
        ? 'url'
        : 'registry';

function parsePipfile(source: string): FileReading {
  const parsed = parseToml(source);
  if ('problem' in parsed) return failed(parsed.problem);
  const find = tomlLines(source);
  const packages = entries(parsed.value)
    .filter(([section]) => !OTHER.has(section))
    .flatMap(([section, group]) =>
      entries(group).map(([name, value]) =>
        compact<Package>({
          type: 'pypi',
          name: normalName(name),
          requirement: text(value) ?? text(field(value, 'version')) ?? text(field(value, 'git')) ?? '*',
          direct: true,
          development: section !== 'packages',
          origin: originOf(value),
          line: find(section, name),
        }),
      ),
    );
  return { packages, problems: [] };
}

function parsePipfileLock(source: string): FileReading {
  const parsed = parseJson(source);
  if ('problem' in parsed) return failed(parsed.problem);
  const { lines, twice } = jsonLines(source, 2);
  const packages = entries(parsed.value)
    .filter(([section]) => section !== '_meta')
    .flatMap(([section, group]) =>
      entries(group).map(([name, value]) => {
        const commit = commitOf(text(field(value, 'ref')));
        return compact<Package>({
          type: 'pypi',
          name: normalName(name),
          version: /^==(.+)$/.exec(text(field(value, 'version')) ?? '')?.[1] ?? commit,
          integrity: commit ?? texts(field(value, 'hashes'))[0],
          development: section !== 'default',
          origin: originOf(value),
          line: lines.get(`${section}\0${name}`),
        });
      }),
    );
  return { packages, problems: twiceProblems(twice) };
}

export const pipfile: DependencyFormat = {
  id: 'pipfile',
  family: 'pypi',
  ecosystem: 'pip',
  role: 'manifest',
  matches: named('Pipfile'),
  limit: MEBIBYTE,
  parse: parsePipfile,
};

export const pipfileLock: DependencyFormat = {
  id: 'pipfile-lock',
  family: 'pypi',
  ecosystem: 'pip',
  role: 'lock',
  matches: named('Pipfile.lock'),
  locks: /^Pipfile$/,
  limit: 16 * MEBIBYTE,
  parse: parsePipfileLock,
};
