/**
 * The specification's conformance tests through the second compiler: every case without messages as one constant SELECT.
 * It has to give the value, or NULL where an error is asked for, or be refused; how often each construct is refused
 * stands in cel-sql/refusals.json, and may only fall.
 */
import { readFile } from 'node:fs/promises';
import { constants, literal } from '@macadam/adapters/facts/sql/constants';
import { whole } from '@macadam/adapters/facts/sql/lists';
import { type Environment, errorCause, translate } from '@macadam/adapters/facts/sql/translation';
import { Refused, type SqlValue } from '@macadam/adapters/facts/sql/value';
import { type Data, Double, Duration, Timestamp, Uint, undefinedHere } from '@macadam/core/cel/runtime/value';
import { BOOL, DOUBLE, INT, STRING, type Type, UINT } from '@macadam/core/cel/type';
import { openTrial, type Trial } from '@macadam/testing/facts/sql-trial';
import type { Case, Suite } from '../suite.ts';
import { dataOf, text } from './cel/data.ts';
import { type Judged, specification, typed } from './cel.ts';

const START = { line: 1, column: 1 };

export const suite: Suite = {
  name: 'cel-sql',
  proves: "SQL gives the specification's value or error, or refuses: refusals counted by construct only fall",
  vectors: [],
  needsInstall: true,
  async load() {
    const counted = new Map<string, number>();
    const file = new URL('cel-sql/refusals.json', import.meta.url);
    const known = JSON.parse(await readFile(file, 'utf8')) as Readonly<Record<string, number>>;
    let trial: Promise<Trial> | undefined;
    const cases: Case[] = (await specification()).map(([id, test]) => ({
      id,
      run: async () => {
        trial ??= openTrial();
        return judge(await trial, test, (construct) =>
          counted.set(construct, (counted.get(construct) ?? 0) + 1),
        );
      },
    }));
    // Run after all others, in this order.
    return [
      ...cases,
      {
        id: 'refusals',
        run: async () => {
          (await trial)?.close();
          const names = new Set([...Object.keys(known), ...counted.keys()]);
          const changed = [...names].filter((name) => (known[name] ?? 0) !== (counted.get(name) ?? 0));
          if (process.env.MACADAM_SHOW_REFUSALS) {
            console.log(
              JSON.stringify(Object.fromEntries([...counted].sort(([, a], [, b]) => b - a)), null, 2),
            );
          }
          const said = changed.map(
            (name) => `${name}: ${counted.get(name) ?? 0}, listed ${known[name] ?? 0}`,
          );
          return said.length === 0 ? null : said.join('; ');
        },
      },
    ];
  },
};

async function judge(
  trial: Trial,
  { original }: Judged,
  refuse: (construct: string) => void,
): Promise<string | null> {
  const { evalError, typedResult, checkOnly } = original;
  if (checkOnly) return null;
  const tree = typed(original);
  const wanted = original.value ?? typedResult?.result;
  if (typeof tree === 'string') return evalError === undefined ? tree : null;
  const bound = constants();
  const names: Record<string, SqlValue> = {};
  for (const [name, { value }] of Object.entries(original.bindings ?? {})) {
    const [type, plain] = constantOf(dataOf(value));
    if (type) names[name] = literal(bound, type, plain, START);
  }
  const environment: Environment = {
    constants: bound,
    names,
    bindings: new Map(),
    depth: 0,
    error: errorCause(0),
  };
  const value = translate(tree, environment);
  if ('refused' in value) {
    refuse(value.refused);
    return null;
  }
  let result: { readonly sql: string; readonly of: Type; readonly isList: boolean };
  try {
    result = resultOf(value);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    refuse(error.refusal.refused);
    return null;
  }
  const [row] = await trial.query<{ lost: number; v: unknown }>(
    `SELECT ${result.sql}`,
    Object.fromEntries(bound.parameters),
  );
  const given =
    !row || row.lost || row.v === null
      ? undefinedHere('NULL')
      : result.isList
        ? (row.v as unknown[]).map((item) => read(item, result.of))
        : read(row.v, result.of);
  if (evalError !== undefined)
    return row?.lost || row?.v === null ? null : `${text(given)} instead of an error`;
  const expected = text(wanted === undefined ? true : dataOf(wanted));
  return text(given) === expected ? null : `${text(given)} instead of ${expected}`;
}

function resultOf(value: SqlValue): { readonly sql: string; readonly of: Type; readonly isList: boolean } {
  if (value.is === 'scalar') return { sql: `${value.sql} AS v, 0 AS lost`, of: value.type, isList: false };
  if (value.is !== 'list') throw new Refused(`a ${value.is} as the result`, START);
  const list = whole(value, 0, START);
  return { sql: `${list.array} AS v, ${list.undecided} AS lost`, of: list.of, isList: true };
}

/** Only scalars: what else is bound is a name that the expression cannot use. */
function constantOf(data: Data): readonly [Type | null, bigint | number | string | boolean] {
  if (typeof data === 'boolean') return [BOOL, data];
  if (typeof data === 'string') return [STRING, data];
  if (typeof data === 'number' || typeof data === 'bigint') return [INT, BigInt(data)];
  if (data instanceof Double) return [DOUBLE, data.value];
  if (data instanceof Uint) return [UINT, data.value];
  return [null, false];
}

const BILLION = 1_000_000_000n;

function read(raw: unknown, type: Type): Data {
  const nanos = () => {
    const total = BigInt(String(raw));
    const rest = ((total % BILLION) + BILLION) % BILLION;
    return [Number((total - rest) / BILLION), Number(rest)] as const;
  };
  switch (type.name) {
    case 'bool':
      return raw === true || raw === 1;
    case 'int': {
      const value = BigInt(String(raw));
      return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    }
    case 'uint':
      return new Uint(BigInt(String(raw)));
    case 'double':
      return new Double(
        raw === 'inf' ? Infinity : raw === '-inf' ? -Infinity : raw === 'nan' ? NaN : Number(raw),
      );
    case 'timestamp':
      return new Timestamp(...nanos());
    case 'duration':
      return new Duration(...nanos());
    default:
      return String(raw);
  }
}
