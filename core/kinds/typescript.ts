/** A kind as TypeScript: what a source may state about one of its assets. */

import { ASSURANCES, CAUSES } from '../facts/observation.ts';
import type { AttributeDefinition, FieldDefinition, Kind } from './kind.ts';
import { enumWords } from './laws.ts';

/** The text of a module that needs no other; its types fit `attributes` of an observation. */
export function typesOf(kind: Kind): string {
  const name = pascal(kind.kind);
  const records: string[] = [];
  const attributes = Object.entries(kind.attributes)
    // Only an approval states these.
    .filter(([, { set_by }]) => set_by === 'source')
    .map(([attribute, definition]) => {
      const type = typeText(definition, `${name}${pascal(attribute)}`, records);
      return `${doc(notesOf(definition), '  ')}  readonly ${attribute}?: ${stated(type, definition)};`;
    });
  // A type, not an interface: only then it fits a record of statements.
  const own = `${doc([kind.description], '')}export type ${name} = {\n${attributes.join('\n')}\n};`;
  const head = `// Made from kinds/${kind.kind}.yaml by \`macadam catalogue --kind ${kind.kind} --as types\`; change it there.`;
  return `${[head, PRELUDE, ...records, own].join('\n\n')}\n`;
}

const words = (all: readonly string[]) => all.map((word) => `'${word}'`).join(' | ');

const PRELUDE = [
  '/** Nobody looked, or could not; `why` says which, for people. */',
  'export interface Unobserved {',
  `  readonly unobserved: ${words(CAUSES)};`,
  '  readonly why: string;',
  '}',
  '',
  "/** How strongly it is known, where it differs from the observation's, and how far back was looked. */",
  'export interface Looked {',
  `  readonly assurance?: ${words(ASSURANCES)};`,
  '  readonly window?: string;',
  '}',
  '',
  'export type Stated<T> = (Looked & { readonly value: T }) | Unobserved;',
  '/** Somebody looked, and there is none. */',
  'export type Absent = Looked & { readonly absent: true };',
  '/** A list or map; `complete: false` where it may hold more, and `why`. */',
  'export type StatedWhole<T> =',
  '  | (Looked & { readonly value: T; readonly complete?: boolean; readonly why?: string })',
  '  | Unobserved;',
  '/** It is a statement only with the window that was looked back over. */',
  'export type Windowed<T> = (T & { readonly window: string }) | Unobserved;',
  '',
  '/** RFC 3339, such as `2026-11-01T08:30:00Z`. */',
  'export type Timestamp = string;',
  '/** Such as `1h30m` or `90d`. */',
  'export type Duration = string;',
  '/** A whole number from -(2^53 - 1) to 2^53 - 1. */',
  'export type Int = number;',
].join('\n');

function stated(type: string, { type: kind, optional, window }: AttributeDefinition): string {
  const whole = kind === 'list' || kind === 'map';
  const text = whole ? `StatedWhole<${type}>` : `Stated<${type}>`;
  const all = optional || kind === 'list' ? `${text} | Absent` : text;
  return window === undefined ? all : `Windowed<Exclude<${all}, Unobserved>>`;
}

function typeText({ type, of = 'string', fields }: FieldDefinition, name: string, records: string[]): string {
  const element = () => (typeof of === 'string' ? scalar(of) : record(of, name, records));
  switch (type) {
    case 'list':
      return `readonly (${element()} | Unobserved)[]`;
    case 'map':
      return `{ readonly [key: string]: ${element()} | Unobserved }`;
    case 'record':
      return record(fields ?? {}, name, records);
    default:
      return scalar(type);
  }
}

function record(fields: Readonly<Record<string, FieldDefinition>>, name: string, records: string[]): string {
  const lines = Object.entries(fields).map(([field, definition]) => {
    const type = typeText(definition, `${name}${pascal(field)}`, records);
    const notes = [definition.description ?? '', definition.optional ? 'Left out where there is none.' : ''];
    return `${doc(notes, '  ')}  readonly ${field}${definition.optional ? '?' : ''}: ${type} | Unobserved;`;
  });
  records.push(`export type ${name} = {\n${lines.join('\n')}\n};`);
  return name;
}

function scalar(type: string): string {
  const choice = enumWords(type);
  if (choice.length > 0) return words(choice);
  return (
    { bool: 'boolean', int: 'Int', double: 'number', timestamp: 'Timestamp', duration: 'Duration' }[type] ??
    'string'
  );
}

function notesOf({ description, window, assurance, authority, element_key, immutable }: AttributeDefinition) {
  return [
    description,
    window === undefined ? '' : `Look back at least ${window}, or it is no statement.`,
    assurance === 'attested' ? '' : `It has to be known as ${assurance} or better, or it is no statement.`,
    authority === undefined ? '' : `The word of source ${authority} counts alone.`,
    element_key === undefined ? '' : `Elements are told apart by \`${element_key}\`.`,
    immutable ? 'It never changes.' : '',
  ];
}

function doc(sentences: readonly string[], indent: string): string {
  const text = sentences.filter((sentence) => sentence !== '').join(' ');
  // A comment ends where its text says so.
  return text === '' ? '' : `${indent}/** ${text.replaceAll('*/', '*\\/')} */\n`;
}

const pascal = (name: string) =>
  name
    .split(/[-_]/)
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1))
    .join('');
