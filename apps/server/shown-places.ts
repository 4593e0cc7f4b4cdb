/** Failures as people go to them: with the line at the code host and the lines of code, read where the server measures. */
import type { Asset } from '@macadam/core/facts/asset';
import { addressesOf, linked, repositoryOf } from '@macadam/core/figures/picture';
import type { Evidence, Finding } from '@macadam/core/figures/scan';
import type { Verdict } from '@macadam/core/verdicts/evaluate';
import { CODE_ATTRIBUTES, findingsWithCode } from '@macadam/services/measure/code';
import { assetsById } from '@macadam/services/ownership/who';
import { z } from 'zod';
import type { ServerContext } from './pages/history/pages.ts';

/** What is known of a verdict, in the form of a finding, for an asset that a reader may see. */
export function findingOf(asset: Asset, verdict: Verdict): Finding {
  return {
    standard: verdict.standard,
    asset: { id: asset.id, kind: asset.kind, name: asset.name },
    verdict: verdict.verdict === 'fail' ? 'fail' : 'unknown',
    severity: verdict.severity,
    reason: verdict.reason,
    message: verdict.message,
    ...(verdict.reasons && { reasons: verdict.reasons }),
    assurance: verdict.assurance,
    owner: null,
    evidence: verdict.evidence,
    location: verdict.location,
    fingerprint: '',
  };
}

/** Existing assets of these ids: of each kind in one question, where the server has stores of its own. Whole where no attributes are named. */
export async function loadAssets(
  { stores, facts }: Pick<ServerContext, 'stores' | 'facts'>,
  ids: readonly string[],
  attributes?: readonly string[],
): Promise<ReadonlyMap<string, Asset>> {
  if (stores) return assetsById(stores.driver, stores.kinds, ids, attributes);
  const found = new Map<string, Asset>();
  for (const id of ids) {
    const asset = await facts.asset(id);
    if (asset) found.set(id, asset);
  }
  return found;
}

/** The same findings, each with its links and code as far as they can be had. `held`: assets that need not be read again. */
export async function withPlaces(
  site: ServerContext,
  findings: readonly Finding[],
  held: readonly Asset[] = [],
): Promise<readonly Finding[]> {
  const known = new Map(held.map((asset) => [asset.id, asset]));
  const others = new Set(findings.flatMap(({ asset }) => (known.has(asset.id) ? [] : asset.id)));
  const own = new Map([...known, ...(await loadAssets(site, [...others], CODE_ATTRIBUTES))]);
  const repositories = new Set([...own.values()].flatMap((asset) => repositoryOf(asset) ?? []));
  const around = await loadAssets(
    site,
    [...repositories].filter((id) => !own.has(id)),
    CODE_ATTRIBUTES,
  );
  const assets = [...own.values(), ...around.values()];
  const addresses = addressesOf(assets);
  const led = findings.map((finding) => ({
    ...finding,
    ...linked(finding, addresses.get(finding.asset.id)),
  }));
  const shown = await findingsWithCode({ findings: led, assets, files: site.files ?? [] });
  return led.map((finding) => shown.get(finding) ?? finding);
}

/** Places of one failure that are told to programs. */
export const MOST_PLACES = 100;

export const placeSchema = z.object({
  text: z.string(),
  path: z.string().nullable().describe('Null where it is no place in a file'),
  line: z.int().nullable(),
  link: z.string().nullable().describe('The line at the code host, at the commit that was judged'),
  code: z
    .object({ from: z.int().describe('Number of the first line'), lines: z.array(z.string()) })
    .nullable()
    .describe('Null where the file cannot be read any more; values of secrets are replaced'),
});

/** A place of a finding, for programs. */
export function placeForPrograms({ text, location, link, code }: Evidence) {
  return {
    text,
    path: location?.path ?? null,
    line: location?.line ?? null,
    link: link ?? null,
    code: code ? { from: code.from, lines: [...code.lines] } : null,
  };
}
