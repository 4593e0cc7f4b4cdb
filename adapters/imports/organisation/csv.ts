/**
 * A list of people as a personnel system exports it, one a row: `person` and `team`, and where they are known `name`,
 * `email`, `organisation`, `division`, `company`. A unit is called by its name, or by the id in `team_id`,
 * `organisation_id` … `accountable_for` lists ids of units, `pillar:…` or `kind:…`. A row without a person is a unit.
 */

import { type AccountableFor, LEVELS } from '@macadam/core/org/org';
import type { OrgSnapshot } from '@macadam/core/org/snapshot';
import type { FileDiagnostic } from '@macadam/core/text/diagnostic';
import { didYouMean } from '@macadam/core/text/suggestion';
import type { OrgFormat } from './port.ts';
import { DEFAULT_COMPANY, sound } from './soundness.ts';

const COLUMNS = [
  'person',
  'name',
  'email',
  'accountable_for',
  ...LEVELS.flatMap((level) => [level, `${level}_id`]),
];

interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/** RFC 4180, and `;` between cells where the first line has it; null for a quote without an end. */
export function csvRows(text: string): readonly CsvRow[] | { readonly openedAt: number } {
  const given = text.replace(/^\uFEFF/, '');
  const first = given.split(/\r?\n/, 1)[0] ?? '';
  const separator = first.includes(';') && !first.includes(',') ? ';' : ',';
  const rows: CsvRow[] = [];
  let cells: string[] = [];
  let cell = '';
  let opened = 0;
  let line = 1;
  let begun = 1;
  const end = () => {
    cells.push(cell.trim());
    if (cells.some((one) => one !== '')) rows.push({ line: begun, cells });
    [cells, cell, begun] = [[], '', line + 1];
  };
  for (let at = 0; at < given.length; at++) {
    const letter = given[at];
    if (opened > 0) {
      if (letter === '"' && given[at + 1] === '"') cell += given[at++];
      else if (letter === '"') opened = 0;
      else cell += letter;
    } else if (letter === '"' && cell.trim() === '') [cell, opened] = ['', line];
    else if (letter === separator) [cells, cell] = [[...cells, cell.trim()], ''];
    else if (letter === '\n') end();
    else if (letter !== '\r') cell += letter;
    if (letter === '\n') line++;
  }
  if (opened > 0) return { openedAt: opened };
  end();
  return rows;
}

/** `Cloud & Edge` → `cloud-edge`. */
const idOf = (name: string) =>
  name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '');

export const readOrgCsv: OrgFormat = (text, file) => {
  const rows = csvRows(text);
  const wrong = (line: number, field: string, reason: string): FileDiagnostic => ({
    file,
    line,
    column: 1,
    field,
    reason,
  });
  if ('openedAt' in rows)
    return { mistakes: [wrong(rows.openedAt, '', 'a quote that opens here never closes; close it')] };
  const [head, ...body] = rows;
  if (!head)
    return {
      mistakes: [
        wrong(1, '', 'the file is empty; its first line names columns, `person` and `team` at least'),
      ],
    };
  const names = head.cells.map((name) => name.toLowerCase());
  const mistakes = names
    .filter((name) => !COLUMNS.includes(name))
    .map((name) =>
      wrong(
        1,
        name,
        `there is no such column${didYouMean(name, COLUMNS) || `; there are ${COLUMNS.join(', ')}`}`,
      ),
    );
  for (const needed of ['person', 'team'].filter((name) => !names.includes(name)))
    mistakes.push(wrong(1, needed, 'the column is missing; add it to the first line'));
  for (const { line, cells } of body)
    if (cells.length > names.length)
      mistakes.push(
        wrong(
          line,
          '',
          `it has ${cells.length} cells, the first line ${names.length}; quote the ones with a separator in them`,
        ),
      );
  if (mistakes.length > 0) return { mistakes };
  const table = csvTable();
  for (const { line, cells } of body) table.take(line, (name) => cells[names.indexOf(name)] ?? '');
  const clashes = table.clashes.map(({ line, id, reason }) => wrong(line, id, reason));
  return clashes.length > 0 ? { mistakes: clashes } : sound(table.snapshot(), table.lines(), file);
};

type CsvUnit = OrgSnapshot['units'][number] & { readonly line: number };
type CsvPerson = {
  readonly name: string;
  readonly email: string;
  readonly units: Set<string>;
  readonly line: number;
};

/** Units and people as rows name them, each once. */
function csvTable() {
  const clashes: { readonly line: number; readonly id: string; readonly reason: string }[] = [];
  const units = new Map<string, CsvUnit>();
  const people = new Map<string, CsvPerson>();
  const accountable: { readonly person: string; readonly for: AccountableFor; readonly line: number }[] = [];

  function unit(given: CsvUnit): string {
    const known = units.get(given.id);
    if (!known) units.set(given.id, given);
    else if (known.level !== given.level || known.parent !== given.parent) {
      const reason = `it is ${placeOf(known)} in line ${known.line} and ${placeOf(given)} here; give one an id of its own in \`${given.level}_id\``;
      clashes.push({ line: given.line, id: given.id, reason });
    }
    return given.id;
  }

  function take(line: number, cell: (name: string) => string): void {
    let parent: string | null = null;
    for (const level of LEVELS) {
      const name = cell(level);
      const id = cell(`${level}_id`) || idOf(name);
      if (id !== '') parent = unit({ id, level, name: name || id, parent, line });
      else if (level === 'company') parent = unit({ ...DEFAULT_COMPANY, line });
    }
    const person = cell('person').toLowerCase();
    if (person === '' || parent === null) return;
    const known = people.get(person);
    people.set(person, {
      units: new Set([...(known?.units ?? []), parent]),
      line: known?.line ?? line,
      name: cell('name') || (known?.name ?? ''),
      email: cell('email').toLowerCase() || (known?.email ?? ''),
    });
    for (const one of cell('accountable_for')
      .split(/[\s,]+/)
      .filter(Boolean)) {
      const [, sort, value] = /^(pillar|kind):(.+)$/.exec(one) ?? [];
      accountable.push({ person, line, for: sort && value ? { [sort]: value } : { unit: one } });
    }
  }

  const snapshot = (): OrgSnapshot => ({
    units: [...units.values()].map(({ line: _, ...one }) => one),
    people: [...people].map(([id, { name, email, units: own }]) => ({
      id,
      units: [...own],
      ...(name !== '' && { name }),
      ...(email !== '' && { email }),
    })),
    ...(accountable.length > 0 && { accountable: accountable.map(({ line: _, ...one }) => one) }),
  });
  const linesOf = (all: Iterable<{ readonly line: number }>) => [...all].map(({ line }) => line);
  const lines = () => ({
    units: linesOf(units.values()),
    people: linesOf(people.values()),
    accountable: linesOf(accountable),
  });
  return { take, clashes, snapshot, lines };
}

const placeOf = ({ level, parent }: CsvUnit) => `a ${level} below \`${parent}\``;
