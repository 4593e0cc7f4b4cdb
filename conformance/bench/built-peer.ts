/**
 * A peer written in Go: the one that is installed, else built once through Go's own module proxy into the person's
 * cache, outside the repository. Where neither works, the reason goes into the row.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export type Peer = { readonly path: string } | { readonly missing: string };

export function builtPeer(name: string, module: string, version: string): Peer {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const folder = join(cache, 'macadam', 'bench', `${name}-${version}`);
  const path = join(folder, name);
  if (existsSync(path)) return { path };
  if (spawnSync('go', ['version']).status !== 0)
    return { missing: `${name} is missing: there is no Go to build it with (install golang)` };
  mkdirSync(folder, { recursive: true });
  // A module of our own that requires it: `go install …@version` would ask for a list of versions that not every proxy has.
  writeFileSync(join(folder, 'go.mod'), `module peer\n\ngo 1.24\n\nrequire ${module} ${version}\n`);
  console.error(`building ${name} ${version} (once, some minutes) …`);
  const built = spawnSync('go', ['build', '-o', path, module], {
    cwd: folder,
    env: { ...process.env, GOFLAGS: '-mod=mod -buildvcs=false' },
    encoding: 'utf8',
    timeout: 1_200_000,
  });
  if (built.status === 0) return { path };
  return { missing: `${name} is missing: go build failed: ${built.stderr.trim().split('\n').at(-1)}` };
}

/** A peer that PyPI has, installed once into an environment of its own in the person's cache. */
export function pythonPeer(name: string, version: string): Peer {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const folder = join(cache, 'macadam', 'bench', `${name}-${version}`);
  const path = join(folder, 'bin', name);
  if (existsSync(path)) return { path };
  const made = spawnSync('python3', ['-m', 'venv', folder], { encoding: 'utf8' });
  if (made.status !== 0) return { missing: `${name} is missing: there is no Python to install it with` };
  const pip = join(folder, 'bin', 'pip');
  const installed = spawnSync(pip, ['install', '--quiet', `${name}==${version}`], { encoding: 'utf8' });
  if (installed.status === 0 && existsSync(path)) return { path };
  return { missing: `${name} is missing: pip failed: ${installed.stderr?.trim().split('\n').at(-1)}` };
}
