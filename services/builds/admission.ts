/** Whether images may run: the gate's question about the builds that made them, asked by a cluster or by whatever deploys. */
import type { Driver } from '@macadam/adapters/facts/clickhouse/driver';
import { relatedNow } from '@macadam/adapters/facts/history/around';
import { quoted, tableOf } from '@macadam/adapters/facts/layout';
import type { Facts } from '@macadam/adapters/facts/port';
import { digestOf } from '@macadam/core/builds/images';
import type { Asset } from '@macadam/core/facts/asset';
import type { Kind } from '@macadam/core/kinds/kind';
import { identifiersOf } from '@macadam/core/org/who';
import { type CompiledStandard, looksAround } from '@macadam/core/verdicts/compiled-standard';
import { rowOf } from '@macadam/core/verdicts/evaluate';
import type { Exception } from '@macadam/core/verdicts/exception';
import { EFFECTS, type Effect, effectsOf, gateOf, isAsked, stronger } from '@macadam/core/verdicts/gate';
import { assetsById } from '../ownership/who.ts';

export interface AdmissionRequest {
  readonly images: readonly string[];
  readonly driver: Driver;
  readonly facts: Facts;
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly standards: readonly CompiledStandard[];
  readonly exceptions: readonly Exception[];
  readonly now: Date;
}

export interface ImageAnswer {
  readonly image: string;
  readonly effect: Effect;
  /** The builds that are known to have made it. */
  readonly builds: readonly string[];
  /** What is wrong, or could not be told; empty where nothing is. */
  readonly why: readonly string[];
}

export interface AdmissionAnswer {
  /** Nobody can be asked while something starts, so `ask` is a no. */
  readonly allowed: boolean;
  readonly images: readonly ImageAnswer[];
}

/** Builds that are looked at of one image: more than one is rare, and a digest is what all of them made. */
const MOST = 20;

/** Of several builds of one image the best counts: that there is good evidence is enough. Rejects where the store fails. */
export async function admission(request: AdmissionRequest): Promise<AdmissionAnswer> {
  const kind = request.kinds.get('build');
  const standards = request.standards.filter((one) => one.kind.kind === 'build' && isAsked(one));
  const images: ImageAnswer[] = [];
  for (const image of new Set(request.images)) {
    const digest = digestOf(image);
    const builds = kind === undefined || digest === null ? [] : await buildsOf(digest, kind, request);
    images.push(
      kind === undefined || builds.length === 0
        ? unknownImage(image, digest, standards, request.now)
        : await judged(image, { builds, kind, standards }, request),
    );
  }
  return { allowed: images.every(({ effect }) => effect === 'allow' || effect === 'warn'), images };
}

async function buildsOf(
  digest: string,
  kind: Kind,
  { driver, kinds }: AdmissionRequest,
): Promise<readonly Asset[]> {
  const rows = await driver.query<{ id: string }>(
    `SELECT DISTINCT \`@id\` AS id FROM ${quoted(tableOf(kind))}
     WHERE has(${quoted('image_digests')}, {digest:String}) OR (\`@outside\` = 1 AND position(\`@held\`, {digest:String}) > 0)
     ORDER BY id LIMIT ${MOST}`,
    { digest },
  );
  const found = await assetsById(
    driver,
    kinds,
    rows.map(({ id }) => id),
  );
  return [...found.values()].filter((asset) => identifiersOf(asset).includes(`image:${digest}`));
}

/** Nobody knows how it was made: what the standards do with what cannot be decided. */
function unknownImage(
  image: string,
  digest: string | null,
  standards: readonly CompiledStandard[],
  now: Date,
): ImageAnswer {
  const effects = standards.map(({ definition }) => effectsOf(definition.rollout, now).unknown);
  const why =
    digest === null
      ? 'names no digest, so nobody can tell what would run; write NAME@sha256:…'
      : 'no build is known that made it; verify its attestation with `macadam build verify` and ingest the result';
  return {
    image,
    effect: effects.reduce(stronger, 'allow'),
    builds: [],
    why: standards.length === 0 ? [] : [why],
  };
}

interface Built {
  readonly builds: readonly Asset[];
  readonly kind: Kind;
  readonly standards: readonly CompiledStandard[];
}

async function judged(
  image: string,
  { builds, kind, standards }: Built,
  request: AdmissionRequest,
): Promise<ImageAnswer> {
  const { driver, facts, kinds, exceptions, now } = request;
  const clock = { real: now, asOf: now };
  const related = standards.some(looksAround)
    ? await relatedNow({ driver, facts, kinds }, kind, builds, now)
    : undefined;
  const gate = gateOf(standards, clock, related === undefined ? { exceptions } : { exceptions, related });
  const answers = builds.map((asset): ImageAnswer => {
    const decisions = gate.decide(rowOf(kind, asset));
    const open = decisions.filter(({ effect }) => effect !== 'allow');
    return {
      image,
      effect: open.map(({ effect }) => effect).reduce(stronger, 'allow'),
      builds: builds.map(({ id }) => id),
      why: open.map(({ standard, verdict }) => `${standard.definition.id}: ${verdict.message}`),
    };
  });
  const [best] = answers.toSorted(
    (one, other) => EFFECTS.indexOf(one.effect) - EFFECTS.indexOf(other.effect),
  );
  if (best === undefined) throw new TypeError('an image without builds is judged elsewhere');
  return best;
}
