/**
 * People and groups that a directory pushes, in the store of decisions. A group that stands for a unit makes its people the
 * unit's, as events of the log; whoever is deactivated or taken out has no session, token or role from then on.
 */

import type { GroupMember, GroupRecord, PersonRecord } from '@macadam/adapters/decisions/organisation';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { ScimFault, wrong } from '@macadam/adapters/scim/fault';
import type { ScimFilter } from '@macadam/adapters/scim/filter';
import { isData, type ScimData } from '@macadam/adapters/scim/path';
import { omit } from '@macadam/adapters/scim/resource';
import type { ScimResourceType } from '@macadam/adapters/scim/schema';
import type { OrgEvent, OrgTree } from '@macadam/core/org/org';
import { heirOf } from '@macadam/core/org/org';
import { unitOf } from '@macadam/core/org/owner';
import { canonical } from '@macadam/core/text/canonical';
import { ORGANISATION, orgTree, recordEvents } from '../ownership/log.ts';
import { ownerSettings } from '../ownership/rules.ts';
import type { Kept, ScimStore } from './endpoint.ts';

export interface ScimContext {
  readonly tx: DecisionTransaction;
  /** An id where a name gives none: never the same twice. */
  readonly freshId: () => string;
}

const PAGE = 5000;
const SOURCE = 'SCIM';

/** What is done may be seen by who sees all divisions only: sessions and roles of any division end. */
export function scimStore({ tx, freshId }: ScimContext): ScimStore {
  const { organisation } = tx;
  const people = peopleIn(tx, freshId);
  const groups = groupsIn(tx, freshId);
  const of = ({ name }: ScimResourceType) => (name === 'User' ? people : groups);
  return {
    all: (type, filter) => of(type).all(filter),
    get: (type, id) => of(type).get(id),
    hold: ({ name }, id) => tx.exclusive(`scim ${name} ${id}`),
    create: (type, data) => of(type).create(data),
    replace: (type, { id }, data) => of(type).replace(id, data),
    remove: async ({ name }, { id }) => {
      if (name === 'Group') return groups.remove(id);
      for (const { group } of await organisation.groupsOf([id]))
        await organisation.setGroupMembers(group, { add: [], remove: [{ member: id, sort: 'person' }] });
      return people.remove(id);
    },
  };
}

/** A machine is nobody whom a directory knows. */
const isPerson = ({ id }: { readonly id: string }) => !id.startsWith('machine:');

const notYours = (id: string, what: string) =>
  new ScimFault(
    403,
    'mutability',
    `no directory made \`${id}\`, so ${what}; it may say whether the person is active, and an administrator changes the rest`,
  );

/** What of somebody else's record the directory may not change: who it is, and how that person is recognised. */
const CLAIMS = ['userName', 'externalId', 'displayName', 'name', 'emails'] as const;

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** The name to show, of whatever parts there are. */
function nameIn(data: ScimData): string {
  const name = isData(data.name) ? data.name : {};
  const parts = [name.givenName, name.familyName].filter((one) => typeof one === 'string').join(' ');
  return text(data.displayName) ?? text(name.formatted) ?? text(parts) ?? String(data.userName);
}

function mailIn(data: ScimData): string | null {
  const mails = Array.isArray(data.emails) ? data.emails.filter(isData) : [];
  const best =
    mails.find(({ primary }) => primary === true) ?? mails.find(({ type }) => type === 'work') ?? mails[0];
  return text(best?.value)?.toLowerCase() ?? null;
}

/** What a filter asks one attribute to be, whatever else it asks. */
function asked(filter: ScimFilter | null, name: string): string | null {
  if (filter?.is === 'and') return asked(filter.left, name) ?? asked(filter.right, name);
  if (filter?.is !== 'compare' || filter.by !== 'eq') return null;
  const { path, value } = filter;
  return path.extension === null && path.sub === null && path.attribute?.name === name ? text(value) : null;
}

async function everyPage<T extends { readonly id: string }>(
  read: (page: { readonly after: string; readonly limit: number }) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const all: T[] = [];
  for (let after = ''; ; ) {
    const page = await read({ after, limit: PAGE });
    all.push(...page);
    const last = page.at(-1);
    if (!last || page.length < PAGE) return all;
    after = last.id;
  }
}

async function written<T extends { readonly id: string }>(
  shown: (records: readonly T[]) => Promise<readonly Kept[]>,
  record: T,
): Promise<Kept> {
  const [found] = await shown([record]);
  if (!found) throw new TypeError(`${record.id} was written and is not there`);
  return found;
}

/** What the directory said is kept beside whatever else is known of the person. */
const saidOf = ({ attributes }: { readonly attributes: unknown }): ScimData =>
  isData(attributes) && isData(attributes.scim) ? attributes.scim : {};

function peopleIn(tx: DecisionTransaction, freshId: () => string) {
  const { organisation } = tx;

  const shown = async (records: readonly PersonRecord[]): Promise<readonly Kept[]> => {
    const ids = records.map(({ id }) => id);
    const held = Map.groupBy(await organisation.groupsOf(ids), ({ member }) => member);
    const named = new Map<string, string>();
    for (const group of new Set([...held.values()].flat().map((one) => one.group))) {
      const record = await organisation.group(group);
      if (record) named.set(group, record.name);
    }
    return records.map((record) => {
      const groups = (held.get(record.id) ?? []).flatMap(({ group }) =>
        named.has(group) ? { value: group, display: named.get(group), type: 'direct' } : [],
      );
      const { id, version, createdAt, changedAt, externalId } = record;
      const said = saidOf(record);
      return {
        id,
        version,
        created: createdAt,
        lastModified: changedAt,
        data: {
          ...(said.userName === undefined && { displayName: record.name }),
          ...said,
          userName: record.userName ?? record.id,
          // Left unsaid, it is so.
          ...((said.active !== undefined || said.userName === undefined || !record.active) && {
            active: record.active,
          }),
          ...(externalId !== null && { externalId }),
          ...(groups.length > 0 && { groups }),
        },
      };
    });
  };

  const free = async (userName: string, externalId: string | null, own: string | null) => {
    const [named, external] = [
      await organisation.personByUserName(userName),
      externalId === null ? null : await organisation.personByExternalId(externalId),
    ];
    if (named && named.id !== own)
      throw new ScimFault(409, 'uniqueness', `there is a User with the userName \`${userName}\``);
    if (external && external.id !== own)
      throw new ScimFault(409, 'uniqueness', `there is a User with the externalId \`${externalId}\``);
  };

  const write = async (id: string, before: PersonRecord | null, data: ScimData): Promise<Kept> => {
    const userName = text(data.userName) ?? id;
    const externalId = text(data.externalId);
    await free(userName, externalId, before?.id ?? null);
    const active = data.active !== false;
    const attributes = attributesOf(before, data, userName);
    // Whom the organisation knew before keeps the name and the address that it knew.
    const own = before === null || before.fromDirectory;
    const [name, mail] = own ? [nameIn(data), mailIn(data)] : [before.name, before.mail];
    const record = await organisation.putPerson({
      id,
      name,
      mail,
      active,
      externalId,
      userName,
      attributes,
      removedAt: null,
      fromDirectory: before === null,
    });
    if (!active && before?.active !== false) await leaves(tx, id);
    else if (active && before?.active === false) await returns(tx, record);
    else if (before && (before.name !== name || before.mail !== mail)) await renamed(tx, record);
    return written(shown, record);
  };

  /** Of whom no directory made: whether the person is active, once the directory has named them. */
  const suspended = async (before: PersonRecord, data: ScimData): Promise<Kept> => {
    if (before.userName === null)
      throw notYours(before.id, 'it changes nothing of them before it has named them');
    const [now] = await shown([before]);
    const claim = CLAIMS.find((name) => !sameData(now?.data[name], data[name]));
    if (claim !== undefined) throw notYours(before.id, `it does not change \`${claim}\``);
    const active = data.active !== false;
    const attributes = attributesOf(before, data, before.userName);
    const record = await organisation.putPerson({ ...before, active, attributes });
    if (!active && before.active) await leaves(tx, before.id);
    else if (active && !before.active) await returns(tx, record);
    return written(shown, record);
  };

  /** Somebody whom the organisation knows by the same address already, and no directory has claimed. */
  const known = async (userName: string, mail: string | null): Promise<PersonRecord | null> => {
    const local = userName.toLowerCase().split('@')[0] ?? '';
    for (const id of [userName.toLowerCase(), local]) {
      const one = await organisation.person(id);
      const same = one !== null && one.userName === null && one.removedAt === null;
      if (same && one.mail !== null && [mail, userName.toLowerCase()].includes(one.mail.toLowerCase()))
        return one;
    }
    return null;
  };

  const newId = async (userName: string): Promise<string> => {
    const whole = userName.toLowerCase();
    const tree = await orgTree(tx, tx.at.slice(0, 10));
    for (const id of [whole.split('@')[0] ?? '', whole])
      if (
        /^[a-z0-9][a-z0-9._+@-]{0,99}$/.test(id) &&
        !(await organisation.person(id)) &&
        !tree.people.has(id)
      )
        return id;
    return freshId();
  };

  return {
    all: async (filter: ScimFilter | null) => {
      const [id, userName, externalId] = ['id', 'userName', 'externalId'].map((name) => asked(filter, name));
      const narrowed = id
        ? [await organisation.person(id)]
        : userName
          ? // Whoever came without a directory goes by the id.
            [await organisation.personByUserName(userName), await organisation.person(userName.toLowerCase())]
          : externalId
            ? [await organisation.personByExternalId(externalId)]
            : await everyPage((page) => organisation.people(page));
      const there = narrowed.filter(
        (one) => one !== null && one.removedAt === null && isPerson(one),
      ) as PersonRecord[];
      return shown([...new Map(there.map((one) => [one.id, one])).values()]);
    },
    get: async (id: string) => {
      const record = await organisation.person(id);
      if (record === null || record.removedAt !== null || !isPerson(record)) return null;
      return (await shown([record]))[0] ?? null;
    },
    create: async (data: ScimData) => {
      const userName = text(data.userName) ?? '';
      await tx.exclusive('scim create');
      await free(userName, text(data.externalId), null);
      const same = await known(userName, mailIn(data));
      return write(same?.id ?? (await newId(userName)), same, data);
    },
    replace: async (id: string, data: ScimData) => {
      const before = await organisation.person(id);
      return before && !before.fromDirectory ? suspended(before, data) : write(id, before, data);
    },
    remove: async (id: string) => {
      const record = await organisation.person(id);
      if (!record) return;
      if (!record.fromDirectory) throw notYours(id, 'it does not take them out');
      await organisation.putPerson({ ...record, active: false, externalId: null, removedAt: tx.at });
      if (record.active) await leaves(tx, id);
    },
  };
}

/** What the directory said is kept beside what else is known of the person. */
function attributesOf(before: PersonRecord | null, data: ScimData, userName: string): ScimData {
  const kept = ['externalId', 'groups'].reduce(omit, data);
  return { ...(isData(before?.attributes) && before.attributes), scim: { ...kept, userName } };
}

const sameData = (one: unknown, other: unknown): boolean =>
  canonical(one ?? null) === canonical(other ?? null);

const today = (tx: DecisionTransaction) => tx.at.slice(0, 10);

/** Of what the log refuses the directory is told, and nothing is done. */
async function say(tx: DecisionTransaction, events: readonly OrgEvent[]): Promise<void> {
  if (events.length === 0) return;
  const recorded = await recordEvents(tx, events, SOURCE);
  if ('refusals' in recorded) {
    const [first] = recorded.refusals;
    throw new ScimFault(409, null, `the organisation refuses it: ${first?.reason}; ${first?.fix}`);
  }
}

async function leaves(tx: DecisionTransaction, person: string): Promise<void> {
  await tx.access.shutOut(person);
  await tx.exclusive(ORGANISATION);
  const tree = await orgTree(tx, today(tx));
  if (tree.people.has(person)) await say(tx, [{ on: today(tx), event: 'left', person }]);
}

/** Into the units of the groups that the person is in still. */
async function returns(tx: DecisionTransaction, person: PersonRecord): Promise<void> {
  await tx.exclusive(ORGANISATION);
  const tree = await orgTree(tx, today(tx));
  const events: OrgEvent[] = [];
  for (const { group } of await tx.organisation.groupsOf([person.id])) {
    const unit = unitIn(tree, await tx.organisation.group(group));
    if (unit !== null) events.push(joined(tx, person, unit));
  }
  await say(tx, events);
}

async function renamed(tx: DecisionTransaction, person: PersonRecord): Promise<void> {
  await tx.exclusive(ORGANISATION);
  const tree = await orgTree(tx, today(tx));
  const [unit] = tree.people.get(person.id)?.units ?? [];
  if (unit !== undefined) await say(tx, [joined(tx, person, unit)]);
}

const joined = (tx: DecisionTransaction, { id, name, mail }: PersonRecord, unit: string): OrgEvent => ({
  on: today(tx),
  event: 'joined',
  person: id,
  unit,
  name,
  ...(mail !== null && { email: mail }),
});

const unitIn = (tree: OrgTree, group: GroupRecord | null): string | null =>
  group?.unit ? heirOf(tree, group.unit) : null;

function groupsIn(tx: DecisionTransaction, freshId: () => string) {
  const { organisation } = tx;

  const shown = async (records: readonly GroupRecord[]): Promise<readonly Kept[]> => {
    const members = Map.groupBy(
      await organisation.groupMembers(records.map(({ id }) => id)),
      ({ group }) => group,
    );
    return records.map((record) => {
      const { id, version, createdAt, changedAt, externalId, name } = record;
      const held = (members.get(id) ?? []).map(({ member, sort }) => ({
        value: member,
        type: sort === 'group' ? 'Group' : 'User',
      }));
      return {
        id,
        version,
        created: createdAt,
        lastModified: changedAt,
        data: {
          displayName: name,
          ...(externalId !== null && { externalId }),
          ...(held.length > 0 && { members: held }),
        },
      };
    });
  };

  /** Members as they are kept; one that is not there is a fault. */
  const membersIn = async (
    data: ScimData,
    before: ReadonlySet<string>,
  ): Promise<readonly Omit<GroupMember, 'group'>[]> => {
    const given = Array.isArray(data.members) ? data.members.filter(isData) : [];
    const members = new Map<string, Omit<GroupMember, 'group'>>();
    for (const { value } of given) {
      const member = text(value);
      if (member === null) throw wrong('invalidValue', 'a member has no `value`');
      if (members.has(member)) continue;
      const found = before.has(member) ? null : await organisation.person(member);
      const person = found && isPerson(found) ? found : null;
      const group = person || before.has(member) ? null : await organisation.group(member);
      const there = before.has(member) || group !== null || (person !== null && person.removedAt === null);
      if (person && !person.fromDirectory) throw notYours(member, 'it makes them no member of a group');
      if (!there) throw wrong('invalidValue', `there is no User or Group \`${member}\``);
      members.set(member, { member, sort: group ? 'group' : 'person' });
    }
    return [...members.values()];
  };

  /** The unit of that name, unless another group stands for it. */
  const unitNamed = async (name: string, tree: OrgTree): Promise<string | null> => {
    const { aliases } = await ownerSettings(tx);
    const unit = unitOf(name, { tree, aliases }) ?? byName(tree, name);
    if (unit === null) return null;
    const others = await everyPage((page) => organisation.groups(page));
    return others.some((one) => one.unit === unit) ? null : unit;
  };

  const write = async (before: GroupRecord | null, data: ScimData): Promise<Kept> => {
    await tx.exclusive(ORGANISATION);
    const tree = await orgTree(tx, today(tx));
    const held = before ? await organisation.groupMembers([before.id]) : [];
    const was = new Map(held.map((one) => [one.member, one]));
    const members = await membersIn(data, new Set(was.keys()));
    const is = new Set(members.map(({ member }) => member));
    const add = members.filter(({ member }) => !was.has(member));
    const remove = held.filter(({ member }) => !is.has(member));
    const name = text(data.displayName) ?? '';
    const unit = before ? before.unit : await unitNamed(name, tree);
    const id = before?.id ?? freshId();
    const record = await organisation.putGroup({
      id,
      name,
      externalId: text(data.externalId),
      unit,
      attributes: before?.attributes ?? {},
    });
    if (add.length + remove.length > 0) await organisation.setGroupMembers(id, { add, remove });
    await say(tx, await moves({ tx, tree, unit: unitIn(tree, record), add, remove }));
    return written(shown, record);
  };

  return {
    all: async (filter: ScimFilter | null) => {
      const id = asked(filter, 'id');
      const one = id === null ? null : await organisation.group(id);
      return shown(id === null ? await everyPage((page) => organisation.groups(page)) : one ? [one] : []);
    },
    get: async (id: string) => {
      const record = await organisation.group(id);
      return record ? ((await shown([record]))[0] ?? null) : null;
    },
    create: (data: ScimData) => write(null, data),
    replace: async (id: string, data: ScimData) => write(await organisation.group(id), data),
    remove: async (id: string) => {
      const record = await organisation.group(id);
      if (!record) return;
      await write(record, omit(saidBy(record), 'members'));
      for (const { group } of await organisation.groupsOf([id]))
        await organisation.setGroupMembers(group, { add: [], remove: [{ member: id, sort: 'group' }] });
      await organisation.putGroup({ ...record, unit: null, removedAt: tx.at });
    },
  };
}

const saidBy = ({ name, externalId }: GroupRecord): ScimData => ({
  displayName: name,
  ...(externalId !== null && { externalId }),
});

/** By the name that people see, where only one unit has it. */
function byName(tree: OrgTree, name: string): string | null {
  const same = [...tree.units.values()].filter((unit) => unit.name.toLowerCase() === name.toLowerCase());
  return same.length === 1 ? (same[0]?.id ?? null) : null;
}

interface MovesInput {
  readonly tx: DecisionTransaction;
  readonly tree: OrgTree;
  readonly unit: string | null;
  readonly add: readonly Omit<GroupMember, 'group'>[];
  readonly remove: readonly Omit<GroupMember, 'group'>[];
}

/** What the log says when a group's people change: they join its unit, or leave it. Who is not active joins nothing. */
async function moves({ tx, tree, unit, add, remove }: MovesInput): Promise<readonly OrgEvent[]> {
  if (unit === null) return [];
  const events: OrgEvent[] = [];
  for (const { member, sort } of add) {
    const person = sort === 'person' ? await tx.organisation.person(member) : null;
    if (person?.active && !tree.people.get(member)?.units.has(unit)) events.push(joined(tx, person, unit));
  }
  for (const { member, sort } of remove)
    if (sort === 'person' && tree.people.get(member)?.units.has(unit))
      events.push({ on: today(tx), event: 'left', person: member, unit });
  return events;
}
