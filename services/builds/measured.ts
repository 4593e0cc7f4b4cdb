/**
 * Builds of images that run, measured as everything is: after all sources were asked, each digest is asked about wherever attestations are kept, and
 * verified by the company's policy as `macadam build verify` does.
 */
import { inParallel } from '@macadam/adapters/connector/pool';
import type { AttestationsOf, KeptAttestations } from '@macadam/adapters/sources/port';
import { ANY_BUILD, type AskedArtefact } from '@macadam/core/builds/provenance';
import {
  type Collection,
  isUnobserved,
  type Observation,
  type Statement,
  strongestCause,
  type Unobserved,
} from '@macadam/core/facts/observation';
import { type ArtefactOutcome, artefactOutcome, buildOf, buildsShown, EVIDENCE_SOURCE } from './evidence.ts';
import { type LoadedPolicy, verifyAttestations } from './verify.ts';

const KIND = 'running-image';
/** Digests that are asked about at a time. */
const AT_ONCE = 4;

export interface MeasuredBuilds {
  /** Whether it waits for what is known of its build. */
  readonly waits: (observation: Observation) => boolean;
  readonly kept: (attestations: KeptAttestations) => void;
  readonly collected: (collection: Pick<Collection, 'partitions'>) => void;
  /** After all sources were asked. */
  readonly asked: () => Promise<AskedBuilds>;
}

export interface AskedBuilds {
  readonly collection: Collection;
  readonly observations: readonly Observation[];
  /** One that waited, with the builds that made it. */
  readonly completed: (observation: Observation) => Observation;
}

/** What came of one digest, as it is released to one environment. */
interface Found {
  readonly image: Observation;
  readonly outcome: ArtefactOutcome;
  readonly gap: Unobserved | null;
}

export function measuredBuilds(loaded: LoadedPolicy, now: () => Date): MeasuredBuilds {
  const images: Observation[] = [];
  const stores: KeptAttestations[] = [];
  let gap: Unobserved | null = null;
  return {
    waits: (observation) => {
      const isImage = observation.kind === KIND && digestIn(observation) !== null;
      if (isImage) images.push(observation);
      return isImage;
    },
    kept: (attestations) => stores.push(attestations),
    collected: ({ partitions }) => {
      const open = partitions.find((one) => one.kind === KIND && !one.complete);
      if (open !== undefined)
        gap ??= { unobserved: 'incomplete', why: `not all images that run are known: ${open.why ?? ''}` };
    },
    asked: async () => {
      const startedAt = now().toISOString();
      const found = await foundIn(images, stores, loaded, now());
      return { ...saidOf(found, gap, startedAt, now()), completed: (one) => withBuilds(one, found) };
    },
  };
}

function digestIn({ attributes: { digest } }: Observation): string | null {
  const said = digest !== undefined && 'value' in digest ? digest.value : null;
  return typeof said === 'string' && /^sha256:[0-9a-f]{64}$/.test(said) ? said : null;
}

/** Where it is released, as its cluster says; null where that is not known. */
function environmentOf({ attributes: { environment } }: Observation): string | null {
  const said = environment !== undefined && 'value' in environment ? environment.value : null;
  return typeof said === 'string' ? said : null;
}

const keyOf = (image: Observation): string => `${digestIn(image)} ${environmentOf(image)}`;

async function foundIn(
  images: readonly Observation[],
  stores: readonly KeptAttestations[],
  loaded: LoadedPolicy,
  now: Date,
): Promise<ReadonlyMap<string, Found>> {
  const digests = [...new Set(images.flatMap((image) => digestIn(image) ?? []))];
  const kept = new Map<string, AttestationsOf>();
  await inParallel(digests, AT_ONCE, async (digest) => {
    kept.set(digest, await keptOf(digest, stores));
  });
  const found = new Map<string, Found>();
  for (const image of images) {
    const digest = digestIn(image);
    const answers = digest === null ? undefined : kept.get(digest);
    if (digest === null || answers === undefined || found.has(keyOf(image))) continue;
    const artefact: AskedArtefact = {
      name: null,
      calledHere: image.name,
      sha256: digest.slice('sha256:'.length),
      sha512: null,
    };
    const asked = { ...ANY_BUILD, artefacts: [artefact], environment: environmentOf(image) };
    const verified = answers.texts.flatMap((text) =>
      verifyAttestations({ text, file: digest, loaded, asked, now }),
    );
    found.set(keyOf(image), { image, outcome: artefactOutcome(artefact, verified), gap: answers.gap });
  }
  return found;
}

/** Of several places each may have it. */
async function keptOf(digest: string, stores: readonly KeptAttestations[]): Promise<AttestationsOf> {
  const texts: string[] = [];
  const gaps: Unobserved[] = [];
  for (const store of stores) {
    const answer = await store.of(digest);
    texts.push(...answer.texts);
    if (answer.gap !== null) gaps.push(answer.gap);
  }
  if (stores.length === 0) gaps.push(NOWHERE);
  const cause = strongestCause(gaps.map(({ unobserved }) => unobserved));
  return { texts, gap: gaps.find(({ unobserved }) => unobserved === cause) ?? null };
}

const NOWHERE: Unobserved = {
  unobserved: 'unobserved',
  why: 'no code host was asked that keeps attestations; measure it together with the cluster',
};

/** What nobody could look at is no build without evidence. */
const isOpen = ({ outcome, gap }: Found): boolean => outcome.outcome !== 'verified' && gap !== null;

function saidOf(
  found: ReadonlyMap<string, Found>,
  gap: Unobserved | null,
  startedAt: string,
  now: Date,
): Pick<AskedBuilds, 'collection' | 'observations'> {
  const observations = new Map<string, Observation>();
  // Of one image in several places the gravest is said last, and stays.
  const weighed = [...found.values()].toSorted((a, b) => weightOf(a) - weightOf(b));
  for (const one of weighed) {
    if (isOpen(one)) continue;
    const environment = environmentOf(one.image);
    for (const build of buildsShown({ outcomes: [one.outcome], environment, runs: [], now }))
      observations.set(build.id, {
        ...build,
        attributes: {
          ...build.attributes,
          ...(one.outcome.outcome === 'verified' || environment !== null
            ? {}
            : { environment: one.image.attributes.environment ?? NOT_SAID }),
          // What runs was deployed, whatever it serves.
          released: { value: true },
        },
      });
  }
  const open = [...found.values()].filter(isOpen);
  const lack = open[0]?.gap ?? gap;
  const partition = {
    kind: 'build',
    container: 'running-images',
    containerName: 'builds of images that run',
    seen: observations.size,
  };
  return {
    observations: [...observations.values()],
    collection: {
      source: EVIDENCE_SOURCE,
      startedAt,
      finishedAt: now.toISOString(),
      status: lack === null ? 'complete' : 'incomplete',
      partitions: [
        lack === null
          ? { ...partition, complete: true }
          : { ...partition, complete: false, cause: lack.unobserved, why: lack.why },
      ],
      problems:
        open.length === 0 || lack === null
          ? []
          : [
              {
                code: 'attestations-unread',
                cause: lack.unobserved,
                message: `who made ${open.length} of ${found.size} images that run could not be seen: ${lack.why}`,
                remedy:
                  lack.unobserved === 'failed'
                    ? 'scan again'
                    : 'give the token the permission, or verify them with `macadam build verify`',
              },
            ],
    },
  };
}

const WEIGHTS: readonly (string | null)[] = ['test', 'development', 'productivity', null, 'government'];

/** Production is in no list, and so behind all. */
const weightOf = ({ image }: Found): number => {
  const place = WEIGHTS.indexOf(environmentOf(image));
  return place < 0 ? WEIGHTS.length : place;
};

const NOT_SAID: Unobserved = {
  unobserved: 'unobserved',
  why: 'its cluster does not say what it serves; state it with `--kubernetes-environment`',
};

/** Beside what files say of it. */
function withBuilds(image: Observation, found: ReadonlyMap<string, Found>): Observation {
  const here = found.get(keyOf(image));
  if (here === undefined) return image;
  const { builds: before } = image.attributes;
  const said = before !== undefined && 'value' in before && Array.isArray(before.value) ? before : null;
  const ids = here.outcome.attestations.flatMap((one) => (one.outcome === 'verified' ? [buildOf(one)] : []));
  const value = [...new Set([...((said?.value as readonly string[] | undefined) ?? []), ...ids])].toSorted();
  return { ...image, attributes: { ...image.attributes, builds: statementOf(value, here, before) } };
}

function statementOf(value: readonly string[], found: Found, before: Statement | undefined): Statement {
  const { outcome, gap } = found;
  if (value.length > 0)
    return gap === null
      ? { value: [...value], complete: true, assurance: 'effective' }
      : { value: [...value], complete: false, why: gap.why, assurance: 'effective' };
  // Where files answered, they did.
  if (before !== undefined && !isUnobserved(before)) return before;
  if (gap !== null) return gap;
  return outcome.outcome === 'undecided'
    ? {
        unobserved: 'unobserved',
        why: 'its attestation could not be verified; give the policy what verifies it',
      }
    : { value: [], complete: true, assurance: 'effective' };
}
