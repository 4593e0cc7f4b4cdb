/** Which assets an exception lets fail: at the clock before and at that of the tick. */
import { randomUUID } from 'node:crypto';
import type { Kind } from '@macadam/core/kinds/kind';
import { type CompiledStandard, looksAround } from '@macadam/core/verdicts/compiled-standard';
import { evaluate } from '@macadam/core/verdicts/evaluate';
import { acceptedValue, type Exception, exceptionsOf, runsAt } from '@macadam/core/verdicts/exception';
import { assetRows } from '../asset-rows.ts';
import type { Driver } from '../clickhouse/driver.ts';
import { type FactsSource, relatedOf, tableSource } from './around.ts';
import { quotedText } from './codes.ts';
import type { KnownExceptions } from './definitions.ts';
import { numberOf } from './judged.ts';
import { assetNumber } from './record.ts';
import { tickDue, tickExcepted, tickSelector } from './table.ts';

export interface ExceptedOptions {
  readonly driver: Driver;
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly exceptions: readonly Exception[];
  readonly known: KnownExceptions;
  /** The clock of the tick before, or its own where there was none. */
  readonly before: Date;
  readonly at: Date;
}

/** Whether it accepts certain values of assets, and not whatever fails. */
const accepts = ({ accepted }: Exception): boolean =>
  accepted !== undefined && Object.values(accepted).some((value) => value !== null);

/**
 * Writes down what exceptions of these standards call assets, and makes those due of which that is new. Gives the kinds of which any is
 * called by something: of all others nothing is excepted.
 */
export async function stirred(
  options: ExceptedOptions,
  standards: readonly CompiledStandard[],
): Promise<ReadonlySet<string>> {
  const { driver, exceptions, known, before, at } = options;
  const kindOf = new Map(standards.map(({ definition, kind }) => [definition.id, kind.kind]));
  const fresh = new Set(known.begun.map((one) => JSON.stringify(one)));
  const lines: string[] = [];
  const called = new Set<string>();
  for (const one of [...exceptions, ...known.ended]) {
    const kind = kindOf.get(one.standard);
    if (kind === undefined) continue;
    const over = known.ended.includes(one);
    const [earlier, now] = over ? [false, false] : [runsAt(one, before), runsAt(one, at)];
    const anew = over || earlier !== now || fresh.has(JSON.stringify(one)) || (accepts(one) && now);
    if (!(earlier || now || anew)) continue;
    called.add(kind);
    for (const [selector, named, values] of selectorsOf(one))
      lines.push(
        // What holds for a certain value only is asked of each asset.
        JSON.stringify([
          one.standard,
          kind,
          selector,
          named ? 1 : 0,
          earlier && !values ? 1 : 0,
          now && !values ? 1 : 0,
          anew ? 1 : 0,
        ]),
      );
  }
  await driver.insert({
    table: tickSelector.name,
    columns: tickSelector.columns.map(({ name }) => name),
    format: 'JSONCompactEachRow',
    rows: Buffer.from(lines.join('\n')),
    token: randomUUID(),
  });
  for (const kind of called) {
    const found = options.kinds.get(kind);
    if (found)
      await driver.command(
        `INSERT INTO ${tickDue.name} (kind, id) SELECT kind, id FROM (${answering(found, 'stirred = 1')})`,
      );
  }
  return called;
}

function selectorsOf({
  assets,
  accepted,
}: Exception): (readonly [string, named: boolean, values: boolean])[] {
  if (accepted) return Object.entries(accepted).map(([id, value]) => [id, false, value !== null]);
  return assets.map((selector) => [selector, true, false]);
}

/** Assets of the kind that selectors call. `*` stands for any characters. */
function answering(kind: Kind, condition: string, source: string = tableSource(kind)): string {
  const own = `SELECT * FROM ${tickSelector.name} WHERE kind = ${quotedText(kind.kind)} AND ${condition}`;
  const plain = `position(selector, '*') = 0 OR named = 0`;
  const pattern = `replaceAll(replaceAll(replaceAll(replaceAll(selector, '\\\\', '\\\\\\\\'), '%', '\\\\%'), '_', '\\\\_'), '*', '%')`;
  const from = `(SELECT \`@id\` AS id, \`@name\` AS name FROM ${source})`;
  const rows = 'kind, id, standard, before, after';
  return `SELECT ${rows} FROM ${from} AS a INNER JOIN (${own} AND (${plain})) AS s ON a.id = s.selector
    UNION ALL SELECT ${rows} FROM ${from} AS a INNER JOIN (${own} AND (${plain}) AND named = 1) AS s ON a.name = s.selector
    UNION ALL SELECT ${rows} FROM ${from} AS a CROSS JOIN (SELECT *, ${pattern} AS pattern FROM (${own} AND NOT (${plain}))) AS s
      WHERE a.id LIKE pattern OR a.name LIKE pattern`;
}

interface ExceptedOfInput {
  readonly options: ExceptedOptions;
  readonly kind: Kind;
  readonly standards: readonly CompiledStandard[];
  readonly everything: boolean;
  readonly whole: ReadonlyMap<string, number>;
}

/** Which assets that are due are excepted by a standard of the kind. `everything`: all are. */
export async function exceptedOf({
  options,
  kind,
  standards,
  everything,
  whole,
}: ExceptedOfInput): Promise<void> {
  const { driver, exceptions } = options;
  const due = everything
    ? ''
    : `WHERE id IN (SELECT id FROM ${tickDue.name} WHERE kind = ${quotedText(kind.kind)})`;
  await driver.command(
    `INSERT INTO ${tickExcepted.name} (standard, asset, before, after)
     SELECT standard, ${numberOf('id')}, max(before), max(after) FROM (${answering(kind, 'true')}) ${due} GROUP BY standard, id`,
  );
  for (const standard of standards) {
    const own = exceptions.filter((one) => one.standard === standard.definition.id && accepts(one));
    const ids = [...new Set(own.flatMap(({ accepted }) => Object.keys(accepted ?? {})))];
    for (let from = 0; from < ids.length; from += AT_ONCE)
      await valued({
        options,
        kind,
        standard,
        ids: ids.slice(from, from + AT_ONCE),
        facts: { source: tableSource(kind), whole },
      });
  }
}

interface ExceptedBeforeGoneInput {
  readonly options: ExceptedOptions;
  readonly kind: Kind;
  readonly standards: readonly CompiledStandard[];
  readonly source: FactsSource;
  readonly whole: ReadonlyMap<string, number>;
}

/**
 * What is gone is called by no selector any more. A changed definition may have let it fail before it went, and then it matters
 * whether an exception was in force. `source` holds the facts of before.
 */
export async function exceptedBeforeGone({
  options,
  kind,
  standards,
  source,
  whole,
}: ExceptedBeforeGoneInput): Promise<void> {
  const { driver, exceptions } = options;
  const gone = `(SELECT * FROM ${source(kind)} WHERE \`@id\` NOT IN (SELECT \`@id\` FROM ${tableSource(kind)}))`;
  const ids = standards.map(({ definition }) => quotedText(definition.id)).join(', ');
  await driver.command(
    `INSERT INTO ${tickExcepted.name} (standard, asset, before, after)
     SELECT standard, ${numberOf('id')}, max(before), 0 FROM (${answering(kind, `standard IN (${ids})`, gone)}) GROUP BY standard, id`,
  );
  for (const standard of standards) {
    const own = exceptions.filter((one) => one.standard === standard.definition.id && accepts(one));
    const named = [...new Set(own.flatMap(({ accepted }) => Object.keys(accepted ?? {})))];
    for (let from = 0; from < named.length; from += AT_ONCE)
      await valued({
        options,
        kind,
        standard,
        ids: named.slice(from, from + AT_ONCE),
        facts: { source: gone, whole },
      });
  }
}

/** A server gets these in its URL. */
const AT_ONCE = 200;

interface ValuedInput {
  readonly options: ExceptedOptions;
  readonly kind: Kind;
  readonly standard: CompiledStandard;
  readonly ids: readonly string[];
  readonly facts: { readonly source: string; readonly whole: ReadonlyMap<string, number> };
}

/** Of exceptions that accept certain values: whether what is there is one. */
async function valued({
  options: { driver, kinds, exceptions, before, at },
  kind,
  standard,
  ids,
  facts: { source, whole },
}: ValuedInput): Promise<void> {
  const rows = await assetRows(driver, kind, {
    from: `FROM ${source} WHERE \`@id\` IN {ids:Array(String)}`,
    parameters: { ids },
  });
  const page = rows.map(({ asset }) => asset);
  const related = looksAround(standard)
    ? await relatedOf({ driver, kinds, source: tableSource, whole }, kind, page)
    : undefined;
  const { inForce } = exceptionsOf(exceptions, standard.definition.id);
  const lines = page.flatMap((asset) => {
    const value = () => acceptedValue(evaluate(standard, asset, { asOf: at, real: at }, related));
    const [earlier, now] = [before, at].map(
      (time) => inForce({ id: asset.id, name: asset.name, value }, time) !== null,
    );
    return earlier || now
      ? [JSON.stringify([standard.definition.id, assetNumber(asset.id), earlier ? 1 : 0, now ? 1 : 0])]
      : [];
  });
  await driver.insert({
    table: tickExcepted.name,
    columns: ['standard', 'asset', 'before', 'after'],
    format: 'JSONCompactEachRow',
    rows: Buffer.from(lines.join('\n')),
    token: randomUUID(),
  });
}
