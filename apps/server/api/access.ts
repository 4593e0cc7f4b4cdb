/** Who may do what: roles, tokens, sessions, and oneself. */

import { ROLES } from '@macadam/adapters/authorisation/authorise';
import type { RoleRecord, SessionRecord, TokenRecord } from '@macadam/adapters/decisions/access';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { issueToken, TOKEN_HOURS } from '@macadam/adapters/identity/token';
import { currentTree } from '@macadam/services/ownership/log';
import { z } from 'zod';
import { anId } from '../http/bounds.ts';
import { HttpProblem } from '../http/problem.ts';
import { act, list, type PageAsked, route } from '../http/route.ts';
import { requireNone, unknownDivision } from '../unknown-name.ts';

const roleName = z.enum(ROLES as [string, ...string[]]) as unknown as z.ZodEnum<{
  [R in RoleRecord['role']]: R;
}>;
const id = z.string().min(1).max(200);
const division = z.string().max(200).describe('Empty: of the whole company');
const time = z.string();
const whose = { person: id.optional().describe('Left out: your own') };

const roleRow = z.object({
  number: z.int(),
  person: z.string(),
  role: z.string(),
  division: z.string(),
  until: time.nullable(),
  grantedAt: time,
  grantedBy: z.string(),
});
const tokenRow = z.object({
  id: z.string(),
  person: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  sources: z.array(z.object({ source: z.string(), kinds: z.array(z.string()) })),
  issuedAt: time,
  issuedBy: z.string(),
  expiresAt: time,
  revokedAt: time.nullable(),
  lastUsedAt: time.nullable().describe('To the minute; null: never'),
});
const sessionRow = z.object({
  id: z.string().describe('Not its secret'),
  person: z.string(),
  means: z.enum(['link', 'openid']),
  startedAt: time,
  expiresAt: time,
  lastUsedAt: time.nullable().describe('To the minute; null: never'),
});

/** What is about one person belongs to no division. */
const about = (person: string, record = '') => ({ id: record, division: '', person });

function found<T>(record: T | null | undefined, what: string): T {
  if (record === null || record === undefined) throw new HttpProblem(404, `there is no ${what}`);
  return record;
}

/** Part of what one person has: it is little, and whole in memory. */
function part<T>(
  rows: readonly T[],
  key: (row: T) => string,
  { after, limit }: PageAsked<string>,
): readonly T[] {
  return rows
    .toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
    .filter((row) => after === undefined || key(row) > after)
    .slice(0, limit);
}

const shownToken = (record: TokenRecord, used?: string) => ({ ...record, lastUsedAt: used ?? null });
const shownSession = (record: SessionRecord, used?: string) => ({
  ...record,
  id: record.digest,
  lastUsedAt: used ?? null,
});

/** A person who does not exist could be given something that a later one of that id would find. */
async function known(tx: DecisionTransaction, person: string): Promise<string> {
  found(await tx.organisation.person(person), `person \`${person}\``);
  return person;
}

const machineName = {
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'it is not a name; give lower-case letters, digits and hyphens'),
};
const machineRow = z.object({ id: z.string(), title: z.string(), version: z.int() });

async function machineIn(tx: DecisionTransaction, { name }: { readonly name: string }) {
  const machine = await tx.organisation.person(`machine:${name}`);
  return machine && { id: machine.id, title: machine.name, version: machine.version };
}

export const routes = [
  route({
    method: 'GET',
    path: '/api/me',
    summary: 'Say who you are, and what you may do',
    action: 'Access::readRoles',
    of: ({ caller }) => about(caller.person),
    answer: z.object({
      person: z.string(),
      name: z.string(),
      via: z.enum(['session', 'token', 'machine']),
      roles: z.array(z.object({ role: z.string(), division: z.string() })),
      scopes: z.union([z.literal('all'), z.array(z.string())]),
      teams: z.array(z.string()),
      standards: z.array(z.string()),
    }),
    does: ({ caller }) => caller,
  }),
  list({
    path: '/api/roles',
    summary: 'List roles in force',
    action: 'Access::readRoles',
    of: 'anywhere',
    row: roleRow,
    sorts: ['number'],
    key: ({ number }) => number,
    rows: (_, tx, page) => tx.access.allRoles(page),
  }),
  route({
    method: 'POST',
    path: '/api/roles',
    summary: 'Give somebody a role',
    action: 'Access::grant',
    status: 201,
    of: ({ body }) => ({ ...about(body.person), division: body.division }),
    body: z.strictObject({
      person: id,
      role: roleName,
      division,
      until: z.iso.datetime().optional().describe('Left out: until it is revoked'),
    }),
    answer: roleRow,
    does: async ({ body: { until, ...role }, parts }, tx) => {
      await known(tx, role.person);
      requireNone(422, unknownDivision(role.division, await currentTree(parts.decisions, tx)));
      return tx.access.grant({ ...role, until });
    },
  }),
  act({
    method: 'DELETE',
    path: '/api/roles/:number',
    summary: 'Revoke a role',
    action: 'Access::revoke',
    params: { number: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) },
    of: async ({ params }, tx) => {
      const { person, division: of } = found(await tx.access.role(params.number), `role ${params.number}`);
      return { id: String(params.number), division: of, person };
    },
    does: ({ params }, tx) => tx.access.revoke(params.number),
  }),
  list({
    path: '/api/tokens',
    summary: 'List tokens',
    action: 'Access::readTokens',
    query: whose,
    of: ({ caller, query }) => about(query.person ?? caller.person),
    row: tokenRow,
    sorts: ['id'],
    key: ({ id }) => id,
    rows: async ({ caller, query }, tx, page) => {
      const tokens = await tx.access.tokens(query.person ?? caller.person);
      const used = await tx.login.tokenUse(tokens.map(({ id }) => id));
      return part(tokens, ({ id }) => id, page).map((token) => shownToken(token, used.get(token.id)));
    },
  }),
  route({
    method: 'POST',
    path: '/api/tokens',
    summary: 'Issue a token',
    action: 'Access::issueToken',
    status: 201,
    shownOnce: true,
    of: ({ body, caller }) => about(body.person ?? caller.person),
    body: z.strictObject({
      name: z.string().min(1).max(200).describe('What it is for'),
      scopes: z
        .array(z.string().max(100))
        .min(1)
        .max(100)
        .describe('`WorkItem::read`, `WorkItem::*`, `*::read`'),
      sources: z
        .array(z.strictObject({ source: anId, kinds: z.array(anId).min(1).max(100) }))
        .max(100)
        .default([])
        .describe('For which sources it speaks when it sends facts, and of which kinds; none: for nobody'),
      hours: z.int().min(1).max(TOKEN_HOURS),
      person: id.optional().describe('A machine; left out: yourself'),
    }),
    answer: tokenRow.extend({ token: z.string().describe('Shown this once') }),
    does: async ({ body, caller, parts }, tx) => {
      const person = await known(tx, body.person ?? caller.person);
      const { token, record } = await issueToken(tx, parts.random, { ...body, person });
      return { ...shownToken(record), token };
    },
  }),
  act({
    method: 'DELETE',
    path: '/api/tokens/:id',
    summary: 'Revoke a token',
    action: 'Access::revokeToken',
    params: { id },
    of: async ({ params }, tx) =>
      about(found(await tx.access.tokenById(params.id), `token \`${params.id}\``).person, params.id),
    does: ({ params }, tx) => tx.access.revokeToken(params.id),
  }),
  list({
    path: '/api/sessions',
    summary: 'List sessions',
    action: 'Access::readSessions',
    query: whose,
    of: ({ caller, query }) => about(query.person ?? caller.person),
    row: sessionRow,
    sorts: ['id'],
    key: ({ id }) => id,
    rows: async ({ caller, query }, tx, page) => {
      const sessions = await tx.access.sessions(query.person ?? caller.person);
      const used = await tx.login.sessionUse(sessions.map(({ digest }) => digest));
      return part(sessions, ({ digest }) => digest, page).map((one) =>
        shownSession(one, used.get(one.digest)),
      );
    },
  }),
  act({
    method: 'DELETE',
    path: '/api/sessions/:id',
    summary: 'End a session',
    action: 'Access::endSession',
    params: { id },
    of: async ({ params }, tx) =>
      about(found(await tx.access.session(params.id), 'such session').person, params.id),
    does: ({ params }, tx) => tx.access.endSession(params.id),
  }),
  route({
    method: 'GET',
    path: '/api/machines/:name',
    summary: 'Show a machine',
    action: 'Access::readRoles',
    params: machineName,
    of: ({ params }) => about(`machine:${params.name}`),
    answer: machineRow,
    does: async ({ params }, tx) => found(await machineIn(tx, params), 'such machine'),
  }),
  route({
    method: 'PUT',
    path: '/api/machines/:name',
    summary: 'Make or rename a machine',
    action: 'Access::grant',
    params: machineName,
    of: ({ params }) => about(`machine:${params.name}`),
    body: z.strictObject({ title: z.string().min(1).max(200).describe('For people') }),
    answer: machineRow,
    versioned: ({ params }, tx) => machineIn(tx, params),
    does: async ({ params, body }, tx) => {
      await tx.organisation.putPerson({ id: `machine:${params.name}`, name: body.title });
      return found(await machineIn(tx, params), 'such machine');
    },
  }),
];
