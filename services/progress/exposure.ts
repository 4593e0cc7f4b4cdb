/** How many of each team's failing assets are exposed, by what the facts of their kind say. */
import type { Between, Retrospect } from '@macadam/adapters/facts/history/retrospect';
import { type CompiledStandard, compileStandard } from '@macadam/core/verdicts/compiled-standard';
import type { CatalogueStandard } from '../catalogue/load.ts';

/** Kind → CEL over the asset: whether somebody outside, or who broke in elsewhere, meets it first. Other kinds by their environment. */
const EXPOSED: Readonly<Record<string, string>> = {
  'cloud-resource': 'asset.public_access',
  dependency: 'asset.place == "product"',
  repository: 'asset.visibility == "public"',
  service: 'asset.customer_facing',
  subnet: 'asset.default_outbound',
};
const IN_PRODUCTION = 'asset.environment == "production"';

/** Team → exposed and not known; null where nothing in the facts of the kind says, and for another look than the newest. */
export async function exposedByTeam(
  past: Retrospect,
  between: Between,
  { definition, compiled }: CatalogueStandard,
): Promise<ReadonlyMap<string, { readonly exposed: number; readonly unknown: number }> | null> {
  const counting = countingExposed(definition, compiled);
  if (counting === null) return null;
  const teams = await past.weighedNow(between, counting);
  return (
    teams &&
    new Map(teams.map(({ team, tally }) => [team, { exposed: tally.fail, unknown: tally.blindFail }]))
  );
}

const compiledBefore = new WeakMap<CompiledStandard, { readonly counting: CompiledStandard | null }>();

/** The same standard, whose amounts are 1 for what is exposed; null where the kind has no such attribute. */
function countingExposed(
  definition: CatalogueStandard['definition'],
  compiled: CompiledStandard,
): CompiledStandard | null {
  const held = compiledBefore.get(compiled);
  if (held) return held.counting;
  const { kind, kinds } = compiled;
  const exposed =
    EXPOSED[kind.kind] ?? (Object.hasOwn(kind.attributes, 'environment') ? IN_PRODUCTION : null);
  const counting = exposed === null ? null : counted(definition, exposed, { kind, kinds });
  compiledBefore.set(compiled, { counting });
  return counting;
}

function counted(
  definition: CatalogueStandard['definition'],
  exposed: string,
  { kind, kinds }: Pick<CompiledStandard, 'kind' | 'kinds'>,
): CompiledStandard | null {
  const measure = { kind: 'weighted' as const, by: `${exposed} ? 1 : 0`, unit: 'exposed assets' };
  const weighed = { ...definition, measure };
  const made = compileStandard(weighed, kind, {
    file: definition.id,
    lineOf: () => 1,
    ...(kinds && { kinds }),
  });
  // A kind of somebody's own may use a name for something else.
  return 'mistakes' in made ? null : made;
}
