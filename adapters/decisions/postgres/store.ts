/** The port over PostgreSQL, wherever it runs. */
import { canonical } from '@macadam/core/text/canonical';
import { CamelCasePlugin, Kysely, PostgresDialect, sql } from 'kysely';
import pg, { type PoolClient } from 'pg';
import type { AuditRow } from '../audit.ts';
import {
  type AuditFilter,
  type AuditRecord,
  type DecisionEntry,
  type DecisionPrincipal,
  type Decisions,
  DecisionsError,
  type DecisionsOptions,
  type DecisionTransaction,
  type TransactionOptions,
} from '../port.ts';
import { access } from './access.ts';
import { type Address, codeOf, openConnections } from './connection.ts';
import { delivery } from './delivery.ts';
import { digests } from './digests.ts';
import { failing } from './failing.ts';
import { faults } from './faults.ts';
import { handovers } from './handovers.ts';
import { listing } from './listing.ts';
import { login } from './login.ts';
import { migrate } from './migrate.ts';
import { organisation } from './organisation.ts';
import { permissions } from './permissions.ts';
import { explained, lost } from './refusals.ts';
import { PAGE, type Schema, type Session } from './schema.ts';
import { trackers } from './trackers.ts';
import { webhooks } from './webhooks.ts';
import { work } from './work.ts';

const AUDIT_PAGE = 1000;
/** Invalid text: a NUL, half a surrogate. */
const UNSTORABLE = /^22/;
/** A key of `exclusive` is hashed by the database to 64 bits; this keeps ours apart from anybody else's. */
const EXCLUSIVE = 'macadam:';

export async function openStore(
  address: Address,
  place: string,
  { connections: size = 10, simulated = false }: DecisionsOptions,
): Promise<Decisions> {
  const connections = openConnections(address, size);
  try {
    const client = await connections.take();
    try {
      await migrate(client, { simulated });
    } finally {
      client.release();
    }
  } catch (error) {
    await connections.end();
    throw explained(error);
  }
  let closed: Promise<void> | undefined;

  async function transaction<T>(
    principal: DecisionPrincipal,
    body: (transaction: DecisionTransaction) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    const entered: DecisionEntry[] = [];
    try {
      return await attempt(principal, body, options, entered);
    } catch (error) {
      const known = explained(error);
      if (known instanceof DecisionsError && known.fault === 'refused')
        await refused(principal, entered.at(-1) ?? { action: 'change', subject: '' }, known.message, options);
      throw known;
    }
  }

  async function attempt<T>(
    principal: DecisionPrincipal,
    body: (transaction: DecisionTransaction) => Promise<T>,
    options: TransactionOptions,
    entered: DecisionEntry[],
  ): Promise<T> {
    if (closed) throw new DecisionsError('unavailable', `the decisions store in ${place} is closed`);
    const { client, at } = await begun(principal, options);
    let broken: Error | undefined;
    try {
      const result = await body(partsOf(client, at, principal.id, entered));
      const logged = entered.length > 0 && !options.readOnly ? `${appended(principal, entered)}; ` : '';
      await client.query(`${logged}commit`);
      return result;
    } catch (error) {
      await client.query('rollback').catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      // One in an unknown state is thrown away.
      client.release(broken);
    }
  }

  /** A connection that broke while nobody used it shows at the first word; nothing was asked yet, so another may be. */
  async function begun(principal: DecisionPrincipal, options: TransactionOptions) {
    for (let attempt = 0; ; attempt += 1) {
      const client = await connections.take();
      try {
        return { client, at: await begin(client, principal, options, simulated) };
      } catch (error) {
        client.release(true);
        if (attempt > size || !lost(error)) throw error;
      }
    }
  }

  async function refused(
    principal: DecisionPrincipal,
    entry: DecisionEntry,
    reason: string,
    { at }: TransactionOptions = {},
  ): Promise<void> {
    const log = (entered: DecisionEntry[]) => attempt(principal, async () => {}, at ? { at } : {}, entered);
    const content = { ...entry, outcome: 'refused' as const, reason };
    try {
      await log([content]);
    } catch (error) {
      if (!UNSTORABLE.test(codeOf(error))) throw error;
      // What was given is no text that the database can hold, which may be why it was refused.
      const { detail: _, ...rest } = content;
      await log([{ ...rest, subject: storable(rest.subject), action: storable(rest.action) }]);
    }
  }

  async function* auditLog(): AsyncIterable<AuditRow> {
    const principal: DecisionPrincipal = { id: 'audit', divisions: 'all' };
    const last = await transaction(principal, (tx) => tx.auditHead(), { readOnly: true });
    for (let after = 0; after < last.number; ) {
      const rows = await auditRows(principal, after, last.number);
      yield* rows;
      // A log with holes still ends.
      after = rows.at(-1)?.number ?? last.number;
    }
  }

  async function auditRows(principal: DecisionPrincipal, after: number, last: number): Promise<AuditRow[]> {
    const { client } = await begun(principal, { readOnly: true });
    try {
      const rows = await queries(client)
        .selectFrom('macadam.audit')
        .select(['number', 'at', 'previous', 'content', 'contentDigest', 'digest'])
        .where('number', '>', after)
        .where('number', '<=', last)
        .orderBy('number')
        .limit(AUDIT_PAGE)
        .execute();
      await client.query('commit');
      client.release();
      return rows;
    } catch (error) {
      client.release(true);
      throw explained(error);
    }
  }

  return {
    place,
    transaction,
    refused: async (principal, entry, reason) => {
      try {
        await refused(principal, entry, reason);
      } catch (error) {
        throw explained(error);
      }
    },
    auditLog,
    close: () => {
      closed ??= connections.end();
      return closed;
    },
  };
}

const storable = (text: string) => text.toWellFormed().replaceAll('\0', '\ufffd');

/** Everything that makes the session the principal's is one message, and ends with the transaction. */
async function begin(
  client: PoolClient,
  { id, divisions }: DecisionPrincipal,
  { readOnly = false, at }: TransactionOptions,
  simulated: boolean,
): Promise<string> {
  if (id === '') throw new DecisionsError('refused', 'a principal has a name');
  if (at && !simulated)
    throw new DecisionsError('refused', 'time passes by itself in a real store', {
      field: 'at',
      fix: 'leave it out, or use a simulated store',
    });
  const seen = divisions === 'all' ? '*' : arrayText(divisions);
  const setting = (name: string, value: string) =>
    `set_config('macadam.${name}', ${pg.escapeLiteral(value)}, true)`;
  const results: unknown = await client.query(
    `begin${readOnly ? ' read only' : ''}; set local role macadam_application; select ${[
      setting('principal', id),
      setting('divisions', seen),
      setting('clock', at?.toISOString() ?? ''),
    ].join(', ')}; select macadam.clock() as at`,
  );
  const last = (results as readonly { readonly rows: readonly { readonly at: string }[] }[]).at(-1);
  return last?.rows[0]?.at ?? '';
}

/** `["a"]` as the database writes arrays. */
const arrayText = (texts: readonly string[]) =>
  `{${texts.map((text) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`;

/** Goes out in one message with the commit, so that the log's head is held for as short as can be. */
function appended({ id }: DecisionPrincipal, entered: readonly DecisionEntry[]): string {
  const contents = entered.map((entry) => canonical({ outcome: 'done', ...entry, principal: id }));
  return `select macadam.audit_append(${pg.escapeLiteral(arrayText(contents))})`;
}

/** The query builder on one connection that is taken already. */
function queries(client: PoolClient): Kysely<Schema> {
  const borrowed = {
    query: client.query.bind(client),
    release: () => {},
  };
  const pool = { connect: async () => borrowed, end: async () => {} };
  return new Kysely<Schema>({
    dialect: new PostgresDialect({ pool: pool as never }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  });
}

function partsOf(client: PoolClient, at: string, by: string, entered: DecisionEntry[]): DecisionTransaction {
  const db = queries(client);
  const session: Session = {
    db,
    at,
    by,
    enter: (action, subject, division, detail) =>
      entered.push({
        action,
        subject: String(subject),
        ...(division !== undefined && { division }),
        ...(detail !== undefined && { detail }),
      }),
  };
  return {
    at,
    exclusive: async (name) => {
      await sql`select pg_advisory_xact_lock(hashtextextended(${EXCLUSIVE + name}, 0))`.execute(db);
    },
    organisation: organisation(session),
    work: work(session),
    failing: failing(session),
    faults: faults(session),
    handovers: handovers(session),
    permissions: permissions(session),
    listing: listing(session),
    access: access(session),
    login: login(session),
    delivery: delivery(session),
    trackers: trackers(session),
    webhooks: webhooks(session),
    digests: digests(session),
    audit: (entry) => {
      entered.push(entry);
    },
    auditEntries: (filter) => auditEntries(db, filter),
    auditHead: async () => {
      const { rows } = await sql<{
        number: number;
        digest: string;
      }>`select * from macadam.audit_newest()`.execute(db);
      const [head] = rows;
      if (!head) throw new DecisionsError('damaged', 'the audit log has lost its head; restore a backup');
      return head;
    },
  };
}

async function auditEntries(
  db: Kysely<Schema>,
  { subject, action, after, since, limit = PAGE }: AuditFilter = {},
): Promise<readonly AuditRecord[]> {
  let query = db
    .selectFrom('macadam.audit')
    .select(['number', 'at', 'content'])
    .orderBy('number', since === undefined ? 'desc' : 'asc')
    .limit(limit);
  if (since !== undefined) query = query.where('number', '>', since);
  if (subject !== undefined) query = query.where('subject', '=', subject);
  if (action !== undefined) query = query.where('action', '=', action);
  if (after !== undefined) query = query.where('number', '<', after);
  return (await query.execute()).map(({ number, at, content }) => ({ ...JSON.parse(content), number, at }));
}
