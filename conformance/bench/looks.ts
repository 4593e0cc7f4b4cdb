/**
 * Looks at repositories as people take them, with the packed command line: a small one, an estate for the first time and
 * again; beside the estate gitleaks on the same trees and zizmor on the same workflows. MACADAM_BENCH_ESTATE names a
 * folder of repositories; without it one is made. What the peers find is held against what we find before times are.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { secretsInText, textOf } from '@macadam/adapters/readers/secrets/scan';
import { z } from 'zod';
import { bundleCommandLine } from '../../tools/bundle.ts';
import { builtPeer, type Peer, pythonPeer } from './built-peer.ts';
import { cost } from './child.ts';
import { git, ordinaryRepository } from './estate.ts';
import { FULL, type Row, row, type Size } from './row.ts';

const ROOT = join(import.meta.dirname, '../..');
const GITLEAKS = '8.16.0';
const ZIZMOR = '1.32.0';

interface Looks {
  readonly bundle: string;
  readonly place: string;
  readonly rounds: number;
}

interface Took {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

const middle = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
const medianOf = (took: readonly Took[]): Took => ({
  seconds: middle(took.map(({ seconds }) => seconds)),
  cpuSeconds: middle(took.map(({ cpuSeconds }) => cpuSeconds)),
});

/** One run, which finds in `cache` what earlier ones kept there. */
async function scanned(
  { bundle }: Looks,
  target: string,
  cache: string,
): Promise<Took & { readonly text: string }> {
  const args = [bundle, 'scan', target, '--format', 'json', '--quiet', '--soft-fail'];
  const spent = await cost('/usr/bin/env', [`XDG_CACHE_HOME=${cache}`, process.execPath, ...args], tmpdir());
  if (spent.code !== 0) throw new Error(`scan ended with ${spent.code}: ${spent.stderr}`);
  return { seconds: spent.seconds, cpuSeconds: spent.cpuSeconds, text: spent.stdout };
}

/** Without what differs between any two runs. */
const answer = (text: string): string =>
  JSON.stringify(JSON.parse(text), (key, value) => (/At$|^asOf$/.test(key) ? undefined : value));

/** First looks and second looks in turn; both have to say the same. */
async function firstAndSecond(looks: Looks, target: string): Promise<{ first: Took; second: Took }> {
  const first: Took[] = [];
  const second: Took[] = [];
  for (let round = 0; round < looks.rounds; round++) {
    const cache = mkdtempSync(join(looks.place, 'cache-'));
    const [cold, warm] = [await scanned(looks, target, cache), await scanned(looks, target, cache)];
    if (answer(cold.text) !== answer(warm.text)) throw new Error('a second look says something else');
    first.push(cold);
    second.push(warm);
    rmSync(cache, { recursive: true, force: true });
  }
  return { first: medianOf(first), second: medianOf(second) };
}

/** The files of each repository's newest commit, as the peers want them. */
function checkedOut(estate: string, place: string): string {
  const trees = join(place, 'trees');
  for (const name of readdirSync(estate)) {
    const to = join(trees, name);
    mkdirSync(to, { recursive: true });
    git(join(estate, name), 'archive', '--format=tar', '-o', join(place, 'tree.tar'), 'HEAD');
    git(place, '-c', `alias.unpack=!tar -xf ${join(place, 'tree.tar')} -C ${to}`, 'unpack');
  }
  return trees;
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Files in which we are sure of a secret. */
function ourSecrets(trees: string): ReadonlySet<string> {
  return new Set(
    filesIn(trees).filter((path) => {
      const text = textOf(readFileSync(path));
      return (
        text !== null && secretsInText(text, path).secrets.some(({ confidence }) => confidence !== 'low')
      );
    }),
  );
}

/** Two that name other files did not do the same work, and their times say nothing about each other. */
const SAME_WORK = 0.8;

function didSameWork(ours: ReadonlySet<string>, theirs: ReadonlySet<string>): boolean {
  const shared = [...theirs].filter((path) => ours.has(path)).length;
  return shared >= SAME_WORK * Math.max(ours.size, theirs.size);
}

/** How far two sets are the same, in words. */
function agreement(ours: ReadonlySet<string>, theirs: ReadonlySet<string>, peer: string): string {
  const shared = [...theirs].filter((path) => ours.has(path)).length;
  return `${peer} names ${theirs.size} files and we ${ours.size}, ${shared} of them the same`;
}

const leaksSchema = z.array(z.object({ File: z.string() }));

async function gitleaks(peer: Peer, trees: string, place: string) {
  if (!('path' in peer)) return null;
  const report = join(place, 'leaks.json');
  const args = ['detect', '--no-git', '--no-banner', '-s', trees, '-f', 'json', '-r', report];
  const { cpuSeconds } = await cost(peer.path, args, place);
  const found = leaksSchema.parse(JSON.parse(readFileSync(report, 'utf8')));
  return { cpuSeconds, files: new Set(found.map(({ File }) => resolve(place, File))) };
}

const zizmorSchema = z.array(
  z.object({
    ident: z.string(),
    locations: z.array(z.object({ symbolic: z.object({ key: z.record(z.string(), z.unknown()) }) }).loose()),
  }),
);

async function zizmor(peer: Peer, trees: string, place: string) {
  if (!('path' in peer)) return null;
  const args = ['--offline', '--no-exit-codes', '--format', 'json', trees];
  const { cpuSeconds, stdout, stderr } = await cost(peer.path, args, place);
  if (stdout.trim() === '') throw new Error(`zizmor: ${stderr}`);
  const unpinned = zizmorSchema.parse(JSON.parse(stdout)).filter(({ ident }) => ident === 'unpinned-uses');
  const paths = unpinned.flatMap(({ locations }) =>
    locations.flatMap(
      ({ symbolic }) => /"verbatim_path":"([^"]+)"/.exec(JSON.stringify(symbolic.key))?.[1] ?? [],
    ),
  );
  return { cpuSeconds, files: new Set(paths.map((path) => relative(trees, resolve(place, path)))) };
}

const scanSchema = z.object({
  findings: z.array(z.object({ standard: z.string(), asset: z.object({ name: z.string() }) })),
});

/** Workflows that use something which is not pinned, by repository and path. */
function ourUnpinned(text: string): ReadonlySet<string> {
  const { findings } = scanSchema.parse(JSON.parse(text));
  return new Set(
    findings.filter(({ standard }) => standard === 'pipeline-uses-pinned').map(({ asset }) => asset.name),
  );
}

async function beside(looks: Looks, estate: string, first: Took): Promise<Row[]> {
  const trees = checkedOut(estate, looks.place);
  const leaksPeer = builtPeer('gitleaks', 'github.com/zricethezav/gitleaks/v8', `v${GITLEAKS}`);
  const pipelinesPeer = pythonPeer('zizmor', ZIZMOR);
  const leaks = await gitleaks(leaksPeer, trees, looks.place);
  const pipelines = await zizmor(pipelinesPeer, trees, looks.place);
  const cache = mkdtempSync(join(looks.place, 'cache-'));
  const { text } = await scanned(looks, estate, cache);
  const leaksWords = leaks ? `: ${agreement(ourSecrets(trees), leaks.files, 'gitleaks')}` : '';
  const unpinned = ourUnpinned(text);
  const comparable = pipelines !== null && didSameWork(unpinned, pipelines.files);
  const pipelinesWords = pipelines ? `: ${agreement(unpinned, pipelines.files, 'zizmor')}` : '';
  return [
    row({
      id: 'look-beside-gitleaks',
      what: `a first look with all standards, by processor time, beside gitleaks on the same trees${leaksWords}`,
      unit: 's',
      ours: first.cpuSeconds,
      peer: leaks?.cpuSeconds ?? null,
      peerName: 'path' in leaksPeer ? `gitleaks ${GITLEAKS}` : leaksPeer.missing,
      goal: { of: 'ratio', atMost: 3 },
    }),
    row({
      id: 'look-beside-zizmor',
      what: `a first look with all standards, by processor time, beside zizmor on the workflows alone${pipelinesWords}`,
      unit: 's',
      ours: first.cpuSeconds,
      peer: comparable ? pipelines.cpuSeconds : null,
      peerName:
        'path' in pipelinesPeer
          ? `zizmor ${ZIZMOR}${comparable ? '' : ', which did other work: no ratio'}`
          : pipelinesPeer.missing,
      goal: { of: 'ratio', atMost: 30 },
    }),
  ];
}

async function measured(looks: Looks, count: number): Promise<Row[]> {
  const made = join(looks.place, 'estate');
  for (let n = 0; n < count; n++) ordinaryRepository(join(made, `repository-${n}`), n);
  const small = await firstAndSecond(looks, join(made, 'repository-0'));
  const estate = process.env.MACADAM_BENCH_ESTATE ?? made;
  const all = await firstAndSecond(looks, estate);
  const repositories = readdirSync(estate).length;
  return [
    row({
      id: 'look-small',
      what: 'one ordinary repository, looked at again, from start to end by the clock; the peer is its first look',
      unit: 's',
      ours: small.second.seconds,
      peer: small.first.seconds,
      peerName: 'the first look',
      goal: { of: 'ours', atMost: 0.5 },
    }),
    row({
      id: 'look-first',
      what: `${repositories} repositories for the first time, by the clock; the peer is the processor time of all threads and processes`,
      unit: 's',
      ours: all.first.seconds,
      peer: all.first.cpuSeconds,
      peerName: 'processor time',
      goal: { of: 'ours', atMost: 15 },
    }),
    row({
      id: 'look-again',
      what: `the same ${repositories} repositories again, unchanged, by processor time; the peer is the first look`,
      unit: 's',
      ours: all.second.cpuSeconds,
      peer: all.first.cpuSeconds,
      peerName: 'the first look',
      goal: { of: 'ratio', atMost: 0.5 },
    }),
    ...(await beside(looks, estate, all.first)),
  ];
}

export async function bench({ quick }: Size = FULL): Promise<readonly Row[]> {
  const place = mkdtempSync(join(tmpdir(), 'macadam-looks-'));
  try {
    const stage = join(place, 'macadam');
    mkdirSync(stage);
    await bundleCommandLine(ROOT, stage);
    writeFileSync(join(stage, 'package.json'), '{"type":"module"}');
    const looks: Looks = { bundle: join(stage, 'bin/macadam.js'), place, rounds: quick ? 1 : 3 };
    return await measured(looks, quick ? 2 : 20);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
