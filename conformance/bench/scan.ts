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
import { FULL, type Row, row, type Size } from './row.ts';
import { findScorecard, LOCAL_CHECKS } from './scorecard.ts';

const root = join(import.meta.dirname, '../..');
let repositories = 40;
let peerRepositories = 5;
/** Megabytes of the large one. */
let large = 1024;
let starts = 31;

async function scanned(bundle: string, estate: string) {
  const args = [bundle, 'scan', estate, '--format', 'json', '--quiet', '--soft-fail'];
  const spent = await cost(process.execPath, args, estate);
  if (spent.code > 1 && spent.code !== 3) throw new Error(`scan ended with ${spent.code}: ${spent.stderr}`);
  return { ...spent, scan: JSON.parse(spent.stdout) };
}

async function throughput(bundle: string, folder: string): Promise<Row> {
  const estate = join(folder, 'estate');
  for (let n = 0; n < repositories; n++) ordinaryRepository(join(estate, `repository-${n}`), n);
  const spent = await scanned(bundle, estate);
  if (spent.scan.assets.repository !== repositories) throw new Error('the scan lost repositories');
  const scorecard = findScorecard();
  let peer: number | null = null;
  if ('path' in scorecard) {
    let cpuSeconds = 0;
    for (let n = 0; n < peerRepositories; n++) {
      const at = join(estate, `repository-${n}`);
      const args = ['--local', at, '--format', 'json', '--checks', LOCAL_CHECKS];
      const result = await cost(scorecard.path, args, at);
      if (result.code !== 0) throw new Error(`scorecard: ${result.stderr}`);
      cpuSeconds += result.cpuSeconds;
    }
    peer = peerRepositories / cpuSeconds;
  }
  return row({
    id: 'repositories-per-second',
    what: `ordinary repositories (200 files, 2 workflows, 150 locked packages) a second of processor time (so, a second and core), ${repositories} of them in one scan of all standards`,
    unit: 'repositories/s/core',
    ours: repositories / spent.cpuSeconds,
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
  largeRepository(estate, large);
  const spent = await scanned(bundle, estate);
  return row({
    id: 'memory-on-a-gigabyte',
    what: 'largest resident memory of the scan and its git processes together, on a repository of 1 GB; the peer is the repository itself',
    unit: 'MB',
    ours: spent.megabytes,
    peer: large,
    peerName: 'size of the repository',
    goal: { of: 'ours', atMost: 500 },
  });
}

function version(bundle: string, folder: string): Row {
  const empty = join(folder, 'empty.js');
  writeFileSync(empty, '');
  const [bare = 0, ours = 0] = startTimes([[empty], [bundle, '--version']], starts);
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

export async function bench({ quick }: Size = FULL): Promise<Row[]> {
  if (quick) {
    repositories = 2;
    peerRepositories = 1;
    large = 16;
    starts = 1;
  }
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
