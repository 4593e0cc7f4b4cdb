/** One example of a standard: observations in, exact verdict and reason out. One YAML file in examples/ each. */

import { ASKED_FILES } from '@macadam/adapters/readers/files/extract';
import { heldRepository } from '@macadam/adapters/readers/held';
import { readRepository } from '@macadam/adapters/readers/read';
import { memoryTree } from '@macadam/adapters/readers/tree';
import type { Asset } from '@macadam/core/facts/asset';
import { assetsOf } from '@macadam/core/facts/asset';
import { ingest } from '@macadam/core/facts/ingest';
import {
  APPROVALS,
  assetId,
  type Observation,
  type Statement,
  type Value,
} from '@macadam/core/facts/observation';
import type { Kind } from '@macadam/core/kinds/kind';
import { canonical } from '@macadam/core/text/canonical';
import { askedFiles } from '@macadam/core/verdicts/asked-files';
import { type CompiledStandard, compileStandard } from '@macadam/core/verdicts/compiled-standard';
import { type Clock, evaluate, type Verdict } from '@macadam/core/verdicts/evaluate';
import { z } from 'zod';
import type { CatalogueStandard } from './load.ts';

export const exampleSchema = z
  .strictObject({
    describe: z.string().min(10),
    now: z.iso.datetime().default('2026-11-01T00:00:00Z'),
    /** A small repository, read as any other is. */
    files: z.record(z.string(), z.string()).optional(),
    /** Or what was observed: a plain value, `{absent: true}`, `{value, complete: false}` or `{unobserved, why}`. */
    attributes: z.record(z.string(), z.unknown()).optional(),
    /** Name or path of the asset that is judged, where files hold several. */
    asset: z.string().optional(),
    /** When it was observed; earlier than `now` to show what is stale. */
    observed: z.iso.datetime().optional(),
    params: z.record(z.string(), z.unknown()).default({}),
    /** What macadam.yaml would say under `collection`, and the organisation as `org`. */
    collection: z.record(z.string(), z.unknown()).default({}),
    /** `owner/repo@ref` → commit, for the fix. */
    resolve: z.record(z.string(), z.string()).default({}),
    expect: z.strictObject({
      verdict: z.enum(['pass', 'fail', 'unknown', 'not-applicable']),
      reason: z.string(),
      at: z.array(z.int().positive()).optional(),
      /** Of a weighted measure: what the asset counts; null where nobody knows. */
      amount: z.int().nullable().optional(),
      /** Of a duration: whether the case is open and not yet due. */
      pending: z.boolean().optional(),
      /** Of a duration: what the case took, or has taken so far, in seconds. */
      seconds: z.int().optional(),
    }),
    fixable: z.boolean().default(false),
  })
  .refine((example) => (example.files === undefined) !== (example.attributes === undefined), {
    message: 'give either `files` or `attributes`',
  });

export type Example = z.infer<typeof exampleSchema>;

/** The verdict on the example's asset, or one line that says why there is none. */
export async function judge(
  standard: CatalogueStandard,
  example: Example,
  kinds: ReadonlyMap<string, Kind>,
): Promise<Verdict | string> {
  const compiled = compiledFor(standard, example);
  if (typeof compiled === 'string') return compiled;
  const now = new Date(example.now);
  const clock: Clock = { asOf: now, real: now };
  const kind = standard.definition.scope.kind;
  const assets = assetsOf(
    kinds,
    ingested(kinds, await observationsOf(standard.compiled.kind, example, standard)),
  ).filter((asset) => asset.kind === kind);
  const { asset: wanted } = example;
  const asset =
    wanted === undefined
      ? assets[0]
      : assets.find(({ id, name, location }) => [id, name, location?.path].includes(wanted));
  if (!asset)
    return `no ${kind} \`${wanted ?? ''}\` was found; there are ${assets.map(({ name }) => name).join(', ') || 'none'}`;
  if (wanted === undefined && assets.length > 1) {
    return `several assets were found, name one of them as \`asset\`: ${assets.map(({ name }) => name).join(', ')}`;
  }
  return evaluate(compiled, asset, clock);
}

/** Most examples of a standard have the same parameters: none. Each law asks of each example, and to compile takes longer than to judge. */
const compilations = new WeakMap<CatalogueStandard, Map<string, CompiledStandard | string>>();

/** The standard with the example's parameters, or why it does not compile with them. */
export function compiledFor(
  standard: CatalogueStandard,
  example: Pick<Example, 'params'>,
): CompiledStandard | string {
  const known = compilations.get(standard) ?? new Map<string, CompiledStandard | string>();
  const params = canonical(example.params);
  const compiled = known.get(params) ?? compiledAnew(standard, example);
  compilations.set(standard, known.set(params, compiled));
  return compiled;
}

function compiledAnew(
  standard: CatalogueStandard,
  example: Pick<Example, 'params'>,
): CompiledStandard | string {
  const compiled = compileStandard(standard.definition, standard.compiled.kind, {
    file: standard.folder,
    lineOf: () => 1,
    overrides: example.params as Record<string, Value>,
    ...(standard.compiled.kinds && { kinds: standard.compiled.kinds }),
  });
  if (!('mistakes' in compiled)) return compiled;
  return compiled.mistakes[0]?.reason ?? 'the standard does not compile';
}

/** What extractors are told about a standard: the files that it asks for. */
export const askedBy = (
  { definition }: Pick<CatalogueStandard, 'definition'>,
  overrides: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, readonly string[]>> => ({
  [ASKED_FILES]: askedFiles([{ definition, overrides }]),
});

/** Every asset in a repository that holds these files. */
export async function assetsIn(
  files: Readonly<Record<string, string>>,
  kinds: ReadonlyMap<string, Kind>,
  now: Date,
  parameters: Readonly<Record<string, unknown>>,
): Promise<Asset[]> {
  return assetsOf(kinds, ingested(kinds, await observationsIn(files, now, parameters)));
}

/** What an example says was observed: of one asset of the kind, or of all that its files hold. */
export async function observationsOf(
  kind: Kind,
  example: Example,
  standard?: Pick<CatalogueStandard, 'definition'>,
): Promise<readonly Observation[]> {
  const asked = standard ? askedBy(standard, example.params) : {};
  return example.files
    ? observationsIn(example.files, new Date(example.now), { ...example.collection, ...asked })
    : stated(kind, example);
}

const ingested = (kinds: ReadonlyMap<string, Kind>, observations: readonly Observation[]) =>
  observations.flatMap((observation) => ingest(kinds, observation).observation ?? []);

async function observationsIn(
  files: Readonly<Record<string, string>>,
  now: Date,
  parameters: Readonly<Record<string, unknown>>,
): Promise<readonly Observation[]> {
  const reading = await readRepository(heldRepository(memoryTree(files)), {
    host: 'file',
    path: 'example',
    name: 'example',
    source: 'git',
    view: 'worktree',
    now,
    parameters,
  });
  return reading.observations;
}

/** What only an approval sets is said by one; everything else by a source. */
function stated({ kind, attributes, contained_in: holder }: Kind, example: Example): readonly Observation[] {
  const observedAt = example.observed ?? example.now;
  const given = Object.entries(example.attributes ?? {}).map(
    ([name, one]) => [name, statement(one)] as const,
  );
  const approved = ([name]: readonly [string, Statement]) =>
    Object.hasOwn(attributes, name) && attributes[name]?.set_by === 'approval';
  const said = (source: string, statements: typeof given): Observation => ({
    kind,
    id: assetId(kind, ['example']),
    name: 'example',
    source,
    observedAt,
    receivedAt: observedAt,
    assurance: 'configured',
    attributes: Object.fromEntries(statements),
    ...(holder !== undefined && { container: assetId(holder, ['example']) }),
  });
  const own = said(
    'example',
    given.filter((one) => !approved(one)),
  );
  const approvals = given.filter(approved);
  return approvals.length === 0 ? [own] : [own, said(APPROVALS, approvals)];
}

/** A plain value, or a statement as it stands. */
export function statement(given: unknown): Statement {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) {
    if ('unobserved' in given || 'absent' in given || 'value' in given) return given as Statement;
  }
  return { value: given as Value };
}
