/**
 * A process that is there to die: the crash test starts it, and kills it.
 *
 *     node crash-fixture.ts append DIR             says what the store holds, then appends until it is killed
 *     node crash-fixture.ts fill DIR BALLAST       says it, appends until the disk is full, deletes BALLAST, appends once more and says it
 *                                                  again, before and after the store was closed and opened
 *
 * One line of JSON each, written at once: `{held: [round …], expected, found}`, `{acknowledged: round}`, `{failed: message}`.
 */
import { rmSync, writeSync } from 'node:fs';
import { openStores } from '@macadam/adapters/facts/open';
import type { Facts } from '@macadam/adapters/facts/port';
import { canonical } from '@macadam/core/text/canonical';
import { given, kinds, minute } from './devices.ts';

const WIDTH = 20;

const say = (what: object) => writeSync(1, `${JSON.stringify(what)}\n`);

/** What round `n` appends: it replaces the assets of rounds before, and leaves one out. */
export function round(number: number, padding = ''): ReturnType<typeof given> {
  const serials = Array.from({ length: WIDTH }, (_, index) => `d${index}`).filter(
    (_, index) => index !== number % WIDTH,
  );
  const saw = Object.fromEntries(serials.map((serial) => [serial, `${number}${padding}`]));
  return given({ started: number, saw, witness: WIDTH - 1 });
}

export interface Held {
  /** Rounds whose collections are there. */
  readonly held: readonly number[];
  readonly expected: string;
  readonly found: string;
}

/** What a store holds, and what its assets must be after these rounds. */
export async function heldBy(facts: Facts): Promise<Held> {
  await facts.settled();
  const rounds = (await facts.collections()).map(({ collection }) => collection.startedAt);
  const numbers = rounds.map((at) => (Date.parse(at) - Date.parse(minute(0))) / 60_000);
  const assets: string[] = [];
  for await (const { name, attributes } of facts.assets('device'))
    assets.push(`${name}=${canonical(attributes.get('model')?.statement)}`);
  return { held: numbers, expected: expectedOf(numbers), found: assets.sort().join(' ') };
}

/** What the assets must be after these rounds: the last one's. */
function expectedOf(numbers: readonly number[]): string {
  if (numbers.length === 0) return '';
  return round(Math.max(...numbers))[1]
    .map(({ name }) => `${name}=${canonical({ value: String(Math.max(...numbers)) })}`)
    .sort()
    .join(' ');
}

if (import.meta.main) {
  const [mode = '', directory = '', ballast = ''] = process.argv.slice(2);
  const opened = () => openStores(directory, { kinds, now: () => new Date() });
  const stores = await opened();
  const { facts } = stores;
  const found = await heldBy(facts);
  say(found);
  let next = Math.max(0, ...found.held) + 1;
  if (mode === 'append') {
    for (;;) {
      await facts.append(...round(next), new Date());
      say({ acknowledged: next });
      next += 1;
    }
  }
  if (mode === 'fill') {
    for (;;) {
      // Text that does not compress, so that the disk fills soon.
      const noise = Array.from({ length: 20_000 }, () => Math.random().toString(36).slice(2)).join('');
      try {
        await facts.append(...round(next, noise), new Date());
      } catch (error) {
        say({ failed: error instanceof Error ? error.message.slice(0, 300) : String(error), round: next });
        break;
      }
      say({ acknowledged: next });
      next += 1;
    }
    rmSync(ballast);
    await facts.append(...round(next), new Date());
    say({ acknowledged: next });
    say(await heldBy(facts));
  }
  await stores.close();
  const again = await opened();
  say(await heldBy(again.facts));
  await again.close();
}
