/**
 * Reads what was observed under an earlier version of a kind as its present version says it. Observations are never
 * edited: they are read through the migrations that the kind states, each time that they are read.
 */
import { compile } from '../cel/compile.ts';
import { fieldType, type Type } from '../cel/type.ts';
import { dataOf } from '../facts/data.ts';
import { isUnobserved, type Observation, type Unobserved, type Value } from '../facts/observation.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import { sameShape } from './change.ts';
import type { FieldDefinition, Kind, Migration } from './kind.ts';
import { definitionAt, ELEMENT, isUnder, pathText, type Steps, stepsOf } from './path.ts';
import { plainOf } from './plain.ts';

/** The first version is 1; each stated migration makes the next. */
export const versionOf = (kind: Kind): number => kind.migrations.length + 1;

type Attributes = Observation['attributes'];
type Conversion = Migration['convert'][string];

interface Converter {
  readonly steps: Steps;
  readonly run: (value: Value, complete?: boolean) => Value;
  /** What "there is none" becomes; undefined where it stays what it is. */
  readonly absent: Value | undefined;
}

interface Step {
  readonly version: number;
  readonly renames: Renames;
  readonly drops: readonly Steps[];
  readonly converters: readonly Converter[];
}

const compiled = new WeakMap<Kind, readonly Step[]>();

/** The observation as the present version of its kind would state it; itself, where nothing changed since `version`. */
export function upgraded(kind: Kind, version: number, observation: Observation): Observation {
  const steps = stepsOfKind(kind).filter((step) => step.version > version);
  if (steps.length === 0) return observation;
  let attributes: Attributes = observation.attributes;
  for (const { renames, drops, converters } of steps) {
    attributes = renamed(attributes, renames, (statement, below) =>
      'value' in statement ? { ...statement, value: renamedWithin(statement.value, below) } : statement,
    );
    for (const path of drops) attributes = dropped(attributes, path);
    for (const one of converters) attributes = converted(attributes, one);
  }
  return { ...observation, attributes };
}

function stepsOfKind(kind: Kind): readonly Step[] {
  const known = compiled.get(kind);
  if (known) return known;
  const steps = kind.migrations.map(({ version, rename, drop, convert }) => ({
    version,
    renames: renamesOf(rename),
    drops: Object.keys(drop).map(stepsOf),
    converters: Object.entries(convert).flatMap(([path, conversion]) => {
      const made = converter(path, conversion, version);
      if ('mistakes' in made) throw new TypeError(`${kind.kind}: ${made.mistakes.join('; ')}`);
      return [made];
    }),
  }));
  compiled.set(kind, steps);
  return steps;
}

/** A tree of the names on the way to what is renamed. */
interface Renames {
  to?: string;
  readonly below: Map<string, Renames>;
}

function renamesOf(rename: Migration['rename']): Renames {
  const root: Renames = { below: new Map() };
  for (const [path, to] of Object.entries(rename)) {
    let node = root;
    for (const step of stepsOf(path)) {
      const next: Renames = node.below.get(step) ?? { below: new Map() };
      node.below.set(step, next);
      node = next;
    }
    node.to = to;
  }
  return root;
}

/** All at once, so that two names can be exchanged. What stood under the new name before was nothing that counted. */
function renamed<T>(
  record: Readonly<Record<string, T>>,
  { below }: Renames,
  inside: (value: T, renames: Renames) => T,
): Record<string, T> {
  const kept = Object.entries(record).filter(([name]) => below.get(name)?.to === undefined);
  const moved = Object.entries(record).filter(([name]) => below.get(name)?.to !== undefined);
  return Object.fromEntries(
    [...kept, ...moved].map(([name, value]) => {
      const renames = below.get(name);
      return renames ? [renames.to ?? name, inside(value, renames)] : [name, value];
    }),
  );
}

function renamedWithin(value: Value, renames: Renames): Value {
  if (typeof value !== 'object' || isUnobserved(value) || renames.below.size === 0) return value;
  const element = renames.below.get(ELEMENT);
  if (Array.isArray(value)) return element ? value.map((item: Value) => renamedWithin(item, element)) : value;
  const record = value as Readonly<Record<string, Value | undefined>>;
  const deeper = (inner: Value | undefined, below: Renames) =>
    inner === undefined ? undefined : renamedWithin(inner, below);
  return element
    ? Object.fromEntries(Object.entries(record).map(([key, inner]) => [key, deeper(inner, element)]))
    : renamed(record, renames, deeper);
}

/** Gives what stands in the place of a value, or of nothing; undefined for nothing. */
type Edit = (value: Value | undefined) => Value | undefined;

function dropped(attributes: Attributes, [name = '', ...rest]: Steps): Attributes {
  if (rest.length > 0) return editedBelow(attributes, name, rest, () => undefined);
  const { [name]: _, ...others } = attributes;
  return others;
}

function converted(attributes: Attributes, { steps, run, absent }: Converter): Attributes {
  const [name = '', ...rest] = steps;
  const inside: Edit = (value) =>
    value === undefined || isUnobserved(value) ? (value ?? absent) : run(value);
  if (rest.length > 0) return editedBelow(attributes, name, rest, inside);
  const statement = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  if (statement === undefined || isUnobserved(statement)) return attributes;
  if ('absent' in statement) {
    const { absent: _, ...looked } = statement;
    return absent === undefined ? attributes : { ...attributes, [name]: { ...looked, value: absent } };
  }
  const { value, complete, ...looked } = statement;
  const result = run(value, complete);
  if (isUnobserved(result)) return { ...attributes, [name]: result };
  const partial = complete !== undefined && Array.isArray(result) ? { complete } : {};
  return { ...attributes, [name]: { ...looked, ...partial, value: result } };
}

function editedBelow(attributes: Attributes, name: string, rest: Steps, edit: Edit): Attributes {
  const statement = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  if (statement === undefined || !('value' in statement)) return attributes;
  return { ...attributes, [name]: { ...statement, value: within(statement.value, rest, edit) } };
}

function within(value: Value, [next = '', ...rest]: Steps, edit: Edit): Value {
  if (typeof value !== 'object' || isUnobserved(value)) return value;
  const inner = (held: Value): Value | undefined =>
    rest.length === 0 ? edit(held) : within(held, rest, edit);
  if (Array.isArray(value))
    return next === ELEMENT ? value.flatMap((item: Value) => inner(item) ?? []) : value;
  const record = value as Readonly<Record<string, Value | undefined>>;
  const names = next === ELEMENT ? Object.keys(record) : [next];
  const changed = names.flatMap((name): [string, Value][] => {
    const held = Object.hasOwn(record, name) ? record[name] : undefined;
    const result = held !== undefined ? inner(held) : rest.length === 0 ? edit(undefined) : undefined;
    return result === undefined ? [] : [[name, result]];
  });
  const others = Object.entries(record).filter(([name]) => !names.includes(name));
  return Object.fromEntries([...others, ...changed]) as Value;
}

function converter(
  path: string,
  { from, to, by, absent }: Conversion,
  version: number,
): Converter | { readonly mistakes: readonly Mistake[] } {
  const [before, after] = [definitionOf(from), definitionOf(to)];
  const steps = stepsOf(path);
  const [given, wanted] = [fieldType(before, 'value'), fieldType(after, 'value')];
  const mistakes: Mistake[] = [];
  const ready = (field: 'by' | 'absent', text: string, scope: Readonly<Record<string, Type>>) => {
    const result = compile(text, scope, wanted);
    if ('expression' in result) return result.expression;
    for (const { at, reason } of result.mistakes)
      mistakes.push([field, `${reason} (at ${at.line}:${at.column} of it)`]);
    return null;
  };
  const same = sameShape(before, after) && by.trim() === 'value';
  if (!same && holdsRecords(after))
    mistakes.push(['to', 'an expression cannot make records; convert, rename or drop their fields by path']);
  const run = same || mistakes.length > 0 ? null : ready('by', by, { value: given });
  const none = absent === undefined ? null : ready('absent', absent, {});
  if (mistakes.length > 0) return { mistakes };
  const said = (value: Value, why: string): Unobserved => ({
    unobserved: 'failed',
    why: `version ${version} of its kind cannot read ${JSON.stringify(value)} as \`${path}\`: ${why}`,
  });
  return {
    steps,
    run: (value, complete = true) => {
      if (!run) return value;
      const result = plainOf(run.run({ value: dataOf({ raw: value, type: given, path, complete }) }), wanted);
      return isUnobserved(result) && result.unobserved !== 'incomplete' ? said(value, result.why) : result;
    },
    absent: none ? plainOf(none.run({}), wanted) : undefined,
  };
}

type Mistake = readonly [field: 'from' | 'to' | 'by' | 'absent', reason: string];

const definitionOf = (type: Conversion['from']): FieldDefinition =>
  typeof type === 'string' ? { type, optional: false } : type;

const holdsRecords = ({ type, of }: FieldDefinition): boolean =>
  type === 'record' || (type !== 'string' && typeof of === 'object');

/** What is wrong with a kind's migrations, as far as the kind alone can tell: where they lead, and their expressions. */
export function migrationMistakes(kind: Kind): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const [index, migration] of kind.migrations.entries()) {
    const mistake = (path: readonly string[], reason: string) =>
      found.push({ path: ['migrations', index, ...path], reason });
    if (migration.version !== index + 2) mistake(['version'], `versions count up: this one is ${index + 2}`);
    const later = kind.migrations.slice(index + 1);
    for (const [path, to] of Object.entries(migration.rename)) {
      const steps = stepsOf(path);
      if (steps.at(-1) === ELEMENT) mistake(['rename', path], 'an element has no name; rename its list');
      else
        followed(kind, [...placed(steps, migration.rename).slice(0, -1), to], later, (at, end) => {
          if (!end) mistake(['rename', path], `the kind has no \`${pathText(at)}\``);
        });
    }
    for (const path of Object.keys(migration.drop))
      if (path.endsWith(ELEMENT))
        mistake(['drop', path], 'elements cannot go without their list; drop the list');
    for (const path of Object.keys(migration.element_key))
      followed(kind, stepsOf(path), later, (at, end) => {
        if (end?.type !== 'list') mistake(['element_key', path], `the kind has no list \`${pathText(at)}\``);
      });
    for (const [path, conversion] of Object.entries(migration.convert)) {
      const made = converter(path, conversion, migration.version);
      if ('mistakes' in made)
        for (const [field, reason] of made.mistakes) mistake(['convert', path, field], reason);
      const steps = stepsOf(path);
      const again = later.some(({ convert }) =>
        Object.keys(convert).some((one) => isUnder(steps, stepsOf(one))),
      );
      followed(kind, steps, later, (at, end) => {
        if (!end) mistake(['convert', path], `the kind has no \`${pathText(at)}\``);
        else if (!again && !sameShape(end, definitionOf(conversion.to)))
          mistake(['convert', path, 'to'], `\`${pathText(at)}\` is defined as something else`);
      });
    }
  }
  return found;
}

/** Where a path leads to after later migrations, and its definition there; not asked for where it was dropped. */
function followed(
  kind: Kind,
  path: Steps,
  later: readonly Migration[],
  at: (path: Steps, definition: FieldDefinition | null) => void,
): void {
  let steps = path;
  for (const { rename, drop } of later) {
    steps = placed(steps, rename);
    const now = steps;
    if (Object.keys(drop).some((one) => isUnder(now, stepsOf(one)))) return;
  }
  at(steps, definitionAt(kind.attributes, steps));
}

/** Where a path is after renaming. */
export function placed(path: Steps, rename: Migration['rename']): Steps {
  const renames = new Map(Object.entries(rename).map(([from, to]) => [pathText(stepsOf(from)), to]));
  return path.map((step, index) => renames.get(pathText(path.slice(0, index + 1))) ?? step);
}
