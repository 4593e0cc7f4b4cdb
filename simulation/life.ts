/**
 * From when to when each asset exists, and when its sources last saw it, as columns over its number nr. The rules
 * are those by which the facts store finds the same from observations: gone is only what a complete collection lacks,
 * and what comes back brings no evidence along.
 */
import type { Calendar } from './calendar.ts';
import type { Model } from './model.ts';
import { DIVISIONS } from './organisation.ts';
import type { SourceName } from './source.ts';
import { termsOf } from './terms.ts';

/** Beyond every tick. */
const NEVER = 10_000;

/** Numbers that were ever given to an asset of the kind. */
export function population(model: Model, { size }: Calendar): number {
  const first = model.count[size.name];
  return first + Math.round(first * model.comes);
}

/**
 * Columns of an asset's life: `@division`, `@leaving`, born_in, `@gone`, `@back` (ticks), `@born_at` (nanoseconds), and
 * for each source `@trouble1`, `@from1`, `@to1`, `@hides1`.
 */
export function lifeColumns(model: Model, calendar: Calendar): readonly (readonly [string, string])[] {
  const { ticks, size } = calendar;
  const terms = termsOf(calendar, model.kind);
  const first = model.count[size.name];
  const leaves =
    typeof model.leaves === 'number' ? terms.chance('leaves', model.leaves) : model.leaves(terms);
  const share = `(${terms.dice('gone')} % 1000003) / 1000003`;
  const day = (text: string) => `toInt64(${text}) * ${BigInt(size.every) * 86_400_000_000_000n}`;
  const start = BigInt(calendar.tickAt(0).getTime()) * 1_000_000n;
  const thresholds = DIVISIONS.map((_, index) =>
    DIVISIONS.slice(0, index + 1).reduce((sum, { weight }) => sum + weight, 0),
  );
  return [
    [
      '@division',
      `toUInt8(arrayFirstIndex(w -> ${terms.dice('division')} % 100 < w, [${thresholds.join()}]) - 1)`,
    ],
    ['@leaving', leaves],
    ['born_in', `toInt16(if(nr < ${first}, 0, 1 + ${terms.dice('born')} % ${ticks}))`],
    ['@born_at', `toInt64(${start} + ${day('born_in')})`],
    [
      '@gone',
      `toInt16(if(\`@leaving\`, born_in + 1 + floor(${ticks} * ${model.early ? `pow(${share}, 2)` : share}), ${NEVER}))`,
    ],
    // When a course opens: in the third week.
    ['opens_in', `toInt64(${start + 18n * 86_400_000_000_000n})`],
    // Longer than any trouble lasts: in between, every source has said that it is gone.
    [
      '@back',
      `toInt16(if(\`@leaving\` AND ${terms.chance('back', 0.02)}, \`@gone\` + ${calendar.longest + 1} + ${terms.dice('back after')} % 3, ${NEVER}))`,
    ],
    ...model.sources.flatMap((source, index) => troubleColumns(source, index + 1, calendar, model)),
  ];
}

const TROUBLES = { outage: 1, blind: 2, late: 3 } as const;

/** Every fifth asset is what a source is blind to, or late with. */
function troubleColumns(source: SourceName, number: number, calendar: Calendar, model: Model) {
  const own = calendar.troubles.get(source) ?? [];
  const by = (of: (trouble: NonNullable<(typeof own)[number]>) => number, none: number) =>
    `[${own.map((trouble) => (trouble ? of(trouble) : none)).join()}][\`@division\` + 1]`;
  const { dice } = termsOf(calendar, model.kind);
  return [
    [`@trouble${number}`, by(({ is }) => TROUBLES[is], 0)],
    [`@from${number}`, `toInt16(${by(({ from }) => from, NEVER)})`],
    [`@to${number}`, `toInt16(${by(({ to }) => to, NEVER)})`],
    [
      `@hides${number}`,
      `(\`@trouble${number}\` = 1 OR \`@trouble${number}\` > 1 AND ${dice(`hides ${source}`)} % 5 = 0)`,
    ],
  ] as const;
}

/** By which tick, and whether with what arrives too late for it: both as SQL. */
export interface Sight {
  readonly tick: string;
  readonly whole: 'true' | 'false' | 'telling = 1';
}

/**
 * Columns `@seen1`, `@seen2` (the tick at which each source saw the asset last within its present life; −1: never) and
 * `@exists`, by the tick that `tick` gives.
 */
export function sightColumns(model: Model, { tick, whole }: Sight): readonly (readonly [string, string])[] {
  const up = `toInt16(${tick})`;
  const numbers = model.sources.map((_, index) => index + 1);
  return [
    ['@again', `${up} >= \`@back\``],
    ['@until', `if(\`@again\`, ${up}, least(${up}, \`@gone\` - 1))`],
    ['@low', 'if(`@again`, `@back`, born_in)'],
    ...numbers.flatMap((number) => {
      const inTime = whole === 'false' ? '' : ` AND NOT (\`@trouble${number}\` = 3 AND ${whole})`;
      const hidden = `\`@hides${number}\` AND \`@until\` >= \`@from${number}\` AND \`@until\` < \`@to${number}\`${inTime}`;
      const last = `if(${hidden}, \`@from${number}\` - 1, \`@until\`)`;
      const noticed = `if(\`@gone\` >= \`@from${number}\` AND \`@gone\` < \`@to${number}\`, \`@to${number}\`, \`@gone\`)`;
      return [
        [`@seen${number}`, `toInt16(if(${last} >= \`@low\`, ${last}, -1))`],
        [`@here${number}`, `\`@seen${number}\` >= 0 AND (\`@again\` OR ${up} < ${noticed})`],
      ] as const;
    }),
    ['@exists', numbers.map((number) => `\`@here${number}\``).join(' OR ')],
  ];
}
