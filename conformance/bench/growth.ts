/**
 * How the cost of a look grows: each dimension is doubled twice on its own, through the same code that `macadam scan` runs, and
 * a row is one doubling. Sorting makes a little more than twice; comparing all with all would make four times. What a look at one
 * costs is taken off, so that it hides no growth. It takes about two minutes on a quiet machine: a dimension is measured again and
 * again until its time is over, and at least once.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { discoverFormats, discoverSources } from '@macadam/adapters/discover';
import { measure } from '@macadam/services/measure/measure';
import { spentByChildren } from './child.ts';
import { git, numbers } from './estate.ts';
import { FULL, type Row, row, type Size } from './row.ts';

const ROOT = join(import.meta.dirname, '../..');
/** What noise of a shared machine may add to the little more than twice. */
const MOST = 2.5;
/** No further round of a dimension begins after this. */
const MILLISECONDS = 15_000;
const ROUNDS = 5;

interface Dimension {
  readonly id: string;
  readonly what: string;
  /** The smallest number that is measured; then twice and four times as many. */
  readonly least: number;
  /** Makes an estate of that many. */
  readonly make: (folder: string, count: number) => void;
}

function write(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function committed(folder: string): void {
  git(folder, 'init', '-q', '-b', 'main');
  git(folder, 'add', '.');
  git(folder, 'commit', '-qm', 'Begin');
}

function files(folder: string, count: number): void {
  for (let n = 0; n < count; n++)
    write(
      folder,
      `src/part-${n % 97}/file-${n}.ts`,
      `export const value${n} = [${'1, '.repeat(200)}${n}];\n`,
    );
  committed(folder);
}

/** Put together here, so that this file holds none. */
function secret(next: () => number): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  const text = Array.from({ length: 36 }, () => letters.charAt(Math.floor(next() * letters.length))).join('');
  return `gh${'p_'}${text}`;
}

/** Elements of one attribute, out of order: secrets of one repository. */
function elements(folder: string, count: number): void {
  const next = numbers(3);
  for (let file = 0; file * 100 < count; file++)
    write(
      folder,
      `part-${file}.ts`,
      Array.from({ length: 100 }, (_, n) => `const token${n} = '${secret(next)}';`).join('\n'),
    );
  committed(folder);
}

function repositories(folder: string, count: number): void {
  for (let n = 0; n < count; n++) {
    const home = join(folder, `repository-${n}`);
    write(home, 'package.json', `{"name": "it-${n}", "dependencies": {"left": "^1.0.0"}}`);
    write(home, 'CODEOWNERS', `* @example/team-${n % 7}\n`);
    committed(home);
  }
}

function standards(folder: string, count: number): void {
  repositories(folder, 20);
  const original = readFileSync(join(ROOT, 'standards/engineering/repository-owned/standard.yaml'), 'utf8');
  for (let n = 0; n < count; n++) {
    const home = `own/standards/engineering/repository-owned-${n}`;
    write(folder, `${home}/standard.yaml`, original.replace(/^id: .*$/m, `id: repository-owned-${n}`));
    write(folder, `${home}/README.md`, '# Owned\n');
  }
  write(folder, 'macadam.yaml', 'catalogue: [own]\n');
}

/** Each owns a folder with one thing that can be judged. */
function owners(folder: string, count: number): void {
  const rules: string[] = [];
  for (let n = 0; n < count; n++) {
    write(folder, `part-${n}/package.json`, `{"name": "it-${n}", "dependencies": {"left-${n}": "^1.0.0"}}`);
    rules.push(`/part-${n}/ @example/team-${n}`);
  }
  write(folder, 'CODEOWNERS', `${rules.join('\n')}\n`);
  committed(folder);
}

const DIMENSIONS: readonly Dimension[] = [
  { id: 'files', what: 'files of one repository', least: 4_000, make: files },
  {
    id: 'elements',
    what: 'elements of one attribute (secrets of one repository)',
    least: 8_000,
    make: elements,
  },
  { id: 'repositories', what: 'repositories of one folder', least: 30, make: repositories },
  { id: 'standards', what: "standards of an estate's own, for 20 repositories", least: 40, make: standards },
  { id: 'owners', what: 'owners in one CODEOWNERS, each of a dependency', least: 1_500, make: owners },
];

/** Processor seconds of one look, by all threads and processes, rendered as people and programs read it. */
async function look(folder: string): Promise<number> {
  const cacheDirectory = mkdtempSync(join(tmpdir(), 'macadam-growth-cache-'));
  const source = (await discoverSources()).find(({ id }) => id === 'git');
  if (!source) throw new Error('there is no source for folders');
  const formats = (await discoverFormats()).filter(({ id }) => id === 'table' || id === 'json');
  const children = spentByChildren();
  const before = process.cpuUsage();
  const measured = await measure({
    asks: [{ source, targets: [folder], options: {} }],
    view: 'head',
    estateFolder: folder,
    catalogueRoots: [ROOT],
    standards: [],
    pillars: [],
    engine: 'macadam bench',
    title: 'growth',
    cacheDirectory,
    environment: process.env,
    now: () => new Date('2026-11-01T00:00:00Z'),
    progress: () => {},
  });
  if ('mistakes' in measured) throw new Error(measured.mistakes.map(({ reason }) => reason).join('; '));
  for (const format of formats) await format.render(measured.report, { color: false });
  const { user, system } = process.cpuUsage(before);
  rmSync(cacheDirectory, { recursive: true, force: true });
  return (user + system) / 1e6 + spentByChildren() - children;
}

async function grown({ id, what, least, make }: Dimension, rounds: number): Promise<Row[]> {
  const place = mkdtempSync(join(tmpdir(), 'macadam-growth-'));
  try {
    const counts = [least, 2 * least, 4 * least];
    const folders = [1, ...counts].map((count) => {
      const folder = join(place, String(count));
      mkdirSync(folder);
      make(folder, count);
      return { folder, spent: [] as number[] };
    });
    const [, smallest] = folders;
    if (rounds > 1 && smallest !== undefined) await look(smallest.folder);
    const end = performance.now() + MILLISECONDS;
    // They take turns, so that whatever else the machine does meets all of them alike.
    for (let round = 0; round < rounds && (round === 0 || performance.now() < end); round++)
      for (const { folder, spent } of folders) spent.push(await look(folder));
    // What disturbs can only add.
    const [one = 0, ...all] = folders.map(({ spent }) => Math.min(...spent));
    const costs = all.map((cost) => cost - one);
    return counts.slice(1).map((count, step) =>
      row({
        id: `growth-${id}-${count}`,
        what: `one look at ${count} ${what}, by processor time, less what one of them costs; the peer is the same with ${count / 2}`,
        unit: 's',
        ours: costs[step + 1] ?? 0,
        peer: costs[step] ?? null,
        peerName: `${count / 2}`,
        goal: { of: 'ratio', atMost: MOST },
      }),
    );
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

export async function bench({ quick }: Size = FULL): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const dimension of DIMENSIONS) {
    const least = quick ? Math.ceil(dimension.least / 50) : dimension.least;
    console.error(`  ${dimension.id}, from ${least} …`);
    rows.push(...(await grown({ ...dimension, least }, quick ? 1 : ROUNDS)));
  }
  return rows;
}

/** A line for each dimension: what it cost at first, and how many times as much after each doubling. */
export function table(rows: readonly Row[]): string {
  const lines = DIMENSIONS.map(({ id }) => {
    const own = rows.filter((one) => one.id.startsWith(`growth-${id}-`));
    const [first] = own;
    const steps = own.map(
      (one) => `${one.met ? ' ' : '!'}× ${one.ratio?.toFixed(2) ?? '?'} at ${one.id.split('-').at(-1)}`,
    );
    const begin = `${first?.peer?.toFixed(2) ?? '?'} s at ${first?.peerName ?? '?'}`;
    return [id.padEnd(14), begin.padEnd(18), ...steps.map((step) => step.padEnd(18))].join('').trimEnd();
  });
  return [
    'doubled       at first          once             twice',
    ...lines,
    `each step at most × ${MOST}`,
  ].join('\n');
}
