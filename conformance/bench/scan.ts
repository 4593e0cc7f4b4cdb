/**
 * `macadam scan` as people install it, beside gitleaks, zizmor and scorecard on the same files in the same run: a small repository,
 * the largest of an estate and all of it, for the first time and again. MACADAM_BENCH_ESTATE names a folder of repositories; without
 * it twenty are made. What peers find is held against what we find. The bundle is measured, not the sources.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { cost, startTimes } from './child.ts';
import { largeRepository, ordinaryRepository } from './estate.ts';
import { FULL, type Row, row, type Size } from './row.ts';
import { firstAndSecond, packed, type Scanner, scannedFirst, type Took, unpinnedPlaces } from './scan/own.ts';
import { agreement, askGitleaks, askScorecard, askZizmor, type Looked, type PeerLook } from './scan/peers.ts';
import { checkedOut, type Trees } from './scan/trees.ts';
import { findScorecard, LOCAL_CHECKS } from './scorecard.ts';

interface Counts {
  readonly repositories: number;
  readonly peerRepositories: number;
  /** Megabytes of the large one. */
  readonly large: number;
  readonly starts: number;
  readonly rounds: number;
}

const FULL_COUNTS: Counts = { repositories: 40, peerRepositories: 5, large: 1024, starts: 31, rounds: 3 };
const QUICK_COUNTS: Counts = { repositories: 2, peerRepositories: 1, large: 16, starts: 1, rounds: 1 };

/** What a peer of pipelines asks, so that ours does not look at more than it. */
const PIPELINES = [
  'pipeline-from-governed-template',
  'pipeline-least-privilege',
  'pipeline-leaves-no-token',
  'pipeline-no-untrusted-code',
  'pipeline-releases-without-cache',
  'pipeline-uses-pinned',
];

async function throughput(scanner: Scanner, estate: string, counts: Counts): Promise<Row> {
  const { cpuSeconds } = await scannedFirst(scanner, estate);
  const scorecard = findScorecard();
  let peer: number | null = null;
  if ('path' in scorecard) {
    let theirs = 0;
    for (let n = 0; n < counts.peerRepositories; n++) {
      const at = join(estate, `repository-${n}`);
      const result = await cost(
        scorecard.path,
        ['--local', at, '--format', 'json', '--checks', LOCAL_CHECKS],
        at,
      );
      if (result.code !== 0) throw new Error(`scorecard: ${result.stderr}`);
      theirs += result.cpuSeconds;
    }
    peer = counts.peerRepositories / theirs;
  }
  return row({
    id: 'repositories-per-second',
    what: `ordinary repositories (200 files, 2 workflows, 150 locked packages) a second of processor time (so, a second and core), ${counts.repositories} of them in one scan of all standards`,
    unit: 'repositories/s/core',
    ours: counts.repositories / cpuSeconds,
    peer,
    peerName:
      'path' in scorecard
        ? 'scorecard --local with the seven checks that need files alone, one run each'
        : scorecard.missing,
    goal: { of: 'ours', atLeast: 20 },
  });
}

async function memory(scanner: Scanner, folder: string, large: number): Promise<Row> {
  const estate = join(folder, 'large');
  largeRepository(estate, large);
  const spent = await scannedFirst(scanner, estate);
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

function version({ bundle }: Scanner, folder: string, starts: number): Row {
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

interface Case {
  readonly id: string;
  readonly what: string;
  /** By the clock, on two cores with nothing else to do. */
  readonly goalSeconds: number;
}

/** Three rows of one run: by the clock, by processor, and memory. */
function costRows({ id, what, goalSeconds }: Case, took: Took, first: Took): Row[] {
  const peerName = took === first ? 'itself' : 'the first scan';
  return [
    row({
      id,
      what: `${what}, from start to end by the clock; what else the machine does counts with it`,
      unit: 's',
      ours: took.seconds,
      peer: first.seconds,
      peerName,
      goal: { of: 'ours', atMost: goalSeconds },
    }),
    row({
      id: `${id}-processor`,
      what: `${what}, by processor time of all threads and processes`,
      unit: 's',
      ours: took.cpuSeconds,
      peer: first.cpuSeconds,
      peerName,
      goal: { of: 'ours', atMost: 2 * goalSeconds },
    }),
    row({
      id: `${id}-memory`,
      what: `${what}, largest resident memory of all its processes`,
      unit: 'MB',
      ours: took.megabytes,
      peer: first.megabytes,
      peerName,
      goal: { of: 'ours', atMost: 500 },
    }),
  ];
}

interface Target extends Case {
  readonly path: string;
}

async function coldAndAgain(scanner: Scanner, target: Target, rounds: number): Promise<Row[]> {
  const { id, what, goalSeconds } = target;
  const { first, second } = await firstAndSecond(scanner, target.path, rounds);
  return [
    ...costRows({ id: `${id}-cold`, what: `${what} for the first time`, goalSeconds }, first, first),
    ...costRows({ id: `${id}-again`, what: `${what} again, unchanged`, goalSeconds }, second, first),
  ];
}

interface Beside {
  readonly id: string;
  readonly what: string;
  readonly ours: Looked;
  readonly peer: PeerLook;
  readonly atMost: number;
}

function besideRow({ id, what, ours, peer, atMost }: Beside): Row {
  const words = peer.looked === null ? '' : `: ${agreement(ours.places, peer.looked.places, peer.name)}`;
  const peak = peer.looked === null ? '' : `; ${Math.round(peer.looked.megabytes)} MB`;
  return row({
    id,
    what: `${what}, by processor time${words}; ${Math.round(ours.megabytes)} MB`,
    unit: 's',
    ours: ours.cpuSeconds,
    peer: peer.looked?.cpuSeconds ?? null,
    peerName: `${peer.name}${peak}`,
    goal: { of: 'ratio', atMost },
  });
}

/** Our detectors over the same files, without git, catalogue or verdicts. */
async function detectors(trees: Trees, place: string): Promise<Looked> {
  const program = join(import.meta.dirname, 'scan/detectors.ts');
  const { code, stdout, stderr, cpuSeconds, megabytes } = await cost(
    process.execPath,
    [program, trees.folder],
    place,
  );
  if (code !== 0) throw new Error(`detectors: ${stderr}`);
  return { cpuSeconds, megabytes, places: new Set(z.array(z.string()).parse(JSON.parse(stdout))) };
}

async function besidePeers(scanner: Scanner, estate: string, trees: Trees): Promise<Row[]> {
  const { place } = scanner;
  const leaks = await askGitleaks(trees, place);
  const zizmor = await askZizmor(trees, place);
  const scorecard = await askScorecard(trees, place);
  const alone = await detectors(trees, place);
  const secrets = await scannedFirst(scanner, estate, ['secrets-not-in-code']);
  const pipelines = await scannedFirst(scanner, estate, PIPELINES);
  const unpinned = unpinnedPlaces(pipelines.text);
  const ofPipelines: Looked = { ...pipelines, places: unpinned };
  const missing = trees.repositories.reduce((sum, tree) => sum + tree.missing, 0);
  const lacking = missing === 0 ? '' : ` (${missing} files are missing in the clones, for all alike)`;
  return [
    besideRow({
      id: 'scan-detectors-beside-gitleaks',
      what: `secrets of every file${lacking}, by our detectors alone`,
      ours: alone,
      peer: leaks,
      atMost: 1,
    }),
    besideRow({
      id: 'scan-secrets-beside-gitleaks',
      what: 'secrets of every file, as `scan --standard secrets-not-in-code` for the first time',
      ours: { ...secrets, places: alone.places },
      peer: leaks,
      atMost: 1,
    }),
    besideRow({
      id: 'scan-pipelines-beside-zizmor',
      what: 'the six standards of pipelines for the first time; compared are references that are not pinned',
      ours: ofPipelines,
      peer: zizmor,
      atMost: 10,
    }),
    besideRow({
      id: 'scan-pipelines-beside-scorecard',
      what: 'the same six standards; compared are references that are not pinned',
      ours: ofPipelines,
      peer: scorecard,
      atMost: 1,
    }),
  ];
}

/** The one with the most files. */
function largest(estate: string, trees: Trees): { readonly path: string; readonly what: string } {
  const [most] = trees.repositories.toSorted((a, b) => b.files - a.files);
  if (most === undefined) throw new Error(`${estate} holds no repository`);
  return { path: join(estate, most.name), what: `${most.name} (${most.files} files)` };
}

export async function bench({ quick }: Size = FULL): Promise<Row[]> {
  const counts = quick ? QUICK_COUNTS : FULL_COUNTS;
  const folder = mkdtempSync(join(tmpdir(), 'macadam-bench-'));
  try {
    const scanner = await packed(folder);
    const made = join(folder, 'estate');
    for (let n = 0; n < counts.repositories; n++) ordinaryRepository(join(made, `repository-${n}`), n);
    const estate = process.env.MACADAM_BENCH_ESTATE ?? made;
    const trees = checkedOut(estate, folder);
    const small = join(made, 'repository-0');
    const all = `all ${trees.repositories.length} repositories of the folder`;
    const targets: readonly Target[] = [
      { id: 'scan-small', what: 'an ordinary repository of 200 files', path: small, goalSeconds: 0.5 },
      { id: 'scan-largest', ...largest(estate, trees), goalSeconds: 3 },
      { id: 'scan-all', what: all, path: estate, goalSeconds: 15 },
    ];
    const rows = [version(scanner, folder, counts.starts), await throughput(scanner, made, counts)];
    for (const target of targets) rows.push(...(await coldAndAgain(scanner, target, counts.rounds)));
    rows.push(...(await besidePeers(scanner, estate, trees)));
    rows.push(await memory(scanner, folder, counts.large));
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const CASES = ['scan-small', 'scan-largest', 'scan-all'].flatMap((id) => [`${id}-cold`, `${id}-again`]);

/** A line for each scan with its three costs, and one for each peer. */
export function table(rows: readonly Row[]): string {
  const by = new Map(rows.map((one) => [one.id, one]));
  const scans = CASES.map((id) => {
    const [clock, processor, memory] = [id, `${id}-processor`, `${id}-memory`].map((each) => by.get(each));
    const figures = [
      `${clock?.ours ?? '?'} s`,
      `${processor?.ours ?? '?'} s`,
      `${Math.round(memory?.ours ?? 0)} MB`,
    ];
    return [id.padEnd(34), ...figures.map((text) => text.padEnd(14)), clock?.goal ?? ''].join('');
  });
  const peers = rows
    .filter(({ id }) => id.includes('-beside-'))
    .map(({ id, ours, peer, peerName, ratio }) => {
      const theirs = peer === null ? peerName : `${peer} s, × ${ratio} (${peerName})`;
      return [id.padEnd(34), `${ours} s`.padEnd(14), theirs].join('');
    });
  return [
    `${'scan'.padEnd(34)}${'clock'.padEnd(14)}${'processor'.padEnd(14)}${'memory'.padEnd(14)}goal by the clock`,
    ...scans,
    '',
    `${'beside a peer, by processor time'.padEnd(34)}${'ours'.padEnd(14)}theirs`,
    ...peers,
  ].join('\n');
}
