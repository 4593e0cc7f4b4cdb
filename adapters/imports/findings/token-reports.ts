/**
 * Which service validates whose tokens with what, by a count of tokens: reports of `@macadam/token` about its own use, joined with what issuers say that
 * they issued; and how many of them were looked up at the issuer, by `macadam tokens watch`. One JSON object a line, of `macadam.token-adoption/1`,
 * `macadam.token-issuance/1` or `macadam.token-join/1`, in any order.
 */

import { assetId, type Observation, type Statement } from '@macadam/core/facts/observation';
import { z } from 'zod';
import type { ParsedFile, Read } from './batch.ts';
import { reportsIn } from './lines.ts';
import { type JoinLine, joinSchema, lineInstant, lineName } from './token-lines.ts';

const SOURCE = 'token-reports';
const DAY = 86_400_000;
const STANDARD = '@macadam/token';
/** Releases before this get no fixes any more; until there is a second one that is none. */
const OLDEST_SUPPORTED = '0.1.0';

const name = lineName;
const stretch = { service: name, issuer: name, from: lineInstant, to: lineInstant };
const adoptionSchema = z.object({
  schema: z.literal('macadam.token-adoption/1'),
  library: z.object({ name, version: z.string().regex(/^\d+\.\d+\.\d+/, 'is no version such as 1.2.3') }),
  accepted: z.record(z.string(), z.int().min(0)),
  ...stretch,
});
const issuanceSchema = z.object({
  schema: z.literal('macadam.token-issuance/1'),
  issued: z.int().min(0),
  ...stretch,
});
const reportSchema = z
  .discriminatedUnion('schema', [adoptionSchema, issuanceSchema, joinSchema])
  .refine(({ schema, from, to }) => from < to || (from === to && schema === 'macadam.token-join/1'), {
    path: ['to'],
    message: 'is not after `from`',
  });
type Report = z.infer<typeof reportSchema>;
type Adoption = z.infer<typeof adoptionSchema>;
type Issuance = z.infer<typeof issuanceSchema>;

/** -1, 0 or 1, by the three numbers of a version. */
function compareVersions(one: string, other: string): number {
  const numbers = (version: string) => version.split(/[.+-]/, 3).map(Number);
  const theirs = numbers(other);
  for (const [index, number] of numbers(one).entries()) {
    const difference = number - (theirs[index] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

const unobserved = (why: string): Statement => ({ unobserved: 'unobserved', why });

/** Tokens of an average day of the time that its reports span; a fraction of one counts as one, because there is one. */
function tokensPerDay(issuances: readonly Issuance[]): Statement {
  if (issuances.length === 0)
    return unobserved('the issuer sent no count of the tokens that it made for this service');
  const issued = issuances.reduce((sum, one) => sum + one.issued, 0);
  const from = Math.min(...issuances.map((one) => one.from));
  const to = Math.max(...issuances.map((one) => one.to));
  return { value: Math.ceil((issued * DAY) / Math.max(to - from, DAY)) };
}

/** What validated its tokens, as seen in effect. Another library beside the standard one decides: its tokens are validated by that, too. */
function implementationOf(adoptions: readonly Adoption[]): Readonly<Record<string, Statement>> {
  const used = adoptions.filter(({ accepted }) => Object.values(accepted).some((count) => count > 0));
  const nobody = 'no report says what validated its tokens: it is something else, or its report is not sent';
  const silent = unobserved(
    used.length < adoptions.length ? 'its library validated no token in this time' : nobody,
  );
  if (used.length === 0)
    return { implementation: silent, version: silent, version_supported: silent, checks_off: silent };
  if (used.some(({ library }) => library.name !== STANDARD))
    return {
      implementation: { value: 'other_library', assurance: 'effective' },
      version: { absent: true },
      version_supported: { absent: true },
      checks_off: unobserved('only the standard library has no check that can be switched off'),
    };
  const [version = OLDEST_SUPPORTED] = used.map(({ library }) => library.version).toSorted(compareVersions);
  return {
    implementation: { value: 'standard', assurance: 'effective' },
    version: { value: version },
    version_supported: { value: compareVersions(version, OLDEST_SUPPORTED) >= 0 },
    checks_off: { value: [] },
  };
}

const WAITING = 'all its tokens still wait for the word of the issuer';
const timeOf = (milliseconds: number) => new Date(milliseconds).toISOString();

/** What came of looking its tokens up; nothing is said of it where nobody did. */
function lookedUp(joins: readonly JoinLine[]): Readonly<Record<string, Statement>> {
  const newest = joins.toSorted((one, other) => one.to - other.to).at(-1);
  if (newest === undefined) return {};
  const answered = joins.reduce((sum, { explained, forged }) => sum + explained + forged, 0);
  const open = joins.reduce(
    (sum, { cannotTell }) => sum + Object.values(cannotTell).reduce((all, one) => all + one, 0),
    0,
  );
  const { injected } = newest;
  const share = answered / (answered + open);
  return {
    validation_log: {
      value: {
        last_event_at: timeOf(newest.to),
        identifies_token: true,
        share_joined: Number.isNaN(share) ? { unobserved: 'unobserved', why: WAITING } : share,
        // A member that is left out is absent.
        injected_at: injected === null ? undefined : timeOf(injected.at),
        injected_found_at: injected?.foundAt == null ? undefined : timeOf(injected.foundAt),
      },
    },
  };
}

function observationOf(reports: readonly Report[], receivedAt: Date): Observation {
  const adoptions = reports.filter((one) => one.schema === 'macadam.token-adoption/1');
  const issuances = reports.filter((one) => one.schema === 'macadam.token-issuance/1');
  const joins = reports.filter((one) => one.schema === 'macadam.token-join/1');
  const { service = '', issuer = '' } = reports[0] ?? {};
  return {
    kind: 'token-validator',
    id: assetId('token-validator', [service, issuer]),
    name: `${service} for tokens of ${issuer}`,
    source: SOURCE,
    observedAt: new Date(Math.max(...reports.map(({ to }) => to))).toISOString(),
    receivedAt: receivedAt.toISOString(),
    assurance: 'attested',
    attributes: {
      service: { value: service },
      issuer: { value: issuer },
      tokens_per_day: tokensPerDay(issuances),
      ...implementationOf(adoptions),
      ...lookedUp(joins),
    },
  };
}

/** Alerts stand between the counts of `macadam tokens watch`; they are somebody's to answer, and no fact about the service. */
const isAlert = (line: string): boolean => line.startsWith('{"schema":"macadam.forged-token/1"');

export function readTokenReports(paper: ParsedFile): Read {
  const read = reportsIn(paper, reportSchema, isAlert);
  if ('mistakes' in read) return read;
  const { reports } = read;
  const byValidator = Map.groupBy(reports, ({ service, issuer }) => JSON.stringify([service, issuer]));
  const observations = [...byValidator.values()].map((own) => observationOf(own, paper.receivedAt));
  const silent = observations.filter(({ attributes }) => 'unobserved' in (attributes.implementation ?? {}));
  const fallback = paper.takenAt.at.getTime();
  const collection = {
    source: SOURCE,
    query: paper.file,
    startedAt: new Date(Math.min(...reports.map(({ from }) => from), fallback)).toISOString(),
    finishedAt: new Date(Math.max(...reports.map(({ to }) => to))).toISOString(),
    status: 'complete' as const,
    partitions: [],
    problems: [],
  };
  const notes =
    silent.length === 0
      ? []
      : [`of ${silent.length} of ${observations.length} services nobody says what validates their tokens`];
  return { batches: [{ collection, observations }], notes };
}
