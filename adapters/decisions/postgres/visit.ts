/**
 * A session on the decisions as whoever owns them, beside whoever uses them: for what is done to a store from outside,
 * by somebody who has its disk or its address. Nothing is migrated and nothing is made.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import pg, { type ClientBase } from 'pg';
import { DirectoryHeld, lockFolder } from '../../data-folder/lock.ts';
import { DecisionsError } from '../port.ts';
import { type Address, openConnections, serverAddress, type Taken } from './connection.ts';
import { type Engine, secureFolder, socketOf, startEngine } from './engine.ts';
import { explained, lost } from './refusals.ts';

/** What may be asked as the owner, whom no row-level security limits. */
export type OwnerSession = Pick<ClientBase, 'query'>;

export interface Visit {
  readonly session: OwnerSession;
  close(): Promise<void>;
}

/** `openVisit` for as long as `body` takes. */
export async function visit<T>(
  place: string,
  now: Date,
  body: (session: OwnerSession) => Promise<T>,
): Promise<T> {
  const { session, close } = await openVisit(place, now);
  try {
    return await body(session);
  } catch (error) {
    // What `body` itself threw is its own.
    throw error instanceof pg.DatabaseError || lost(error) ? explained(error) : error;
  } finally {
    await close();
  }
}

/**
 * `place` is a directory, whether or not a server runs in it, or a `postgres://` URL. Rejects with `DecisionsError`:
 * `missing` where there are no decisions.
 */
export async function openVisit(place: string, now: Date): Promise<Visit> {
  if (isServer(place)) return onAddress({ url: place }, serverAddress(place).host);
  const directory = resolve(place);
  if (!existsSync(join(directory, 'data/PG_VERSION')))
    throw new DecisionsError('missing', `there are no decisions in ${directory}; name another folder`);
  secureFolder(directory);
  let release: () => void;
  try {
    release = lockFolder(directory, now);
  } catch (error) {
    if (!(error instanceof DirectoryHeld)) throw error;
    return onAddress(running(directory), directory);
  }
  let engine: Engine | undefined;
  const end = async () => {
    await engine?.stop();
    release();
  };
  try {
    engine = await startEngine(directory);
    const visited = await onAddress(engine.address, directory);
    return { session: visited.session, close: () => visited.close().finally(end) };
  } catch (error) {
    await end();
    throw error;
  }
}

export const isServer = (place: string): boolean => /^postgres(ql)?:\/\//.test(place);

/** Where the server of a directory listens. */
function running(directory: string): Address {
  const address = socketOf(directory);
  if (address) return address;
  throw new DecisionsError('unavailable', `the server of ${directory} is not up yet; try again`);
}

async function onAddress(address: Address, where: string): Promise<Visit> {
  const connections = openConnections(address, { size: 1, unhurried: true });
  let taken: Taken | null = null;
  const close = async () => {
    // Whoever ends waits for all that is taken: what is not given back would be waited for without an end.
    taken?.giveBack(true);
    await connections.end();
  };
  try {
    taken = await connections.take();
    const { client } = taken;
    const { rows } = await client.query("select to_regclass('macadam.audit_head') is not null as made");
    if (rows[0].made === true) return { session: client, close };
    throw new DecisionsError('missing', `there are no decisions on ${where}; name another`);
  } catch (error) {
    await close().catch(() => {});
    throw explained(error);
  }
}
