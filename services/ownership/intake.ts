/** What a directory exports, taken into the log as one act: first to be looked at, then for good. */

import type { GivenPerson, PersonRecord } from '@macadam/adapters/decisions/organisation';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { readBackstage } from '@macadam/adapters/imports/organisation/backstage';
import { readOrgCsv } from '@macadam/adapters/imports/organisation/csv';
import type { OrgFormat } from '@macadam/adapters/imports/organisation/port';
import { readOrgYaml } from '@macadam/adapters/imports/organisation/yaml';
import { type OrgEvent, type OrgTree, record, treeAt } from '@macadam/core/org/org';
import { changesTo, type OrgSnapshot } from '@macadam/core/org/snapshot';
import type { RequestDiagnostic } from '@macadam/core/text/diagnostic';
import { describeFileDiagnostic } from '@macadam/core/text/diagnostic';
import { ORGANISATION, orgEvents, recordEvents } from './log.ts';

export const ORG_FORMATS: Readonly<Record<'yaml' | 'csv' | 'backstage', OrgFormat>> = {
  yaml: readOrgYaml,
  csv: readOrgCsv,
  backstage: readBackstage,
};
export type OrgFormatName = keyof typeof ORG_FORMATS;

export interface OrgImport {
  readonly format: OrgFormatName;
  readonly text: string;
  /** What mistakes call the text, and the log its source. */
  readonly file: string;
  /** First day on which it is so; today where it is left out. */
  readonly on?: string | undefined;
  /** Says what would happen, and writes nothing. */
  readonly preview?: boolean;
}

export interface OrgImported {
  /** What leads from the tree that is known to what the directory says. */
  readonly events: readonly OrgEvent[];
  /** Why it cannot be taken, all of it; then nothing is. */
  readonly refusals: readonly RequestDiagnostic[];
  /** People whose record is made, changed, or who are shut out. */
  readonly people: readonly string[];
  readonly written: boolean;
}

export async function importOrganisation(
  tx: DecisionTransaction,
  { format, text, file, on = tx.at.slice(0, 10), preview = false }: OrgImport,
): Promise<OrgImported> {
  const refused = (
    refusals: readonly RequestDiagnostic[],
    events: readonly OrgEvent[] = [],
  ): OrgImported => ({
    events,
    refusals,
    people: [],
    written: false,
  });
  const reading = ORG_FORMATS[format](text, file);
  if ('mistakes' in reading)
    return refused(
      reading.mistakes.map((mistake) => ({
        field: mistake.field,
        reason: describeFileDiagnostic(mistake),
        fix: 'correct it in the file, and give it again',
      })),
    );
  await tx.exclusive(ORGANISATION);
  const log = await orgEvents(tx);
  const changes = changesTo(treeAt(log, on), reading.snapshot, on);
  if ('refusals' in changes) return refused(changes.refusals);
  const { events } = changes;
  const recorded = record(log, events);
  if ('refusals' in recorded) return refused(recorded.refusals, events);
  const people = on <= tx.at.slice(0, 10) ? await changedPeople(tx, reading.snapshot, treeAt(log, on)) : [];
  const ids = people.map(({ id }) => id);
  if (preview || events.length === 0) return { events, refusals: [], people: ids, written: false };
  await recordEvents(tx, events, file);
  await tx.organisation.putPeople(people);
  for (const { id, active } of people) if (active === false) await tx.access.shutOut(id);
  return { events, refusals: [], people: ids, written: true };
}

/** People's records as they become: those of a directory that pushes keep what it said, and stay as it says. */
async function changedPeople(
  tx: DecisionTransaction,
  { people }: OrgSnapshot,
  before: OrgTree,
): Promise<readonly GivenPerson[]> {
  const records = await everybody(tx);
  const changed: GivenPerson[] = [];
  for (const { id, name = id, email: mail = null } of people) {
    const known = records.get(id);
    if (!known) changed.push({ id, name, mail });
    else if (known.userName === null && !(known.active && known.name === name && known.mail === mail))
      changed.push({ ...known, name, mail, active: true });
  }
  const here = new Set(people.map(({ id }) => id));
  for (const id of before.people.keys()) {
    const known = here.has(id) ? null : records.get(id);
    if (known?.active && known.userName === null) changed.push({ ...known, active: false });
  }
  return changed;
}

async function everybody(tx: DecisionTransaction): Promise<ReadonlyMap<string, PersonRecord>> {
  const all = new Map<string, PersonRecord>();
  const limit = 5000;
  for (let after = ''; ; ) {
    const page = await tx.organisation.people({ after, limit });
    for (const one of page) all.set(one.id, one);
    const last = page.at(-1);
    if (!last || page.length < limit) return all;
    after = last.id;
  }
}
