/** Edits an estate and holds every scan of it against the laws. */
import { rmSync } from 'node:fs';
import { type CommandLine, startCommandLine } from '@macadam/testing/command-line';
import { random } from '../differential/random.ts';
import { differences, document, type ScanDocument, sameInEveryFormat, scan } from './command-line.ts';
import * as disk from './disk.ts';
import { edit, type World } from './edits.ts';
import { expected, PIPELINES } from './model.ts';
import { PEOPLE_STANDARD, peopleVerdicts } from './people.ts';
import { type LawServer, startLawServer } from './server.ts';

export interface LawsRequest {
  /** An empty folder that becomes the estate. */
  readonly folder: string;
  readonly edits: number;
  readonly seed: number;
  /** Edits between two questions to a real server; null: none is started. */
  readonly serverEvery: number | null;
  readonly progress: (made: number) => void;
}

export interface LawsResult {
  /** What was not as it must be, each with the edit after which it was seen. */
  readonly deviations: readonly string[];
  readonly scans: number;
}

const FORMATS_EVERY = 10;
const SUMS_EVERY = 25;
/** After so many there is nothing more to learn. */
const ENOUGH = 10;

/** Standard by standard the sum of measuring each repository by itself. */
function sums(scanned: ScanDocument, single: readonly ScanDocument[]): string[] {
  return scanned.standards.flatMap(({ id, pass, fail, unknown }) => {
    const total = { pass: 0, fail: 0, unknown: 0 };
    for (const one of single) {
      const part = one.standards.find((standard) => standard.id === id);
      total.pass += part?.pass ?? 0;
      total.fail += part?.fail ?? 0;
      total.unknown += part?.unknown ?? 0;
    }
    return total.pass === pass && total.fail === fail && total.unknown === unknown
      ? []
      : [
          `${id}: the folder has ${pass}/${fail}/${unknown}, its repositories together ${total.pass}/${total.fail}/${total.unknown}`,
        ];
  });
}

/** A repository that became unreadable may only widen what is said of the standards about repositories. */
function widened(before: ScanDocument, after: ScanDocument): string[] {
  return after.standards
    .filter(({ id }) => !PIPELINES.includes(id))
    .flatMap((now) => {
      const was = before.standards.find(({ id }) => id === now.id);
      if (was === undefined || was.atLeast === null || now.atLeast === null) return [];
      if (was.atMost === null || now.atMost === null) return [];
      const narrower = now.atLeast > was.atLeast + 1e-9 || now.atMost < was.atMost - 1e-9;
      // A repository outside the scope enters it undecided, which moves the ends only outwards.
      return narrower
        ? [
            `${now.id}: looking less narrowed [${was.atLeast}, ${was.atMost}] to [${now.atLeast}, ${now.atMost}]`,
          ]
        : [];
    });
}

/** Puts a file into the facts beside the running server, by the command line. */
function ingest(commandLine: CommandLine, estate: string, text: string): 'new' | 'known' {
  const { status, stdout, stderr } = commandLine.run({
    args: ['ingest', '-', '--data', `${estate}.data`],
    cwd: estate,
    env: { PATH: process.env.PATH, HOME: `${estate}.data` },
    input: text,
  });
  if (status !== 0) throw new Error(`ingest exits with ${status}: ${stdout}${stderr}`);
  return stdout.includes('taken before') ? 'known' : 'new';
}

export async function runLaws({
  folder,
  edits,
  seed,
  serverEvery,
  progress,
}: LawsRequest): Promise<LawsResult> {
  const commandLine = startCommandLine();
  let server: LawServer | null = null;
  let edited: Date | null = null;
  let ingested: Date | null = null;
  let unwatched = false;
  const world: World = {
    folder,
    estate: { repositories: [], trusted: [] },
    random: random(seed),
    number: 0,
    clock: new Date(Date.now() - (edits + 100) * 1000),
    server: null,
    listings: [],
  };
  disk.configure(folder, world.estate);
  const deviations: string[] = [];
  let scans = 0;
  let before: ScanDocument | null = null;
  try {
    for (let made = 1; made <= edits && deviations.length < ENOUGH; made++) {
      const { number } = world;
      const said = edit(world);
      if (world.number !== number) edited = new Date();
      // A server watches references; that an object was damaged or mended it sees when it reads it.
      if (/^(damaged|mended) /.test(said)) unwatched = true;
      if (world.server !== null) world.server.unseen += 1;
      const damaged = world.estate.repositories.some((one) => one.damaged !== null);
      // Without a memory of what the damaged file was.
      const cache = damaged ? `${folder}.cache-${made}` : `${folder}.cache`;
      const place = { commandLine, estate: folder, cache };
      const scanned = document(scan(place, 'json'));
      scans += 1;
      const found = differences(scanned, expected(world.estate, { remembers: false }));
      if (said.endsWith('unreadable') && before !== null) found.push(...widened(before, scanned));
      if (made % FORMATS_EVERY === 0) found.push(...sameInEveryFormat(place, scanned));
      // Settings belong to the folder that is named, so a repository by itself has others.
      const readable = world.estate.repositories.every(
        ({ headless, excluded }) => !headless && excluded === null,
      );
      if (made % SUMS_EVERY === 0 && world.estate.trusted.length === 0 && readable) {
        const single = world.estate.repositories.map((one) => document(scan(place, 'json', [one.folder])));
        scans += single.length;
        found.push(...sums(scanned, single));
      }
      if (serverEvery !== null && made % serverEvery === 0) {
        server ??= await startLawServer(folder, `${folder}.data`);
        if (unwatched) await server.lookAgain();
        unwatched = false;
        await server.measuredSince({ edited, ingested });
        edited = null;
        ingested = null;
        world.server ??= {
          unseen: 0,
          ingest: (text) => {
            if (ingest(commandLine, folder, text) === 'new') ingested = new Date();
          },
        };
        world.server.unseen = 0;
        const must = expected(world.estate, { remembers: true });
        must.verdicts.set(PEOPLE_STANDARD, peopleVerdicts(world.listings));
        found.push(...(await server.differences(must)));
      }
      for (const one of found) deviations.push(`after edit ${made} (${said}): ${one}`);
      before = scanned;
      if (damaged) rmSync(cache, { recursive: true, force: true });
      progress(made);
    }
  } finally {
    await server?.close();
  }
  return { deviations, scans };
}
