/**
 * Words of the models: each gives an SQL expression over one asset's number and the tick at which its source saw it.
 * All chance is a hash of seed, kind, a name of its own and the number, so everything can be told again from these.
 */
import { hash } from 'node:crypto';
import { quotedText } from '@macadam/adapters/facts/sql/text';
import type { Calendar } from './calendar.ts';

export interface Terms {
  readonly ticks: number;
  /** 64 bits that differ by `salt`; `each` tells elements of a list apart. */
  readonly dice: (salt: string, each?: string) => string;
  /** True of this share of the assets, for ever. */
  readonly chance: (salt: string, share: number, each?: string) => string;
  /**
   * True of a share that goes from one to the other over the history; an asset that once was stays so, apart from
   * `regress`: the share that falls back for some ticks. `early`: most of the way is made at its beginning.
   */
  readonly rises: (salt: string, from: number, to: number, how?: Rise) => string;
  /** One of these, by weight. */
  readonly pick: (salt: string, of: Readonly<Record<string, number>>, each?: string) => string;
  /** A whole number. */
  readonly count: (salt: string, from: number, to: number, each?: string) => string;
  /** Nanoseconds, between so many days and so many. */
  readonly days: (salt: string, from: number, to: number, each?: string) => string;
  /** So many days before the source looked. */
  readonly ago: (salt: string, from: number, to: number, each?: string) => string;
  /** A date that stays: so many days before the asset was first seen. */
  readonly before: (salt: string, from: number, to: number) => string;
}

export interface Rise {
  readonly early?: boolean;
  readonly regress?: number;
}

const SIDES = 1_000_003;
const DAY_SECONDS = 86_400;

/** In an expression: the tick at which the attribute's source saw the asset, and that time in nanoseconds. */
export const SEEN = '⟨seen⟩';
export const SEEN_AT = '⟨seen at⟩';

export function termsOf({ seed, ticks }: Calendar, kind: string): Terms {
  const dice = (salt: string, each?: string) => {
    const constant = BigInt(`0x${hash('sha256', `${seed} ${kind} ${salt}`).slice(0, 16)}`);
    const number = each ? `nr * 64 + toUInt64(${each})` : 'nr';
    return `intHash64(bitXor(${number}, toUInt64(${constant})))`;
  };
  const below = (share: number) => Math.round(share * SIDES);
  const chance: Terms['chance'] = (salt, share, each) => `(${dice(salt, each)} % ${SIDES} < ${below(share)})`;
  const count: Terms['count'] = (salt, from, to, each) =>
    `toInt64(${from} + ${dice(salt, each)} % ${to - from + 1})`;
  const days: Terms['days'] = (salt, from, to, each) => {
    const [least, span] = [
      Math.round(from * DAY_SECONDS),
      Math.max(1, Math.round((to - from) * DAY_SECONDS)),
    ];
    return `(toInt64(${least} + ${dice(salt, each)} % ${span}) * 1000000000)`;
  };
  return {
    ticks,
    dice,
    chance,
    count,
    days,
    rises: (salt, from, to, { early = false, regress = 0 } = {}) => {
      const way = early
        ? `intDiv(${below(to - from)} * toInt64(${SEEN}) * (${2 * ticks} - ${SEEN}), ${ticks * ticks})`
        : `intDiv(${below(to - from)} * toInt64(${SEEN}), ${ticks})`;
      const reached = `(toInt64(${dice(salt)} % ${SIDES}) < ${below(from)} + ${way})`;
      if (regress === 0) return reached;
      const fall = `${dice(`${salt} falls`)}`;
      const spell = `toInt16(intDiv(${fall}, ${SIDES}) % ${ticks}) BETWEEN ${SEEN} - 2 AND ${SEEN}`;
      return `(${reached} AND NOT (${fall} % ${SIDES} < ${below(regress)} AND ${spell}))`;
    },
    pick: (salt, of, each) => {
      const entries = Object.entries(of);
      const whole = entries.reduce((sum, [, weight]) => sum + weight, 0);
      let sum = 0;
      const parts = entries.slice(0, -1).map(([value, weight]) => {
        sum += weight / whole;
        return `${dice(salt, each)} % ${SIDES} < ${below(sum)}, ${quotedText(value)}`;
      });
      const last = quotedText(entries.at(-1)?.[0] ?? '');
      return parts.length === 0 ? last : `multiIf(${parts.join(', ')}, ${last})`;
    },
    ago: (salt, from, to, each) => `(${SEEN_AT} - ${days(salt, from, to, each)})`,
    before: (salt, from, to) => `(\`@born_at\` - ${days(salt, from, to)})`,
  };
}
