/** A kind as a page of Markdown, for people who write sources and standards. */

import type { Standard } from '../verdicts/standard.ts';
import type { AttributeDefinition, FieldDefinition, Kind } from './kind.ts';
import { versionOf } from './migration.ts';
import { relationsOf } from './relation.ts';

/** A standard that judges the kind, and the attributes that its scope and check read. */
export interface Reader {
  readonly definition: Pick<Standard, 'id' | 'statement'>;
  readonly reads: readonly string[];
}

export function pageOf(kind: Kind, kinds: ReadonlyMap<string, Kind>, standards: readonly Reader[]): string {
  const parts = [
    `# ${kind.kind}`,
    kind.description,
    keyText(kind),
    '## Attributes',
    ...Object.entries(kind.attributes).map(([name, definition]) =>
      attributeText(name, definition, standards),
    ),
    ...relationsText(kind, kinds),
    ...standardsText(standards),
    ...migrationsText(kind),
  ];
  return `${parts.join('\n\n')}\n`;
}

function keyText({ key, fresh_for, settle, migrations, ...rest }: Kind): string {
  const parts = key.map((name) => `\`${name}\``).join(', ');
  const version = versionOf({ ...rest, key, fresh_for, settle, migrations });
  const born =
    rest.born === undefined
      ? ''
      : ` It begins at \`${rest.born}\`: who looked back that far looked back far enough for every window.`;
  const holder =
    rest.contained_in === undefined
      ? ''
      : ` Each stands in one ${rest.contained_in}, which every observation of it names as its container.`;
  const counted =
    rest.population === undefined
      ? ''
      : ' A list of them is whole only where a second witness counts as many: while one is not, no standard of them is met.';
  return `Its id is made of ${parts}.${holder}${counted} What was seen of it counts for ${fresh_for}, unless a standard says less or more; sources that differ within ${settle} are disputed.${born} Version ${version}.`;
}

function attributeText(name: string, definition: AttributeDefinition, standards: readonly Reader[]): string {
  const readers = standards
    .filter(({ reads }) => reads.includes(name))
    .map((one) => `\`${one.definition.id}\``);
  const facts = [
    ...notesOf(definition),
    ...(definition.remedy ? [`To have it seen: ${definition.remedy}.`] : []),
    ...(readers.length > 0 ? [`Read by ${readers.join(', ')}.`] : []),
  ];
  const fields = fieldLines(definition, '');
  return [
    `### \`${name}\`: ${typeText(definition)}`,
    definition.description.trim(),
    facts.map((fact) => `- ${fact}`).join('\n'),
    ...(fields.length > 0 ? ['It has these fields:', fields.join('\n')] : []),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function notesOf(definition: AttributeDefinition): readonly string[] {
  const { type, optional, immutable, window, assurance, authority, settle, set_by, element_key, at_most } =
    definition;
  if (set_by === 'approval')
    return ['Set by approval: no source states it; without an approval in force it has its zero value.'];
  const states =
    type === 'list'
      ? 'A value, or unobserved; "there is none" is the complete empty list, and a partial list may hold more.'
      : type === 'map'
        ? 'A value, or unobserved; in a partial map a key that was not seen is unobserved.'
        : optional
          ? 'A value, absent (somebody looked, and there is none), or unobserved.'
          : 'A value, or unobserved; it cannot be absent.';
  return [
    states,
    ...(immutable ? ['Immutable: it never ages.'] : []),
    ...(window ? [`Window: a source has to look back at least ${window}, or it is no statement.`] : []),
    ...(assurance === 'attested' ? [] : [`Least assurance: ${assurance}; what is weaker is no statement.`]),
    ...(authority
      ? [`Authority: the newest word of \`${authority}\` is the value, whatever others say.`]
      : []),
    ...(settle ? [`Sources that differ within ${settle} are disputed.`] : []),
    ...(element_key ? [`Elements are told apart, and ordered, by \`${element_key}\`.`] : []),
    ...(at_most ? [`At most ${at_most} elements are expected.`] : []),
  ];
}

function typeText({ type, of }: FieldDefinition): string {
  const plain = (text: string) => text.replace(/^enum\((.*)\)$/, 'one of $1');
  if (type !== 'list' && type !== 'map') return plain(type);
  return `${type} of ${typeof of === 'object' ? 'records' : plain(of ?? 'string')}`;
}

function fieldLines({ of, fields }: FieldDefinition, indent: string): readonly string[] {
  const inner = typeof of === 'object' ? of : (fields ?? {});
  return Object.entries(inner).flatMap(([name, field]) => {
    const says = [typeText(field), field.optional ? 'may be absent' : '', field.description?.trim() ?? ''];
    const line = `${indent}- \`${name}\`: ${says.filter((part) => part !== '').join('; ')}`;
    return [line, ...fieldLines(field, `${indent}  `)];
  });
}

function relationsText(kind: Kind, kinds: ReadonlyMap<string, Kind>): readonly string[] {
  const names = Object.entries(kind.relations);
  if (names.length === 0) return [];
  const followed = new Map(relationsOf(kind, kinds).map((relation) => [relation.name, relation]));
  const lines = names.map(([name, { to, from, by }]) => {
    const found = followed.get(name);
    if (!found) return `- \`${name}\`: to ${to ?? from}; stated only, no attribute holds the reference`;
    return found.inverse
      ? `- \`${name}\`: every ${found.other.kind} whose \`${found.by}\` is this asset, the other direction of \`${by}\``
      : `- \`${name}\`: the ${found.other.kind} that \`${found.by}\` names`;
  });
  return ['## Relations', lines.join('\n')];
}

function standardsText(standards: readonly Reader[]): readonly string[] {
  if (standards.length === 0) return ['## Standards', 'No standard judges it yet.'];
  const lines = standards.map(({ definition }) => `- \`${definition.id}\`: ${definition.statement}`);
  return ['## Standards', lines.join('\n')];
}

function migrationsText({ migrations }: Kind): readonly string[] {
  if (migrations.length === 0) return [];
  const lines = migrations.map(({ version, why, rename, drop, convert, key, element_key }) => {
    const did = [
      ...Object.entries(rename).map(([from, to]) => `\`${from}\` is called \`${to}\``),
      ...Object.entries(drop).map(([path, reason]) => `\`${path}\` is gone: ${reason}`),
      ...Object.entries(convert).map(([path, { by }]) => `\`${path}\` is now \`${by}\` of what it was`),
      ...Object.entries(element_key).map(
        ([path, reason]) => `elements of \`${path}\` are told apart anew: ${reason}`,
      ),
      ...(key === undefined ? [] : [`ids are made anew: ${key}`]),
    ];
    return `- Version ${version}: ${why} ${did.join('; ')}`.trim();
  });
  return [
    '## Versions',
    'What was observed under an earlier version is read as the newest.',
    lines.join('\n'),
  ];
}
