/**
 * When things happen: ticks of fixed length, sources that collect some hours before each, and what goes wrong with
 * them. Everything within the company is counted in ticks, from 0 to `ticks`.
 */
import { hash } from 'node:crypto';
import { DIVISIONS } from './organisation.ts';
import { DAYS, type Size } from './size.ts';
import type { SourceName } from './source.ts';
import { SOURCES } from './source.ts';

export interface Calendar {
  readonly seed: string;
  readonly size: Size;
  /** Number of the last tick. */
  readonly ticks: number;
  readonly tickAt: (tick: number) => Date;
  /** When a source collects for a tick. */
  readonly seenAt: (source: SourceName, tick: number) => Date;
  readonly troubles: ReadonlyMap<SourceName, readonly (Trouble | null)[]>;
}

/**
 * What goes wrong with a source in one division, in the ticks from `from` up to and without `to`.
 * `outage`: it cannot be read. `blind`: it claims to have listed everything and lacks a part, which only the witness
 * shows. `late`: a part of one tick arrives after it.
 */
export interface Trouble {
  readonly is: 'outage' | 'blind' | 'late';
  readonly from: number;
  readonly to: number;
}

export const DAY = 86_400_000;
const HOUR = 3_600_000;

/** `until` is the day of the last tick, which is at noon. */
export function calendar(size: Size, seed: string, until: Date): Calendar {
  const ticks = Math.round(DAYS / size.every);
  const last = Math.floor(until.getTime() / DAY) * DAY + 12 * HOUR;
  const tickAt = (tick: number) => new Date(last - (ticks - tick) * size.every * DAY);
  const seenAt = (source: SourceName, tick: number) =>
    new Date(tickAt(tick).getTime() - (10 - SOURCES.indexOf(source)) * 0.5 * HOUR);
  const troubles = new Map(SOURCES.map((source) => [source, troublesOf(source, seed, ticks)] as const));
  return { seed, size, ticks, tickAt, seenAt, troubles };
}

/** Two sources are out in one division each when the history ends, so that today too has something that nobody can see. */
const ONGOING: Readonly<Partial<Record<SourceName, number>>> = {
  'simulated-device-management': 3,
  'simulated-event-store': 1,
};

/** At most one a division, so that no two ever meet; none in the first two ticks. */
function troublesOf(source: SourceName, seed: string, ticks: number): (Trouble | null)[] {
  const dice = (what: string, sides: number) =>
    Number.parseInt(hash('sha256', `${seed} ${source} ${what}`).slice(0, 8), 16) % sides;
  const whole = dice('whole', ticks - 4) + 2;
  return DIVISIONS.map((_, division) => {
    const at = (kind: string) => dice(`${kind} ${division}`, ticks - 6) + 2;
    const drawn = dice(`division ${division}`, 12);
    if (ONGOING[source] === division) return { is: 'outage', from: ticks - 2, to: ticks + 1 };
    // One source in four fails once for everybody.
    if (dice('everywhere', 4) === 0 && drawn > 2) return { is: 'outage', from: whole, to: whole + 1 };
    if (drawn === 0) return { is: 'outage', from: at('outage'), to: at('outage') + 2 };
    if (drawn === 1) return { is: 'blind', from: at('blind'), to: at('blind') + 3 };
    if (drawn === 2) return { is: 'late', from: at('late'), to: at('late') + 1 };
    return null;
  });
}
