/** Whether what a source states has the shape that its kind describes. For contract suites: a run never pays for it. */

import {
  CAUSES,
  isUnobserved,
  type Observation,
  type Statement,
  type Value,
} from '@macadam/core/facts/observation';
import type { AttributeDefinition, FieldDefinition, Kind } from '@macadam/core/kinds/kind';

type Definition = AttributeDefinition | FieldDefinition;

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const DURATION = /^-?(\d+(\.\d+)?(ns|us|ms|s|m|h|d))+$/;

/** Everything about an observation that its kind does not allow, each as `attribute.path: what`. */
export function shapeMistakes(observation: Observation, kind: Kind): string[] {
  return Object.entries(observation.attributes).flatMap(([name, statement]) => {
    const definition = Object.hasOwn(kind.attributes, name) ? kind.attributes[name] : undefined;
    return definition
      ? statementMistakes(name, statement, definition)
      : [`${name}: the kind has no such attribute`];
  });
}

function isCause(text: string): boolean {
  return CAUSES.some((cause) => cause === text);
}

function statementMistakes(name: string, statement: Statement, definition: AttributeDefinition): string[] {
  if ('unobserved' in statement) {
    const mistakes = isCause(statement.unobserved) ? [] : [`${name}: ${statement.unobserved} is no cause`];
    if (statement.why.length < 10) mistakes.push(`${name}: unobserved without saying why`);
    return mistakes;
  }
  if ('absent' in statement) {
    const may = definition.optional || definition.type === 'list';
    return may ? [] : [`${name}: absent, which the kind does not allow`];
  }
  if (statement.complete !== undefined && definition.type !== 'list' && definition.type !== 'map') {
    return [`${name}: only a list or a map can be complete`];
  }
  return valueMistakes(name, statement.value, definition);
}

function scalarFits(type: string, value: Value): boolean {
  if (type === 'bool') return typeof value === 'boolean';
  if (type === 'int') return Number.isSafeInteger(value);
  if (type === 'double') return typeof value === 'number';
  if (typeof value !== 'string') return false;
  if (type === 'timestamp') return RFC3339.test(value) && !Number.isNaN(Date.parse(value));
  if (type === 'duration') return DURATION.test(value);
  const names = /^enum\((.*)\)$/.exec(type)?.[1]?.split(/, */);
  return names === undefined || names.includes(value);
}

function valueMistakes(path: string, value: Value, definition: Definition): string[] {
  if (isUnobserved(value)) return value.why.length < 10 ? [`${path}: unobserved without saying why`] : [];
  const { type, of, fields, element_key: key } = definition;
  if (type === 'record') return recordMistakes(path, value, fields ?? {});
  if (type === 'map') {
    if (typeof value !== 'object' || Array.isArray(value)) return [`${path}: not a map`];
    return Object.entries(value).flatMap(([name, one]) =>
      one === undefined ? [] : elementMistakes(`${path}[${JSON.stringify(name)}]`, one, of),
    );
  }
  if (type !== 'list')
    return scalarFits(type, value) ? [] : [`${path}: ${JSON.stringify(value)} is no ${type}`];
  if (!Array.isArray(value)) return [`${path}: not a list`];
  const elements: readonly Value[] = value;
  const mistakes = elements.flatMap((one, index) => elementMistakes(`${path}[${index}]`, one, of));
  if (key !== undefined) {
    const keys = elements.map((one) =>
      JSON.stringify((one as Readonly<Record<string, Value | undefined>>)[key]),
    );
    const twice = keys.find((one, index) => keys.indexOf(one) !== index);
    if (twice !== undefined) mistakes.push(`${path}: two elements have the ${key} ${twice}`);
  }
  return mistakes;
}

function elementMistakes(path: string, value: Value, of: Definition['of']): string[] {
  if (of === undefined) return [];
  if (typeof of === 'string') {
    return isUnobserved(value) || scalarFits(of, value)
      ? []
      : [`${path}: ${JSON.stringify(value)} is no ${of}`];
  }
  return recordMistakes(path, value, of);
}

function recordMistakes(
  path: string,
  value: Value,
  fields: Readonly<Record<string, FieldDefinition>>,
): string[] {
  if (isUnobserved(value)) return [];
  if (typeof value !== 'object' || Array.isArray(value)) return [`${path}: not a record`];
  const given = value as Readonly<Record<string, Value | undefined>>;
  const extra = Object.keys(given).filter((name) => !Object.hasOwn(fields, name));
  return [
    ...extra.map((name) => `${path}.${name}: the kind has no such field`),
    ...Object.entries(fields).flatMap(([name, field]) => {
      const one = Object.hasOwn(given, name) ? given[name] : undefined;
      if (one !== undefined) return valueMistakes(`${path}.${name}`, one, field);
      return field.optional ? [] : [`${path}.${name}: absent, which the kind does not allow`];
    }),
  ];
}
