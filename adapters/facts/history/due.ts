/** Which assets a tick has to judge: those about which something is new, and those of which the clock may change a verdict. */

import type { Kind } from '@macadam/core/kinds/kind';
import { relationsOf } from '@macadam/core/kinds/relation';
import { type CompiledStandard, looksAround } from '@macadam/core/verdicts/compiled-standard';
import { expiryOf, SLACK } from '@macadam/core/verdicts/expiry';
import type { Driver } from '../clickhouse/driver.ts';
import { goneTable } from '../clickhouse/tables.ts';
import { tableSource } from './around.ts';
import { quotedText } from './codes.ts';
import { instantTexts, NEVER } from './instants.ts';
import { judgement, tickDue } from './table.ts';
import { answersFor, type Teams } from './teams.ts';

export interface DueOptions {
  readonly driver: Driver;
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly teams: Teams;
  readonly at: Date;
  /** The batch that was known at the last tick, and now. */
  readonly since: number;
  readonly known: number;
  /** The newest pass of answers to whose an asset is that the last tick knew, and that this one does. */
  readonly answered: { readonly before: number; readonly now: number };
}

const nanos = (date: Date): bigint => BigInt(date.getTime()) * 1_000_000n;

/** Adds to `tick_due` what is new and what expires, of every kind. */
export async function findDue(options: DueOptions, kinds: readonly Kind[]): Promise<void> {
  const { driver, teams, at, since, known, answered } = options;
  const due = (nanos(at) + SLACK).toString();
  const changed = kinds.map(
    (kind) =>
      `SELECT ${quotedText(kind.kind)} AS kind, \`@id\` AS id FROM ${tableSource(kind)} WHERE \`@known\` > {since:UInt64}`,
  );
  const found = [
    `SELECT toString(kind) AS kind, id FROM ${judgement.name} WHERE due <= {due:Int64}`,
    ...(known === since
      ? []
      : [
          `SELECT DISTINCT toString(kind) AS kind, asset AS id FROM ${goneTable.name} WHERE batch > {since:UInt64}`,
          ...changed,
        ]),
  ];
  // All at once: to write some rows takes the engine longer than to find them.
  await driver.command(
    `INSERT INTO ${tickDue.name} (kind, id) SELECT kind, id FROM (${found.join(' UNION ALL ')})`,
    known === since ? { due } : { due, since },
  );
  if (teams.answers === null || answered.now === answered.before) return;
  for (const kind of kinds) await reassigned(driver, kind, teams.answers, answered.before);
}

/** Assets whose team is another one now, of those that were answered since a pass. */
async function reassigned(driver: Driver, { kind }: Kind, answers: string, since: number): Promise<void> {
  const answered = answersFor(answers, kind, since === 0 ? '' : `pass > ${since}`);
  // At first every asset counts, also one that has no answer.
  const [among, join] =
    since === 0 ? ['', 'LEFT JOIN'] : [`AND id IN (SELECT \`@owned\` FROM ${answered})`, 'INNER JOIN'];
  await driver.command(
    `INSERT INTO ${tickDue.name} (kind, id) SELECT {kind:String}, id FROM (
       SELECT id, argMax(team, valid) AS team FROM ${judgement.name} WHERE kind = {kind:String} ${among} GROUP BY id) AS judged
     ${join} ${answered} AS named ON judged.id = named.\`@owned\` WHERE judged.team != ifNull(named.\`@owner\`, 'nobody')`,
    { kind },
  );
}

/** What stands around the assets of standards that look at others. */
export interface Around {
  /** By standard: when the clock alone may change what it sees there, in nanoseconds. */
  readonly next: Readonly<Record<string, bigint>>;
  /** Standards whose surroundings passed an instant between the two clocks. */
  readonly crossed: ReadonlySet<string>;
}

interface AroundOfInput {
  readonly options: Pick<DueOptions, 'driver' | 'kinds'>;
  readonly standards: readonly CompiledStandard[];
  readonly whole: ReadonlyMap<string, number>;
  readonly before: Date;
  readonly at: Date;
}

/** Of standards that look at other assets, the instants of those. `whole`: since when kinds are listed to their end. */
export async function aroundOf({
  options: { driver, kinds },
  standards,
  whole,
  before,
  at,
}: AroundOfInput): Promise<Around> {
  const next: Record<string, bigint> = {};
  const crossed = new Set<string>();
  for (const standard of standards.filter(looksAround)) {
    const { id } = standard.definition;
    const [old, now] = [nanos(before), nanos(at)];
    const instants: bigint[] = [];
    let passed = false;
    const take = (least: bigint, inBetween: boolean) => {
      if (least < NEVER) instants.push(least);
      passed ||= inBetween;
    };
    const others = new Set(relationsOf(standard.kind, kinds).map(({ other }) => other));
    for (const other of others) {
      const listed = whole.get(other.kind);
      const age = standard.maxAges[other.kind]?.milliseconds;
      if (listed !== undefined && age !== undefined) {
        const expires = BigInt(Math.floor(listed + age)) * 1_000_000n;
        take(expires >= now - SLACK ? expires : NEVER, expires >= old - SLACK && expires <= now + SLACK);
      }
      const terms = expiryOf(standard).terms.filter(
        (one) => one.of !== 'constant' && one.kind === other.kind,
      );
      if (terms.length === 0) continue;
      const texts = instantTexts(other, terms);
      if (texts === null) take(now, true);
      else {
        const [row] = await driver.query<{ least: string; crossed: number; outside: number }>(
          `SELECT minOrNull(${texts.next(now)}) AS least, max(${texts.between(old, now)}) AS crossed, max(\`@outside\`) AS outside
           FROM ${tableSource(other)}`,
        );
        take(BigInt(row?.least ?? NEVER), row?.crossed === 1);
        // Of what its columns cannot hold, nothing is known of its instants.
        if (row?.outside === 1) take(now, true);
      }
    }
    if (expiryOf(standard).always) take(now, true);
    if (passed) crossed.add(id);
    const least = instants.reduce<bigint>((a, b) => (a < b ? a : b), NEVER);
    if (least < NEVER) next[id] = least;
  }
  return { next, crossed };
}
