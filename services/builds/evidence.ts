/** What a verification says to others: builds as observations, and summaries (SLSA VSA v1) of what passed. */

import { type AskedBuild, digestOfArtefact } from '@macadam/core/builds/provenance';
import { STATEMENT } from '@macadam/core/builds/statement';
import { assetId, type Observation, type Statement } from '@macadam/core/facts/observation';
import type { BuildRun } from './runs.ts';
import type { AttestationOutcome } from './verify.ts';

export const EVIDENCE_SOURCE = 'build-evidence';
type Verified = Extract<AttestationOutcome, { readonly outcome: 'verified' }>;

/** One artefact, or where none is asked about one attestation, with all that was found for it. */
export interface ArtefactOutcome {
  /** Null: no artefact was asked about. */
  readonly artefact: AskedBuild['artefacts'][number] | null;
  readonly outcome: AttestationOutcome['outcome'];
  readonly attestations: readonly AttestationOutcome[];
}

/** Verified by one attestation is verified; what nobody could look at may have been the one. */
export function artefactOutcome(
  artefact: ArtefactOutcome['artefact'],
  attestations: readonly AttestationOutcome[],
): ArtefactOutcome {
  const has = (name: string) => attestations.some(({ outcome }) => outcome === name);
  return {
    artefact,
    attestations,
    outcome: has('verified') ? 'verified' : has('undecided') ? 'undecided' : 'refused',
  };
}

/** `environment`: where the artefacts are released; null where they are not, or not yet. */
export interface EvidenceRequest {
  readonly outcomes: readonly ArtefactOutcome[];
  readonly environment: string | null;
  /** Of release workflows, as the code host lists them. */
  readonly runs: readonly BuildRun[];
  readonly now: Date;
}

/** Runs that no verified attestation is about: they built something of which nobody can say how. */
export function runsWithoutEvidence(
  runs: readonly BuildRun[],
  outcomes: readonly ArtefactOutcome[],
): readonly BuildRun[] {
  const shownBy = new Set(
    outcomes.flatMap(({ attestations }) =>
      attestations.flatMap((one) => (one.outcome === 'verified' ? [one.facts.invocation] : [])),
    ),
  );
  return runs.filter(({ invocation }) => !shownBy.has(invocation));
}

export const nameOfArtefact = (artefact: AskedBuild['artefacts'][number]): string =>
  artefact.name ?? artefact.calledHere ?? digestOfArtefact(artefact);

/** Lines for `macadam ingest`. */
export function buildObservations(request: EvidenceRequest): string {
  const at = request.now.toISOString();
  const collection = { source: EVIDENCE_SOURCE, startedAt: at, finishedAt: at, status: 'complete' };
  return [{ collection }, ...buildsShown(request)].map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Each build that was shown, each artefact of which no build is known, and each run without evidence. */
export function buildsShown({ outcomes, environment, runs, now }: EvidenceRequest): readonly Observation[] {
  const at = now.toISOString();
  const released: Record<string, Statement> =
    environment === null
      ? {
          released: {
            unobserved: 'unobserved',
            why: 'nobody said whether it was released; give --released-to',
          },
        }
      : { released: { value: true } };
  const observations = new Map<string, Observation>();
  const add = (key: readonly string[], name: string, attributes: Readonly<Record<string, Statement>>) => {
    const id = assetId('build', key);
    const [system = '', build = ''] = key;
    observations.set(id, {
      kind: 'build',
      id,
      name,
      source: EVIDENCE_SOURCE,
      observedAt: at,
      receivedAt: at,
      assurance: 'effective',
      attributes: Object.assign(
        { system: { value: system }, build_id: { value: build } },
        released,
        attributes,
      ),
    });
  };
  for (const { artefact, outcome, attestations } of outcomes) {
    for (const one of attestations)
      if (one.outcome === 'verified')
        add(keyOf(one), `${one.facts.source.repository} ${one.facts.invocation}`, shown(one));
    if (artefact === null || outcome === 'verified') continue;
    const digest = digestOfArtefact(artefact);
    add(['artefact', digest], nameOfArtefact(artefact), {
      ...unshown(outcome, attestations.length, environment),
      ...(artefact.calledHere === undefined ? {} : { image_digests: { value: [digest], complete: true } }),
    });
  }
  const undecided = outcomes.some(({ attestations }) =>
    attestations.some(({ outcome }) => outcome === 'undecided'),
  );
  for (const { system, invocation, repository, finishedAt } of runsWithoutEvidence(runs, outcomes))
    add([system, invocation], `${repository} ${invocation}`, {
      ...unshown(undecided ? 'undecided' : 'refused', 0, environment),
      finished_at: { value: finishedAt },
    });
  return [...observations.values()];
}

/** By which the build that one attestation shows is known. */
export const buildOf = (one: Verified): string => assetId('build', keyOf(one));

function keyOf({ facts }: Verified): readonly string[] {
  return [URL.canParse(facts.invocation) ? new URL(facts.invocation).host : facts.builder, facts.invocation];
}

function shown(one: Verified): Record<string, Statement> {
  const { facts } = one;
  const images = facts.subjects
    .filter(({ name }) => isImage(name))
    .flatMap(({ digest }) => (digest.sha256 === undefined ? [] : [`sha256:${digest.sha256}`]));
  return {
    environment: { value: facts.policy.environment },
    image_digests: { value: [...new Set(images)], complete: true },
    finished_at:
      facts.finishedAt === null
        ? {
            unobserved: 'unobserved',
            why: 'the provenance does not say when the run ended; let the builder write `finishedOn`',
          }
        : { value: new Date(facts.finishedAt).toISOString() },
    provenance: { value: { verified: true, builder: facts.builder } },
    template: templateOf(one),
  };
}

/** By the name of a registry, or a package URL; a file has neither. */
const isImage = (name: string): boolean =>
  /^pkg:(docker|oci)\//.test(name) ||
  /^(localhost|[\w-]+(\.[\w-]+)*(\.[\w-]+|:\d+))(:\d+)?\/[a-z0-9]/.test(name);

/** Only a certificate says which file ran: what a run says of itself it can say of any. */
function templateOf({ facts, claims }: Verified): Statement {
  const { signer, config, signerDigest } = claims ?? {};
  if (signer == null || config == null || signerDigest == null)
    return {
      unobserved: 'unobserved',
      why: 'it is signed with a key, which does not say what the run was expanded from; let the template sign with a certificate',
    };
  // The one called is the one started: it ran steps of its own.
  if (signer === config) return { absent: true, assurance: 'effective' };
  const source =
    (URL.canParse(signer) ? new URL(signer).pathname.slice(1) : signer).split('@')[0]?.toLowerCase() ?? '';
  const { templates, template_commits: commits } = facts.policy;
  const governed =
    templates.some((one) => source.startsWith(one.toLowerCase())) &&
    (commits?.includes(signerDigest) ?? true);
  return {
    // A called workflow runs in jobs of its own, into which its caller can put no step.
    value: { source, commit: signerDigest, governed, injected_steps: 0 },
    assurance: 'effective',
  };
}

function unshown(outcome: string, count: number, environment: string | null): Record<string, Statement> {
  const unobserved = (why: string): Statement => ({ unobserved: 'unobserved', why });
  return {
    environment:
      environment === null
        ? unobserved('nobody said where it is released; give --released-to')
        : { value: environment },
    provenance:
      outcome === 'refused'
        ? { absent: true, assurance: 'effective' }
        : unobserved('its attestation could not be verified; give the policy what verifies it'),
    template: unobserved(
      count === 0
        ? 'no attestation says which build made it; give the one that its build wrote'
        : 'no attestation that holds says which build made it; build it again where it is attested',
    ),
  };
}

const SUMMARY = 'https://slsa.dev/verification_summary/v1';

/** What a verifier says of the artefacts that passed, for whoever asks next. */
export function summaryOf(
  one: Verified,
  policySha256: string,
  { verifier, now }: { readonly verifier: string; readonly now: Date },
): object {
  const { facts } = one;
  return {
    _type: STATEMENT,
    subject: facts.subjects,
    predicateType: SUMMARY,
    predicate: {
      verifier: { id: verifier },
      timeVerified: now.toISOString(),
      resourceUri: facts.subjects[0]?.name ?? '',
      policy: { digest: { sha256: policySha256 } },
      inputAttestations: [{ digest: { sha256: one.sha256 } }],
      verificationResult: 'PASSED',
      verifiedLevels: [`SLSA_BUILD_LEVEL_${facts.policy.level}`],
      slsaVersion: '1.0',
    },
  };
}
