/**
 * A code host of many repositories, read in turn as a server does: requests, processor seconds and memory of a quiet look, of one where a hundredth was pushed, and of
 * the first run of a first look. The host is our fake, in another process; what a store would say of earlier readings is made here.
 */
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { overflow } from '@macadam/adapters/data-folder/overflow';
import { makeRepository } from '@macadam/adapters/sources/fake-git';
import { startFake } from '@macadam/adapters/sources/github/fake';
import { source } from '@macadam/adapters/sources/github/source';
import type { EarlierRead } from '@macadam/adapters/sources/port';
import { emission } from '@macadam/core/facts/ingest';
import { assetId, type Observation } from '@macadam/core/facts/observation';
import { loadCatalogue } from '@macadam/services/catalogue/load';
import { FULL, type Row, row, type Size } from './row.ts';

/** As many as the server holds. */
const HELD = 20_000;
/** One in so many was pushed. */
const PUSHED = 100;
const TOKEN = ['ghp', 'bench'.repeat(7)].join('_');

interface Look {
  readonly requests: number;
  /** Of these, answered with "not modified". */
  readonly free: number;
  readonly seconds: number;
  readonly read: number;
  readonly waiting: number;
}

interface Figures {
  readonly repositories: number;
  readonly quiet: Look;
  /** The same list by plain `fetch` and `JSON.parse`. */
  readonly plainSeconds: number;
  readonly pushed: Look;
  readonly first: Look;
  /** The most that the process had after the quiet look. */
  readonly mebibytes: number;
}

const cpu = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1e6;

async function host(repositories: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'github-size-host-'));
  const root = join(folder, 'host');
  const head = makeRepository(join(root, 'one.git'), 'main', { 'README.md': '# one\n' });
  mkdirSync(join(root, 'acme'), { recursive: true });
  const person = { login: 'ada', admin: true, seesPrivate: true };
  const fake = await startFake(
    {
      organisation: 'acme',
      repositories: Array.from({ length: repositories }, (_, index) => ({
        id: index + 1,
        name: `r${index + 1}`,
        analysis: { pushProtection: true, scanning: true },
      })),
      users: {},
      people: [{ id: 7, login: 'ada', role: 'admin', secondStep: 'key' }],
      teams: [],
      runners: [],
      runnerGroups: [],
      tokens: { [TOKEN]: person },
      bypass: {},
      signatures: {},
      pullRequests: {},
      heads: {},
      pageSize: 100,
      faults: [],
    },
    root,
  );
  // What was asked is counted by whoever asks.
  setInterval(() => fake.exchanged.splice(0), 50).unref();
  process.on('message', () => {
    const pushedAt = new Date().toISOString();
    for (const one of fake.state.repositories)
      if (one.id % PUSHED === 0) {
        symlinkSync(join(root, 'one.git'), join(root, 'acme', `${one.name}.git`));
        Object.assign(one, { branch: 'main', pushedAt });
        fake.state.heads[one.name] = head;
      }
    process.send?.('pushed');
  });
  process.on('disconnect', () => {
    rmSync(folder, { recursive: true, force: true });
    process.exit();
  });
  process.send?.(fake.url);
}

async function figures(repositories: number): Promise<Figures> {
  const from = fork(import.meta.filename, ['host', String(repositories)], { stdio: 'inherit' });
  const heard = () => new Promise<unknown>((resolve) => from.once('message', resolve));
  const url = String(await heard());
  const folder = mkdtempSync(join(tmpdir(), 'github-size-'));
  const { kinds } = loadCatalogue([join(import.meta.dirname, '../..')]);
  const name = new URL(url).host;
  const log = join(folder, 'github', name.replaceAll(/[^\w.-]/g, '_'), 'requests.jsonl');
  const read = new Map<string, EarlierRead>();
  const look = async (earlier: ReadonlyMap<string, EarlierRead>): Promise<Look> => {
    const aside = overflow<Observation>(folder, HELD);
    const { emit, problems } = emission(kinds, aside.add);
    const begun = process.cpuUsage();
    const collection = await source.collect(
      {
        targets: ['acme'],
        options: { url },
        view: 'head',
        excludes: [],
        parameters: {},
        cacheDirectory: folder,
        environment: { PATH: process.env.PATH, GITHUB_TOKEN: TOKEN },
        now: () => new Date(),
        earlier: async () => earlier,
      },
      emit,
      () => {},
    );
    const seconds = cpu(process.cpuUsage(begun));
    const list = collection.partitions.find(({ kind }) => kind === 'repository');
    if (list?.seen !== repositories || !list.complete || problems().length > 0)
      throw new Error(`it is not whole: ${JSON.stringify({ list, problems: problems().slice(0, 3) })}`);
    aside.close();
    const at = Date.parse(collection.startedAt);
    const own = new Set(
      collection.partitions.flatMap((one) => (one.estate === undefined ? [] : [one.container])),
    );
    for (const container of own) read.set(container, { at, any: true });
    const lines = readFileSync(log, 'utf8').trim().split('\n');
    return {
      requests: lines.length,
      free: lines.filter((line) => line.includes('"status":304')).length,
      seconds,
      read: own.size,
      waiting: list.contents?.waiting ?? 0,
    };
  };
  const first = repositories <= 25_000 ? await look(new Map()) : null;
  // A minute ago would be within the difference of clocks that is allowed.
  const at = Date.now() - 3_600_000;
  for (let id = 1; id <= repositories; id++)
    read.set(assetId('repository', [name, String(id)]), { at, any: true });
  // Who administers each is asked once a day.
  read.set(`${name}/acme repository`, { at, any: true });
  await look(read);
  const quiet = await look(read);
  const mebibytes = process.resourceUsage().maxRSS / 1024;
  const begun = process.cpuUsage();
  let next: string | undefined = `${url}/api/v3/orgs/acme/repos?type=all&per_page=100`;
  while (next !== undefined) {
    const answer: Response = await fetch(next, { headers: { authorization: `Bearer ${TOKEN}` } });
    JSON.parse(await answer.text());
    next = /<([^>]*)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
  }
  const plainSeconds = cpu(process.cpuUsage(begun));
  from.send('push');
  await heard();
  const pushed = await look(read);
  rmSync(folder, { recursive: true, force: true });
  from.disconnect();
  return { repositories, quiet, plainSeconds, pushed, first: first ?? pushed, mebibytes };
}

/** In a process of its own, whose memory is of this size alone. */
async function apart(repositories: number): Promise<Figures> {
  const child = fork(import.meta.filename, ['measure', String(repositories)], { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('message', (told) => resolve(told as Figures));
    child.once('exit', (code) => reject(new Error(`the measurement ended with ${code}`)));
  });
}

const rounded = (value: number): string => value.toFixed(value < 10 ? 1 : 0);
const said = ({ requests, free, seconds, read, waiting }: Look): string =>
  `${requests} requests (${free} not modified), ${rounded(seconds)} s of the processor, ${read} read, ${waiting} left for the next`;

export async function bench({ quick }: Size = FULL): Promise<readonly Row[]> {
  const small = await apart(quick ? 200 : 25_000);
  const large = await apart(quick ? 400 : 100_000);
  const { first } = small;
  // Nobody but the first look of a few thousand asked of each.
  const each = (first.requests - small.quiet.requests) / first.read;
  return [
    row({
      id: 'github-quiet-requests',
      what: `requests of a quiet look at ${large.repositories} repositories: ${said(large.quiet)}; the peer is what reading each costs, measured in the first run of a first look at ${small.repositories}: ${said(first)}`,
      unit: 'requests',
      ours: large.quiet.requests,
      peer: each * large.repositories,
      peerName: 'every repository read',
      goal: { of: 'ratio', atMost: quick ? 0.2 : 0.01 },
    }),
    row({
      id: 'github-quiet-seconds',
      what: `processor seconds of it; the peer only fetches and parses the same list`,
      unit: 's',
      ours: large.quiet.seconds,
      peer: large.plainSeconds,
      peerName: 'fetch and JSON.parse',
      goal: { of: 'ours', atMost: 60 },
    }),
    row({
      id: 'github-pushed',
      what: `requests for each of the repositories of which one in ${PUSHED} was pushed: ${said(large.pushed)}; the peer is a quiet look`,
      unit: 'requests',
      ours: large.pushed.requests,
      peer: large.quiet.requests,
      peerName: 'a quiet look',
      goal: { of: 'ratio', atMost: 10 },
    }),
    row({
      id: 'github-memory',
      what: `most resident memory of a quiet look at ${large.repositories} repositories; the peer is the same at ${small.repositories}`,
      unit: 'MiB',
      ours: large.mebibytes,
      peer: small.mebibytes,
      peerName: `${small.repositories} repositories`,
      goal: { of: 'ratio', atMost: 1.5 },
    }),
  ];
}

const [, , role, repositories] = process.argv;
if (process.send !== undefined && role === 'host') await host(Number(repositories));
if (process.send !== undefined && role === 'measure') {
  process.send(await figures(Number(repositories)));
  process.exit();
}
