/** Exceptions that people approved on a server, for a gate that runs elsewhere: asked only where something fails. */
import type { ExceptionRecord } from '@macadam/adapters/decisions/permissions';
import type { Exception } from '@macadam/core/verdicts/exception';
import type { GateDecision } from '@macadam/core/verdicts/gate';
import { type Server, whereToAsk } from '../server.ts';
import { UsageError } from '../terminal.ts';

/** What a server said; `server` null: none is known here. */
export interface AskedExceptions {
  readonly server: string | null;
  readonly exceptions: readonly Exception[];
  /** Why it could not be asked: then what is excepted there counts as failing here. */
  readonly why: string | null;
}

/** Standards of which an exception would change what the gate does. */
export const standardsToAsk = (decisions: readonly GateDecision[]): readonly string[] => [
  ...new Set(
    decisions
      .filter(
        ({ verdict, exception, effect }) =>
          verdict.verdict === 'fail' && exception === null && effect !== 'allow',
      )
      .map(({ standard }) => standard.definition.id),
  ),
];

/** More than a standard has in force at once. */
const MOST = 10_000;

/** Throws `UsageError` only where a server was named on the command line and cannot be asked at all. */
export async function approvedExceptions(
  standards: readonly string[],
  day: string,
  named: string | undefined,
): Promise<AskedExceptions> {
  let server: Server | null = null;
  try {
    server = whereToAsk(named === undefined ? {} : { server: named }, process.env);
    if (server === null) return { server: null, exceptions: [], why: null };
    const exceptions: Exception[] = [];
    for (const standard of standards) exceptions.push(...(await approvedOf(server, standard, day)));
    return { server: server.url, exceptions, why: null };
  } catch (error) {
    if (!(error instanceof UsageError) || (named !== undefined && server === null)) throw error;
    return { server: server?.url ?? named ?? null, exceptions: [], why: error.message };
  }
}

/** Tells a server what the gate stopped. Null: it was told; else why not, which changes nothing of what the gate says. */
export async function reportRuns(
  decisions: readonly GateDecision[],
  milliseconds: number,
  named: string | undefined,
): Promise<string | null> {
  const byStandard = Map.groupBy(decisions, ({ standard }) => standard.definition.id);
  const runs = [...byStandard]
    .filter(([, own]) => own.some(({ verdict }) => verdict.verdict === 'fail'))
    .map(([standard, own]) => ({
      standard,
      blocked: own.some(({ effect, verdict }) => effect === 'block' && verdict.verdict === 'fail'),
      milliseconds,
    }));
  try {
    const server = whereToAsk(named === undefined ? {} : { server: named }, process.env);
    if (server === null || runs.length === 0) return 'no server is known here';
    await server.post('gate-runs', { runs });
    return null;
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

async function approvedOf(server: Server, standard: string, day: string): Promise<readonly Exception[]> {
  const found: Exception[] = [];
  const { items } = await server.list<ExceptionRecord>('exceptions', { standard, inForceOn: day }, MOST);
  for (const row of items) {
    if (row.approvedAt === null || row.approvedBy === null) continue;
    const assets = await server.list<{ readonly asset: string; readonly accepted: string | null }>(
      `exceptions/${encodeURIComponent(row.id)}/assets`,
      {},
      MOST,
    );
    found.push({
      id: row.id,
      standard: row.standard,
      assets: [...row.selectors],
      reason: row.reason,
      until: row.until,
      approver: row.approvedBy,
      requester: row.requestedBy,
      approved_at: row.approvedAt,
      ...(row.compensating !== null && { compensating: row.compensating }),
      ...(row.proof !== null && { proof: row.proof }),
      ...(row.endedAt !== null && { ended_at: row.endedAt }),
      accepted: Object.fromEntries(assets.items.map(({ asset, accepted }) => [asset, accepted])),
    });
  }
  return found;
}
