/**
 * OpenSSF Scorecard, the nearest peer that judges a repository on disk. It is built once through Go's own module proxy
 * into the person's cache, outside the repository; where there is no Go, the row says so.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const MODULE = 'github.com/ossf/scorecard/v5';
const VERSION = 'v5.3.0';
/** Those of its checks that need the files alone; the others ask the network. */
export const LOCAL_CHECKS: string =
  'Binary-Artifacts,Dangerous-Workflow,Dependency-Update-Tool,License,Pinned-Dependencies,Security-Policy,Token-Permissions';

export function findScorecard(): { readonly path: string } | { readonly missing: string } {
  const folder = join(
    process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
    'macadam',
    'bench',
    `scorecard-${VERSION}`,
  );
  const path = join(folder, 'scorecard');
  if (existsSync(path)) return { path };
  if (spawnSync('go', ['version']).status !== 0)
    return { missing: 'scorecard is missing: there is no Go to build it with (install golang)' };
  mkdirSync(folder, { recursive: true });
  // A module of our own that requires it: `go install …@version` would ask for a list of versions that not every proxy has.
  writeFileSync(join(folder, 'go.mod'), `module peer\n\ngo 1.24\n\nrequire ${MODULE} ${VERSION}\n`);
  console.error(`building scorecard ${VERSION} (once, some minutes) …`);
  const env = { ...process.env, GOFLAGS: '-mod=mod -buildvcs=false' };
  const built = spawnSync('go', ['build', '-o', path, MODULE], {
    cwd: folder,
    env,
    encoding: 'utf8',
    timeout: 1_200_000,
  });
  if (built.status === 0) return { path };
  return { missing: `scorecard is missing: go build failed: ${built.stderr.trim().split('\n').at(-1)}` };
}
