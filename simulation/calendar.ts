/**
 * When things happen: ticks of fixed length, at which every source collects, and what goes wrong with them. Everything
 * within the company is counted in ticks, from 0 to `ticks`.
 */
import { hash } from 'node:crypto';
import { DIVISIONS } from './organisation.ts';
import type { Size } from './size.ts';
import type { SourceName } from './source.ts';
import { SOURCES } from './source.ts';

export interface Calendar {
  readonly seed: string;
  readonly size: Size;
  /** Number of the last tick. */
  readonly ticks: number;
  readonly tickAt: (tick: number) => Date;
  /** No trouble lasts for more ticks. */
  readonly longest: number;
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
  const ticks = Math.round(size.days / size.every);
  const last = Math.floor(until.getTime() / DAY) * DAY + 12 * HOUR;
  const tickAt = (tick: number) => new Date(last - (ticks - tick) * size.every * DAY);
  const troubles = new Map(SOURCES.map((source) => [source, troublesOf(source, seed, ticks, size)] as const));
  return { seed, size, ticks, tickAt, longest: longestOf(size), troubles };
}

/** Two sources are out in one division each when the history ends, so that today too has something that nobody can see. */
const ONGOING: Readonly<Partial<Record<SourceName, number>>> = {
  'simulated-device-management': 3,
  'simulated-event-store': 1,
};

/** Days: of an outage, more than most standards let evidence age; and of the longest trouble. */
const OUTAGE = 8;
const LONGEST = 12;
const longestOf = ({ every }: Size) => Math.max(2, Math.ceil(LONGEST / every));

/** At most one a division, so that no two ever meet; none in the first two ticks. */
function troublesOf(source: SourceName, seed: string, ticks: number, size: Size): (Trouble | null)[] {
  const longest = longestOf(size);
  const outage = Math.ceil(OUTAGE / size.every);
  const dice = (what: string, sides: number) =>
    Number.parseInt(hash('sha256', `${seed} ${source} ${what}`).slice(0, 8), 16) % sides;
  const whole = dice('whole', ticks - 4) + 2;
  return DIVISIONS.map((_, division) => {
    const at = (kind: string) => dice(`${kind} ${division}`, ticks - longest - 3) + 2;
    const drawn = dice(`division ${division}`, 12);
    if (ONGOING[source] === division) return { is: 'outage', from: ticks - outage + 1, to: ticks + 1 };
    // One source in four fails once for everybody.
    if (dice('everywhere', 4) === 0 && drawn > 2) return { is: 'outage', from: whole, to: whole + 1 };
    if (drawn === 0) return { is: 'outage', from: at('outage'), to: at('outage') + outage };
    if (drawn === 1) return { is: 'blind', from: at('blind'), to: at('blind') + longest };
    if (drawn === 2) return { is: 'late', from: at('late'), to: at('late') + 1 };
    return null;
  });
}
