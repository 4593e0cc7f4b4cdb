/** Decisions against entries: what stands in the tables, and what the log says was done, counted against each other. */
import type { Scene } from './scene.ts';

/**
 * Each row of a decision as the entry that it needs, and each entry of those sorts: once in each direction. What is left over is a decision
 * without its entry (`more` above zero), or an entry without its decision.
 */
const UNMATCHED = `
with decided (action, subject) as (
  select 'exception.request', id from macadam.exception
  union all select 'exception.approve', id from macadam.exception where approved_at is not null
  union all select 'exception.end', id from macadam.exception where ended_at is not null
  union all select 'batch.open', id from macadam.batch
  union all select 'batch.comment', batch from macadam.batch_comment
  union all select 'token.issue', id from macadam.api_token
  union all select 'batch.dispute', batch from macadam.batch_dispute
  union all select 'handover.begin', from_team from macadam.handover
), entered (action, subject) as (
  select content::jsonb ->> 'action', content::jsonb ->> 'subject' from macadam.audit
  where content::jsonb ->> 'outcome' = 'done'
), counted (action, subject, more) as (
  select action, subject, 1 from decided
  union all select action, subject, -1 from entered where action in (select action from decided)
)
select action, subject, sum(more)::int as more from counted group by action, subject having sum(more) <> 0`;

/** One sentence for each that has no counterpart. */
export async function unmatched({ rows }: Pick<Scene, 'rows'>): Promise<readonly string[]> {
  const found = await rows<{ action: string; subject: string; more: number }>(UNMATCHED);
  return found.map(({ action, subject, more }) =>
    more > 0
      ? `${action} of ${subject} is not in the log`
      : `${action} of ${subject} is in the log, and nowhere else`,
  );
}

/** What the log says was done to these subjects, in order. */
export async function doneTo(
  { rows }: Pick<Scene, 'rows'>,
  subjects: readonly string[],
): Promise<readonly string[]> {
  const found = await rows<{ action: string }>(
    `select content::jsonb ->> 'action' as action from macadam.audit where content::jsonb ->> 'outcome' = 'done'
     and content::jsonb ->> 'subject' = any ($1) order by number`,
    [subjects],
  );
  return found.map(({ action }) => action);
}

/** Batches of the facts that no entry names, and those that an entry names and the facts have not. */
export async function unmatchedFacts(
  { rows, sheds }: Pick<Scene, 'rows' | 'sheds'>,
  since: number,
): Promise<readonly string[]> {
  const stored = (await sheds.stores.facts.collections())
    .map(({ batch }) => batch)
    .filter((batch) => batch > since);
  const entries = await rows<{ batch: number }>(
    `select (one ->> 'batch')::int as batch from macadam.audit,
     jsonb_array_elements(content::jsonb -> 'detail' -> 'batches') one where content::jsonb ->> 'action' = 'fact.ingest'`,
  );
  const told = new Set(entries.map(({ batch }) => batch));
  return [
    ...stored
      .filter((batch) => !told.has(batch))
      .map((batch) => `batch ${batch} of the facts is not in the log`),
    ...[...told]
      .filter((batch) => batch > since && !stored.includes(batch))
      .map((batch) => `the log has batch ${batch}, and the facts have not`),
  ];
}
