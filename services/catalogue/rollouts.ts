/** How far standards are rolled out at one company: its own words in macadam.yaml over those of each standard. */
import { type OwnRollout, rolloutOf } from '@macadam/core/verdicts/rollout';
import type { Catalogue, CatalogueStandard } from './load.ts';

/** No rollout is part of what decides a verdict, so no digest of a definition changes by it. */
export function withRollouts(
  catalogue: Catalogue,
  rollouts: Readonly<Record<string, OwnRollout>>,
): Catalogue {
  if (Object.keys(rollouts).length === 0) return catalogue;
  const standards = catalogue.standards.map((one): CatalogueStandard => {
    const own = Object.hasOwn(rollouts, one.id) ? rollouts[one.id] : undefined;
    if (own === undefined) return one;
    const definition = { ...one.definition, rollout: rolloutOf(one.definition.rollout, own) };
    return { ...one, definition, compiled: { ...one.compiled, definition } };
  });
  return { ...catalogue, standards };
}
