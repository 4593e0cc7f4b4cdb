/**
 * A Backstage catalogue: entities of the kinds Group and User (backstage.io, "Descriptor Format of Catalog Entities"), in
 * one YAML file of several documents. Other kinds are left alone. Who is accountable is not in Backstage's own model: the
 * annotation `macadam/deputy-ciso` of a group names the person.
 */

import { LEVELS, type OrgLevel } from '@macadam/core/org/org';
import type { OrgSnapshot } from '@macadam/core/org/snapshot';
import type { FileDiagnostic } from '@macadam/core/text/diagnostic';
import { written } from '@macadam/core/text/unfit';
import { type Document, LineCounter, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import type { OrgFormat } from './port.ts';
import { DEFAULT_COMPANY, sound } from './soundness.ts';

/** What catalogues call their groups → the level that it is here. */
const TYPES: Readonly<Record<string, OrgLevel>> = {
  company: 'company',
  root: 'company',
  organization: 'company',
  organisation: 'company',
  division: 'division',
  'business-unit': 'division',
  department: 'division',
  'sub-department': 'organisation',
  'product-area': 'organisation',
  tribe: 'organisation',
  team: 'team',
  squad: 'team',
  group: 'team',
};

const metadata = z.object({
  name: z.string().min(1),
  title: z.string().optional(),
  annotations: z.record(z.string(), z.string()).default({}),
});
const profile = z.object({ displayName: z.string().optional(), email: z.string().optional() }).default({});
const references = z.array(z.string()).default([]);

const groupSchema = z.object({
  kind: z.literal('Group'),
  metadata,
  spec: z.object({
    type: z.string(),
    profile,
    parent: z.string().optional(),
    children: references,
    members: references,
  }),
});
const userSchema = z.object({
  kind: z.literal('User'),
  metadata,
  spec: z.object({ profile, memberOf: references }).default({ profile: {}, memberOf: [] }),
});
const entitySchema = z.discriminatedUnion('kind', [groupSchema, userSchema]);
type Entity = z.infer<typeof entitySchema> & { readonly line: number };

/** `group:default/shop`, `default/shop` or `shop` → `shop`. */
const nameOf = (reference: string) =>
  (reference.split(':').at(-1) ?? '').split('/').at(-1)?.toLowerCase() ?? '';
const ANNOTATION = 'macadam/deputy-ciso';

export const readBackstage: OrgFormat = (text, file) => {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  const mistakes: FileDiagnostic[] = [];
  const entities: Entity[] = [];
  for (const document of Array.isArray(documents) ? documents : []) {
    const line = Math.max(1, lines.linePos(document.contents?.range?.[0] ?? document.range[0]).line);
    const found = entityOf(document, (field, reason, offset) => {
      mistakes.push({
        file,
        line: offset === undefined ? line : lines.linePos(offset).line,
        column: 1,
        field,
        reason,
      });
    });
    if (found) entities.push({ ...found, line });
  }
  const groups = entities.filter((one) => one.kind === 'Group');
  for (const { spec, line } of groups)
    if (!Object.hasOwn(TYPES, spec.type.toLowerCase())) {
      const reason = `\`${spec.type}\` is no level that is known here; there are ${Object.keys(TYPES).join(', ')}`;
      mistakes.push({ file, line, column: 1, field: 'spec.type', reason });
    }
  return mistakes.length > 0
    ? { mistakes }
    : assembled(
        groups,
        entities.filter((one) => one.kind === 'User'),
        file,
      );
};

function entityOf(
  document: Document.Parsed,
  say: (field: string, reason: string, offset?: number) => void,
): z.infer<typeof entitySchema> | null {
  for (const error of document.errors) say('', error.message, error.pos[0]);
  if (document.errors.length > 0) return null;
  let plain: unknown;
  try {
    plain = document.toJS({ maxAliasCount: 50 });
  } catch (error) {
    say('', error instanceof Error ? error.message : String(error));
    return null;
  }
  const kind = typeof plain === 'object' && plain !== null && 'kind' in plain ? plain.kind : undefined;
  if (kind !== 'Group' && kind !== 'User') return null;
  const parsed = entitySchema.safeParse(plain);
  for (const issue of parsed.error?.issues ?? []) say(issue.path.map(String).join('.'), written(issue));
  return parsed.data ?? null;
}

type Group = Entity & { readonly kind: 'Group' };
type User = Entity & { readonly kind: 'User' };

function assembled(groups: readonly Group[], users: readonly User[], file: string) {
  const levelOf = ({ spec }: Group) => TYPES[spec.type.toLowerCase()] ?? 'team';
  const ordered = groups.toSorted((a, b) => LEVELS.indexOf(levelOf(a)) - LEVELS.indexOf(levelOf(b)));
  const top = ordered.find((one) => levelOf(one) === 'company');
  const company = top ? nameOf(top.metadata.name) : DEFAULT_COMPANY.id;
  const parents = new Map(
    groups.flatMap(({ metadata: { name }, spec }) =>
      spec.children.map((child) => [nameOf(child), nameOf(name)]),
    ),
  );
  const units = ordered.map((group) => {
    const { metadata: own, spec } = group;
    const id = nameOf(own.name);
    const level = levelOf(group);
    const stated = spec.parent === undefined ? parents.get(id) : nameOf(spec.parent);
    const name = spec.profile.displayName ?? own.title ?? own.name;
    return { id, level, name, parent: level === 'company' ? null : (stated ?? company) };
  });
  const unitsOf = (id: string, memberOf: readonly string[]) => {
    const listed = groups
      .filter(({ spec }) => spec.members.some((one) => nameOf(one) === id))
      .map(({ metadata: { name } }) => nameOf(name));
    const own = [...new Set([...memberOf.map(nameOf), ...listed])];
    return own.length > 0 ? own : [company];
  };
  const people = users.map(({ metadata: own, spec: { profile: about, memberOf } }) => {
    const id = nameOf(own.name);
    const name = about.displayName ?? own.title;
    return {
      id,
      units: unitsOf(id, memberOf),
      ...(name !== undefined && { name }),
      ...(about.email !== undefined && { email: about.email.toLowerCase() }),
    };
  });
  const named = ordered.filter(({ metadata: { annotations } }) => annotations[ANNOTATION] !== undefined);
  const accountable = named.map(({ metadata: { name, annotations } }) => ({
    person: nameOf(annotations[ANNOTATION] ?? ''),
    for: { unit: nameOf(name) },
  }));
  const snapshot: OrgSnapshot = {
    units: top ? units : [DEFAULT_COMPANY, ...units],
    people,
    ...(accountable.length > 0 && { accountable }),
  };
  const lines = ordered.map(({ line }) => line);
  return sound(
    snapshot,
    {
      units: top ? lines : [1, ...lines],
      people: users.map(({ line }) => line),
      accountable: named.map(({ line }) => line),
    },
    file,
  );
}
