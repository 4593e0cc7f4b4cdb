/** The port over PostgreSQL, wherever it runs. */
import { AsyncLocalStorage } from 'node:async_hooks';
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
  type DecisionsProbe,
  type DecisionTransaction,
  type TransactionOptions,
} from '../port.ts';
import { access } from './access.ts';
import { type Address, type Connections, codeOf, openConnections } from './connection.ts';
import { delivery } from './delivery.ts';
import { digests } from './digests.ts';
import { effects } from './effects.ts';
import { failing } from './failing.ts';
import { faults } from './faults.ts';
import { handovers } from './handovers.ts';
import { listing } from './listing.ts';
import { login } from './login.ts';
import { admit } from './login-role.ts';
import { migrate } from './migrate.ts';
import { notices } from './notices.ts';
import { organisation } from './organisation.ts';
import { permissions } from './permissions.ts';
import { explained, isHung, lost } from './refusals.ts';
import { reviews } from './reviews.ts';
import { PAGE, type Schema, type Session } from './schema.ts';
import { trackers } from './trackers.ts';
import { webhooks } from './webhooks.ts';
import { work } from './work.ts';

const AUDIT_PAGE = 1000;
/** Invalid text (a NUL, half a surrogate), or more of it than an index takes. */
const UNSTORABLE = /^(22|54)/;
/** Characters that are left of it then. */
const SHORT = 200;
/** A key of `exclusive` is hashed by the database to 64 bits; this keeps ours apart from anybody else's. */
const EXCLUSIVE = 'macadam:';

/** A transaction that is under way, for whatever is called from within it. */
interface UnderWay {
  open: boolean;
}

export interface StoreOptions extends DecisionsOptions {
  /** As whom everything but migrations is done; left out: as whoever migrates. */
  readonly application?: Address;
}

/** `address`: of whoever makes the tables. Rejects with `DecisionsError`. */
export async function openStore(
  address: Address,
  place: string,
  { connections: size = 10, patience, simulated = false, application = address }: StoreOptions,
): Promise<Decisions> {
  await migrated(address, application, simulated);
  const connections = openConnections(application, { size, ...(patience !== undefined && { patience }) });
  const probing = openConnections(application, { size: 1 });
  const within = new AsyncLocalStorage<UnderWay>();
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
        await refused(
          principal,
          entered.at(-1) ?? { action: 'change', subject: '' },
          known.message,
          options,
        ).catch(
          // A refusal that cannot be logged is not given: it is asked again.
          (unlogged: unknown) => {
            throw explained(unlogged);
          },
        );
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
    if (within.getStore()?.open === true)
      throw new TypeError(
        'a transaction was begun within another: both hold a connection, so a few at once would wait for each other for ever; ' +
          'hand the first one on, or read with its `readAs`',
      );
    const { client, giveBack, at } = await begun(principal, options);
    const underWay: UnderWay = { open: true };
    let broken = false;
    try {
      const result = await within.run(underWay, () => body(partsOf({ client, at, principal, entered })));
      const logged = entered.length > 0 && !options.readOnly ? `${appended(principal, entered)}; ` : '';
      await client.query(`${logged}commit`);
      return result;
    } catch (error) {
      broken = isHung(error) || !(await rolledBack(client));
      throw error;
    } finally {
      underWay.open = false;
      giveBack(broken);
    }
  }

  /** A connection that broke while nobody used it shows at the first word; nothing was asked yet, so another may be. */
  async function begun(principal: DecisionPrincipal, options: TransactionOptions) {
    for (let attempt = 0; ; attempt += 1) {
      const { client, giveBack } = await connections.take();
      try {
        return { client, giveBack, at: await begin(client, principal, options, simulated) };
      } catch (error) {
        giveBack(true);
        if (attempt > size || isHung(error) || !lost(error)) throw error;
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
    const content = {
      ...shortened(entry),
      outcome: 'refused' as const,
      reason: reason.slice(0, LONGEST_REASON),
    };
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
    const { client, giveBack } = await begun(principal, { readOnly: true });
    let broken = true;
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
      broken = false;
      return rows;
    } catch (error) {
      throw explained(error);
    } finally {
      giveBack(broken);
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
    probe: async () => {
      const { taken: inUse, waiting } = connections.pressure();
      return { ...(await lockWaits(probing)), inUse, waiting };
    },
    close: () => {
      closed ??= Promise.all([connections.end(), probing.end()]).then(() => {});
      return closed;
    },
  };
}

/** Of every session that this login may see: whoever waits for a lock may be another process of ours. */
async function lockWaits(
  connections: Connections,
): Promise<Pick<DecisionsProbe, 'waitingForLocks' | 'longestWaitSeconds'>> {
  const { client, giveBack } = await connections.take();
  let broken = true;
  try {
    const { rows } = await client.query<{ waiting: number; longest: number }>(
      `select count(*)::int as waiting, coalesce(max(extract(epoch from clock_timestamp() - waitstart)), 0)::float as longest
       from pg_locks where not granted and waitstart < clock_timestamp() - interval '1 second'`,
    );
    broken = false;
    return {
      waitingForLocks: rows[0]?.waiting ?? 0,
      longestWaitSeconds: Math.round(rows[0]?.longest ?? 0),
    };
  } catch (error) {
    throw explained(error);
  } finally {
    giveBack(broken);
  }
}

async function migrated(address: Address, application: Address, simulated: boolean): Promise<void> {
  const connections = openConnections(address, { size: 1, unhurried: true });
  try {
    const { client, giveBack } = await connections.take();
    try {
      await migrate(client, { simulated });
      if (application !== address) await admit(client, application);
    } finally {
      giveBack(true);
    }
  } catch (error) {
    throw explained(error);
  } finally {
    await connections.end();
  }
}

/** Whether nothing is left of the transaction, and the connection can be used again. */
async function rolledBack(client: PoolClient): Promise<boolean> {
  try {
    await client.query('rollback');
    return true;
  } catch {
    return false;
  }
}

/** What was refused may be as long as whoever asked liked: the log keeps what was asked for, and not all of it. */
function shortened(entry: DecisionEntry): DecisionEntry {
  const characters = canonical(entry.detail ?? null).length;
  return characters <= LONGEST_DETAIL ? entry : { ...entry, detail: { leftOut: { characters } } };
}
const LONGEST_DETAIL = 20_000;
const LONGEST_REASON = 2000;

const storable = (text: string) => {
  const short = text.length > SHORT ? `${text.slice(0, SHORT)}…` : text;
  return short.toWellFormed().replaceAll('\0', '\ufffd');
};

/** Everything that makes the session the principal's is one message, and ends with the transaction. */
async function begin(
  client: PoolClient,
  principal: DecisionPrincipal,
  { readOnly = false, at }: TransactionOptions,
  simulated: boolean,
): Promise<string> {
  if (principal.id === '') throw new DecisionsError('refused', 'a principal has a name');
  if (at && !simulated)
    throw new DecisionsError('refused', 'time passes by itself in a real store', {
      field: 'at',
      fix: 'leave it out, or use a simulated store',
    });
  const results: unknown = await client.query(
    `begin${readOnly ? ' read only' : ''}; set local role macadam_application; ${inTheNameOf(principal)};
     select ${setting('clock', at?.toISOString() ?? '')}; select macadam.clock() as at`,
  );
  const last = (results as readonly { readonly rows: readonly { readonly at: string }[] }[]).at(-1);
  return last?.rows[0]?.at ?? '';
}

const setting = (name: string, value: string) =>
  `set_config('macadam.${name}', ${pg.escapeLiteral(value)}, true)`;

/** To the end of the transaction, or until it is said of somebody else. */
function inTheNameOf({ id, divisions }: DecisionPrincipal): string {
  const seen = divisions === 'all' ? '*' : arrayText(divisions);
  return `select ${setting('principal', id)}, ${setting('divisions', seen)}`;
}

/** `["a"]` as the database writes arrays. */
const arrayText = (texts: readonly string[]) =>
  `{${texts.map((text) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`;

/** Goes out in one message with the commit, so that the log's head is held for as short as can be. */
function appended({ id }: DecisionPrincipal, entered: readonly DecisionEntry[]): string {
  const contents = entered.map((entry) => canonical({ outcome: 'done', ...entry, principal: id }));
  return `select macadam.audit_append(${pg.escapeLiteral(arrayText(contents))})`;
}

/** In whose name a transaction asks at the moment: one at a time, since the database knows only one. */
interface InName {
  now: object;
}

/** The query builder on one connection that is taken already, as long as it asks in the name that it was made for. */
function queries(client: PoolClient, inName?: InName): Kysely<Schema> {
  const own = inName?.now;
  const query: PoolClient['query'] = (...asked: unknown[]) => {
    if (inName?.now !== own)
      throw new TypeError(
        'this is asked while the transaction reads as somebody else; wait until that is done',
      );
    return (client.query as (...asked: unknown[]) => never).apply(client, asked);
  };
  const borrowed = { query, release: () => {} };
  const pool = { connect: async () => borrowed, end: async () => {} };
  return new Kysely<Schema>({
    dialect: new PostgresDialect({ pool: pool as never }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  });
}

interface PartsOfInput {
  readonly client: PoolClient;
  readonly at: string;
  readonly principal: DecisionPrincipal;
  readonly entered: DecisionEntry[];
  readonly inName?: InName;
}

function partsOf({
  client,
  at,
  principal,
  entered,
  inName = { now: {} },
}: PartsOfInput): DecisionTransaction {
  const db = queries(client, inName);
  const session: Session = {
    db,
    at,
    by: principal.id,
    enter: (action, subject, division, detail) =>
      entered.push({
        action,
        subject: String(subject),
        ...(division !== undefined && { division }),
        ...(detail !== undefined && { detail }),
      }),
  };
  const readAs: DecisionTransaction['readAs'] = async (reader, read) => {
    const own = inName.now;
    await client.query(inTheNameOf(reader));
    inName.now = {};
    const nothing: DecisionEntry[] = [];
    try {
      const found = await read(partsOf({ client, at, principal: reader, entered: nothing, inName }));
      if (nothing.length > 0)
        throw new TypeError('what is read in the name of somebody else changes nothing');
      return found;
    } finally {
      inName.now = own;
      // Of a transaction that failed nothing more is asked.
      await client.query(inTheNameOf(principal)).catch(() => {});
    }
  };
  return {
    at,
    readAs,
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
    reviews: reviews(session),
    effects: effects(session),
    notices: notices(session),
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
