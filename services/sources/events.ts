/**
 * What hosts told of since it was read: by the name of the source as it was set up, what to read again and since when. It says nothing of what is so. It is kept in
 * a file, so that what was told before the server started anew is read first after it; where that file is lost it is read in its turn.
 */
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Source, SourceEvents } from '@macadam/adapters/sources/port';
import { z } from 'zod';
import { configuredIn, keyBeside, SourcesError } from './configured.ts';
import { credentialOf } from './credentials.ts';

/** By then everything was read in its turn. */
const KEPT_MS = 48 * 3_600_000;
/** Of one source. Of more the oldest is forgotten, and read in its turn. */
const MOST = 20_000;
/** Lines after which the file is written anew. */
const MOST_LINES = 40_000;
/** A shorter one could be guessed by whoever sees a few events. */
const SHORTEST_SECRET = 16;

const lineSchema = z.object({ source: z.string(), name: z.string(), at: z.iso.datetime() });

/** A source whose host may send events. */
export interface EventsOf {
  readonly events: SourceEvents;
  readonly secret: string;
}

export interface ToldOptions {
  /** Where it is kept. */
  readonly file: string;
  /** The file of sources that somebody set up; null where there is none. */
  readonly sources: string | null;
  /** Sources that were named where the server was started: they are called by their id, and their secret is of the environment. */
  readonly typed: readonly string[];
  readonly known: readonly Source[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
}

export interface ToldSources {
  /** Null for one that is not set up, takes no events, or has no secret that could be read. */
  of(source: string): Promise<EventsOf | null>;
  tell(source: string, names: readonly string[]): void;
  /** All that was told and when, also of what was read since. */
  since(source: string): ReadonlyMap<string, Date>;
  /** What was told and not read since; `*` stands for everything, which is read in its turn. */
  pending(source: string): readonly string[];
  /** What was read by a reading that began then. */
  read(source: string, names: readonly string[], begun: Date): void;
  /** When an event was taken last for any source of this id; null before the first. */
  last(id: string): Date | null;
}

export function toldSources(options: ToldOptions): ToldSources {
  const { file, now } = options;
  const told = keptIn(file, now());
  const pending = new Map<string, Set<string>>();
  const last = new Map<string, Date>();
  for (const [source, names] of told) {
    const newest = Math.max(...[...names.values()].map((at) => at.getTime()));
    last.set(source, new Date(newest));
  }
  let lines = rewritten(file, told);
  const namesOf = (source: string): Map<string, Date> => {
    const names = told.get(source) ?? new Map<string, Date>();
    told.set(source, names);
    return names;
  };
  return {
    of: (source) => eventsOf(source, options),
    tell: (source, names) => {
      const at = now();
      last.set(source, at);
      if (names.length === 0) return;
      const held = namesOf(source);
      const waiting = pending.get(source) ?? new Set();
      pending.set(source, waiting);
      for (const name of names) {
        // The newest last, so that the oldest is the first to be forgotten.
        held.delete(name);
        held.set(name, at);
        waiting.add(name);
      }
      for (const name of held.keys()) {
        if (held.size <= MOST) break;
        held.delete(name);
        waiting.delete(name);
      }
      lines += names.length;
      if (lines > MOST_LINES) {
        dropOld(told, at);
        lines = rewritten(file, told);
      } else appendFileSync(file, names.map((name) => lineOf(source, name, at)).join(''), { mode: 0o600 });
    },
    since: (source) => told.get(source) ?? new Map(),
    pending: (source) => [...(pending.get(source) ?? [])],
    read: (source, names, begun) => {
      for (const name of names) {
        const at = told.get(source)?.get(name);
        if (at === undefined || at < begun) pending.get(source)?.delete(name);
      }
    },
    last: (id) => {
      const names = new Set([id, ...namesOfSource(id, options)]);
      const times = [...last].flatMap(([name, at]) => (names.has(name) ? [at.getTime()] : []));
      return times.length === 0 ? null : new Date(Math.max(...times));
    },
  };
}

/** The secret is read anew each time, as credentials are: one that was changed counts from then on. */
async function eventsOf(
  source: string,
  { sources, typed, known, environment }: ToldOptions,
): Promise<EventsOf | null> {
  const one = sources === null ? undefined : configured(sources).find(({ name }) => name === source);
  const id = one?.source ?? (typed.includes(source) ? source : undefined);
  const events = await known.find((each) => each.id === id)?.events?.();
  if (events === undefined) return null;
  const reference = one === undefined ? `env:${events.secret}` : one.credentials[events.secret];
  if (reference === undefined) return null;
  const found = await credentialOf(reference, {
    name: events.secret,
    environment,
    key: keyBeside(sources ?? '', environment),
  });
  return 'secret' in found && found.secret.length >= SHORTEST_SECRET
    ? { events, secret: found.secret }
    : null;
}

/** As sources of an id are called in the file of sources. */
const namesOfSource = (id: string, { sources }: ToldOptions): readonly string[] =>
  sources === null ? [] : configured(sources).flatMap((one) => (one.source === id ? [one.name] : []));

function configured(file: string): ReturnType<typeof configuredIn> {
  try {
    return configuredIn(file);
  } catch (error) {
    if (error instanceof SourcesError) return [];
    throw error;
  }
}

const lineOf = (source: string, name: string, at: Date): string =>
  `${JSON.stringify({ source, name, at: at.toISOString() })}\n`;

type Told = Map<string, Map<string, Date>>;

function keptIn(file: string, now: Date): Told {
  const told: Told = new Map();
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // Never written, or deleted.
  }
  for (const line of text.split('\n')) {
    const entry = entryIn(line);
    if (entry === undefined) continue;
    const names = told.get(entry.source) ?? new Map<string, Date>();
    names.set(entry.name, new Date(entry.at));
    told.set(entry.source, names);
  }
  dropOld(told, now);
  return told;
}

function entryIn(line: string): z.infer<typeof lineSchema> | undefined {
  try {
    return lineSchema.safeParse(JSON.parse(line)).data;
  } catch {
    // A line that was cut off.
    return undefined;
  }
}

function dropOld(told: Told, now: Date): void {
  for (const [source, names] of told) {
    for (const [name, at] of names) if (now.getTime() - at.getTime() > KEPT_MS) names.delete(name);
    if (names.size === 0) told.delete(source);
  }
}

/** Writes what is held, whole or not at all; gives the number of lines. */
function rewritten(file: string, told: Told): number {
  const lines = [...told].flatMap(([source, names]) =>
    [...names].map(([name, at]) => lineOf(source, name, at)),
  );
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.${process.pid}`, lines.join(''), { mode: 0o600 });
  renameSync(`${file}.${process.pid}`, file);
  return lines.length;
}
