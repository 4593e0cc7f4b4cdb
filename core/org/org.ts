/**
 * The organisation as a log of dated events, so that every day has the tree that it had. A unit that ends is merged into
 * another: nothing that it owned is left without an owner, and its id is never given again.
 */
import type { RequestDiagnostic } from '../text/diagnostic.ts';
import { ascending } from '../text/order.ts';

/** From the top down; a unit lies below one of a higher level. */
/**
 * The team of a company that has not said who works in it: everybody who comes in is of it, and what nobody owns is its
 * work. An organisation ends it.
 */
export const EVERYBODY = 'everybody';

export const LEVELS = ['company', 'division', 'organisation', 'team'] as const;
export type OrgLevel = (typeof LEVELS)[number];

/** What an accountability covers: everything that meets each of the fields that are given. */
export interface AccountableFor {
  /** The unit and all below it. */
  readonly unit?: string;
  /** A function across divisions: a pillar of standards, or a kind of assets. */
  readonly pillar?: string;
  readonly kind?: string;
}

/** How to reach somebody in an emergency. `verified` is the day on which somebody last tried it. */
export interface EmergencyContact {
  readonly by: 'phone' | 'email' | 'page' | 'chat';
  readonly address: string;
  readonly verified: string | null;
}

/** `on` is the first day (UTC) on which it is so. Events of one day hold in the order of the log. */
export type OrgEvent = { readonly on: string } & (
  | {
      readonly event: 'created';
      readonly unit: string;
      readonly level: OrgLevel;
      readonly name: string;
      readonly parent: string | null;
    }
  | { readonly event: 'moved'; readonly unit: string; readonly parent: string }
  | { readonly event: 'renamed'; readonly unit: string; readonly name: string }
  | { readonly event: 'merged'; readonly unit: string; readonly into: string }
  | { readonly event: 'contacts'; readonly unit: string; readonly contacts: readonly EmergencyContact[] }
  | {
      readonly event: 'joined';
      readonly person: string;
      readonly unit: string;
      readonly name?: string;
      readonly email?: string;
    }
  /** Without a unit the person leaves the company, and every accountability with it. */
  | { readonly event: 'left'; readonly person: string; readonly unit?: string }
  | {
      readonly event: 'accountable';
      readonly id: string;
      readonly person: string;
      readonly for: AccountableFor;
    }
  | { readonly event: 'ended'; readonly id: string }
);

export interface OrgUnit {
  readonly id: string;
  readonly level: OrgLevel;
  readonly name: string;
  readonly parent: string | null;
  readonly contacts: readonly EmergencyContact[];
}

export interface OrgPerson {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly units: ReadonlySet<string>;
}

export interface Accountability {
  readonly id: string;
  readonly person: string;
  readonly for: AccountableFor;
}

/** The organisation of one day. */
export interface OrgTree {
  readonly day: string;
  readonly units: ReadonlyMap<string, OrgUnit>;
  readonly people: ReadonlyMap<string, OrgPerson>;
  readonly accountabilities: ReadonlyMap<string, Accountability>;
  /** Unit that has ended → the unit that took over. */
  readonly merged: ReadonlyMap<string, string>;
}

/** An event that cannot be: it is left out of every tree. */
export interface OrgRefusal extends RequestDiagnostic {
  /** Its place in the log. */
  readonly at: number;
}

/** The tree of a day. An event that cannot be is passed over; `refusalsOf` names it. */
export function treeAt(events: readonly OrgEvent[], day: string): OrgTree {
  return replay(events, day).tree;
}

/** What is wrong with a log, whatever the day. */
export function refusalsOf(events: readonly OrgEvent[]): readonly OrgRefusal[] {
  return replay(events, '9999-12-31').refusals;
}

/** The log with more events, which may be of any day, or why they cannot be added: then none is. */
export function record(
  events: readonly OrgEvent[],
  more: readonly OrgEvent[],
): { readonly events: readonly OrgEvent[] } | { readonly refusals: readonly OrgRefusal[] } {
  const all = [...events, ...more];
  const known = new Set(refusalsOf(events).map(({ at }) => at));
  // An event of an earlier day can make a later one impossible, so the whole log is asked again.
  const refusals = refusalsOf(all).filter(({ at }) => !known.has(at));
  return refusals.length > 0 ? { refusals } : { events: all };
}

type Growing<T> = T extends ReadonlyMap<infer K, infer V> ? Map<K, V> : T;
type GrowingTree = { readonly [Name in keyof OrgTree]: Growing<OrgTree[Name]> };

function replay(
  events: readonly OrgEvent[],
  day: string,
): { readonly tree: OrgTree; readonly refusals: readonly OrgRefusal[] } {
  const tree: GrowingTree = {
    day,
    units: new Map(),
    people: new Map(),
    accountabilities: new Map(),
    merged: new Map(),
  };
  const refusals: OrgRefusal[] = [];
  const dated = events.map((event, at) => ({ event, at })).filter(({ event }) => event.on <= day);
  for (const { event, at } of dated.sort((a, b) => ascending(a.event.on, b.event.on) || a.at - b.at)) {
    const refusal = /^\d{4}-\d{2}-\d{2}$/.test(event.on)
      ? apply(tree, event)
      : no('on', `\`${event.on}\` is not a day`, 'write it like 2027-03-01');
    if (refusal) refusals.push({ ...refusal, at });
  }
  return { tree, refusals: refusals.sort((a, b) => a.at - b.at) };
}

const no = (field: string, reason: string, fix: string): RequestDiagnostic => ({ field, reason, fix });

function apply(tree: GrowingTree, event: OrgEvent): RequestDiagnostic | null {
  const { units } = tree;
  switch (event.event) {
    case 'created':
      return create(tree, event);
    case 'moved': {
      const unit = units.get(event.unit);
      if (!unit) return noUnit(tree, 'unit', event.unit);
      const refusal = parentRefusal(tree, unit.level, event.parent);
      if (!refusal) units.set(unit.id, { ...unit, parent: event.parent });
      return refusal;
    }
    case 'renamed': {
      const unit = units.get(event.unit);
      if (!unit) return noUnit(tree, 'unit', event.unit);
      units.set(unit.id, { ...unit, name: event.name });
      return null;
    }
    case 'contacts': {
      const unit = units.get(event.unit);
      if (!unit) return noUnit(tree, 'unit', event.unit);
      units.set(unit.id, { ...unit, contacts: event.contacts });
      return null;
    }
    case 'merged':
      return merge(tree, event.unit, event.into);
    case 'joined': {
      if (!units.has(event.unit)) return noUnit(tree, 'unit', event.unit);
      const before = tree.people.get(event.person);
      tree.people.set(event.person, {
        id: event.person,
        name: event.name ?? before?.name ?? event.person,
        email: event.email ?? before?.email ?? null,
        units: new Set([...(before?.units ?? []), event.unit]),
      });
      return null;
    }
    case 'left':
      return leave(tree, event.person, event.unit);
    case 'accountable':
      return account(tree, event);
    case 'ended':
      return tree.accountabilities.delete(event.id)
        ? null
        : no('id', `there is no accountability \`${event.id}\` on that day`, 'name one that is in force');
  }
}

function create(
  tree: GrowingTree,
  event: OrgEvent & { readonly event: 'created' },
): RequestDiagnostic | null {
  const { unit: id, level, name, parent } = event;
  if (tree.units.has(id) || tree.merged.has(id)) {
    const was = tree.merged.has(id)
      ? `\`${id}\` was the id of a unit that has ended`
      : `there is a unit \`${id}\``;
    return no('unit', was, 'give the new unit an id that was never used');
  }
  if (level === 'company') {
    if (parent !== null) return no('parent', 'a company has none', 'leave it out');
  } else if (parent === null)
    return no('parent', `a ${level} lies below another unit`, 'name the unit above it');
  const refusal = parent === null ? null : parentRefusal(tree, level, parent);
  if (!refusal) tree.units.set(id, { id, level, name, parent, contacts: [] });
  return refusal;
}

/** Levels rise strictly towards the top, so no unit can lie below itself. */
function parentRefusal(tree: GrowingTree, level: OrgLevel, parent: string): RequestDiagnostic | null {
  const above = tree.units.get(parent);
  if (!above) return noUnit(tree, 'parent', parent);
  return LEVELS.indexOf(above.level) < LEVELS.indexOf(level)
    ? null
    : no(
        'parent',
        `\`${parent}\` is a ${above.level}, which no ${level} lies below`,
        `name a unit above ${level}`,
      );
}

function noUnit({ day, merged }: GrowingTree, field: string, id: string): RequestDiagnostic {
  const heir = merged.get(id);
  return heir === undefined
    ? no(field, `there is no unit \`${id}\` on that day`, 'create it first, or correct the id')
    : no(field, `\`${id}\` has ended by ${day}`, `name \`${heir}\`, which it was merged into`);
}

/** What lies below, who belongs and who is accountable goes over to the other unit. */
function merge(tree: GrowingTree, id: string, into: string): RequestDiagnostic | null {
  const [unit, heir] = [tree.units.get(id), tree.units.get(into)];
  if (!unit) return noUnit(tree, 'unit', id);
  if (!heir) return noUnit(tree, 'into', into);
  if (unit.level !== heir.level)
    return no(
      'into',
      `\`${into}\` is a ${heir.level}, \`${id}\` a ${unit.level}`,
      'merge units of one level',
    );
  if (id === into) return no('into', 'it is the unit itself', 'name another unit');
  for (const below of tree.units.values())
    if (below.parent === id) tree.units.set(below.id, { ...below, parent: into });
  for (const person of tree.people.values())
    if (person.units.has(id)) {
      const units = new Set([...person.units, into]);
      units.delete(id);
      tree.people.set(person.id, { ...person, units });
    }
  // One person's word for the unit that ended does not make them accountable for the other.
  for (const one of tree.accountabilities.values())
    if (one.for.unit === id) tree.accountabilities.delete(one.id);
  tree.units.delete(id);
  tree.merged.set(id, into);
  return null;
}

function leave(tree: GrowingTree, id: string, unit: string | undefined): RequestDiagnostic | null {
  const person = tree.people.get(id);
  const where = unit === undefined ? 'here' : `in \`${unit}\``;
  if (!person || (unit !== undefined && !person.units.has(unit)))
    return no('person', `\`${id}\` is not ${where} on that day`, 'correct the person, the unit or the day');
  if (unit !== undefined) {
    const units = new Set(person.units);
    units.delete(unit);
    tree.people.set(id, { ...person, units });
    return null;
  }
  tree.people.delete(id);
  for (const one of tree.accountabilities.values())
    if (one.person === id) tree.accountabilities.delete(one.id);
  return null;
}

function account(
  tree: GrowingTree,
  event: OrgEvent & { readonly event: 'accountable' },
): RequestDiagnostic | null {
  const { id, person, for: covers } = event;
  if (tree.accountabilities.has(id))
    return no('id', `there is an accountability \`${id}\``, 'give it another id');
  if (!tree.people.has(person))
    return no('person', `\`${person}\` is not here on that day`, 'let the person join a unit first');
  if (covers.unit !== undefined && !tree.units.has(covers.unit)) return noUnit(tree, 'for.unit', covers.unit);
  if (covers.unit === undefined && covers.pillar === undefined && covers.kind === undefined)
    return no('for', 'it covers nothing', 'name a unit, a pillar or a kind');
  const same = [...tree.accountabilities.values()].find(
    (one) => one.for.unit === covers.unit && one.for.pillar === covers.pillar && one.for.kind === covers.kind,
  );
  if (same)
    return no('for', `\`${same.person}\` is accountable for the same (\`${same.id}\`)`, 'end that first');
  tree.accountabilities.set(id, { id, person, for: covers });
  return null;
}

/** The unit that answers for another today: itself, or what it was merged into. Null for an id that never was. */
export function heirOf(tree: OrgTree, id: string): string | null {
  let at = id;
  // Each merger names a unit that existed then, so the chain ends.
  for (let next = tree.merged.get(at); next !== undefined; next = tree.merged.get(at)) at = next;
  return tree.units.has(at) ? at : null;
}

/** From a unit up to the company; empty for a unit that is not there. */
export function pathOf(tree: OrgTree, id: string): readonly OrgUnit[] {
  const path: OrgUnit[] = [];
  for (let unit = tree.units.get(id); unit; unit = tree.units.get(unit.parent ?? '')) path.push(unit);
  return path;
}

/**
 * The division that a unit lies in; empty, which is the whole company, where it lies in none; null for a unit that is not there.
 * Work, exceptions and permissions name divisions alike, so that what lies in none is found by all of them.
 */
export function divisionOf(tree: OrgTree, id: string): string | null {
  if (!tree.units.has(id)) return null;
  return pathOf(tree, id).find(({ level }) => level === 'division')?.id ?? '';
}

/** People of a unit alone, by id. */
export function peopleOf(tree: OrgTree, unit: string): readonly OrgPerson[] {
  return [...tree.people.values()]
    .filter(({ units }) => units.has(unit))
    .sort((a, b) => ascending(a.id, b.id));
}

/**
 * Who is accountable for something, the nearest first: whoever covers the smallest unit, then whoever covers functions.
 * Of several the first is the deputy CISO that a hand-over reaches.
 */
export function accountableFor(
  tree: OrgTree,
  what: { readonly owner: string | null; readonly pillar?: string; readonly kind?: string },
): readonly Accountability[] {
  const path = what.owner === null ? [] : pathOf(tree, what.owner).map(({ id }) => id);
  const distance = ({ for: { unit } }: Accountability) =>
    unit === undefined ? path.length : path.indexOf(unit);
  const narrow = ({ for: { pillar, kind } }: Accountability) =>
    Number(pillar !== undefined) + Number(kind !== undefined);
  return [...tree.accountabilities.values()]
    .filter(
      ({ for: { unit, pillar, kind } }) =>
        (unit === undefined || path.includes(unit)) &&
        (pillar === undefined || pillar === what.pillar) &&
        (kind === undefined || kind === what.kind),
    )
    .sort((a, b) => distance(a) - distance(b) || narrow(b) - narrow(a) || ascending(a.id, b.id));
}
