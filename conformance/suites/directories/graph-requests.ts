/** Every request that the source of Entra makes, held against Microsoft's description: path, fields and permission. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENDPOINTS } from '@macadam/adapters/imports/directories/entra/description';
import {
  decisionsOf,
  grantsOf,
  LISTS,
  membersOf,
  methodsOf,
  ownersOf,
  roundsOf,
  trustsOf,
} from '@macadam/adapters/sources/entra/requests';
import { z } from 'zod';
import type { Case } from '../../suite.ts';

const reference = z.object({ $ref: z.string() });
const operation = z.object({
  parameters: z.array(reference).default([]),
  responses: z.record(z.string(), z.unknown()),
  'x-ms-permissions': z.object({ application: z.array(z.string()) }).optional(),
});
const description = z.object({
  paths: z.record(z.string(), z.object({ get: operation.optional() }).loose()),
  components: z.object({ schemas: z.record(z.string(), z.unknown()) }).loose(),
});
type Description = z.infer<typeof description>;

/** A list that the description does not have: Microsoft's permissions list has no path for it. */
const LACKING: Readonly<Record<string, string>> = {
  '/applications/{id}/federatedIdentityCredentials': 'not in this part of the description',
  '/policies/authorizationPolicy': 'not in this part of the description',
};

export function requestCases(vectors: string): readonly Case[] {
  const read = description.parse(
    JSON.parse(readFileSync(join(vectors, 'directories/graph/openapi.json'), 'utf8')),
  );
  const below = [
    methodsOf('u'),
    ownersOf('a'),
    trustsOf('a'),
    grantsOf('p'),
    membersOf('g'),
    roundsOf('d'),
    decisionsOf('d', 'i'),
  ];
  const paths = [...LISTS.map(({ path }) => path), ...below];
  return paths.map((path) => ({ id: `entra request ${path}`, run: () => fault(read, path) }));
}

function fault(read: Description, path: string): string | null {
  const url = new URL(path, 'https://graph.microsoft.com');
  const address = url.pathname.replace(/^\/(v1\.0|beta)/, '');
  const endpoint = ENDPOINTS.find(({ path: template }) => fits(template, address));
  if (endpoint === undefined) return 'the description of the source does not have it';
  const described = Object.entries(read.paths).find(([template]) => fits(template, address))?.[1].get;
  if (described === undefined)
    return Object.hasOwn(LACKING, endpoint.path) ? null : 'Microsoft does not describe it';
  const taken = described.parameters.map(({ $ref }) => `$${$ref.split('/').at(-1)}`);
  const odd = [...url.searchParams.keys()].find((name) => !taken.includes(name));
  if (odd !== undefined) return `it takes no ${odd}`;
  const permissions = described['x-ms-permissions']?.application ?? [];
  if (!permissions.includes(endpoint.permission))
    return `${endpoint.permission} does not open it; ${permissions.join(', ')} do`;
  const fields = url.searchParams.get('$select')?.split(',') ?? [];
  const known = fieldsOf(read, described.responses['200'] ?? described.responses['2XX']);
  const unknown = fields.find((field) => known.size > 0 && !known.has(field));
  return unknown === undefined ? null : `it has no field ${unknown}`;
}

function fits(template: string, address: string): boolean {
  const [wanted, given] = [template.split('/'), address.split('/')];
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => part.startsWith('{') || part === given[index])
  );
}

/** Names of properties of what an answer lists, through references. */
function fieldsOf(read: Description, answer: unknown): ReadonlySet<string> {
  const found = new Set<string>();
  const seen = new Set<string>();
  const visit = (node: unknown, depth: number): void => {
    if (typeof node !== 'object' || node === null) return;
    const record = node as Readonly<Record<string, unknown>>;
    const name = typeof record.$ref === 'string' ? (record.$ref.split('/').at(-1) ?? '') : '';
    if (name !== '' && !seen.has(name)) {
      seen.add(name);
      visit(read.components.schemas[name], depth);
    }
    const properties = record.properties;
    if (typeof properties === 'object' && properties !== null) {
      for (const [property, schema] of Object.entries(properties)) {
        // The list of an answer is one level above its items.
        if (property === 'value' && depth === 0) visit(schema, 1);
        else found.add(property);
      }
    }
    for (const part of ['allOf', 'anyOf', 'oneOf'])
      if (Array.isArray(record[part])) for (const one of record[part]) visit(one, depth);
    for (const part of ['content', 'application/json', 'schema', 'items']) visit(record[part], depth);
  };
  visit(answer, 0);
  return found;
}
