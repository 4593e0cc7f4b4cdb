/** A kind as JSON Schema 2020-12: what an observation of one of its assets looks like. https://json-schema.org/draft/2020-12 */

import { ASSURANCES, CAUSES } from '../facts/observation.ts';
import type { AttributeDefinition, FieldDefinition, Kind } from './kind.ts';
import { enumWords } from './laws.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

const ref = (name: string): JsonSchema => ({ $ref: `#/$defs/${name}` });
const UNOBSERVED = ref('unobserved');
const strict = (properties: JsonSchema, required: readonly string[], more: JsonSchema = {}): JsonSchema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
  ...more,
});

/** The schema of a whole observation. It says what is taken as it stands; ingest keeps more than that, as unobserved. */
export function jsonSchemaOf(kind: Kind): JsonSchema {
  const attributes = Object.fromEntries(
    Object.entries(kind.attributes).map(([name, definition]) => [name, statement(definition)]),
  );
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `An observation of kind ${kind.kind}`,
    description: kind.description,
    ...strict(
      {
        kind: { const: kind.kind },
        id: { type: 'string', pattern: `^${kind.kind}/.` },
        name: { type: 'string' },
        source: { type: 'string', minLength: 1 },
        observedAt: ref('timestamp'),
        receivedAt: {
          ...ref('timestamp'),
          description: 'Read, and not believed: Macadam says when it received.',
        },
        assurance: ref('assurance'),
        attributes: { type: 'object', properties: attributes, additionalProperties: false },
        location: strict({ path: { type: 'string' }, line: { type: 'integer', minimum: 1 } }, ['path']),
        container: { type: 'string', minLength: 1 },
        estate: { type: 'string' },
        format: { type: 'string' },
      },
      [
        'kind',
        'id',
        'name',
        'source',
        'observedAt',
        'assurance',
        'attributes',
        ...(kind.contained_in === undefined ? [] : ['container']),
      ],
    ),
    $defs: DEFINITIONS,
  };
}

const DEFINITIONS: JsonSchema = {
  assurance: { enum: ASSURANCES },
  timestamp: { type: 'string', format: 'date-time' },
  duration: { type: 'string', pattern: '^-?(\\d+(\\.\\d+)?(ns|us|µs|μs|ms|s|m|h|d))+$' },
  unobserved: strict({ unobserved: { enum: CAUSES }, why: { type: 'string' } }, ['unobserved', 'why']),
};

function statement(definition: AttributeDefinition): JsonSchema {
  const { type, optional, window, description } = definition;
  const looked = { assurance: ref('assurance'), window: ref('duration') };
  const needs = window === undefined ? [] : ['window'];
  const complete =
    type === 'list' || type === 'map' ? { complete: { type: 'boolean' }, why: { type: 'string' } } : {};
  const known = strict({ value: valueSchema(definition), ...complete, ...looked }, ['value', ...needs]);
  const absent = strict({ absent: { const: true }, ...looked }, ['absent', ...needs]);
  const choices = optional || type === 'list' ? [known, absent, UNOBSERVED] : [known, UNOBSERVED];
  return { description: description.trim(), oneOf: choices };
}

function valueSchema({ type, of = 'string', fields = {} }: FieldDefinition): JsonSchema {
  const element = () => orUnobserved(typeof of === 'string' ? scalar(of) : record(of));
  switch (type) {
    case 'list':
      return { type: 'array', items: element() };
    case 'map':
      return { type: 'object', additionalProperties: element() };
    case 'record':
      return record(fields);
    default:
      return scalar(type);
  }
}

const orUnobserved = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, UNOBSERVED] });

/** A field that is left out, though it is not optional, is unobserved: so none is required. */
function record(fields: Readonly<Record<string, FieldDefinition>>): JsonSchema {
  const properties = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [
      name,
      { ...(field.description && { description: field.description }), ...orUnobserved(valueSchema(field)) },
    ]),
  );
  return { type: 'object', properties, additionalProperties: false };
}

function scalar(type: string): JsonSchema {
  const words = enumWords(type);
  if (words.length > 0) return { enum: words };
  switch (type) {
    case 'bool':
      return { type: 'boolean' };
    case 'int':
      return { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };
    case 'double':
      return { type: 'number' };
    case 'timestamp':
    case 'duration':
      return ref(type);
    default:
      return { type: 'string' };
  }
}
