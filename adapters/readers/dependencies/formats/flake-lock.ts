/** flake.lock of Nix, versions 5 to 7. Format: https://nix.dev/manual/nix/latest/command-ref/new-cli/nix3-flake#lock-files */
import { compact } from '../../../compact.ts';
import {
  type DependencyFormat,
  entries,
  type FileReading,
  failed,
  field,
  MEBIBYTE,
  named,
  type Package,
  text,
} from '../format.ts';
import { jsonLines, parseJson, twiceProblems } from '../text.ts';

function parseFlakeLock(source: string): FileReading {
  const parsed = parseJson(source);
  if ('problem' in parsed) return failed(parsed.problem);
  const version = field(parsed.value, 'version');
  if (typeof version !== 'number' || version < 5 || version > 7) {
    return failed({
      code: 'lockfile-version-unknown',
      message: `has version ${JSON.stringify(version)?.slice(0, 20) ?? 'none'}, which is not read`,
      remedy: 'write it again with `nix flake lock`',
    });
  }
  const { lines, twice } = jsonLines(source, 2);
  const root = text(field(parsed.value, 'root')) ?? 'root';
  const nodes = entries(field(parsed.value, 'nodes'));
  const asked = new Set(entries(field(new Map(nodes).get(root), 'inputs')).map(([, input]) => input));
  const packages = nodes.flatMap(([key, node]): Package[] => {
    if (key === root) return [];
    const locked = field(node, 'locked');
    const original = field(node, 'original');
    return [packageOf({ key, locked, original, direct: asked.has(key), line: lines.get(`nodes\0${key}`) })];
  });
  return { packages, problems: twiceProblems(twice) };
}

interface PackageOfInput {
  readonly key: string;
  readonly locked: unknown;
  readonly original: unknown;
  readonly direct: boolean;
  readonly line: number | undefined;
}

function packageOf({ key, locked, original, direct, line }: PackageOfInput): Package {
  const type = text(field(locked, 'type')) ?? '';
  const [owner, repository] = [text(field(locked, 'owner')), text(field(locked, 'repo'))];
  const hosted = owner !== undefined && repository !== undefined && /^(github|gitlab|sourcehut)$/.test(type);
  const revision = text(field(locked, 'rev'));
  const hash = text(field(locked, 'narHash'));
  return compact<Package>({
    type: hosted && type !== 'sourcehut' ? type : 'generic',
    name: hosted ? `${owner}/${repository}` : (text(field(locked, 'url')) ?? key),
    version: revision ?? hash,
    integrity: hash ?? revision,
    requirement: text(field(original, 'ref')) ?? text(field(original, 'id')),
    direct,
    origin: type === 'path' ? 'path' : type === 'tarball' || type === 'file' ? 'url' : 'git',
    line,
  });
}

export const flakeLock: DependencyFormat = {
  id: 'flake-lock',
  family: 'nix',
  ecosystem: 'nix',
  role: 'lock',
  matches: named('flake.lock'),
  locks: /^flake\.nix$/,
  limit: 8 * MEBIBYTE,
  parse: parseFlakeLock,
};
