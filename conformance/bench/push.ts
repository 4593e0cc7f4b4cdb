/** Push protection: what the hook costs a push, beside gitleaks in the same hook on the same pushes. */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commits, makeScene, PROGRAM, push, type Scene } from '../push/scene.ts';
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
  const resident = await startResident(join(folder, 'socket'));
  try {
    const peer = findGitleaks();
    const peerName = 'path' in peer ? `gitleaks ${GITLEAKS}` : peer.missing;
    const run = (name: string, pushes: Pushes) => pushed(join(folder, name), resident, peer, pushes);
    const small = await run('small', { times: quick ? 2 : 100, pairs: quick ? 1 : 10, files: 1 });
    const large = await run('large', { times: quick ? 1 : 20, pairs: quick ? 1 : 4, files: quick ? 2 : 50 });
    const size = quick ? 2 : 50;
    return [
      ...rowsOf({ id: 'push-1mb', size: '1 MB', atMost: 100, peerName }, small),
      ...rowsOf({ id: 'push-50mb', size: `${size} MB in files of 1 MB`, atMost: 500, peerName }, large),
      row({
        id: 'push-50mb-processor',
        what: `the hook on a push of ${size} MB by processor time of the hook, the resident and git in both, on the same ${large.pairs.length} pushes`,
        unit: 'MB/s',
        ours: rate(large.pairs, size, 'ours'),
        peer: large.theirs ? rate(large.pairs, size, 'theirs') : null,
        peerName,
        goal: { of: 'ratio', atLeast: 25 },
      }),
    ];
  } finally {
    await resident.stop();
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
  /** The first so many are pushed to a server with the peer in its hook as well. */
  readonly pairs: number;
  /** Of one megabyte each. */
  readonly files: number;
}

interface Run {
  readonly ours: readonly Spent[];
  readonly theirs: readonly Spent[] | null;
  readonly pairs: readonly { readonly ours: Spent; readonly theirs: Spent }[];
}

const rate = (pairs: Run['pairs'], size: number, whose: 'ours' | 'theirs') =>
  (pairs.length * size) / pairs.reduce((sum, pair) => sum + pair[whose].cpuSeconds, 0);

async function pushed(
  folder: string,
  resident: Resident,
  peer: Peer,
  { times, pairs, files }: Pushes,
): Promise<Run> {
  const our = makeScene(join(folder, 'ours'), resident.socket);
  const their = 'path' in peer ? makeScene(join(folder, 'theirs')) : null;
  const log = measured(our, null);
  const theirLog = their && measured(their, peer);
  const next = numbers(7);
  const ours: Spent[] = [];
  const theirs: Spent[] = [];
  let parent: string | null = null;
  let theirParent: string | null = null;
  // The first compiles what later ones find compiled.
  for (let n = 0; n <= times; n++) {
    const contents = Array.from({ length: files }, (_, file) => ({
      path: `file-${file}.txt`,
      contents: megabyte(next),
    }));
    const change = [{ message: `Push ${n}`, files: contents }];
    parent = commits(our.clone, parent, change);
    const before = resident.cpuSeconds();
    await accepted(our, parent);
    const spent = lastOf(log);
    const looked = resident.cpuSeconds() - before;
    if (n > 0) ours.push({ ...spent, cpuSeconds: spent.cpuSeconds + looked });
    if (their === null || theirLog === null || n > pairs) continue;
    theirParent = commits(their.clone, theirParent, change);
    await accepted(their, theirParent);
    if (n > 0) theirs.push(lastOf(theirLog));
  }
  await refuses(our, parent);
  if (their !== null) await refuses(their, theirParent);
  return {
    ours,
    theirs: their && theirs,
    pairs: theirs.map((spent, n) => ({ ours: ours[n] as Spent, theirs: spent })),
  };
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
  const child = spawn(process.execPath, [PROGRAM, 'serve', '--socket', socket, '--workers', '1'], {
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

/** Both have to have looked: a push with a secret has to be refused by either. */
async function refuses(scene: Scene, parent: string | null): Promise<void> {
  const token = `glp${'at'}-x7Kp2mQ9vT4wZ8rB5nYc`;
  const tip = commits(scene.clone, parent, [
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

function megabyte(next: () => number): string {
  const lines: string[] = [];
  for (let length = 0; length < MEGABYTE; ) {
    const each = line(next);
    lines.push(each);
    length += each.length + 1;
  }
  return lines.join('\n');
}

function percentile(all: readonly Spent[], share: number): number {
  const sorted = all.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
}
