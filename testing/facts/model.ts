/**
 * What a facts store must say, once more and as plainly as it can be said: for tests. It keeps every event and answers
 * each question from the beginning, by what existence, completeness and the past are defined to be; only merging is the
 * product's own, which has laws of its own. Times are minutes of the tests' day.
 */
import { type Asset, merge } from '@macadam/core/facts/asset';
import { canonical } from '@macadam/core/text/canonical';
import { device, type Given, given } from './devices.ts';

export type ModelEvent =
  | { readonly is: 'collection'; readonly given: Given }
  /** By the number of an event that is a collection. */
  | { readonly is: 'retract' | 'confirm'; readonly of: number }
  | { readonly is: 'retire-source'; readonly source: string; readonly at: number }
  | { readonly is: 'retire-asset'; readonly serial: string; readonly at: number };

interface Run extends Required<Pick<Given, 'started' | 'source' | 'container'>> {
  readonly given: Given;
  readonly saw: ReadonlySet<string>;
  readonly complete: boolean;
}

/** Collections that count: each content once, and none that was withdrawn, however often it came. */
function collections(events: readonly ModelEvent[]): readonly (Given & { readonly confirmed: boolean })[] {
  const named = (is: 'retract' | 'confirm') =>
    new Set(
      events.flatMap((event) => {
        const of = event.is === is ? events[event.of] : undefined;
        return of?.is === 'collection' ? [canonical(of.given)] : [];
      }),
    );
  const [retracted, confirmed] = [named('retract'), named('confirm')];
  const found = new Map<string, Given & { readonly confirmed: boolean }>();
  for (const event of events) {
    if (event.is !== 'collection') continue;
    const text = canonical(event.given);
    if (!retracted.has(text)) found.set(text, { ...event.given, confirmed: confirmed.has(text) });
  }
  return [...found.values()];
}

/** A run is complete when it says so, and somebody agrees or few enough are missing since somebody last did. */
function runsOf(events: readonly ModelEvent[]): readonly Run[] {
  const all = collections(events).toSorted((a, b) => a.started - b.started);
  const placeOf = ({ source = 'lan', container = 'site' }: Given) => `${source} ${container}`;
  const vouched = ({ complete = true, witness, saw, confirmed }: (typeof all)[number]) =>
    confirmed || (complete && witness === Object.keys(saw).length);
  return all.map((one) => {
    const { source = 'lan', container = 'site', started, complete = true, witness } = one;
    const before = all.filter((other) => placeOf(other) === placeOf(one) && other.started < started);
    const since = Math.max(0, before.findLastIndex(vouched));
    const saw = new Set(Object.keys(one.saw));
    const known = new Set(before.slice(since).flatMap((other) => Object.keys(other.saw)));
    const missing = [...known].filter((serial) => !saw.has(serial)).length;
    const population = Object.keys(before[since]?.saw ?? {}).length;
    const few = missing <= Math.max(1, Math.floor(population / 20));
    const agreed = one.confirmed || (witness === undefined ? few : witness === saw.size);
    return { source, container, started, given: one, saw, complete: complete && agreed };
  });
}

/** Whether an asset exists at a minute: the latest word of any source that ever saw it is that it saw it. */
function exists(serial: string, runs: readonly Run[], events: readonly ModelEvent[], now: number): boolean {
  const sources = new Set(runs.filter(({ saw }) => saw.has(serial)).map(({ source }) => source));
  return [...sources].some((source) => {
    const own = runs.filter((run) => run.source === source && run.started <= now);
    const last = Math.max(...own.filter(({ saw }) => saw.has(serial)).map(({ started }) => started));
    if (last === Number.NEGATIVE_INFINITY) return false;
    const places = own
      .filter(({ saw, started }) => saw.has(serial) && started === last)
      .map(({ container }) => container);
    const retired = events.some(
      (event) =>
        ((event.is === 'retire-source' && event.source === source) ||
          (event.is === 'retire-asset' && event.serial === serial)) &&
        event.at > last &&
        event.at <= now,
    );
    const missed = (place: string) =>
      own.some(
        ({ container, started, complete, saw }) =>
          container === place && started > last && complete && !saw.has(serial),
      );
    return !retired && places.some((place) => !missed(place));
  });
}

/** Assets at a minute as they were known after the first `known` events, by id. */
export function modelAssets(all: readonly ModelEvent[], now: number, known: number): readonly Asset[] {
  const events = all.slice(0, known);
  const runs = runsOf(events);
  const serials = [...new Set(runs.flatMap(({ saw }) => [...saw]))].sort();
  const minutes = Array.from({ length: now + 1 }, (_, at) => at);
  const turns = new Set([
    ...runs.map(({ started }) => started),
    ...events.flatMap((event) => ('at' in event ? [event.at] : [])),
  ]);
  const times = minutes.filter((at) => turns.has(at));
  return serials.flatMap((serial) => {
    // Gone is a barrier: what was seen before it last came back counts for nothing.
    let since: number | null = null;
    for (const at of times) {
      if (!exists(serial, runs, events, at)) since = null;
      else since ??= at;
    }
    if (since === null) return [];
    const from = since;
    const counting = runs.filter(({ saw, started }) => saw.has(serial) && started >= from && started <= now);
    const observations = counting.flatMap((run) => given(run.given)[1].filter(({ name }) => name === serial));
    return observations.length === 0 ? [] : [merge(device, observations)];
  });
}
