/** Peers over the same trees: what each cost, and every place that it names. */
import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { builtPeer, type Peer, pythonPeer } from '../built-peer.ts';
import { cost } from '../child.ts';
import { findScorecard } from '../scorecard.ts';
import type { Trees } from './trees.ts';

const GITLEAKS = '8.16.0';
const ZIZMOR = '1.32.0';
/** Checks whose answers name places that we name as well. */
const SCORECARD_CHECKS = 'Pinned-Dependencies,Token-Permissions,Dangerous-Workflow';

export interface Looked {
  readonly cpuSeconds: number;
  /** The largest of the runs, where there are several. */
  readonly megabytes: number;
  /** `repository/path:line`, the line counted from 1. */
  readonly places: ReadonlySet<string>;
}

export interface PeerLook {
  /** The peer and its version, or why it could not be had. */
  readonly name: string;
  /** Null when it could not be had. */
  readonly looked: Looked | null;
}

type Look = (path: string, trees: Trees, place: string) => Promise<Looked>;

async function ask(name: string, peer: Peer, look: () => Promise<Looked>): Promise<PeerLook> {
  return 'path' in peer ? { name, looked: await look() } : { name: peer.missing, looked: null };
}

/** Secrets in every file. */
export function askGitleaks(trees: Trees, place: string): Promise<PeerLook> {
  const peer = builtPeer('gitleaks', 'github.com/zricethezav/gitleaks/v8', `v${GITLEAKS}`);
  return ask(`gitleaks ${GITLEAKS}`, peer, () => gitleaks('path' in peer ? peer.path : '', trees, place));
}

/** References of workflows and actions that are not pinned. */
export function askZizmor(trees: Trees, place: string): Promise<PeerLook> {
  const peer = pythonPeer('zizmor', ZIZMOR);
  return ask(`zizmor ${ZIZMOR}`, peer, () => zizmor('path' in peer ? peer.path : '', trees, place));
}

/** Actions and images that are not pinned; one run a repository, because it takes one. */
export function askScorecard(trees: Trees, place: string): Promise<PeerLook> {
  const peer = findScorecard();
  return ask('scorecard 5.3.0, three checks of files', peer, () =>
    scorecard('path' in peer ? peer.path : '', trees, place),
  );
}

const leaksSchema = z.array(z.object({ File: z.string(), StartLine: z.int() }));

const gitleaks: Look = async (path, trees, place) => {
  const report = join(place, 'leaks.json');
  const args = ['detect', '--no-git', '--no-banner', '-s', trees.folder, '-f', 'json', '-r', report];
  const { cpuSeconds, megabytes } = await cost(path, args, place);
  return { cpuSeconds, megabytes, places: leaksPlaces(readFileSync(report, 'utf8'), trees.folder) };
};

/** Its lines count from 0 in the first line of a file and from 1 in all others. */
export function leaksPlaces(report: string, folder: string): ReadonlySet<string> {
  return new Set(
    leaksSchema
      .parse(JSON.parse(report))
      .map(({ File, StartLine }) => `${relative(folder, resolve(folder, File))}:${Math.max(1, StartLine)}`),
  );
}

const zizmorSchema = z.array(
  z.object({
    ident: z.string(),
    locations: z.array(
      z.object({
        symbolic: z.object({ key: z.record(z.string(), z.unknown()), kind: z.string() }).loose(),
        concrete: z.object({
          location: z.object({ start_point: z.object({ row: z.int() }).loose() }).loose(),
        }),
      }),
    ),
  }),
);

const zizmor: Look = async (path, trees, place) => {
  const args = ['--offline', '--no-exit-codes', '--format', 'json', trees.folder];
  const { cpuSeconds, megabytes, stdout, stderr } = await cost(path, args, place);
  if (stdout.trim() === '') throw new Error(`zizmor: ${stderr}`);
  return { cpuSeconds, megabytes, places: zizmorPlaces(stdout, place, trees.folder) };
};

/** Places of `unpinned-uses` alone: its other audits ask what no single standard of ours does. */
export function zizmorPlaces(report: string, ranIn: string, folder: string): ReadonlySet<string> {
  const unpinned = zizmorSchema.parse(JSON.parse(report)).filter(({ ident }) => ident === 'unpinned-uses');
  return new Set(
    unpinned.flatMap(({ locations }) =>
      locations
        .filter(({ symbolic }) => symbolic.kind === 'Primary')
        .flatMap(({ symbolic, concrete }) => {
          const path = /"verbatim_path":"([^"]+)"/.exec(JSON.stringify(symbolic.key))?.[1];
          if (path === undefined) return [];
          return [`${relative(folder, resolve(ranIn, path))}:${concrete.location.start_point.row + 1}`];
        }),
    ),
  );
}

const scorecardSchema = z.object({
  checks: z.array(z.object({ name: z.string(), details: z.array(z.string()).nullable() })),
});

const scorecard: Look = async (path, trees, place) => {
  const places = new Set<string>();
  let [cpuSeconds, megabytes] = [0, 0];
  for (const { name } of trees.repositories) {
    const at = join(trees.folder, name);
    const args = ['--local', at, '--format', 'json', '--show-details', '--checks', SCORECARD_CHECKS];
    const spent = await cost(path, args, place);
    if (spent.code !== 0) throw new Error(`scorecard: ${spent.stderr}`);
    cpuSeconds += spent.cpuSeconds;
    megabytes = Math.max(megabytes, spent.megabytes);
    for (const found of scorecardPlaces(spent.stdout)) places.add(`${name}/${found}`);
  }
  return { cpuSeconds, megabytes, places };
};

/** `path:line` of each action that is not pinned, and nothing else that its check of pinning asks. */
export function scorecardPlaces(report: string): readonly string[] {
  const { checks } = scorecardSchema.parse(JSON.parse(report));
  const details = checks.find(({ name }) => name === 'Pinned-Dependencies')?.details ?? [];
  return details.flatMap(
    (detail) => /^Warn: .*GitHubAction not pinned by hash: (.+:\d+)$/.exec(detail)?.[1] ?? [],
  );
}

/** How far two sets of places are the same, in words. */
export function agreement(ours: ReadonlySet<string>, theirs: ReadonlySet<string>, peer: string): string {
  const both = ours.intersection(theirs).size;
  return `${both} places found by both, ${ours.size - both} by us alone, ${theirs.size - both} by ${peer} alone`;
}
