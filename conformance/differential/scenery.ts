/** What random expressions are made of: the places that can be read, and words worth trying. */
import { assetType, fieldType, type Type } from '@macadam/core/cel/type';
import type { Kind } from '@macadam/core/kinds/kind';

export type Name = 'bool' | 'int' | 'uint' | 'double' | 'string' | 'timestamp' | 'duration';

/** Something that an expression can read: its text, its type, and what must be there first. */
export interface Place {
  readonly text: string;
  readonly type: Type;
  /** Paths that must be present, outermost first. */
  readonly needs: readonly string[];
}

export interface Surroundings {
  readonly places: readonly Place[];
  readonly present: ReadonlySet<string>;
  readonly depth: number;
  readonly variables: number;
}

export const PARAMETERS = {
  limit: 3,
  idle: '720h',
  words: ['a', 'b', 'red'],
  word: 'ab',
  since: '2026-10-30T00:00:00Z',
};

export const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/St_Johns',
  'Asia/Kathmandu',
  '+05:30',
  '-08:00',
  '02:00',
  'Nowhere/At_All',
];
export const ADDRESSES = [
  '10.1.2.3',
  '10.255.0.1',
  '127.0.0.1',
  '0.0.0.0',
  '169.254.1.1',
  '255.255.255.255',
  '224.0.0.1',
  '010.1.2.3',
  '::1',
  '::',
  'fe80::1',
  'ff02::1',
  '2001:db8::1',
  '2001:DB8:0:0:0:0:0:1',
  '::ffff:10.1.2.3',
  '1::2::3',
  '64:ff9b::10.0.0.1',
];
export const NETWORKS = [
  '10.0.0.0/8',
  '10.1.0.0/16',
  '0.0.0.0/0',
  '10.1.2.3/32',
  '2001:db8::/32',
  '::/0',
  'fe80::/10',
  '127.0.0.0/31',
];
export const VERSIONS = [
  '1.2.3',
  '1.2.10',
  '2.0.0',
  '1.2.3-rc.1',
  '1.2.3-rc.2',
  '1.2.3-rc',
  '1.2.3-1',
  '1.2.3-alpha.beta',
  '1.2.3+build',
  '1.02.3',
  '1.2',
  'v1.2.3',
  '99999999999999999999.0.0',
];

/** None of these is the complete empty one, so that they may always be read. */
export const isContainer = ({ name }: Type) => name === 'list' || name === 'map';

export function placesBelow(place: Place, depth = 0): Place[] {
  if (place.type.name !== 'record' || depth > 2) return [place];
  return Object.entries(place.type.fields).flatMap(([name, field]) => {
    const text = `${place.text}.${name}`;
    const needs = field.optional && !isContainer(field.type) ? [...place.needs, text] : place.needs;
    return placesBelow({ text, type: field.type, needs }, depth + 1);
  });
}

export function rootPlaces(kind: Kind, other: Kind | undefined): Place[] {
  const asset = Object.entries(kind.attributes).flatMap(([name, about]) => {
    const text = `asset.${name}`;
    const type = fieldType(about, text);
    const place = {
      text,
      type,
      needs: about.optional && !isContainer(type) ? [text] : [],
    };
    return type.name === 'record' ? [place, ...placesBelow(place)] : [place];
  });
  const named = (text: string, name: Name): Place => ({ text, type: { name }, needs: [] });
  const relations = Object.keys(kind.relations).map((name): Place => {
    const text = `related("${name}")`;
    return { text, type: { name: 'list', of: other ? assetType(other) : { name: 'dyn' } }, needs: [] };
  });
  return [
    ...asset,
    ...relations,
    named('now', 'timestamp'),
    named('params.limit', 'int'),
    named('params.idle', 'duration'),
    named('params.word', 'string'),
    named('params.since', 'timestamp'),
    { text: 'params.words', type: { name: 'list', of: { name: 'string' } }, needs: [] },
  ];
}

/** A string as CEL writes it. */
export function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(/\\u(....)/g, '\\u$1');
}

export const isTextual = (type: Type) => type.name === 'string' || type.name === 'enum';

export function sameType(a: Type, b: Type): boolean {
  return a.name === b.name && (a.name !== 'list' || b.name !== 'list' || sameType(a.of, b.of));
}
