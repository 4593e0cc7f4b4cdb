/** From what was typed to what is measured. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import type { Source } from '@macadam/adapters/sources/port';
import { type EarlierScan, earlierSchema } from '@macadam/core/figures/comparison';
import type { Scan } from '@macadam/core/figures/scan';
import type { Ask, MeasureRequest } from '@macadam/services/measure/measure';
import { UsageError } from './terminal.ts';
import { VERSION } from './version.ts';

export interface ScanOptions {
  readonly standard?: string[];
  readonly pillar?: string[];
  readonly asOf?: string;
  readonly staged?: boolean;
  readonly worktree?: boolean;
  readonly baseline?: string;
  readonly quiet?: boolean;
  /** Targets and options of the sources: `github`, `githubUrl` … */
  readonly [name: string]: unknown;
}

/** The folder with kinds/, standards/ and frameworks/: the root of the repository, and of the published package. */
export function catalogueRoot(): string {
  return join(import.meta.dirname, '../..');
}

/** XDG Base Directory Specification: what may be deleted at any time. */
export function cacheDirectory(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'macadam');
}

/** Throws `UsageError` for what cannot be measured as asked. */
export function measureRequest(
  paths: readonly string[],
  options: ScanOptions,
  sources: readonly Source[],
): Omit<MeasureRequest, 'progress'> {
  const now = () => new Date();
  if (options.staged && options.worktree)
    throw new UsageError('--staged and --worktree exclude each other: choose one');
  const asks = askedOf(paths, options, sources);
  const [target = '.'] = asks.find(({ source }) => source.id === 'git')?.targets ?? [];
  const asOf = options.asOf === undefined ? undefined : asOfDate(options.asOf, now());
  const baseline = options.baseline === undefined ? undefined : readScan(options.baseline);
  return {
    asks,
    view: options.staged ? 'index' : options.worktree ? 'worktree' : 'head',
    estateFolder: existsSync(target) && statSync(target).isDirectory() ? target : '.',
    catalogueRoots: [catalogueRoot()],
    standards: options.standard ?? [],
    pillars: options.pillar ?? [],
    asOf,
    baseline,
    engine: `macadam ${VERSION}`,
    title: asks
      .map((ask) => [...new Set(ask.targets.map((name) => basename(resolve(name))))].join(', '))
      .join(' and '),
    cacheDirectory: cacheDirectory(),
    environment: process.env,
    clonesSpeakOf: 'now',
    now,
  };
}

function askedOf(paths: readonly string[], options: ScanOptions, sources: readonly Source[]): Ask[] {
  const asks: Ask[] = [];
  for (const source of sources) {
    const prefix = camel(source.id);
    const given = source.id === 'git' ? paths : ((options[prefix] as string[] | undefined) ?? []);
    if (given.length === 0) continue;
    const own = source.options.map(({ name }) => [
      name,
      options[camel(`${source.id}-${name}`)] as string | undefined,
    ]);
    asks.push({ source, targets: given, options: Object.fromEntries(own) });
  }
  if (asks.length > 0) return asks;
  const git = sources.find(({ id }) => id === 'git');
  if (!git) throw new UsageError('name something to measure: there is no source for folders');
  return [{ source: git, targets: ['.'], options: {} }];
}

/** As commander names an option's value: `github-url` → `githubUrl`. */
const camel = (name: string) => name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

export function asOfDate(text: string, now: Date): Date {
  const date = new Date(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  if (Number.isNaN(date.getTime()) || !isDay(text.slice(0, 10))) {
    throw new UsageError(
      `--as-of: \`${text}\` is not a date; write it like ${now.toISOString().slice(0, 10)}`,
    );
  }
  if (date.toISOString().slice(0, 10) < now.toISOString().slice(0, 10)) {
    throw new UsageError(
      `--as-of: ${text} is in the past, and a scan keeps no history; give today or a later date, or see what was kept by \`npm start -- --data DIR\`, at /history`,
    );
  }
  return date > now ? date : now;
}

/** Whether the calendar has such a day: `Date` takes 30 February for 2 March. */
function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === text;
}

/** An earlier scan, from the file that `scan --format json` wrote. */
function readScan(file: string): EarlierScan {
  let scan: unknown;
  try {
    scan = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`--baseline: \`${file}\` cannot be read as JSON (${(error as Error).message})`);
  }
  const { schema } = (scan ?? {}) as Partial<Scan>;
  if (schema !== 'macadam.scan/1') {
    throw new UsageError(
      `--baseline: \`${file}\` is not a scan: its \`schema\` has to be "macadam.scan/1"; write one with \`macadam scan --format json --out ${join(dirname(file), 'scan.json')}\``,
    );
  }
  const compared = earlierSchema.safeParse(scan);
  if (!compared.success) {
    const [issue] = compared.error.issues;
    throw new UsageError(
      `--baseline: \`${file}\` is damaged: \`${issue?.path.join('.')}\`: ${issue?.message}; write it again`,
    );
  }
  return compared.data;
}
