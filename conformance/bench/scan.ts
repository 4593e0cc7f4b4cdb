/**
 * The command line as people install it: repositories a second, memory on a large repository, and the time until it has
 * said its version. The bundle is measured, not the sources.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleCommandLine } from '../../tools/bundle.ts';
import { cost, startTimes } from './child.ts';
import { largeRepository, ordinaryRepository } from './estate.ts';
import { type Row, row } from './row.ts';
import { findScorecard, LOCAL_CHECKS } from './scorecard.ts';

const root = join(import.meta.dirname, '../..');
const REPOSITORIES = 40;
const PEER_REPOSITORIES = 5;
const GIGABYTE = 1024;

async function scanned(bundle: string, estate: string) {
  const args = [bundle, 'scan', estate, '--format', 'json', '--quiet', '--soft-fail'];
  const spent = await cost(process.execPath, args, estate);
  if (spent.code > 1 && spent.code !== 3) throw new Error(`scan ended with ${spent.code}: ${spent.stderr}`);
  return { ...spent, scan: JSON.parse(spent.stdout) };
}

async function throughput(bundle: string, folder: string): Promise<Row> {
  const estate = join(folder, 'estate');
  for (let n = 0; n < REPOSITORIES; n++) ordinaryRepository(join(estate, `repository-${n}`), n);
  const spent = await scanned(bundle, estate);
  if (spent.scan.assets.repository !== REPOSITORIES) throw new Error('the scan lost repositories');
  const scorecard = findScorecard();
  let peer: number | null = null;
  if ('path' in scorecard) {
    let cpuSeconds = 0;
    for (let n = 0; n < PEER_REPOSITORIES; n++) {
      const at = join(estate, `repository-${n}`);
      const args = ['--local', at, '--format', 'json', '--checks', LOCAL_CHECKS];
      const result = await cost(scorecard.path, args, at);
      if (result.code !== 0) throw new Error(`scorecard: ${result.stderr}`);
      cpuSeconds += result.cpuSeconds;
    }
    peer = PEER_REPOSITORIES / cpuSeconds;
  }
  return row({
    id: 'repositories-per-second',
    what: `ordinary repositories (200 files, 2 workflows, 150 locked packages) a second of processor time (so, a second and core), ${REPOSITORIES} of them in one scan of all standards`,
    unit: 'repositories/s/core',
    ours: REPOSITORIES / spent.cpuSeconds,
    peer,
    peerName:
      'path' in scorecard
        ? 'scorecard --local with the seven checks that need files alone, one run each'
        : scorecard.missing,
    goal: { of: 'ours', atLeast: 20 },
  });
}

async function memory(bundle: string, folder: string): Promise<Row> {
  const estate = join(folder, 'large');
  largeRepository(estate, GIGABYTE);
  const spent = await scanned(bundle, estate);
  return row({
    id: 'memory-on-a-gigabyte',
    what: 'largest resident memory of the scan and its git processes together, on a repository of 1 GB; the peer is the repository itself',
    unit: 'MB',
    ours: spent.megabytes,
    peer: GIGABYTE,
    peerName: 'size of the repository',
    goal: { of: 'ours', atMost: 500 },
  });
}

function version(bundle: string, folder: string): Row {
  const empty = join(folder, 'empty.js');
  writeFileSync(empty, '');
  const [bare = 0, ours = 0] = startTimes([[empty], [bundle, '--version']]);
  return row({
    id: 'version-start',
    what: '`macadam --version` from start to end, median of 31',
    unit: 'ms',
    ours,
    peer: bare,
    peerName: 'bare node starting an empty bundle',
    goal: { of: 'ratio', atMost: 1.5 },
  });
}

export async function bench(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-bench-'));
  try {
    const stage = join(folder, 'macadam');
    mkdirSync(stage);
    await bundleCommandLine(root, stage);
    writeFileSync(join(stage, 'package.json'), '{"type":"module"}');
    const bundle = join(stage, 'bin/macadam.js');
    return [version(bundle, folder), await throughput(bundle, folder), await memory(bundle, folder)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
