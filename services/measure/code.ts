/**
 * Lines of code beside findings: read once more from where they were judged, and shown so that no value of a secret is ever
 * among them, whichever standard the finding is of.
 */
import type { RepositoryFiles } from '@macadam/adapters/sources/port';
import type { Asset } from '@macadam/core/facts/asset';
import type { Location } from '@macadam/core/facts/observation';
import { repositoryOf } from '@macadam/core/figures/picture';
import type { CodeLines, Evidence, Finding, Scan } from '@macadam/core/figures/scan';
import { worstFirst, worstPlaces } from '@macadam/core/figures/worst';
import { excerptOf, type Span } from '@macadam/core/text/excerpt';
import { findSecrets } from '@macadam/secrets';

/** `worst`: of the two worst places of each standard; `all`: of every failure, as far as there is room. */
export type CodeWanted = 'worst' | 'all';

/** Places of each standard that are shown where not all are. */
export const WORST = 2;
/** Findings with code, and places of each. Beyond it a finding has its path and link. */
const MOST_FINDINGS = 1000;
const MOST_PLACES = 5;
/** A repository with secrets in more files than this shows no code at all: all of them would have to be read. */
const MOST_SECRET_FILES = 300;
/** Secrets of one file; one with more shows no code. */
const MOST_SECRETS = 1000;
const WIDTH = 160;
const AROUND = 1;
/** What is shorter may stand anywhere by chance; it is hidden where it was found. */
const SHORTEST_VALUE = 6;

/** All that is looked at of an asset to show its code and to lead to it: where that is, at which commit, and what of it is a secret. */
export const CODE_ATTRIBUTES: readonly string[] = ['repository', 'hosted_at', 'head', 'secrets'];

export interface CodeRequest {
  readonly findings: readonly Finding[];
  /** Of what was judged: repositories say which commit, and where secrets stand. */
  readonly assets: readonly Asset[];
  readonly files: readonly RepositoryFiles[];
}

/** The scan with the code of its findings. Where a file cannot be had, a finding stays as it is. */
export async function withCode(
  scan: Scan,
  wanted: CodeWanted,
  { assets, files }: Omit<CodeRequest, 'findings'>,
): Promise<Scan> {
  const failing = worstFirst(scan.findings);
  const chosen =
    wanted === 'all'
      ? failing.slice(0, MOST_FINDINGS)
      : [...Map.groupBy(failing, ({ standard }) => standard).values()].flatMap((own) => [
          ...new Set(worstPlaces(own, WORST).map(({ finding }) => finding)),
        ]);
  const shown = await findingsWithCode({ findings: chosen, assets, files });
  return { ...scan, findings: scan.findings.map((finding) => shown.get(finding) ?? finding) };
}

/** Those findings whose code could be read, with it. */
export async function findingsWithCode({
  findings,
  assets,
  files,
}: CodeRequest): Promise<ReadonlyMap<Finding, Finding>> {
  const byId = new Map(assets.map((asset) => [asset.id, asset]));
  const byRepository = Map.groupBy(findings, ({ asset }) => {
    const held = byId.get(asset.id);
    return (held && repositoryOf(held)) ?? asset.id;
  });
  const shown = new Map<Finding, Finding>();
  const queue = byRepository.entries();
  const worker = async () => {
    for (const [id, own] of queue) {
      const repository = byId.get(id);
      if (repository === undefined) continue;
      const reader = await readerOf(repository, own.flatMap(locationsOf), files);
      if (reader === null) continue;
      for (const finding of own) shown.set(finding, coded(finding, reader));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return shown;
}

/** Repositories that are read at a time: most of it is waiting for git. */
const AT_ONCE = 4;

const locationsOf = ({ location, evidence }: Finding): Location[] =>
  [location, ...evidence.slice(0, MOST_PLACES).map((one) => one.location)].filter((one) => one != null);

type Reader = (location: Location) => CodeLines | null;

function coded(finding: Finding, reader: Reader): Finding {
  const code = finding.location && reader(finding.location);
  const evidence = finding.evidence.map((one, index): Evidence => {
    const own = index < MOST_PLACES && one.location ? reader(one.location) : null;
    return own === null ? one : { ...one, code: own };
  });
  return { ...finding, evidence, ...(code && { code }) };
}

/** Shows lines of files of one repository; null where none can be shown. */
async function readerOf(
  repository: Asset,
  locations: readonly Location[],
  files: readonly RepositoryFiles[],
): Promise<Reader | null> {
  const wanted = new Set(locations.filter(({ line }) => line !== undefined).map(({ path }) => path));
  if (wanted.size === 0) return null;
  const secrets = secretLinesOf(repository);
  if (secrets.size > MOST_SECRET_FILES) return null;
  const head = repository.attributes.get('head')?.statement;
  const asked = {
    repository: repository.id,
    commit: head && 'value' in head ? String(head.value) : null,
    paths: [...new Set([...wanted, ...secrets.keys()])],
  };
  let texts: ReadonlyMap<string, string> = new Map();
  for (const one of files) {
    texts = await one.texts(asked);
    if (texts.size > 0) break;
  }
  const hidden = new Map([...texts].map(([path, text]) => [path, secretsOf(text, path)]));
  const values = [...new Set([...hidden.values()].flatMap((own) => own?.values ?? []))];
  return (location) => {
    const text = texts.get(location.path);
    const own = hidden.get(location.path);
    if (text === undefined || !own || location.line === undefined) return null;
    return linesAt({
      text,
      line: location.line,
      hidden: own,
      values,
      secretLines: secrets.get(location.path),
    });
  };
}

interface LinesRequest {
  readonly text: string;
  readonly line: number;
  readonly hidden: HiddenSecrets;
  /** Values that were found anywhere in the repository. */
  readonly values: readonly string[];
  /** Lines on which a secret of this file is known to stand. */
  readonly secretLines: ReadonlySet<number> | undefined;
}

/** A line that holds a secret stands alone: what stands beside it may be the other half of a pair. */
function linesAt({ text, line, hidden, values, secretLines }: LinesRequest): CodeLines | null {
  const masked = hidden.spans.map((span) => grown(text, span));
  const around = hidden.lines.has(line) || secretLines?.has(line) ? 0 : AROUND;
  for (let near = line - around; near <= line + around; near++)
    if (secretLines?.has(near) && !hidden.lines.has(near)) return null;
  return excerptOf({ text, line, around, width: WIDTH, masked, values });
}

/** File → lines on which the repository is known to hold a secret, sure or not. */
function secretLinesOf({ attributes }: Asset): ReadonlyMap<string, ReadonlySet<number>> {
  const statement = attributes.get('secrets')?.statement;
  const lines = new Map<string, Set<number>>();
  if (!statement || !('value' in statement) || !Array.isArray(statement.value)) return lines;
  for (const one of statement.value as readonly { path?: unknown; line?: unknown }[]) {
    if (typeof one?.path !== 'string' || typeof one.line !== 'number') continue;
    const own = lines.get(one.path) ?? new Set();
    lines.set(one.path, own.add(one.line));
  }
  return lines;
}

interface HiddenSecrets {
  readonly spans: readonly Span[];
  readonly values: readonly string[];
  /** Every line that a value touches. */
  readonly lines: ReadonlySet<number>;
}

/** Every value in a text that looks like a secret, sure or not, allowed or not; null where there are too many. */
function secretsOf(text: string, path: string): HiddenSecrets | null {
  const found = findSecrets(text, { path, limit: MOST_SECRETS, reveal: true });
  if (found.length === MOST_SECRETS) return null;
  const lines = new Set<number>();
  const values = new Set<string>();
  for (const { line, secret = '' } of found) {
    const parts = secret.split('\n');
    for (const [index, part] of parts.entries()) {
      lines.add(line + index);
      if (part.trim().length >= SHORTEST_VALUE) values.add(part.trim());
    }
  }
  return { spans: found.map(({ start, end }) => ({ start, end })), values: [...values], lines };
}

/** A stretch with what belongs to the same word: a detector may know less of it than there is. */
function grown(text: string, { start, end }: Span): Span {
  const before = /[\w+/=.~-]*$/.exec(text.slice(Math.max(0, start - WORD), start))?.[0].length ?? 0;
  const after = /^[\w+/=.~-]*/.exec(text.slice(end, end + WORD))?.[0].length ?? 0;
  return { start: start - before, end: end + after };
}

const WORD = 500;
