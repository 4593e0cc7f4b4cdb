/**
 * Whose accounts open an organisation and what they may: members, outside collaborators, owners, and teams that administer repositories. The
 * host shows some of it to members only and some to owners only, and answers others as if there were nothing more.
 */

import {
  assetId,
  type Observation,
  type Statement,
  type Unobserved,
  type Value,
} from '@macadam/core/facts/observation';
import { z } from 'zod';
import { compact } from '../../compact.ts';
import type { Connector } from '../../connector/connector.ts';
import { PERMISSIONS } from '../../imports/directories/github/permissions.ts';
import { listOf, unobserved } from '../../imports/directories/statement.ts';
import type { Account } from './account.ts';
import { type Credential, isOfApp } from './credential.ts';
import { type Host, isCloud } from './host.ts';
import { type Listed, type Listing, listedIn, listingOf } from './listing.ts';
import type { Principal } from './principal.ts';

export interface PeopleInput {
  readonly connector: Connector;
  readonly host: Host;
  readonly account: Account;
  readonly credential: Credential | undefined;
  readonly principal: Principal;
  /** RFC 3339. */
  readonly at: string;
}

const personSchema = z.object({ id: z.int().positive(), login: z.string(), type: z.string() });
type Person = z.infer<typeof personSchema>;

interface Observed {
  readonly kind: string;
  readonly key: readonly string[];
  readonly name: string;
  readonly attributes: Readonly<Record<string, Statement>>;
  readonly format?: string;
}

export function observed(
  { host, account, at }: Pick<PeopleInput, 'host' | 'account' | 'at'>,
  { kind, key, name, attributes, format }: Observed,
): Observation {
  return compact({
    kind,
    id: assetId(kind, key),
    name,
    source: 'github',
    observedAt: at,
    receivedAt: at,
    assurance: 'configured',
    container: `${host.name}/${account.login}`,
    format,
    attributes,
  });
}

/** Nothing of a person's own account, which has no members; nothing without a token, to whom the host shows who made membership public. */
export async function peopleOf(input: PeopleInput): Promise<readonly Listed[]> {
  const { account, credential } = input;
  if (account.type !== 'organisation' || credential === undefined) return [];
  const path = `/orgs/${account.login}`;
  const owners = await peopleAt(input, `${path}/members?role=admin`, 'its owners');
  const members = await peopleAt(input, `${path}/members?role=member`, 'its members');
  const outside = await peopleAt(input, `${path}/outside_collaborators`, 'its outside collaborators');
  const steps = await secondSteps(input);
  const hidden = hiddenFrom(input, [...owners.items, ...members.items]);
  const inside = [...owners.items, ...members.items];
  const place = { container: `${input.host.name}/${account.login}`, containerName: account.login };
  const ownersGap = owners.gap ?? hidden;
  return [
    listedIn(
      { ...place, kind: 'user', format: 'member' },
      inside.map((person) => userOf(input, person, steps, 'member')),
      ownersGap ?? members.gap,
    ),
    listedIn(
      { ...place, kind: 'user', format: 'outside-collaborator' },
      outside.items.map((person) => userOf(input, person, steps, 'outside-collaborator')),
      outside.gap,
    ),
    listedIn(
      { ...place, kind: 'privileged-assignment' },
      owners.items.map((person) => ownerOf(input, person)),
      ownersGap,
    ),
    await groupsOf(input, owners.items, ownersGap),
  ];
}

const peopleAt = ({ connector }: PeopleInput, path: string, what: string): Promise<Listing<Person>> =>
  listingOf({ connector, path, schema: personSchema, what, permission: PERMISSIONS.members });

/** Who is no member sees only those members who show it, and the host does not say that there are others. */
function hiddenFrom(
  { credential, principal, account }: PeopleInput,
  inside: readonly Person[],
): Unobserved | undefined {
  if (isOfApp(credential)) return undefined;
  if (isAmong(principal, inside)) return undefined;
  return {
    unobserved: 'forbidden',
    why: `only who shows it is listed: the token is of nobody in ${account.login}; use one of a member, with ${PERMISSIONS.members}`,
  };
}

/** Names of accounts are the same in capitals and in small letters. */
const isAmong = ({ login }: Principal, people: readonly Person[]): boolean =>
  people.some((person) => person.login.toLowerCase() === login?.toLowerCase());

interface SecondSteps {
  /** Who has none. */
  readonly none: ReadonlySet<number> | Unobserved;
  /** Who can be sent a code by message. */
  readonly messages: ReadonlySet<number> | Unobserved;
}

async function secondSteps(input: PeopleInput): Promise<SecondSteps> {
  const asked = async (filter: string): Promise<ReadonlySet<number> | Unobserved> => {
    const ids = new Set<number>();
    for (const list of ['members', 'outside_collaborators']) {
      const { items, gap, refusal } = await listingOf({
        connector: input.connector,
        path: `/orgs/${input.account.login}/${list}?filter=${filter}`,
        schema: personSchema,
        what: 'who signs in with which second step',
        permission: OWNER,
      });
      // To who is no owner the host says that the question cannot be asked.
      if (refusal?.outcome === 'failed' && refusal.status === 422)
        return {
          unobserved: 'forbidden',
          why: `the token may not see who signs in with which second step: it needs ${OWNER}`,
        };
      if (gap !== undefined) return gap;
      for (const { id } of items) ids.add(id);
    }
    return ids;
  };
  const none = await asked('2fa_disabled');
  // Whoever may not ask the first question may not ask the second.
  return { none, messages: none instanceof Set ? await asked('2fa_insecure') : none };
}

const OWNER = 'a token of an owner of the organisation';

function userOf(
  { host, account, at }: PeopleInput,
  { id, login }: Person,
  steps: SecondSteps,
  format: 'member' | 'outside-collaborator',
): Observation {
  const weak = weakStep(id, steps);
  return observed(
    { host, account, at },
    {
      kind: 'user',
      key: [host.name, String(id)],
      name: login,
      format,
      attributes: {
        directory: { value: host.name },
        object_id: { value: String(id) },
        enabled: isCloud(host)
          ? { value: true }
          : unobserved('the list of members does not say who is suspended; look at the account'),
        account:
          format === 'outside-collaborator'
            ? { value: 'guest' }
            : unobserved(
                'the host does not say whether it is of an employee, a contractor or shared; take in the personnel system',
              ),
        methods: methodsOf(weak),
        weak_sign_in_blocked: typeof weak === 'string' ? { value: false, assurance: 'effective' } : weak,
      },
    },
  );
}

/** How somebody signs in with less than a key, as far as the host tells. */
function weakStep(id: number, { none, messages }: SecondSteps): 'password' | 'sms' | Unobserved {
  if (!(none instanceof Set)) return none as Unobserved;
  if (none.has(id)) return 'password';
  if (!(messages instanceof Set)) return messages as Unobserved;
  if (messages.has(id)) return 'sms';
  return unobserved(
    'the host says that there is a second step, and not which; let people sign in through the company’s directory',
  );
}

function methodsOf(weak: 'password' | 'sms' | Unobserved): Statement {
  if (typeof weak !== 'string') return weak;
  const registered: Unobserved = unobserved('the host does not say since when');
  const value: Value[] = [{ id: weak, type: weak, phishing_resistant: false, registered_at: registered }];
  return { value, complete: false, why: 'the host does not list the ways to sign in' };
}

const kindOf = ({ type }: Person): 'workload' | 'person' => (type === 'User' ? 'person' : 'workload');

function ownerOf(input: PeopleInput, person: Person): Observation {
  const resource = `${input.host.name}/${input.account.login}`;
  const principal = String(person.id);
  return observed(input, {
    kind: 'privileged-assignment',
    key: [resource, principal, 'Owner'],
    name: `Owner of ${input.account.login}: ${person.login}`,
    attributes: {
      resource: { value: resource },
      principal: { value: principal },
      role: { value: 'Owner' },
      principal_kind: { value: kindOf(person) },
      holders: { value: [], complete: true },
      mode: { value: 'standing' },
      ends_at: { absent: true },
    },
  });
}

const teamSchema = z.object({
  id: z.int().positive(),
  slug: z.string().regex(/^[\w.-]+$/),
  name: z.string(),
  parent: z.object({ id: z.int().positive() }).nullish(),
});
type Team = z.infer<typeof teamSchema>;

const administeredSchema = z.object({
  full_name: z.string(),
  permissions: z.object({ admin: z.boolean() }),
});

/** So many repositories show what a team is. */
const MOST_GRANTS = 100;

/** The owners, and the teams that administer a repository. */
async function groupsOf(
  input: PeopleInput,
  owners: readonly Person[],
  ownersGap: Unobserved | undefined,
): Promise<Listed> {
  const { connector, host, account, credential, principal } = input;
  const path = `/orgs/${account.login}/teams`;
  const teams = await listingOf({
    connector,
    path,
    schema: teamSchema,
    what: 'its teams',
    permission: PERMISSIONS.members,
  });
  const observations = [
    groupOf(input, `${account.login}/owners`, `Owners of ${account.login}`, {
      grants: { value: [`owns ${account.login}`], complete: true },
      members: membersOf(owners, [], ownersGap),
    }),
  ];
  const gaps = [teams.gap];
  for (const team of teams.items) {
    const repositories = await listingOf({
      connector,
      path: `${path}/${team.slug}/repos`,
      schema: administeredSchema,
      what: `the repositories of the team ${team.name}`,
      permission: PERMISSIONS.members,
      enough: (items) => items.filter(({ permissions }) => permissions.admin).length >= MOST_GRANTS,
    });
    const administered = repositories.items.filter(({ permissions }) => permissions.admin);
    if (administered.length === 0) {
      gaps.push(repositories.gap);
      continue;
    }
    const grants = administered.slice(0, MOST_GRANTS).map(({ full_name: name }) => `administers ${name}`);
    const children = teams.items.filter(({ parent }) => parent?.id === team.id);
    const people = await peopleAt(input, `${path}/${team.slug}/members`, `the members of ${team.name}`);
    observations.push(
      groupOf(input, `team/${team.id}`, `${account.login}/${team.slug}`, {
        grants: listOf(grants, repositories.gap === undefined ? null : repositories.gap.why),
        members: membersOf(people.items, children, people.gap),
      }),
    );
  }
  const isOwner = isOfApp(credential) || isAmong(principal, owners);
  const secret: Unobserved = {
    unobserved: 'forbidden',
    why: `secret teams are shown to their members and to owners; use ${OWNER}`,
  };
  return listedIn(
    { kind: 'privileged-group', container: `${host.name}/${account.login}`, containerName: account.login },
    observations,
    gaps.find((gap) => gap !== undefined) ?? (isOwner ? undefined : secret),
  );
}

function groupOf(
  input: PeopleInput,
  id: string,
  name: string,
  said: Readonly<Record<'grants' | 'members', Statement>>,
): Observation {
  return observed(input, {
    kind: 'privileged-group',
    key: [input.host.name, id],
    name,
    attributes: { directory: { value: input.host.name }, group_id: { value: id }, ...said },
  });
}

/** The host lists members of the teams below a team as its own, so that beside such teams nobody is known to be a direct member. */
function membersOf(
  people: readonly Person[],
  children: readonly Team[],
  gap: Unobserved | undefined,
): Statement {
  const since: Unobserved = unobserved('the host does not say since when; look at its audit log');
  if (children.length > 0) {
    const value = children.map(({ id }): Value => ({ id: `team/${id}`, kind: 'group', since }));
    return {
      value,
      complete: false,
      why: 'the host lists the members of teams below it as its own, so direct members are not told apart',
    };
  }
  const value = people.map((person): Value => ({ id: String(person.id), kind: kindOf(person), since }));
  if (gap === undefined) return { value, complete: true };
  return value.length === 0 ? gap : { value, complete: false, why: gap.why };
}
