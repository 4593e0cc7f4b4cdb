/** composer.json and composer.lock. Archives from a code host carry no hash; the commit that they are made of pins them. */
import { compact } from '../../../compact.ts';
import {
  commitOf,
  type DependencyFormat,
  entries,
  type FileReading,
  failed,
  field,
  list,
  MEBIBYTE,
  named,
  type Package,
  text,
} from '../format.ts';
import { eachLine, jsonLines, parseJson, twiceProblems } from '../text.ts';

/** PHP itself, its extensions and Composer's interfaces are not packages that are downloaded. */
const PLATFORM = /^(php(-.*)?|hhvm|(ext|lib)-.*|composer(-(plugin|runtime)-api)?)$/;

function parseComposerJson(source: string): FileReading {
  const parsed = parseJson(source);
  if ('problem' in parsed) return failed(parsed.problem);
  const { lines, twice } = jsonLines(source, 2);
  const packages = (['require', 'require-dev'] as const).flatMap((section) =>
    entries(field(parsed.value, section)).flatMap(([name, range]): Package[] =>
      PLATFORM.test(name) || typeof range !== 'string'
        ? []
        : [
            compact<Package>({
              type: 'composer',
              name,
              requirement: range || '*',
              direct: true,
              development: section === 'require-dev',
              origin: 'registry',
              line: lines.get(`${section}\0${name}`),
            }),
          ],
    ),
  );
  const own = twice.filter(({ key }) => packages.some(({ name }) => name === key));
  const project = text(field(parsed.value, 'name'));
  // A project is installed where it lies; a library, a plugin or a bundle by others. Who writes no type names the versions of its branches.
  const type = text(field(parsed.value, 'type'));
  const isAliased = field(field(parsed.value, 'extra'), 'branch-alias') !== undefined;
  return compact<FileReading>({
    packages,
    published: project !== undefined && (type === undefined ? isAliased : type !== 'project'),
    problems: twiceProblems(own),
    project,
  });
}

function parseComposerLock(source: string): FileReading {
  const parsed = parseJson(source);
  if ('problem' in parsed) return failed(parsed.problem);
  const lines = new Map<string, number>();
  eachLine(source, (line, number) => {
    const name = /^ {12}"name": "([^"]+)"/.exec(line)?.[1];
    if (name !== undefined && !lines.has(name)) lines.set(name, number);
  });
  const packages = (['packages', 'packages-dev'] as const).flatMap((section) =>
    list(field(parsed.value, section)).flatMap((entry): Package[] => {
      const name = text(field(entry, 'name'));
      if (name === undefined) return [];
      const dist = field(entry, 'dist');
      const source_ = field(entry, 'source');
      const commit = commitOf(text(field(dist, 'reference'))) ?? commitOf(text(field(source_, 'reference')));
      const kind = text(field(dist, 'type'));
      return [
        compact<Package>({
          type: 'composer',
          name,
          version: text(field(entry, 'version')),
          integrity: text(field(dist, 'shasum')) ?? commit,
          development: section === 'packages-dev',
          origin: kind === 'path' ? 'path' : kind === undefined && source_ !== undefined ? 'git' : 'registry',
          line: lines.get(name),
        }),
      ];
    }),
  );
  return { packages, problems: [] };
}

export const composerJson: DependencyFormat = {
  id: 'composer-json',
  family: 'composer',
  ecosystem: 'composer',
  role: 'manifest',
  matches: named('composer.json'),
  limit: 2 * MEBIBYTE,
  parse: parseComposerJson,
};

export const composerLock: DependencyFormat = {
  id: 'composer-lock',
  family: 'composer',
  ecosystem: 'composer',
  role: 'lock',
  matches: named('composer.lock'),
  locks: /^composer\.json$/,
  limit: 16 * MEBIBYTE,
  parse: parseComposerLock,
};
