/** The council: whoever is accountable for a division, or for a function across divisions, as the organisation says. Pure. */
import { ascending } from '../text/order.ts';
import type { Accountability, OrgTree } from './org.ts';

export const SEAT_KINDS = ['company', 'division', 'function'] as const;

export interface CouncilSeat {
  readonly of: (typeof SEAT_KINDS)[number];
  /** The division's name, or the function: a pillar or kind, and where it is of one division alone, which. */
  readonly for: string;
  /** Null: nobody is accountable. */
  readonly person: string | null;
  readonly name: string | null;
}

/** A seat as a review holds it; `present` null: nobody wrote down whether they were there. */
export interface AttendedSeat extends CouncilSeat {
  readonly present: boolean | null;
}

/** The company first, then divisions, then functions, each in order of name; a division of which nobody is accountable has an empty seat. */
export function councilOf(tree: OrgTree): readonly CouncilSeat[] {
  const seats: CouncilSeat[] = [];
  const covered = new Set<string>();
  for (const accountability of tree.accountabilities.values()) {
    const seat = seatOf(tree, accountability);
    if (seat === null) continue;
    seats.push(seat);
    if (seat.of === 'division' && accountability.for.unit !== undefined) covered.add(accountability.for.unit);
  }
  for (const { id, level, name } of tree.units.values())
    if (level === 'division' && !covered.has(id))
      seats.push({ of: 'division', for: name, person: null, name: null });
  return seats.sort(
    (a, b) =>
      SEAT_KINDS.indexOf(a.of) - SEAT_KINDS.indexOf(b.of) ||
      ascending(a.for, b.for) ||
      ascending(a.person ?? '', b.person ?? ''),
  );
}

/** Null for whoever is accountable for a part of a division: the council is of divisions. */
function seatOf(
  { units, people }: OrgTree,
  { person, for: { unit: id, pillar, kind } }: Accountability,
): CouncilSeat | null {
  const unit = id === undefined ? null : units.get(id);
  if (unit === undefined || unit?.level === 'organisation' || unit?.level === 'team') return null;
  const who = { person, name: people.get(person)?.name ?? person };
  const names = [pillar, kind].filter((one) => one !== undefined);
  const isWhole = unit === null || unit.level === 'company';
  if (names.length === 0)
    return { of: isWhole ? 'company' : 'division', for: unit?.name ?? 'the whole company', ...who };
  const said = names.join(', ').replaceAll('-', ' ');
  return { of: 'function', for: isWhole ? said : `${said} of ${unit.name}`, ...who };
}

/** What was written down of who was there, by seat. */
export const attended = (
  seats: readonly CouncilSeat[],
  attendance: readonly { readonly person: string; readonly present: boolean }[],
): readonly AttendedSeat[] => {
  const noted = new Map(attendance.map(({ person, present }) => [person, present]));
  return seats.map((seat) => ({
    of: seat.of,
    for: seat.for,
    person: seat.person,
    name: seat.name,
    present: seat.person === null ? null : (noted.get(seat.person) ?? null),
  }));
};
