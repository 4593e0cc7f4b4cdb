/** Push protection: what the hook costs a push, beside gitleaks in the same hook on the same pushes. */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commits, git, makeScene, PROGRAM, push, type Scene } from '../push/scene.ts';
import type { Peer } from './built-peer.ts';
import { numbers } from './estate.ts';
import { FULL, type Row, row, type Size } from './row.ts';
import { findGitleaks, GITLEAKS, line } from './secrets.ts';

const MEGABYTE = 1_000_000;

/** What one push cost in the hook. */
interface Spent {
  readonly milliseconds: number;
  /** Processor time of the hook, of all that it started, and of the resident while it looked. */
  readonly cpuSeconds: number;
}

export async function bench({ quick }: Size = FULL): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-push-bench-'));
  try {
    const peer = findGitleaks();
    const peerName = 'path' in peer ? `gitleaks ${GITLEAKS}` : peer.missing;
    const megabyte = megabytesOf(numbers(7));
    const run = (name: string, pushes: Pushes) => pushed(join(folder, name), peer, pushes, megabyte);
    const small = await run('small', { times: quick ? 2 : 100, pairs: quick ? 1 : 10, files: 1 });
    const large = await run('large', { times: quick ? 1 : 25, pairs: quick ? 1 : 4, files: quick ? 2 : 50 });
    const size = quick ? 2 : 50;
    const beside = (id: string, what: string, pairs: Run['pairs'], spent: (push: Spent) => number) =>
      row({
        id,
        what: `${what}, on the same ${pairs.length === 1 ? 'push' : `${pairs.length} pushes`} of ${size} MB`,
        unit: 'MB/s',
        ours: rate(pairs, size, ({ ours }) => spent(ours)),
        peer: pairs.length > 0 ? rate(pairs, size, ({ theirs }) => spent(theirs)) : null,
        peerName,
        goal: { of: 'ratio', atLeast: 25 },
      });
    const processor = 'the hook by processor time of itself, the resident and git';
    return [
      ...rowsOf({ id: 'push-1mb', size: '1 MB', atMost: 100, peerName }, small),
      ...rowsOf({ id: 'push-50mb', size: `${size} MB in files of 1 MB`, atMost: 500, peerName }, large),
      beside('push-50mb-processor', processor, large.pairs, ({ cpuSeconds }) => cpuSeconds),
      beside(
        'push-50mb-first',
        `${processor}, of a resident that has just begun`,
        large.pairs.slice(0, 1),
        ({ cpuSeconds }) => cpuSeconds,
      ),
      beside(
        'push-50mb-clock',
        'the hook by the clock',
        large.pairs,
        ({ milliseconds }) => milliseconds / 1000,
      ),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Shown {
  readonly id: string;
  readonly size: string;
  /** Milliseconds. */
  readonly atMost: number;
  readonly peerName: string;
}

function rowsOf({ id, size, atMost, peerName }: Shown, run: Run): Row[] {
  const of = (share: number) => ({
    ours: percentile(run.ours, share),
    peer: run.theirs && percentile(run.theirs, share),
  });
  const what = `the hook on a push of ${size}, a resident asked`;
  return [
    row({
      id: `${id}-median`,
      what: `${what}, median of ${run.ours.length}`,
      unit: 'ms',
      ...of(0.5),
      peerName,
      goal: { of: 'ours', atMost },
    }),
    row({
      id,
      what: `${what}, 99th percentile of ${run.ours.length}`,
      unit: 'ms',
      ...of(0.99),
      peerName,
      goal: { of: 'ours', atMost },
    }),
  ];
}

interface Pushes {
  readonly times: number;
  /** The first so many are pushed to a server with the peer in its hook as well, from the same clone. */
  readonly pairs: number;
  /** Of one megabyte each. */
  readonly files: number;
}

interface Pair {
  readonly ours: Spent;
  readonly theirs: Spent;
}

interface Run {
  readonly ours: readonly Spent[];
  readonly theirs: readonly Spent[] | null;
  readonly pairs: readonly Pair[];
}

const rate = (pairs: Run['pairs'], size: number, seconds: (pair: Pair) => number) =>
  pairs.length > 0 ? (pairs.length * size) / pairs.reduce((sum, pair) => sum + seconds(pair), 0) : 0;

/** Neither changes what the server gets; the client would look for differences between texts that have nothing in common, for most of the time. */
const QUICK_CLIENT = ['pack.window=0', 'pack.depth=0', 'pack.compression=0', 'fastimport.unpackLimit=1'];

/** A resident of its own, so that its first push is among them. Every push counts. */
async function pushed(
  folder: string,
  peer: Peer,
  { times, pairs, files }: Pushes,
  megabyte: () => string,
): Promise<Run> {
  const resident = await startResident(`${folder}-socket`);
  try {
    const our = makeScene(join(folder, 'ours'), resident.socket);
    const their = 'path' in peer ? { ...makeScene(join(folder, 'theirs')), clone: our.clone } : null;
    for (const setting of QUICK_CLIENT) git(our.clone, ['config', ...setting.split('=')]);
    const log = measured(our, null);
    const theirLog = their && measured(their, peer);
    for (const scene of their === null ? [our] : [our, their]) await refuses(scene);
    const hooks: Spent[] = [];
    // What a resident clears away after its answer is of that push, so that each ends where the next begins.
    const looked = [resident.cpuSeconds()];
    const theirs: Spent[] = [];
    let parent: string | null = null;
    for (let n = 0; n < times; n++) {
      const contents = Array.from({ length: files }, (_, file) => ({
        path: `file-${file}.txt`,
        contents: megabyte(),
      }));
      parent = commits(our.clone, parent, [{ message: `Push ${n}`, files: contents }]);
      if (n > 0) looked.push(resident.cpuSeconds());
      await accepted(our, parent);
      hooks.push(lastOf(log));
      if (their === null || theirLog === null || n >= pairs) continue;
      await accepted(their, parent);
      theirs.push(lastOf(theirLog));
    }
    looked.push(resident.cpuSeconds());
    const ours = hooks.map(({ milliseconds, cpuSeconds }, n) => ({
      milliseconds,
      cpuSeconds: cpuSeconds + (looked[n + 1] ?? 0) - (looked[n] ?? 0),
    }));
    return {
      ours,
      theirs: their && theirs,
      pairs: theirs.map((spent, n) => ({ ours: ours[n] as Spent, theirs: spent })),
    };
  } finally {
    await resident.stop();
  }
}

async function accepted(scene: Scene, tip: string): Promise<void> {
  const answer = await push(scene, [`${tip}:refs/heads/main`]);
  if (!answer.accepted) throw new Error(`a push without a secret was refused: ${answer.said}`);
}

const lastOf = (log: string): Spent => spentFrom(readFileSync(log, 'utf8').trim().split('\n').at(-1) ?? '');

interface Resident {
  readonly socket: string;
  /** Of the process and of what it started and has seen end. */
  readonly cpuSeconds: () => number;
  readonly stop: () => Promise<void>;
}

async function startResident(socket: string): Promise<Resident> {
  const child = spawn(process.execPath, [PROGRAM, 'serve', '--socket', socket], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((end) => child.on('close', () => end()));
  await Promise.race([new Promise((said) => child.stdout.once('data', said)), ended]);
  if (child.exitCode !== null) throw new Error('the resident did not start');
  const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return {
    socket,
    cpuSeconds: () => {
      const text = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      // utime, stime, cutime and cstime, counted from the field behind the name.
      return [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0) / ticks;
    },
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}

/** Both have to look: a push with a secret is refused by either, before anything is measured. */
async function refuses(scene: Scene): Promise<void> {
  const token = `glp${'at'}-x7Kp2mQ9vT4wZ8rB5nYc`;
  const tip = commits(scene.clone, null, [
    { message: 'Hold one', files: [{ path: 'a.ts', contents: `const token = "${token}";\n` }] },
  ]);
  const { accepted } = await push(scene, [`${tip}:refs/heads/main`]);
  if (accepted) throw new Error('a push with a secret was accepted: it was not looked at');
}

/** Puts a clock around the hook, and gives the file that it writes to: nanoseconds, and processor time of user and system. */
function measured({ server }: Scene, peer: Peer | null): string {
  const hook = join(server, 'hooks/pre-receive');
  const inner = `${hook}.measured`;
  const log = join(server, 'times');
  if (peer === null) renameSync(hook, inner);
  else writeFileSync(inner, gitleaksHook('path' in peer ? peer.path : ''));
  writeFileSync(
    hook,
    `#!/bin/sh\nbefore=$(date +%s%N)\n'${inner}'\ncode=$?\nafter=$(date +%s%N)\ntimes > '${log}.processor'\nset -- $(tail -1 '${log}.processor')\necho "$((after - before)) $1 $2" >> '${log}'\nexit $code\n`,
  );
  for (const path of [hook, inner]) chmodSync(path, 0o755);
  return log;
}

/** As its own documentation does it for a range of commits. */
const gitleaksHook = (path: string): string => `#!/bin/sh
while read -r before after reference; do
  '${path}' detect --no-banner --source . --log-opts="$after --not --all" || exit 1
done
`;

function spentFrom(text: string): Spent {
  const [nanoseconds = '', user = '', system = ''] = text.split(' ');
  const seconds = (time: string) => {
    const [, minutes, rest] = /^(\d+)m([\d.]+)s$/.exec(time) ?? [];
    return Number(minutes) * 60 + Number(rest);
  };
  return { milliseconds: Number(nanoseconds) / 1e6, cpuSeconds: seconds(user) + seconds(system) };
}

/** Lines are made once and drawn again: to make fifty megabytes takes longer than to look at them. */
function megabytesOf(next: () => number): () => string {
  const stock = Array.from({ length: 20_000 }, () => line(next));
  return () => {
    const lines: string[] = [];
    for (let length = 0; length < MEGABYTE; ) {
      const each = stock[Math.floor(next() * stock.length)] ?? '';
      lines.push(each);
      length += each.length + 1;
    }
    return lines.join('\n');
  };
}

function percentile(all: readonly Spent[], share: number): number {
  const sorted = all.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
}
