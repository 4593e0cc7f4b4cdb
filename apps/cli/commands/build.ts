/** `macadam build verify`: whether attestations show how artefacts were made, field by field, without asking anybody. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { signedEnvelope, signingKeyOf } from '@macadam/adapters/attestations/keys';
import { type AskedArtefact, type AskedBuild, digestOfArtefact } from '@macadam/core/builds/provenance';
import { PAYLOAD_TYPE } from '@macadam/core/builds/statement';
import {
  type ArtefactOutcome,
  artefactOutcome,
  buildObservations,
  nameOfArtefact,
  runsWithoutEvidence,
  summaryOf,
} from '@macadam/services/builds/evidence';
import { type Running, runningIn } from '@macadam/services/builds/running';
import { type BuildRun, runsIn } from '@macadam/services/builds/runs';
import {
  type AttestationOutcome,
  type LoadedPolicy,
  loadBuildPolicy,
  verifyAttestations,
} from '@macadam/services/builds/verify';
import { EXIT } from '../exit.ts';
import { complain, deliver, UsageError } from '../terminal.ts';

export interface BuildOptions {
  readonly policy: string;
  readonly artefact?: readonly string[];
  readonly digest?: readonly string[];
  readonly name?: string;
  readonly source?: string;
  readonly ref?: string;
  readonly commit?: string;
  readonly builder?: string;
  readonly invocation?: string;
  readonly releasedTo?: string;
  readonly runs?: readonly string[];
  readonly running?: readonly string[];
  readonly out?: string;
  readonly vsa?: string;
  readonly sign?: string;
  readonly verifier?: string;
  readonly json?: boolean;
}

const ENVIRONMENTS = ['production', 'government', 'productivity', 'development', 'test'];

export async function verifyBuilds(files: readonly string[], options: BuildOptions): Promise<number> {
  const now = new Date();
  const { releasedTo: environment = null } = options;
  if (environment !== null && !ENVIRONMENTS.includes(environment))
    throw new UsageError(
      `--released-to: there is no environment \`${environment}\`; give one of ${ENVIRONMENTS.join(', ')}`,
    );
  const signing = signingOf(options);
  const loaded = await loadBuildPolicy(textOf('--policy', options.policy), options.policy, (name) =>
    readFileSync(resolve(dirname(options.policy), name), 'utf8'),
  );
  if ('mistakes' in loaded) {
    complain(loaded.mistakes);
    return EXIT.usage;
  }
  const running = (options.running ?? []).map(runningOf);
  const artefacts = await artefactsOf(options);
  const runs = (options.runs ?? []).flatMap(runsOf);
  const texts = files.map((file) => ({ file, text: textOf('', file) }));
  const asked: AskedBuild = {
    artefacts,
    source: options.source ?? null,
    ref: options.ref ?? null,
    commit: options.commit ?? null,
    builder: options.builder ?? null,
    invocation: options.invocation ?? null,
    environment,
  };
  const all = (one: AskedBuild) =>
    texts.flatMap(({ file, text }) => verifyAttestations({ text, file, loaded, asked: one, now }));
  const images = artefactsThatRun(running);
  const { shown, idle } = shownImages(images.length === 0 ? [] : all(asked), images);
  const outcomes = [
    ...(images.length === 0 || asked.artefacts.length > 0 ? outcomesOf(all, asked) : []),
    ...images.map((artefact) => {
      const found = shown.get(digestOfArtefact(artefact));
      // Each attestation is verified once for all images that it shows, and again for one that none shows, to say what is wrong.
      return artefactOutcome(artefact, found ?? all(Object.assign({}, asked, { artefacts: [artefact] })));
    }),
  ];
  if (outcomes.length === 0 && runs.length === 0 && running.length === 0)
    throw new UsageError(
      'nothing is asked about; name attestations, artefacts by --artefact, runs by --runs, or pods by --running',
    );
  if (options.out !== undefined)
    deliver(buildObservations({ outcomes, environment, runs, now }), options.out);
  if (signing !== null) deliver(summaries(outcomes, loaded, signing, now), signing.file);
  const without = runsWithoutEvidence(runs, outcomes);
  if (runs.length > 0) process.stderr.write(runsAsText(runs, without));
  const untold = running.flatMap((one) => one.untold);
  if (running.length > 0) process.stderr.write(runningAsText(images.length, untold, idle));
  process.stdout.write(
    options.json === true ? `${JSON.stringify(outcomes.map(asData), null, 2)}\n` : asText(outcomes),
  );
  if (without.length > 0 || outcomes.some(({ outcome }) => outcome === 'refused')) return EXIT.fails;
  const isOpen = untold.length > 0 || outcomes.some(({ outcome }) => outcome === 'undecided');
  return isOpen ? EXIT.unjudged : EXIT.ok;
}

function runningOf(file: string): Running {
  const read = runningIn(textOf('--running', file));
  if ('wrong' in read) throw new UsageError(`--running: \`${file}\` ${read.wrong}`);
  return read;
}

/** Each image once, whichever clusters run it. By which name an attestation gives it does not matter: registries copy. */
function artefactsThatRun(running: readonly Running[]): readonly AskedArtefact[] {
  const names = new Map(running.flatMap(({ images }) => images.map(({ digest, name }) => [digest, name])));
  return [...names].map(([digest, name]) => ({
    name: null,
    calledHere: name,
    sha256: digest.slice('sha256:'.length),
    sha512: null,
  }));
}

/** What was shown of images, by digest, and the names of those of which none runs. */
function shownImages(all: readonly AttestationOutcome[], running: readonly AskedArtefact[]) {
  const run = new Set(running.map(digestOfArtefact));
  const shown = new Map<string, AttestationOutcome[]>();
  const idle: string[] = [];
  for (const one of all) {
    if (one.outcome !== 'verified') continue;
    const digests = one.facts.subjects.map(({ digest }) => `sha256:${digest.sha256}`);
    for (const digest of digests) shown.set(digest, [...(shown.get(digest) ?? []), one]);
    if (!digests.some((digest) => run.has(digest)))
      idle.push(...one.facts.subjects.map(({ name }, at) => `${name}@${digests[at]}`));
  }
  return { shown, idle };
}

function runningAsText(images: number, untold: readonly string[], idle: readonly string[]): string {
  const listed = (what: string, all: readonly string[]) => [
    ...all.slice(0, RUNS_TOLD).map((one) => `  ${what}: ${one}\n`),
    ...(all.length > RUNS_TOLD ? [`  and ${all.length - RUNS_TOLD} more\n`] : []),
  ];
  return [
    `macadam: ${images} images run\n`,
    ...listed('the cluster does not say by which digest it came', untold),
    ...listed('built, and does not run', idle),
  ].join('');
}

function runsOf(file: string): readonly BuildRun[] {
  const read = runsIn(textOf('--runs', file));
  if ('wrong' in read) throw new UsageError(`--runs: \`${file}\` ${read.wrong}`);
  return read.runs;
}

const RUNS_TOLD = 20;

function runsAsText(runs: readonly BuildRun[], without: readonly BuildRun[]): string {
  const lines = without.slice(0, RUNS_TOLD).map(({ invocation }) => `  no evidence: ${invocation}\n`);
  const more = without.length > RUNS_TOLD ? `  and ${without.length - RUNS_TOLD} more\n` : '';
  return `macadam: ${runs.length - without.length} of ${runs.length} successful runs have evidence\n${lines.join('')}${more}`;
}

/** One for each artefact; where none is asked about, one for each attestation. */
function outcomesOf(
  all: (one: AskedBuild) => readonly AttestationOutcome[],
  asked: AskedBuild,
): readonly ArtefactOutcome[] {
  if (asked.artefacts.length === 0) return all(asked).map((one) => artefactOutcome(null, [one]));
  return asked.artefacts.map((artefact) =>
    artefactOutcome(artefact, all(Object.assign({}, asked, { artefacts: [artefact] }))),
  );
}

function textOf(option: string, file: string): string {
  const before = option === '' ? '' : `${option}: `;
  if (!existsSync(file)) throw new UsageError(`${before}\`${file}\`: there is no such file`);
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${before}\`${file}\` cannot be read (${(error as Error).message})`);
  }
}

async function artefactsOf({
  artefact = [],
  digest = [],
  name,
}: BuildOptions): Promise<AskedBuild['artefacts']> {
  if (name !== undefined && artefact.length + digest.length !== 1)
    throw new UsageError('--name is the name of one artefact; give one --artefact or --digest with it');
  const asked: AskedArtefact[] = [];
  for (const file of artefact) {
    if (!existsSync(file)) throw new UsageError(`--artefact: \`${file}\`: there is no such file`);
    const hashes = { sha256: createHash('sha256'), sha512: createHash('sha512') };
    for await (const chunk of createReadStream(file)) {
      hashes.sha256.update(chunk as Buffer);
      hashes.sha512.update(chunk as Buffer);
    }
    asked.push({
      name: name ?? basename(file),
      sha256: hashes.sha256.digest('hex'),
      sha512: hashes.sha512.digest('hex'),
    });
  }
  for (const one of digest) {
    const [, sha256 = null, sha512 = null] =
      /^(?:sha256:([0-9a-f]{64})|sha512:([0-9a-f]{128}))$/.exec(one) ?? [];
    if (sha256 === null && sha512 === null)
      throw new UsageError(
        `--digest: \`${one}\` is not a digest; write sha256: or sha512: and its hex digits in lower case`,
      );
    asked.push({ name: name ?? null, sha256, sha512 });
  }
  return asked;
}

interface Signing {
  readonly file: string;
  readonly key: ReturnType<typeof signingKeyOf>;
  readonly verifier: string;
}

function signingOf({ vsa, sign, verifier }: BuildOptions): Signing | null {
  if (vsa === undefined && sign === undefined && verifier === undefined) return null;
  if (vsa === undefined || sign === undefined || verifier === undefined)
    throw new UsageError(
      '--vsa, --sign and --verifier go together: the file, the key that signs it, and the address of who verified',
    );
  try {
    return { file: vsa, key: signingKeyOf(textOf('--sign', sign)), verifier };
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(`--sign: \`${sign}\` ${error.message}`);
    throw error;
  }
}

function summaries(
  outcomes: readonly ArtefactOutcome[],
  { sha256 }: LoadedPolicy,
  { key, verifier }: Signing,
  now: Date,
): string {
  const verified = outcomes.flatMap(({ attestations }) =>
    attestations.filter((one) => one.outcome === 'verified'),
  );
  return verified
    .map((one) => `${signedEnvelope(PAYLOAD_TYPE, summaryOf(one, sha256, { verifier, now }), key)}\n`)
    .join('');
}

function asData({ artefact, outcome, attestations }: ArtefactOutcome): object {
  return {
    artefact:
      artefact === null
        ? null
        : { name: artefact.name ?? artefact.calledHere ?? null, digest: digestOfArtefact(artefact) },
    outcome,
    attestations: attestations.map(({ file, line, ...rest }) => {
      if (rest.outcome === 'refused') return { file, line, outcome: 'refused', wrong: rest.wrong };
      if (rest.outcome === 'undecided') return { file, line, outcome: 'undecided', why: rest.why };
      const { builder, source, commit, invocation } = rest.facts;
      return {
        file,
        line,
        outcome: 'verified',
        builder,
        source: source.repository,
        ref: source.ref,
        commit,
        invocation,
      };
    }),
  };
}

function asText(outcomes: readonly ArtefactOutcome[]): string {
  const lines = outcomes.flatMap(({ artefact, outcome, attestations }) => {
    const [first] = attestations;
    const name = artefact === null ? `${first?.file}:${first?.line}` : nameOfArtefact(artefact);
    const about = attestations.filter(
      (one) => isAbout(one) && (outcome !== 'verified' || one.outcome === 'verified'),
    );
    const shown =
      about.length === 0
        ? ['  no attestation is about it']
        : about.flatMap((one) => described(one, artefact !== null));
    return [`${outcome} ${name}`, ...shown];
  });
  const count = (name: string) => outcomes.filter(({ outcome }) => outcome === name).length;
  return `${lines.map((line) => `${line}\n`).join('')}${count('verified')} verified, ${count('refused')} refused, ${count('undecided')} undecided\n`;
}

/** One that is wrong in nothing but the digest is about something else. */
const isAbout = (one: AttestationOutcome): boolean =>
  one.outcome !== 'refused' || one.wrong.some(({ field }) => field !== 'subject.digest');

function described(one: AttestationOutcome, named: boolean): readonly string[] {
  const at = named ? `${one.file}:${one.line}: ` : '';
  if (one.outcome === 'undecided') return [`  ${at}${one.why}`];
  if (one.outcome === 'refused') return one.wrong.map(({ field, why }) => `  ${at}\`${field}\`: ${why}`);
  const { source, commit, builder, invocation } = one.facts;
  return [
    `  ${at}${source.repository} at ${source.ref ?? 'no ref'} (${commit})`,
    `  by ${builder}, run ${invocation}`,
  ];
}
