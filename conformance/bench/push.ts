/** Push protection: what the hook costs a push, beside gitleaks in the same hook on the same pushes. */
import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commits, makeScene, push, type Scene } from '../push/scene.ts';
import type { Peer } from './built-peer.ts';
import { numbers } from './estate.ts';
import { FULL, type Row, row, type Size } from './row.ts';
import { findGitleaks, GITLEAKS, line } from './secrets.ts';

const MEGABYTE = 1_000_000;

/** What one push cost in the hook. */
interface Spent {
  readonly milliseconds: number;
  /** Processor time of the hook and all that it started. */
  readonly cpuSeconds: number;
}

export async function bench({ quick }: Size = FULL): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-push-bench-'));
  try {
    const peer = findGitleaks();
    const small = await pushed(folder, 'small', { times: quick ? 2 : 100, files: 1, peer: null });
    const large = await pushed(folder, 'large', { times: quick ? 1 : 20, files: quick ? 2 : 50, peer: null });
    const theirs = { times: quick ? 1 : 3, files: quick ? 2 : 50, peer };
    const large1 = 'path' in peer ? await pushed(folder, 'peer', theirs) : null;
    const peerName = 'path' in peer ? `gitleaks ${GITLEAKS}` : peer.missing;
    const size = quick ? 2 : 50;
    const rate = (all: readonly Spent[]) =>
      (all.length * size) / all.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
    return [
      row({
        id: 'push-1mb',
        what: `the hook on a push of 1 MB, 99th percentile of ${small.length}, start of the program included`,
        unit: 'ms',
        ours: percentile(small),
        peer: null,
        peerName: 'measured at 50 MB',
        goal: { of: 'ours', atMost: 100 },
      }),
      row({
        id: 'push-50mb',
        what: `the hook on a push of ${size} MB in files of 1 MB, 99th percentile of ${large.length}`,
        unit: 'ms',
        ours: percentile(large),
        peer: large1 && percentile(large1),
        peerName,
        goal: { of: 'ours', atMost: 500 },
      }),
      row({
        id: 'push-50mb-processor',
        what: `the same by processor time of the hook and of git in it`,
        unit: 'MB/s',
        ours: rate(large),
        peer: large1 && rate(large1),
        peerName,
        goal: { of: 'ratio', atLeast: 25 },
      }),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Pushes {
  readonly times: number;
  /** Of one megabyte each. */
  readonly files: number;
  /** Instead of ours; null: ours. */
  readonly peer: Peer | null;
}

async function pushed(folder: string, name: string, { times, files, peer }: Pushes): Promise<Spent[]> {
  const scene = makeScene(join(folder, name));
  const log = measured(scene, peer);
  const next = numbers(7);
  let parent: string | null = null;
  // The first compiles what later ones find compiled.
  for (let n = 0; n <= times; n++) {
    const contents = Array.from({ length: files }, (_, file) => ({
      path: `file-${file}.txt`,
      contents: megabyte(next),
    }));
    parent = commits(scene.clone, parent, [{ message: `Push ${n}`, files: contents }]);
    const { accepted, said } = await push(scene, [`${parent}:refs/heads/main`]);
    if (!accepted) throw new Error(`a push without a secret was refused: ${said}`);
  }
  await refuses(scene, parent);
  return readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .slice(1, times + 1)
    .map(spentFrom);
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

function percentile(all: readonly Spent[]): number {
  const sorted = all.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0;
}
