/**
 * A tick of the store: judges everything that is known, writes down what changed since the last one and why, and, where
 * evidence arrived late, what was so at earlier ticks. A tick is written whole or not at all: it counts once its own
 * row stands, and writing it again writes the same.
 */
import { hash } from 'node:crypto';
import type { Asset } from '@macadam/core/facts/asset';
import { ownerOf } from '@macadam/core/figures/picture';
import { changesOf, type StandingChange, withdrawn } from '@macadam/core/figures/tick';
import type { Kind } from '@macadam/core/kinds/kind';
import { canonical } from '@macadam/core/text/canonical';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import type { Exception } from '@macadam/core/verdicts/exception';
import type { Driver } from '../clickhouse/driver.ts';
import type { Facts } from '../port.ts';
import { correct, learnedLate, mistaken, reopened } from './late.ts';
import { sweep, ticks } from './log.ts';
import { epochs, type Moment, openEpoch, record, seconds } from './record.ts';
import { Sides, stoodAt } from './sides.ts';
import { tickLog, verdictDelta } from './table.ts';
import { recordUnnamed } from './unnamed.ts';

export interface TickOptions {
  readonly facts: Facts;
  readonly driver: Driver;
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly standards: readonly CompiledStandard[];
  readonly exceptions: readonly Exception[];
  /** The tick's time; a whole second. */
  readonly at: Date;
  /** The team whose an asset is; what its sources name as owners where it is left out. */
  readonly teamOf?: (asset: Asset) => string;
}

export interface Ticked {
  readonly moment: Moment;
  /** The tick before it, if there was one. */
  readonly previous: Moment | null;
  readonly changes: readonly StandingChange[];
  /** Assets about which something was learned late. */
  readonly late: number;
}

/** Who has nobody's name on it is a group of its own. */
export const NOBODY = 'nobody';
const named = (asset: Asset): string => ownerOf(asset) ?? NOBODY;

/** What a standard says, its parameters included: another digest is another definition. */
export const digestOf = ({ definition, params }: CompiledStandard): string =>
  hash(
    'sha256',
    canonical([definition.scope, definition.check, definition.reasons, definition.evidence, params]),
  );

/** Throws `RangeError` for a time that is not later than the last tick's. */
export async function tick(options: TickOptions): Promise<Ticked> {
  const { facts, driver, kinds, standards, at, teamOf = named } = options;
  const known = await facts.settled();
  const moment: Moment = { valid: at, known };
  const written = await ticks(driver);
  await sweep(driver, written.at(-1)?.valid ?? null);
  const previous = written.at(-1) ?? null;
  if (previous && seconds(previous.valid) >= seconds(at)) {
    throw new RangeError(
      `a tick at ${at.toISOString()} is not after the last one, ${previous.valid.toISOString()}`,
    );
  }
  const sides = new Sides(facts, kinds, known);
  const definitions = Object.fromEntries(standards.map((one) => [one.definition.id, digestOf(one)]));
  const compared = await reopened(driver, written, known);
  const late = await learnedLate(sides, compared);
  const learned = new Set([...late.values()].flatMap((ids) => [...ids]));
  for (const standard of compared.length > 0 ? standards : []) {
    const given = { driver, exceptions: options.exceptions, teamOf };
    const ids = await mistaken(given, sides, compared, late, standard, definitions[standard.definition.id]);
    if (ids.size > 0) await correct(given, sides, written, standard, ids, known);
    for (const id of ids) learned.add(id);
  }
  const from = previous ? { valid: previous.valid, known } : null;
  const changes: StandingChange[] = [];
  for (const standard of standards) {
    const { id, scope } = standard.definition;
    const before = from ? await sides.at(scope.kind, from) : { assets: new Map(), at };
    const after = await sides.now(scope.kind, at);
    const stood = from ? await stoodAt(driver, from, id) : new Map();
    const redefined = previous?.definitions[id] !== definitions[id];
    changes.push(
      ...changesOf({ standard, redefined, stood, before, after, exceptions: options.exceptions, teamOf }),
    );
  }
  for (const id of Object.keys(previous?.definitions ?? {})) {
    if (from && !Object.hasOwn(definitions, id))
      changes.push(...withdrawn(id, await stoodAt(driver, from, id)));
  }
  await record(driver, moment, changes, Object.keys(definitions));
  const gone = Object.keys(previous?.definitions ?? {}).filter((id) => !Object.hasOwn(definitions, id));
  await recordUnnamed(
    driver,
    sides,
    [
      ...standards.map(({ definition }) => ({ id: definition.id, kind: definition.scope.kind })),
      ...gone.map((id) => ({ id, kind: null })),
    ],
    {
      before: written.at(-1 - compared.length) ?? null,
      past: compared,
      now: { valid: at, definitions },
      known,
    },
  );
  await driver.insert({
    table: tickLog.name,
    columns: ['valid', 'known', 'definitions'],
    format: 'JSONCompactEachRow',
    rows: Buffer.from(`${JSON.stringify([seconds(at), known, definitions])}\n`),
    token: `tick:${seconds(at)}:${known}`,
  });
  await recut(driver, moment);
  return {
    moment,
    previous: previous && { valid: previous.valid, known: previous.known },
    changes,
    late: learned.size,
  };
}

/** Opens a new epoch for every standard whose changes have come to half of its opening. */
async function recut(driver: Driver, moment: Moment): Promise<void> {
  const open = new Map((await epochs(driver)).map((epoch) => [epoch.standard, epoch.epoch]));
  const sizes = await driver.query<{ standard: string; epoch: number; opening: string; changes: string }>(
    `SELECT standard, epoch, sumIf(sign, step = 'opening') AS opening, countIf(step != 'opening') AS changes
     FROM ${verdictDelta.name} GROUP BY standard, epoch`,
  );
  for (const { standard, epoch, opening, changes } of sizes) {
    if (open.get(standard) !== epoch) continue;
    if (Number(changes) > LEAST && Number(changes) > Number(opening) / 2)
      await openEpoch(driver, standard, moment);
  }
}

/** Below this many rows a sum costs nothing, whatever it reads. */
const LEAST = 10_000;
