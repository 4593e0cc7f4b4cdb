/**
 * What a directory says of the organisation today, whatever its format, and the dated events that lead there from the
 * tree that is known. A directory forgets; the log does not, so a unit that is no longer listed needs an heir.
 */
import type { RequestDiagnostic } from '../text/diagnostic.ts';
import {
  type AccountableFor,
  type EmergencyContact,
  LEVELS,
  type OrgEvent,
  type OrgLevel,
  type OrgTree,
  treeAt,
} from './org.ts';

export interface OrgSnapshot {
  readonly units: readonly {
    readonly id: string;
    readonly level: OrgLevel;
    readonly name: string;
    readonly parent: string | null;
    /** Left out where the directory says nothing of them. */
    readonly contacts?: readonly EmergencyContact[];
  }[];
  readonly people: readonly {
    readonly id: string;
    readonly name?: string;
    readonly email?: string;
    readonly units: readonly string[];
  }[];
  /** Left out where the directory says nothing of them: then they stay as they are. */
  readonly accountable?: readonly { readonly person: string; readonly for: AccountableFor }[];
  /** Unit that has ended → its heir. */
  readonly merged?: Readonly<Record<string, string>>;
}

/** The events of a day that turn the tree into what the directory says; none where it says what is known. */
export function changesTo(
  before: OrgTree,
  snapshot: OrgSnapshot,
  on: string,
): { readonly events: readonly OrgEvent[] } | { readonly refusals: readonly RequestDiagnostic[] } {
  const wanted = new Map(snapshot.units.map((unit) => [unit.id, unit]));
  const merged = new Map(Object.entries(snapshot.merged ?? {}));
  const refusals = [...before.units.values()]
    .filter(({ id }) => !wanted.has(id) && !merged.has(id))
    .map(({ id, level }) => ({
      field: `merged.${id}`,
      reason: `the ${level} \`${id}\` is no longer listed`,
      fix: 'say which unit took over what it owns',
    }));
  if (refusals.length > 0) return { refusals };
  const events: OrgEvent[] = [
    ...departures(before, snapshot, on),
    ...unitEvents(before, wanted, on),
    // From below, so that a unit's heir can take over what lies below it first.
    ...[...merged]
      .filter(([id]) => before.units.has(id))
      .sort(([a], [b]) => depth(before, b) - depth(before, a))
      .map(([unit, into]): OrgEvent => ({ on, event: 'merged', unit, into })),
    ...people(before, snapshot, merged, on),
  ];
  return { events: [...events, ...accountabilities(before, events, snapshot, on)] };
}

const depth = ({ units }: OrgTree, id: string) => LEVELS.indexOf(units.get(id)?.level ?? 'company');

/** Levels from the top, so that every unit finds its parent. */
function unitEvents(
  before: OrgTree,
  wanted: ReadonlyMap<string, OrgSnapshot['units'][number]>,
  on: string,
): OrgEvent[] {
  const byLevel = [...wanted.values()].sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
  return byLevel.flatMap(({ id: unit, level, name, parent, contacts }): OrgEvent[] => {
    const known = before.units.get(unit);
    const told: OrgEvent[] =
      contacts && JSON.stringify(contacts) !== JSON.stringify(known?.contacts ?? [])
        ? [{ on, event: 'contacts', unit, contacts }]
        : [];
    // A unit keeps its level for life; the log refuses the second creation and says what to do.
    if (known?.level !== level) return [{ on, event: 'created', unit, level, name, parent }, ...told];
    return [
      ...(known.name === name ? [] : [{ on, event: 'renamed', unit, name } as const]),
      ...(known.parent === parent || parent === null ? [] : [{ on, event: 'moved', unit, parent } as const]),
      ...told,
    ];
  });
}

function departures(before: OrgTree, { people: wanted }: OrgSnapshot, on: string): OrgEvent[] {
  const here = new Set(wanted.map(({ id }) => id));
  return [...before.people.keys()]
    .filter((id) => !here.has(id))
    .map((person) => ({ on, event: 'left', person }));
}

function people(
  before: OrgTree,
  { people: wanted }: OrgSnapshot,
  merged: ReadonlyMap<string, string>,
  on: string,
): OrgEvent[] {
  return wanted.flatMap(({ id: person, name, email, units }) => {
    const known = before.people.get(person);
    // A merger has taken the members along by then.
    const now = new Set([...(known?.units ?? [])].map((unit) => merged.get(unit) ?? unit));
    const about = { ...(name !== undefined && { name }), ...(email !== undefined && { email }) };
    const other =
      (name !== undefined && name !== known?.name) || (email !== undefined && email !== known?.email);
    const joins = units.filter((unit, at) => !now.has(unit) || (other && at === 0));
    return [
      ...joins.map((unit): OrgEvent => ({ on, event: 'joined', person, unit, ...about })),
      ...[...now]
        .filter((unit) => !units.includes(unit))
        .map((unit): OrgEvent => ({ on, event: 'left', person, unit })),
    ];
  });
}

const textOf = (person: string, { unit, pillar, kind }: AccountableFor) =>
  JSON.stringify([person, unit ?? null, pillar ?? null, kind ?? null]);

function accountabilities(
  before: OrgTree,
  events: readonly OrgEvent[],
  { accountable }: OrgSnapshot,
  on: string,
): OrgEvent[] {
  if (accountable === undefined) return [];
  const wanted = new Set(accountable.map((one) => textOf(one.person, one.for)));
  // Whoever left, and whatever unit was merged, has taken accountabilities along already.
  const gone = new Set(
    events.flatMap((one) => (one.event === 'left' && one.unit === undefined ? one.person : [])),
  );
  const ended = new Set(events.flatMap((one) => (one.event === 'merged' ? one.unit : [])));
  const held = [...before.accountabilities.values()].filter(
    (one) => !gone.has(one.person) && !(one.for.unit !== undefined && ended.has(one.for.unit)),
  );
  const known = new Set(held.map((one) => textOf(one.person, one.for)));
  return [
    ...held
      .filter((one) => !wanted.has(textOf(one.person, one.for)))
      .map(({ id }): OrgEvent => ({ on, event: 'ended', id })),
    ...accountable
      .filter((one) => !known.has(textOf(one.person, one.for)))
      .map(
        (one): OrgEvent => ({
          on,
          event: 'accountable',
          id: `${on} ${one.person} ${[one.for.unit, one.for.pillar, one.for.kind].filter(Boolean).join(' ')}`,
          person: one.person,
          for: one.for,
        }),
      ),
  ];
}

/** A snapshot as the log of a company that begins on a day. */
export const beginning = (snapshot: OrgSnapshot, on: string) => changesTo(treeAt([], on), snapshot, on);
