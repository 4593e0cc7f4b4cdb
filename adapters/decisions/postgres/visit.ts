/**
 * A session on the decisions as whoever owns them, beside whoever uses them: for what is done to a store from outside,
 * by somebody who has its disk or its address. Nothing is migrated and nothing is made.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ClientBase } from 'pg';
import { DirectoryHeld, hold } from '../../directory/lock.ts';
import { DecisionsError } from '../port.ts';
import { type Address, openConnections } from './connection.ts';
import { startEngine } from './engine.ts';
import { explained } from './refusals.ts';

/** What may be asked as the owner, whom no row-level security limits. */
export type OwnerSession = Pick<ClientBase, 'query'>;

/**
 * `place` is a directory, whether or not a server runs in it, or a `postgres://` URL. Rejects with `DecisionsError`:
 * `missing` where there are no decisions.
 */
export async function visit<T>(
  place: string,
  now: Date,
  body: (session: OwnerSession) => Promise<T>,
): Promise<T> {
  if (/^postgres(ql)?:\/\//.test(place)) return onAddress({ url: place }, place, body);
  const directory = resolve(place);
  if (!existsSync(join(directory, 'data/PG_VERSION')))
    throw new DecisionsError('missing', `there are no decisions in ${directory}; name another folder`);
  let release: () => void;
  try {
    release = hold(directory, now);
  } catch (error) {
    if (!(error instanceof DirectoryHeld)) throw error;
    return onAddress(running(directory), directory, body);
  }
  try {
    const engine = await startEngine(directory);
    try {
      return await onAddress(engine.address, directory, body);
    } finally {
      await engine.stop();
    }
  } finally {
    release();
  }
}

/** Where the server of a directory listens: the fifth line of the file that PostgreSQL itself keeps of it. */
function running(directory: string): Address {
  const file = join(directory, 'data/postmaster.pid');
  const socket = existsSync(file) ? readFileSync(file, 'utf8').split('\n')[4] : undefined;
  if (!socket) throw new DecisionsError('unavailable', `the server of ${directory} is not up yet; try again`);
  return { socket, user: 'macadam', database: 'postgres' };
}

async function onAddress<T>(
  address: Address,
  place: string,
  body: (session: OwnerSession) => Promise<T>,
): Promise<T> {
  const connections = openConnections(address, 1);
  try {
    const client = await connections.take();
    try {
      const { rows } = await client.query("select to_regclass('macadam.audit_head') is not null as made");
      if (rows[0].made !== true)
        throw new DecisionsError(
          'missing',
          `there are no decisions on ${'url' in address ? new URL(address.url).host : place}; name another`,
        );
      return await body(client);
    } finally {
      client.release(true);
    }
  } catch (error) {
    throw explained(error);
  } finally {
    await connections.end();
  }
}
