/**
 * What a verdict rests on: the statements that scope and check read, of the asset and of those at the other ends of its
 * relations, and how strong the weakest of them is.
 */

import type { Around } from '../cel/compile.ts';
import { isList, isRecord } from '../cel/runtime/equality.ts';
import { type Data, PartialList } from '../cel/runtime/value.ts';
import { fieldType } from '../cel/type.ts';
import type { Asset } from '../facts/asset.ts';
import { dataOf } from '../facts/data.ts';
import { type Assurance, type Cause, type Known, weakestAssurance } from '../facts/observation.ts';
import type { PreparedAsset } from '../facts/row.ts';
import type { Evidence } from '../figures/scan.ts';
import type { AttributeDefinition, Kind } from '../kinds/kind.ts';
import { display } from '../text/display.ts';
import { ascending } from '../text/order.ts';
import type { CompiledStandard, Look } from './compiled-standard.ts';

/** A verdict is as strong as the weakest statement that scope or check read, of whichever asset. */
export function assuranceOf(
  standard: CompiledStandard,
  row: PreparedAsset,
  around: Around,
): Assurance | null {
  const of = (asset: Asset, names: readonly string[]) =>
    names.flatMap((name) => asset.attributes.get(name)?.assurance ?? []);
  return weakestAssurance([
    ...of(row['@asset'], standard.reads),
    ...standard.looks.flatMap((look) =>
      atOtherEnd(look, row, around).assets.flatMap((asset) => of(asset, look.attributes)),
    ),
  ]);
}

/** Assets of one relation that are named; how many more there are is said. */
const FIRST = 3;

/** What was looked at: the asset's own attributes, then of each relation the first few assets. */
export const restsOn = (
  standard: CompiledStandard,
  row: PreparedAsset,
  around: Around,
): readonly Evidence[] => [
  ...lookedAt(standard, row['@asset']),
  ...standard.looks.flatMap((look) => lookedAcross(look, row, around)),
];

/** Each attribute of the asset that scope or check read, with its value, source and time. */
export const lookedAt = (standard: CompiledStandard, asset: Asset): Evidence[] =>
  standard.reads.map((name) => point(name, standard.kind, asset, name));

function lookedAcross(look: Look, row: PreparedAsset, around: Around): readonly Evidence[] {
  const { relation, attributes } = look;
  const { assets, count, more } = atOtherEnd(look, row, around);
  const first = assets.toSorted((a, b) => ascending(a.id, b.id)).slice(0, FIRST);
  const rest = assets.length - first.length;
  const said = `${count}${more ? ' or more' : ''}${rest > 0 ? `, of which ${first.length} are shown` : ''}`;
  return [
    { text: `related(${relation.name}): ${count === 0 && !more ? 'none' : said}` },
    ...first.flatMap((asset) =>
      attributes.map((name) => point(`${asset.kind} ${asset.name}, ${name}`, relation.other, asset, name)),
    ),
  ];
}

interface OtherEnd {
  /** Those that were ever seen. */
  readonly assets: readonly Asset[];
  /** Those that are only referred to among them. */
  readonly count: number;
  readonly more: boolean;
}

function atOtherEnd({ relation }: Look, row: PreparedAsset, around: Around): OtherEnd {
  const held = around.related(row, relation.name);
  const more = held instanceof PartialList;
  const items = more ? held.items : isList(held ?? null) ? (held as readonly Data[]) : [];
  const assets = items.flatMap((item) =>
    isRecord(item) ? ((item as Partial<PreparedAsset>)['@asset'] ?? []) : [],
  );
  return { assets, count: items.length, more: more || !isList(held ?? null) };
}

const MAX_SHOWN = 160;

function point(what: string, kind: Kind, asset: Asset, name: string): Evidence {
  const held = asset.attributes.get(name);
  const about = kind.attributes[name];
  const text = `${what}: ${held && about ? said(held.statement, about) : 'nobody looked'}`;
  const short = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 1)}…` : text;
  return held?.source && held.observedAt
    ? { text: short, source: held.source, observedAt: held.observedAt }
    : { text: short };
}
function said(
  statement: Known | { absent: true } | { unobserved: Cause; why: string },
  about: AttributeDefinition,
): string {
  if ('unobserved' in statement) return `${statement.unobserved} (${statement.why})`;
  if ('absent' in statement) return 'none';
  const value = statement.value;
  if (Array.isArray(value)) return `${value.length}${statement.complete === false ? ' or more' : ''}`;
  return display(dataOf({ raw: value, type: fieldType(about, ''), path: '' }));
}
