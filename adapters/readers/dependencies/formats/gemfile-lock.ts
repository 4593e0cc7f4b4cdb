/** Gemfile.lock of Bundler. Hashes are there since Bundler 2.6, under CHECKSUMS. */
import { compact } from '../../../compact.ts';
import {
  commitOf,
  type DependencyFormat,
  type FileReading,
  failed,
  MEBIBYTE,
  named,
  type Package,
} from '../format.ts';
import { conflict, eachLine } from '../text.ts';

function parseGemfileLock(source: string): FileReading {
  const unfinished = conflict(source);
  if (unfinished) return failed(unfinished);
  const found: {
    name: string;
    version: string;
    section: string;
    commit: string | undefined;
    line: number;
  }[] = [];
  const checksums = new Map<string, string>();
  const direct = new Map<string, string>();
  let section = '';
  let commit: string | undefined;
  eachLine(source, (line, number) => {
    if (/^[A-Z]/.test(line)) {
      section = line.trim();
      commit = undefined;
      return;
    }
    const revision = /^ {2}revision: (\S+)/.exec(line)?.[1];
    if (revision !== undefined) commit = commitOf(revision);
    if (section === 'DEPENDENCIES') {
      const asked = /^ {2}([^\s!(]+)!?(?: \((.*)\))?/.exec(line);
      if (asked?.[1]) direct.set(asked[1], asked[2] ?? '*');
    } else if (section === 'CHECKSUMS') {
      const sum = /^ {2}(\S+ \([^)\s]+\)) (\S+)/.exec(line);
      if (sum?.[1] && sum[2]) checksums.set(sum[1], sum[2].replace('=', ':'));
    } else {
      const gem = /^ {4}(\S+) \(([^)\s]+)\)$/.exec(line);
      if (gem?.[1] && gem[2]) found.push({ name: gem[1], version: gem[2], section, commit, line: number });
    }
  });
  if (section === '') {
    return failed({
      code: 'gemfile-lock-invalid',
      message: 'is not a lockfile of Bundler',
      remedy: 'run `bundle lock`',
    });
  }
  return {
    problems: [],
    packages: found.map(({ name, version, section: from, commit: pinned, line }) =>
      compact<Package>({
        type: 'gem',
        name,
        version,
        integrity: pinned ?? checksums.get(`${name} (${version})`),
        requirement: direct.get(name),
        direct: direct.has(name),
        origin: from === 'PATH' ? 'path' : from === 'GIT' ? 'git' : 'registry',
        line,
      }),
    ),
  };
}

export const gemfileLock: DependencyFormat = {
  id: 'gemfile-lock',
  family: 'gem',
  ecosystem: 'bundler',
  role: 'lock',
  matches: named('Gemfile.lock', 'gems.locked'),
  locks: /^(Gemfile|gems\.rb)$/,
  limit: 8 * MEBIBYTE,
  parse: parseGemfileLock,
};
