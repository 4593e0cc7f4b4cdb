/**
 * The login of the application: it owns nothing, has no right of its own, and may only become `macadam_application`. So whoever gets a
 * statement past it can take the role off and has less than before.
 */
import pg, { type ClientBase } from 'pg';
import { DecisionsError } from '../port.ts';
import { type Address, serverAddress } from './connection.ts';

/** As the owner. Of the embedded server the login is made, of another it is there. Rejects with `DecisionsError` `refused`. */
export async function admit(owner: ClientBase, application: Address): Promise<void> {
  const login = 'url' in application ? loginIn(application.url) : application.user;
  const name = pg.escapeIdentifier(login);
  const { rows } = await owner.query<{ super: boolean; owns: boolean }>(
    `select rolsuper or rolbypassrls or rolcreaterole as super, exists (select from pg_namespace
       where nspname = 'macadam' and pg_has_role($1::name, nspowner, 'member')) as owns
     from pg_roles where rolname = $1`,
    [login],
  );
  const [found] = rows;
  if (!found) await made(owner, application, login, name);
  else if (found.super || found.owns)
    throw new DecisionsError(
      'refused',
      `the application would log in as ${login}, who may do everything; name a login that owns nothing`,
    );
  const { rows: members } = await owner.query<{ member: boolean }>(
    "select pg_has_role($1::name, 'macadam_application', 'member') as member",
    [login],
  );
  // Roles are of the whole server: two databases of it that are made at once would be in each other's way.
  if (members[0]?.member !== true) await owner.query(`grant macadam_application to ${name}`);
}

async function made(owner: ClientBase, application: Address, login: string, name: string): Promise<void> {
  if ('url' in application)
    throw new DecisionsError(
      'refused',
      `there is no login ${login}; make it on the server, as: create role ${name} login noinherit password '…'`,
    );
  try {
    await owner.query(`create role ${name} login noinherit`);
  } catch (error) {
    // Another process, or another database of the same server, was faster.
    if (
      (error as { readonly code?: string }).code !== '42710' &&
      (error as { readonly code?: string }).code !== '23505'
    )
      throw error;
  }
}

function loginIn(url: string): string {
  const { username } = serverAddress(url);
  if (username === '')
    throw new DecisionsError('refused', 'the address of the decisions names no user; name one');
  return decodeURIComponent(username);
}
