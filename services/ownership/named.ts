/** Whom to call, where somebody has a part of a name alone: assets, teams and people that are called so. */
import type { EmergencyContact, OrgPerson, OrgTree, OrgUnit } from '@macadam/core/org/org';
import { pathOf } from '@macadam/core/org/org';
import { ascending } from '@macadam/core/text/order';

export interface NamedUnit {
  readonly unit: OrgUnit;
  /** Of the nearest unit above it that has any, itself first. */
  readonly contacts: readonly EmergencyContact[];
  /** Whose contacts these are; null for its own. */
  readonly instead: OrgUnit | null;
}

export interface NamedPerson {
  readonly person: OrgPerson;
  readonly units: readonly OrgUnit[];
}

/** Ways to reach a unit, or the nearest one above it that can be reached. */
export function contactsOf(tree: OrgTree, unit: string): Omit<NamedUnit, 'unit'> {
  for (const one of pathOf(tree, unit))
    if (one.contacts.length > 0) return { contacts: one.contacts, instead: one.id === unit ? null : one };
  return { contacts: [], instead: null };
}

/** Units whose name or id holds a text, in any case; in order of name. `most`: so many of them. */
export function unitsNamed(tree: OrgTree, text: string, most: number): readonly NamedUnit[] {
  const wanted = text.toLowerCase();
  return [...tree.units.values()]
    .filter(({ id, name }) => name.toLowerCase().includes(wanted) || id.toLowerCase().includes(wanted))
    .sort((a, b) => ascending(a.name, b.name) || ascending(a.id, b.id))
    .slice(0, most)
    .map((unit) => ({ unit, ...contactsOf(tree, unit.id) }));
}

/** People whose name, id or mail address holds a text. */
export function peopleNamed(tree: OrgTree, text: string, most: number): readonly NamedPerson[] {
  const wanted = text.toLowerCase();
  return [...tree.people.values()]
    .filter(({ id, name, email }) =>
      [id, name, email ?? ''].some((one) => one.toLowerCase().includes(wanted)),
    )
    .sort((a, b) => ascending(a.name, b.name) || ascending(a.id, b.id))
    .slice(0, most)
    .map((person) => ({
      person,
      units: [...person.units].flatMap((id) => tree.units.get(id) ?? []),
    }));
}
