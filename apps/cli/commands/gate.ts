/** `macadam gate`: judges one asset or change before it exists, and says by the exit code whether it may go on. */
import { basename, join } from 'node:path';
import { relatedIn } from '@macadam/core/facts/related';
import { didYouMean } from '@macadam/core/text/suggestion';
import { rowOf } from '@macadam/core/verdicts/evaluate';
import type { Exception } from '@macadam/core/verdicts/exception';
import { type GateDecision, gateOf, isAsked } from '@macadam/core/verdicts/gate';
import {
  type Catalogue,
  type CatalogueStandard,
  loadCatalogue,
  type Overrides,
} from '@macadam/services/catalogue/load';
import { overridden } from '@macadam/services/catalogue/parameters';
import { withRollouts } from '@macadam/services/catalogue/rollouts';
import { subjectsOf } from '@macadam/services/judge/subject';
import { estateMistakes } from '@macadam/services/measure/mistakes';
import { readEstate } from '@macadam/services/measure/read';
import { EXIT } from '../exit.ts';
import { textFrom } from '../input.ts';
import { asOfDate, cacheDirectory, catalogueRoot } from '../request.ts';
import { complain, deliver, UsageError } from '../terminal.ts';
import { type Answer, asJson, asTable } from './gate-answer.ts';
import type { AskedExceptions } from './gate-exceptions.ts';

export interface GateCommandOptions {
  readonly kind: string;
  readonly standard?: readonly string[];
  readonly param?: readonly string[];
  readonly name?: string;
  readonly asOf?: string;
  readonly format: string;
  readonly out?: string;
  readonly strict?: boolean;
  /** The file of boundaries that the certificates source reads: then what is asked about is a certificate, key or store. */
  readonly certificates?: string;
  /** Where it would be registered. */
  readonly boundary?: string;
  readonly passwordEnv?: string;
  /** Where approved exceptions are asked for; left out: what the environment and `login` name, if anything. */
  readonly server?: string;
}

const FORMATS = ['table', 'json'];

export async function gate(file = '-', options: GateCommandOptions): Promise<number> {
  if (!FORMATS.includes(options.format)) {
    throw new UsageError(
      `--format: there is no \`${options.format}\`${didYouMean(options.format, FORMATS)}; there are ${FORMATS.join(', ')}`,
    );
  }
  const now = new Date();
  const asOf = options.asOf === undefined ? now : asOfDate(options.asOf, now);
  const estate = readEstate('.', now);
  if ('mistakes' in estate) {
    complain(estate.mistakes);
    return EXIT.usage;
  }
  const roots = [catalogueRoot(), ...estate.estate.catalogue.map((name) => join(estate.folder, name))];
  const loaded = withParameters(roots, estate.estate.parameters, options);
  const catalogue = withRollouts(loaded, estate.estate.rollouts);
  const kind = catalogue.kinds.get(options.kind);
  if (!kind) {
    const known = [...catalogue.kinds.keys()];
    throw new UsageError(
      `--kind: there is no kind \`${options.kind}\`${didYouMean(options.kind, known)}; there are ${known.join(', ')}`,
    );
  }
  // A standard that did not load cannot be asked, and a gate that leaves one out is no gate; nor is one with another limit.
  const mistakes = [...catalogue.mistakes, ...estateMistakes(estate, catalogue)];
  complain(mistakes);
  if (mistakes.length > 0) return EXIT.usage;
  const standards = chosen(catalogue, options);
  const name = options.name ?? (file === '-' ? 'change' : basename(file));
  const subjects = subjectsOf({
    text: await askedText(file, options, now),
    file: file === '-' ? 'stdin' : file,
    kind,
    kinds: catalogue.kinds,
    name,
    now,
  });
  if ('mistakes' in subjects) {
    complain(subjects.mistakes);
    return EXIT.usage;
  }
  const judged = subjects.assets.filter((asset) => asset.kind === kind.kind);
  if (judged.length === 0) throw new UsageError(`${file}: it describes no ${kind.kind}; see --kind`);
  const related = relatedIn(catalogue.kinds, subjects.assets, subjects.whole);
  const decisionsUnder = (exceptions: readonly Exception[]) => {
    const compiled = standards.map((one) => one.compiled);
    const { decide } = gateOf(compiled, { real: now, asOf }, { exceptions, related });
    return judged.flatMap((asset) => decide(rowOf(kind, asset)));
  };
  const stated = estate.estate.exceptions;
  const alone = decisionsUnder(stated);
  const asked = await askedFor(alone, asOf, options);
  const decisions =
    asked === null || asked.exceptions.length === 0
      ? alone
      : decisionsUnder([...stated, ...asked.exceptions]);
  const reported =
    asked === null || asked.why !== null
      ? null
      : await (await import('./gate-exceptions.ts')).reportRuns(
          decisions,
          Date.now() - now.getTime(),
          options.server,
        );
  const answer: Answer = {
    reported: asked === null || asked.why !== null ? null : { why: reported },
    kind: kind.kind,
    asOf,
    now,
    catalogue: catalogue.digest,
    decisions,
    standards: new Map(standards.map((standard) => [standard.id, standard])),
    asked,
  };
  if (asked !== null && asked.why !== null)
    process.stderr.write(
      `approved exceptions could not be asked: ${asked.why}; what is excepted there counts as failing here\n`,
    );
  deliver(options.format === 'json' ? asJson(answer) : asTable(answer), options.out);
  return exitCodeOf(decisions, options.strict === true);
}

/** Texts before they are shared are given as they are; JSON and YAML describe what was found in one. */
const POSTED_TEXT = 'posted-text';

async function askedText(file: string, options: GateCommandOptions, now: Date): Promise<string> {
  const { certificates, boundary, passwordEnv } = options;
  if (certificates === undefined && boundary === undefined) {
    if (options.kind !== POSTED_TEXT || /\.(json|ya?ml)$/i.test(file)) return textFrom(file);
    const { postedText } = await import('./gate-posted.ts');
    return postedText(file, now);
  }
  if (certificates === undefined || boundary === undefined || options.kind !== 'credential' || file === '-')
    throw new UsageError(
      '--certificates and --boundary go together, with --kind credential and the file that would be registered',
    );
  const { registrationText } = await import('./gate-certificate.ts');
  return registrationText({ file, boundary, boundaries: certificates, passwordEnv, now });
}

/** Null: nothing fails that an exception could let through, or no server is known. */
async function askedFor(
  decisions: readonly GateDecision[],
  asOf: Date,
  { server }: GateCommandOptions,
): Promise<AskedExceptions | null> {
  const { standardsToAsk, approvedExceptions } = await import('./gate-exceptions.ts');
  const standards = standardsToAsk(decisions);
  if (standards.length === 0) return null;
  const asked = await approvedExceptions(standards, asOf.toISOString().slice(0, 10), server);
  return asked.server === null && asked.why === null ? null : asked;
}

/** 1 a failure is blocked; 3 none is, but something undecided is, or has to be asked about (`strict`: anything undecided). */
function exitCodeOf(decisions: readonly GateDecision[], strict: boolean): number {
  const is = (name: 'fail' | 'unknown') => decisions.filter(({ verdict }) => verdict.verdict === name);
  if (is('fail').some(({ effect }) => effect === 'block')) return EXIT.fails;
  const open = is('unknown');
  const stopped = open.some(({ effect }) => effect === 'block' || effect === 'ask');
  return stopped || (strict && open.length > 0) ? EXIT.unjudged : EXIT.ok;
}

function chosen({ standards }: Catalogue, options: GateCommandOptions): CatalogueStandard[] {
  const named = options.standard ?? [];
  const ids = standards.map(({ id }) => id);
  for (const id of named) {
    const standard = standards.find((one) => one.id === id);
    if (!standard) throw new UsageError(`--standard: there is no standard \`${id}\`${didYouMean(id, ids)}`);
    if (standard.definition.scope.kind !== options.kind)
      throw new UsageError(
        `--standard: \`${id}\` is about ${standard.definition.scope.kind}, not about ${options.kind}`,
      );
  }
  const own = standards.filter(({ definition }) => definition.scope.kind === options.kind);
  return own.filter(({ id, compiled }) => (named.length > 0 ? named.includes(id) : isAsked(compiled)));
}

/** The catalogue with the estate's parameters, and those of the command line over them. */
function withParameters(roots: readonly string[], estate: Overrides, options: GateCommandOptions): Catalogue {
  const first = loadCatalogue(roots, estate, cacheDirectory());
  if (options.param === undefined) return first;
  const asked = first.standards.filter(
    ({ id, definition }) =>
      definition.scope.kind === options.kind && (options.standard?.includes(id) ?? true),
  );
  const typed = overridden(estate, options.param, asked);
  if ('mistake' in typed) throw new UsageError(`--param: ${typed.mistake}`);
  return loadCatalogue(roots, typed.overrides, cacheDirectory());
}
