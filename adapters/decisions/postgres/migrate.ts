/**
 * Brings the tables to what this release needs: forward only, each migration whole or not at all, one process at a time.
 * A migration that ran is never edited; its digest is kept, and another text under its name is refused.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClientBase } from 'pg';
import { DecisionsError } from '../port.ts';

export interface SchemaStep {
  /** `0001-foundation` */
  readonly name: string;
  readonly sql: string;
  readonly digest: string;
}

/** Any number, but the same for all processes: who holds it migrates. */
const LOCK = 0x6d616361;

export function migrations(folder: string = join(import.meta.dirname, 'migrations')): SchemaStep[] {
  return readdirSync(folder)
    .filter((file) => /^\d{4}-[a-z-]+\.sql$/.test(file))
    .sort()
    .map((file) => {
      const sql = readFileSync(join(folder, file), 'utf8');
      return { name: file.slice(0, -4), sql, digest: createHash('sha256').update(sql).digest('hex') };
    });
}

export interface MigrateOptions {
  readonly simulated?: boolean;
  readonly steps?: readonly SchemaStep[];
}

/**
 * Rejects with `DecisionsError`: `newer` where a later release was here, `damaged` where a migration that ran is not the
 * one of this release, `refused` where the store was made for another purpose. What ran before a failure stays.
 */
export async function migrate(
  client: ClientBase,
  { simulated = false, steps = migrations() }: MigrateOptions = {},
): Promise<void> {
  await alone(client, async () => {
    await makeTables(client, steps);
    await settle(client, simulated);
  });
}

/** Brings the tables to what these steps make; what the store is for is said by `migrate` alone. Nobody else may migrate meanwhile. */
export async function makeTables(
  client: ClientBase,
  steps: readonly SchemaStep[] = migrations(),
): Promise<void> {
  const done = await ran(client);
  check(done, steps);
  for (const step of steps.slice(done.length)) await apply(client, step);
}

async function alone(client: ClientBase, work: () => Promise<void>): Promise<void> {
  await client.query('select pg_advisory_lock($1)', [LOCK]);
  try {
    await work();
  } finally {
    await client.query('select pg_advisory_unlock($1)', [LOCK]);
  }
}

type Done = Pick<SchemaStep, 'name' | 'digest'>;

async function ran(client: ClientBase): Promise<readonly Done[]> {
  const { rows } = await client.query("select to_regclass('macadam.migration') is not null as made");
  if (!rows[0].made) {
    await begun(client);
    return [];
  }
  return (await client.query<Done>('select name, digest from macadam.migration order by name')).rows;
}

const NOT_PERMITTED = '42501';

async function begun(client: ClientBase): Promise<void> {
  try {
    await client.query(`begin; create schema if not exists macadam; create table macadam.migration (
      name text primary key, digest text not null, ran_at timestamptz not null default now());
      alter table macadam.migration enable row level security; commit`);
  } catch (cause) {
    // The lock is given back by a statement, which an aborted transaction takes none of.
    await client.query('rollback').catch(() => {});
    const { code, message } = cause as { readonly code?: string; readonly message: string };
    if (code !== NOT_PERMITTED) throw cause;
    throw new DecisionsError(
      'refused',
      `the schema macadam cannot be made: ${message}; as whoever owns it: grant create on database … to the login that makes the tables`,
      { cause },
    );
  }
}

function check(done: readonly Done[], steps: readonly SchemaStep[]): void {
  for (const [index, { name, digest }] of done.entries()) {
    const step = steps[index];
    if (step === undefined)
      throw new DecisionsError(
        'newer',
        `the store was brought to ${done.at(-1)?.name} by a later release; start that release or a newer one`,
      );
    if (step.name !== name || step.digest !== digest)
      throw new DecisionsError(
        'damaged',
        `migration ${name} ran with another text than this release has as ${step.name}; start the release that it came from`,
      );
  }
}

async function apply(client: ClientBase, { name, sql, digest }: SchemaStep): Promise<void> {
  try {
    await client.query('begin');
    await client.query(sql);
    await client.query('insert into macadam.migration (name, digest) values ($1, $2)', [name, digest]);
    await client.query('commit');
  } catch (cause) {
    await client.query('rollback').catch(() => {});
    const { message, hint } = cause as { message: string; hint?: string };
    const what = `migration ${name} failed: ${message}`;
    throw new DecisionsError('unavailable', hint ? `${what}; ${hint}` : what, { cause });
  }
}

async function settle(client: ClientBase, simulated: boolean): Promise<void> {
  await client.query('insert into macadam.store (simulated) values ($1) on conflict do nothing', [simulated]);
  const { rows } = await client.query<{ simulated: boolean }>('select simulated from macadam.store');
  if (rows[0]?.simulated === simulated) return;
  const [is, not] = simulated ? ['a real store', 'simulated'] : ['a simulated store', 'real'];
  throw new DecisionsError('refused', `this is ${is} and cannot become ${not}; use another one`);
}
