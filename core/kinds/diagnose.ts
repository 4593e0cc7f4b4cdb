/**
 * Where plain data does not fit its kind: an attribute that the kind does not have, or a value of another type. A source's
 * data becomes unknown there (`dataOf`); what a person typed is told, all of it in one go, with the nearest right name.
 */
import { parseDurationWithDays, parseTimestamp } from '../cel/runtime/time.ts';
import { fieldType, type Type, typeName } from '../cel/type.ts';
import { ASSURANCES, CAUSES, isUnobserved, type Statement, type Value } from '../facts/observation.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import { didYouMean } from '../text/suggestion.ts';
import type { Kind } from './kind.ts';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A plain value is what is there; `{absent: true}`, `{value, complete: false}` and `{unobserved, why}` say more. */
export function statementOf(given: unknown): Statement {
  if (isRecord(given) && ('unobserved' in given || 'absent' in given || 'value' in given))
    return given as unknown as Statement;
  return { value: given as Value };
}

/** What is wrong with attributes as people write them; empty when each fits. */
export function diagnose(kind: Kind, attributes: Readonly<Record<string, unknown>>): Diagnostic[] {
  return Object.entries(attributes).flatMap(([name, given]) => {
    const definition = Object.hasOwn(kind.attributes, name) ? kind.attributes[name] : undefined;
    if (!definition) {
      const names = Object.keys(kind.attributes);
      const hint = didYouMean(name, names) || `; it has ${names.join(', ')}`;
      return [{ path: [name], reason: `the kind ${kind.kind} has no attribute \`${name}\`${hint}` }];
    }
    const type = fieldType(definition, `${kind.kind}.${name}`);
    return diagnoseStatement(statementOf(given), type, definition.optional, name);
  });
}

function diagnoseStatement(statement: Statement, type: Type, optional: boolean, name: string): Diagnostic[] {
  const wrong = diagnoseForm(statement as unknown as Readonly<Record<string, unknown>>);
  if (wrong.length > 0) return wrong.map(({ path, reason }) => ({ path: [name, ...path], reason }));
  if ('unobserved' in statement) return [];
  if ('absent' in statement) {
    if (optional || type.name === 'list' || type.name === 'map') return [];
    const reason = `it is not optional, so it cannot be absent; give a ${typeName(type)}, or {unobserved: …, why: …}`;
    return [{ path: [name], reason }];
  }
  return diagnoseValue(statement.value, type, [name]);
}

const STATEMENT = ['value', 'complete', 'absent', 'unobserved', 'why', 'assurance', 'window'];

/**
 * What is wrong with the form of a statement, whatever its kind and whoever wrote it: a source by line, a person for a gate.
 * What is not understood is told and not passed over: a list with a misspelt `complete: false` would count as the whole list.
 */
export function diagnoseForm(statement: Readonly<Record<string, unknown>>): Diagnostic[] {
  const strange = Object.keys(statement).filter((name) => !STATEMENT.includes(name));
  if (strange.length > 0)
    return strange.map((name) => {
      const hint = didYouMean(name, STATEMENT) || `; a statement has ${STATEMENT.join(', ')}`;
      return { path: [name], reason: `there is no such field${hint}` };
    });
  const said = ['value', 'absent', 'unobserved'].filter((name) => Object.hasOwn(statement, name));
  if (said.length !== 1) {
    const what = said.length === 0 ? 'nothing' : said.join(' and ');
    return [{ path: [], reason: `says ${what}; give one of value, absent, unobserved` }];
  }
  const { absent, unobserved, why, assurance, complete, window } = statement;
  const wrong = Object.hasOwn(statement, 'unobserved') ? diagnoseUnobserved({ unobserved, why }, []) : [];
  const say = (path: Diagnostic['path'], reason: string) => wrong.push({ path, reason });
  if (said[0] === 'absent' && absent !== true) say(['absent'], 'it can only be true');
  if (assurance !== undefined && !(ASSURANCES as readonly unknown[]).includes(assurance)) {
    const hint = didYouMean(String(assurance), ASSURANCES);
    say(['assurance'], `is ${shown(assurance)}${hint}; give one of ${ASSURANCES.join(', ')}`);
  }
  if (complete !== undefined && typeof complete !== 'boolean')
    say(['complete'], `is ${shown(complete)}; give true or false, without quotes`);
  if (window !== undefined && (typeof window !== 'string' || parseDurationWithDays(window) === null))
    say(['window'], `is ${shown(window)}; give a duration such as 2160h`);
  return wrong;
}

function diagnoseUnobserved(
  { unobserved, why }: { readonly unobserved: unknown; readonly why?: unknown },
  path: Diagnostic['path'],
): Diagnostic[] {
  if (!(CAUSES as readonly unknown[]).includes(unobserved)) {
    const reason = `there is no cause \`${String(unobserved)}\`${didYouMean(String(unobserved), CAUSES)}; there are ${CAUSES.join(', ')}`;
    return [{ path: [...path, 'unobserved'], reason }];
  }
  return typeof why === 'string' && why !== ''
    ? []
    : [{ path, reason: 'it does not say why it is unobserved; add `why`' }];
}

function diagnoseValue(value: unknown, type: Type, path: Diagnostic['path']): Diagnostic[] {
  if (isUnobserved(value)) return diagnoseUnobserved(value, path);
  const wrong = (hint = ''): Diagnostic[] => [
    { path, reason: `${shown(value)} is no ${typeName(type)}${hint}` },
  ];
  switch (type.name) {
    case 'bool':
      return typeof value === 'boolean' ? [] : wrong('; write true or false');
    case 'int':
      return Number.isSafeInteger(value) ? [] : wrong();
    case 'double':
      return typeof value === 'number' ? [] : wrong();
    case 'string':
      return typeof value === 'string' ? [] : wrong('; write it in quotes');
    case 'enum':
      return typeof value === 'string' && type.values.includes(value)
        ? []
        : wrong(didYouMean(String(value), type.values));
    case 'timestamp':
      return typeof value === 'string' && parseTimestamp(value) !== null
        ? []
        : wrong('; write it like "2026-11-01T08:30:00Z"');
    case 'duration':
      return typeof value === 'string' && parseDurationWithDays(value) !== null
        ? []
        : wrong('; write it like "2160h" or "7d"');
    case 'list':
      return Array.isArray(value)
        ? value.flatMap((item, index) => diagnoseValue(item, type.of, [...path, index]))
        : wrong('; write it like [a, b]');
    case 'map':
      return isRecord(value)
        ? Object.entries(value).flatMap(([key, item]) => diagnoseValue(item, type.of, [...path, key]))
        : wrong('; write it like {key: value}');
    case 'record':
      return isRecord(value) ? diagnoseFields(value, type, path) : wrong();
    default:
      return wrong();
  }
}

function diagnoseFields(
  value: Readonly<Record<string, unknown>>,
  type: Type & { readonly name: 'record' },
  path: Diagnostic['path'],
): Diagnostic[] {
  const names = Object.keys(type.fields);
  return Object.entries(value).flatMap(([name, item]) => {
    const field = Object.hasOwn(type.fields, name) ? type.fields[name] : undefined;
    if (field) return item === undefined ? [] : diagnoseValue(item, field.type, [...path, name]);
    const hint = didYouMean(name, names) || `; it has ${names.join(', ')}`;
    return [{ path: [...path, name], reason: `${type.label} has no field \`${name}\`${hint}` }];
  });
}

export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
