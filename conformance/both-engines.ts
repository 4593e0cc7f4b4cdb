/**
 * Both compilers on real assets: measures an estate, puts its assets into the engine's tables as they are, and holds
 * every verdict of the SQL pass against that of the closures.
 *
 *     node tools/run.mjs conformance/both-engines.ts [FOLDER]
 */
import { join } from 'node:path';
import { discoverSources } from '@macadam/adapters/discover';
import { rowOf } from '@macadam/adapters/facts/columns';
import { tableOf } from '@macadam/adapters/facts/layout';
import { judge } from '@macadam/adapters/facts/sql/judging';
import type { Verdict } from '@macadam/core/verdicts/evaluate';
import { type Measured, measure } from '@macadam/services/measure/measure';
import { openTrial } from '@macadam/testing/facts/sql-trial';
import { measureRequest } from '../apps/cli/request.ts';

export interface Held {
  readonly standard: string;
  readonly assets: number;
  /** Why closures judged all of its assets; null when SQL did. */
  readonly refused: string | null;
  /** Assets that the columns could not hold. */
  readonly left: number;
  readonly differences: readonly string[];
}

async function measured(folder: string): Promise<Measured> {
  const request = measureRequest([folder], { quiet: true }, await discoverSources());
  const result = await measure({ ...request, progress: () => {} });
  if ('mistakes' in result) throw new Error(result.mistakes.map(({ reason }) => reason).join('\n'));
  return result;
}

const said = ({ verdict, reason, path }: { verdict: string; reason: string | null; path: string | null }) =>
  [verdict, reason, path].join(' ');

export async function bothEngines(folder: string): Promise<readonly Held[]> {
  const { picture, catalogue } = await measured(folder);
  const clock = { asOf: new Date(picture.scan.asOf), real: new Date(picture.scan.collectedAt) };
  const trial = await openTrial();
  try {
    const byKind = Map.groupBy(picture.verdicts, ({ asset }) => asset.kind);
    const held: Held[] = [];
    for (const [name, verdicts] of byKind) {
      const kind = catalogue.kinds.get(name);
      if (!kind) continue;
      const assets = new Map(verdicts.map(({ asset }) => [asset.id, asset]));
      await trial.fill(
        kind,
        tableOf(kind),
        [...assets.values()].map((asset) => rowOf(kind, asset)),
      );
      const byStandard = Map.groupBy(verdicts, ({ standard }) => standard);
      const standards = catalogue.standards
        .filter(({ id }) => byStandard.has(id))
        .map(({ compiled }) => compiled);
      const { refused, left, verdicts: judged } = await judge({ database: trial, kind, standards, clock });
      for (const standard of standards) {
        const own = byStandard.get(standard.definition.id) ?? [];
        held.push({
          standard: standard.definition.id,
          assets: own.length,
          refused: refused.get(standard)?.refused ?? null,
          left: left.get(standard)?.length ?? 0,
          differences: own.flatMap((verdict) => difference(verdict, judged.get(standard))),
        });
      }
    }
    return held;
  } finally {
    trial.close();
  }
}

type Judged = Parameters<typeof said>[0];

function difference(verdict: Verdict, judged: ReadonlyMap<string, Judged> | undefined): string[] {
  const found = judged?.get(verdict.asset.id);
  if (!found) return [];
  const { reason } = verdict;
  const closure = said({
    verdict: verdict.verdict,
    reason,
    path: verdict.verdict === 'unknown' ? (verdict.causes[0]?.path ?? '') : null,
  });
  return closure === said(found) ? [] : [`${verdict.asset.id}: closures ${closure}, SQL ${said(found)}`];
}

if (import.meta.main) {
  const held = await bothEngines(process.argv[2] ?? join(import.meta.dirname, '..'));
  for (const { standard, assets, refused, left, differences } of held) {
    const how = refused
      ? `by closures alone (${refused})`
      : `${assets - left} by SQL, ${left} left to closures`;
    console.log(`${differences.length === 0 ? '✓' : '✗'} ${standard}: ${assets} assets, ${how}`);
    for (const one of differences.slice(0, 5)) console.log(`    ${one}`);
  }
  process.exitCode = held.every(({ differences }) => differences.length === 0) ? 0 : 1;
}
