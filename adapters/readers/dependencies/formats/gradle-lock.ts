import { compact } from '../../../compact.ts';
import {
  type Beside,
  type DependencyFormat,
  type FileReading,
  failed,
  folder,
  foldersUp,
  join,
  MEBIBYTE,
  named,
  type Package,
} from '../format.ts';
import { conflict, eachLine } from '../text.ts';
import { elements } from '../xml.ts';

/** gradle.lockfile: `group:artifact:version=configurations`. Hashes, if any, are in the verification metadata. */
function parseGradleLock(source: string, path: string, beside: Beside): FileReading {
  const unfinished = conflict(source);
  if (unfinished) return failed(unfinished);
  const hashes = new Map<string, string>();
  for (const up of foldersUp(folder(path))) {
    const metadata = beside.get(join(up, 'gradle/verification-metadata.xml') ?? '');
    if (typeof metadata !== 'string') continue;
    for (const { attributes, inside } of elements(metadata, 'component')) {
      const hash = /<(sha256|sha512)\s[^>]{0,200}?value="([0-9a-f]+)"/.exec(inside);
      if (hash) {
        const key = `${attributes.get('group')}:${attributes.get('name')}:${attributes.get('version')}`;
        hashes.set(key, `${hash[1]}:${hash[2]}`);
      }
    }
    break;
  }
  const packages: Package[] = [];
  let strange: number | undefined;
  eachLine(source, (line, number) => {
    if (line === '' || line.startsWith('#') || line.startsWith('empty=')) return;
    const match = /^([^:=\s]+):([^:=\s]+):([^:=\s]+)=(.*)$/.exec(line);
    if (!match) {
      strange ??= number;
      return;
    }
    const [, group, artifact, version = '', configurations = ''] = match;
    const names = configurations.split(',');
    packages.push(
      compact<Package>({
        type: 'maven',
        name: `${group}:${artifact}`,
        version,
        integrity: hashes.get(`${group}:${artifact}:${version}`),
        development: names.every((name) =>
          /test|annotationProcessor|kapt|ksp|checkstyle|pmd|jacoco/i.test(name),
        ),
        origin: 'registry',
        line: number,
      }),
    );
  });
  const problems =
    strange === undefined
      ? []
      : [
          {
            code: 'gradle-lock-invalid',
            message: 'has a line that is not understood',
            remedy: 'run `gradle dependencies --write-locks`',
            line: strange,
          },
        ];
  return { packages, problems };
}

export const gradleLock: DependencyFormat = {
  id: 'gradle-lock',
  family: 'maven',
  ecosystem: 'gradle',
  role: 'lock',
  matches: named('gradle.lockfile', 'buildscript-gradle.lockfile'),
  locks: /^build\.gradle(\.kts)?$/,
  limit: 8 * MEBIBYTE,
  beside: (path) =>
    foldersUp(folder(path)).flatMap((up) => join(up, 'gradle/verification-metadata.xml') ?? []),
  parse: parseGradleLock,
};
