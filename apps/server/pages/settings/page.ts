/** Settings as a page. What programs change of the same stands in `api/access.ts`, `api/trackers.ts` and `api/webhooks.ts`. */

import type { Action } from '@macadam/adapters/authorisation/actions';
import { authorise, principalFor } from '@macadam/adapters/authorisation/authorise';
import type { Role, RoleRecord } from '@macadam/adapters/decisions/access';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { DELIVERIES } from '@macadam/adapters/delivery/lane';
import { issueToken, TOKEN_HOURS } from '@macadam/adapters/identity/token';
import type { Attempt } from '@macadam/adapters/report-formats/html/form';
import type { OrgTree } from '@macadam/core/org/org';
import { currentTree } from '@macadam/services/ownership/log';
import { z } from 'zod';
import { anId } from '../../http/bounds.ts';
import { HttpProblem } from '../../http/problem.ts';
import type { RawAnswer } from '../../http/route.ts';
import { requireNone, unknownDivision } from '../../unknown-name.ts';
import { form, namesIn, optional, readForm, shownPage, standingPage, type Visit, written } from '../page.ts';
import { DONE, madeToken, type SettingsPage, settingsBody } from './body.ts';

/** What is about one person belongs to no division. */
const about = (person: string, record = '') => ({ id: record, division: '', person });
const own = ({ caller }: Visit) => about(caller.person);
const LIMIT = 200;

/** What the reader may read of a list; null: none of it. */
function readable<T>(
  { caller }: Visit,
  tx: DecisionTransaction,
  action: Action,
  read: (tx: DecisionTransaction) => Promise<T>,
): Promise<T> | null {
  const principal = principalFor(caller, action);
  const none = principal.divisions !== 'all' && principal.divisions.length === 0;
  return none ? null : tx.readAs(principal, read);
}

type Asked = Pick<SettingsPage, 'attempt' | 'done'> & {
  readonly forCommandLine?: boolean;
  /** Any part of the name or id of somebody whose roles are shown. */
  readonly search?: string | undefined;
  /** Number of the role after which the page begins. */
  readonly after?: number | undefined;
};

const ROLES_SHOWN = 50;
/** People whose roles are shown of a search. */
const PEOPLE_SHOWN = 50;

async function rolesShown(
  tx: DecisionTransaction,
  tree: OrgTree,
  { search, after }: Asked,
): Promise<NonNullable<SettingsPage['roles']>> {
  if (search !== undefined) {
    const wanted = search.toLowerCase();
    const known = [...tree.people.values()].filter(
      ({ id, name }) => id.toLowerCase().includes(wanted) || name.toLowerCase().includes(wanted),
    );
    // Whoever has a role may be in no organisation.
    const ids = new Set([search, ...known.slice(0, PEOPLE_SHOWN).map(({ id }) => id)]);
    const rows: RoleRecord[] = [];
    for (const id of ids) rows.push(...(await tx.access.roles(id)));
    return { rows, next: null, first: null };
  }
  const found = await tx.access.allRoles({ limit: ROLES_SHOWN + 1, after });
  const rows = found.slice(0, ROLES_SHOWN);
  const last = rows.at(-1);
  return {
    rows,
    next: found.length > ROLES_SHOWN && last ? `/settings?after=${last.number}#roles` : null,
    first: after === undefined ? null : '/settings#roles',
  };
}

async function settingsOf(call: Visit, tx: DecisionTransaction, more: Asked) {
  const { caller, parts } = call;
  const tree = await currentTree(parts.decisions, tx);
  const names = namesIn(tree);
  const tokens = await tx.access.tokens(caller.person);
  const tokenUse = await tx.login.tokenUse(tokens.map(({ id }) => id));
  const sessions = await tx.access.sessions(caller.person);
  const sessionUse = await tx.login.sessionUse(sessions.map(({ digest }) => digest));
  const webhooks = await readable(call, tx, 'Webhook::read', (seen) =>
    seen.webhooks.webhooks({ limit: LIMIT }),
  );
  const failures =
    webhooks === null
      ? []
      : await tx.readAs(DELIVERIES, (seen) => seen.webhooks.failures(webhooks.map(({ id }) => id)));
  const failing = new Map(failures.map((one) => [one.webhook, one]));
  const issues = authorise(caller, 'Access::issueToken', about(caller.person));
  const page: SettingsPage = {
    attempt: more.attempt,
    done: more.done,
    forCommandLine: more.forCommandLine ?? false,
    tokens: tokens.map((token) => ({ ...token, used: tokenUse.get(token.id) ?? null })),
    sessions: sessions.map((one) => ({ ...one, used: sessionUse.get(one.digest) ?? null })),
    noToken: issues.allowed ? null : issues.reason,
    roles: await readable(call, tx, 'Access::readRoles', (seen) => rolesShown(seen, tree, more)),
    roleSearch: more.search ?? '',
    // Nobody gives a role to oneself, so it is asked of somebody else.
    mayGrant: authorise(caller, 'Access::grant', about('somebody else')).allowed,
    trackers: await readable(call, tx, 'Tracker::read', (seen) => seen.trackers.trackers({ limit: LIMIT })),
    webhooks: webhooks && webhooks.map((one) => ({ ...one, failure: failing.get(one.id) ?? null })),
    divisions: [...tree.units.values()]
      .filter(({ level }) => level === 'division')
      .map(({ id, name }) => ({ id, name }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    person: names.person,
    division: names.unit,
    now: tx.at,
  };
  return page;
}

async function settingsPage(call: Visit, tx: DecisionTransaction, more: Asked): Promise<RawAnswer> {
  const page = await settingsOf(call, tx, more);
  const live = page.tokens.filter(({ revokedAt, expiresAt }) => revokedAt === null && expiresAt > page.now);
  return standingPage(call, {
    section: 'settings',
    title: 'Settings',
    heading:
      live.length === 0
        ? 'No program acts in your name.'
        : `${live.length === 1 ? 'One token acts' : `${live.length} tokens act`} in your name.`,
    when: 'Tokens, log-ins, roles, and where work and news are sent.',
    body: settingsBody(page),
  });
}

const refused = (call: Visit, tx: DecisionTransaction, attempt: Attempt) =>
  settingsPage(call, tx, { attempt, done: null });

const lines = (text: string | undefined): string[] =>
  (text ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

const many = z
  .union([z.string(), z.array(z.string())], 'it names none; tick at least one')
  .transform((all) => [all].flat());
const tokenAsked = z.strictObject({
  name: written,
  scopes: many.optional(),
  others: z.string().optional(),
  source: anId.optional(),
  kinds: z.string().optional(),
  hours: z.coerce.number('choose how long').int().min(1).max(TOKEN_HOURS),
});
const roleAsked = z.strictObject({
  person: anId,
  role: z.string('choose a role') as unknown as z.ZodType<Role>,
  division: z.string('choose where'),
  until: z.string().optional(),
});

export const settingsPages = [
  shownPage({
    path: '/settings',
    summary: 'Show tokens, log-ins, roles, and where work and news are sent',
    action: 'Access::readRoles',
    of: own,
    query: {
      done: z.enum(Object.keys(DONE) as (keyof typeof DONE)[]).optional(),
      // Whoever comes from the command line finds the form open and filled in.
      token: z.enum(['command-line']).optional(),
      search: z.string().max(200).optional(),
      after: z.coerce.number().int().min(0).optional(),
    },
    does: (call, tx) =>
      settingsPage(call, tx, {
        attempt: null,
        done: call.query.done === undefined ? null : DONE[call.query.done],
        forCommandLine: call.query.token !== undefined,
        search: optional(call.query.search),
        after: call.query.after,
      }),
  }),
  form({
    path: '/settings/tokens',
    name: 'token',
    summary: 'Make a token, and show it this once',
    action: 'Access::issueToken',
    of: own,
    does: async (call, tx) => {
      const asked = readForm(tokenAsked, call.body);
      const scopes = [...(asked.scopes ?? []), ...lines(asked.others)];
      if (scopes.length === 0)
        throw new HttpProblem(400, 'scopes: it names none', [
          { field: 'scopes', reason: 'it names none', fix: 'tick what the token may do' },
        ]);
      const kinds = lines(asked.kinds);
      const source = optional(asked.source);
      const { token, record } = await issueToken(tx, call.parts.random, {
        person: call.caller.person,
        name: asked.name,
        scopes,
        hours: asked.hours,
        sources: source === undefined ? [] : [{ source, kinds }],
      });
      return standingPage(call, {
        section: 'settings',
        below: true,
        title: 'A token',
        heading: `The token “${record.name}” is made.`,
        body: madeToken(token, record),
      });
    },
    reads: 'Figure::read',
    page: refused,
  }),
  form({
    path: '/settings/tokens/:id/revoke',
    name: 'revoke',
    summary: 'Revoke a token',
    action: 'Access::revokeToken',
    params: { id: anId },
    of: async ({ params }, tx) => {
      const found = await tx.access.tokenById(params.id);
      if (found === null) throw new HttpProblem(404, `there is no token ${params.id}`);
      return about(found.person, params.id);
    },
    does: async ({ params }, tx) => {
      await tx.access.revokeToken(params.id);
      return '/settings?done=revoked-token';
    },
    reads: 'Figure::read',
    page: refused,
  }),
  form({
    path: '/settings/sessions/:id/end',
    name: 'end',
    summary: 'End a session',
    action: 'Access::endSession',
    params: { id: anId },
    of: async ({ params }, tx) => {
      const found = await tx.access.session(params.id);
      if (found === null) throw new HttpProblem(404, 'there is no such session');
      return about(found.person, params.id);
    },
    does: async ({ params }, tx) => {
      await tx.access.endSession(params.id);
      return '/settings?done=ended-session';
    },
    reads: 'Figure::read',
    page: refused,
  }),
  form({
    path: '/settings/roles',
    name: 'role',
    summary: 'Give somebody a role',
    action: 'Access::grant',
    of: ({ body }) => ({
      id: '',
      division: body.division === 'company' || typeof body.division !== 'string' ? '' : body.division,
      ...(typeof body.person === 'string' && { person: body.person }),
    }),
    does: async (call, tx) => {
      const { person, role, division, until } = readForm(roleAsked, call.body);
      if ((await tx.organisation.person(person)) === null)
        throw new HttpProblem(422, `person: there is no person ${person}`, [
          {
            field: 'person',
            reason: `there is no person ${person}`,
            fix: 'give the id of a person of the organisation',
          },
        ]);
      const of = division === 'company' ? '' : division;
      requireNone(422, unknownDivision(of, await currentTree(call.parts.decisions, tx)));
      const last = optional(until);
      await tx.access.grant({
        person,
        role,
        division: of,
        ...(last !== undefined && { until: `${last}T23:59:59Z` }),
      });
      return '/settings?done=granted#roles';
    },
    reads: 'Figure::read',
    page: refused,
  }),
  form({
    path: '/settings/roles/:number/revoke',
    name: 'revoke-role',
    summary: 'Take a role back',
    action: 'Access::revoke',
    params: { number: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) },
    of: async ({ params }, tx) => {
      const found = await tx.access.role(params.number);
      if (found === null) throw new HttpProblem(404, `there is no role ${params.number}`);
      return { id: String(params.number), division: found.division, person: found.person };
    },
    does: async ({ params }, tx) => {
      await tx.access.revoke(params.number);
      return '/settings?done=revoked-role#roles';
    },
    reads: 'Figure::read',
    page: refused,
  }),
];
