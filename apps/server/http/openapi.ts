/** The description of the API (OpenAPI 3.1), made of the routes themselves, so that it cannot say anything else. */
import { z } from 'zod';
import { PROBLEM_STATUSES, type ProblemStatus, problemSchema } from './problem.ts';
import { type Gives, pageQuery, type Route } from './route.ts';

type Json = Record<string, unknown>;

/** Which problems any route may answer with; the rest follows from what it is. */
const ALWAYS: readonly ProblemStatus[] = [400, 401, 403, 404, 413, 414, 415, 421, 422, 429, 500, 503];
const OF_CHANGES: readonly ProblemStatus[] = [409];
const OF_VERSIONS: readonly ProblemStatus[] = [412];

export function openApi(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    if (!isApi(route)) continue;
    const path = route.path.replaceAll(/:([a-zA-Z]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Macadam',
      version,
      description: 'Facts, verdicts and decisions about the security of everything a company has.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      schemas: { Problem: schemaOf(problemSchema, 'output') },
      responses: Object.fromEntries(PROBLEM_STATUSES.map((status) => [`Problem${status}`, problem(status)])),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'An API token' },
        session: { type: 'apiKey', in: 'cookie', name: 'macadam', description: 'A session of a browser' },
      },
    },
    security: [{ token: [] }, { session: [] }],
  };
}

/** Pages are for people; their addresses are no promise. */
const isApi = ({ gives, path }: Route) =>
  !(gives.as === 'answer' && gives.media === 'text/html') || /^\/api\//.test(path);

const problem = (status: ProblemStatus): Json => ({
  description: `A problem: ${status}`,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

function operation(route: Route): Json {
  const { method, path, summary, body, gives, permission } = route;
  const changes = method !== 'GET';
  const statuses = [...ALWAYS, ...(changes ? OF_CHANGES : []), ...(route.versioned ? OF_VERSIONS : [])];
  const dialect = gives.as === 'answer' ? gives.dialect : undefined;
  const problems = dialect
    ? {
        default: {
          description: 'A problem, in the words of the protocol',
          content: { [dialect.accepts[0] ?? '']: {} },
        },
      }
    : Object.fromEntries(
        statuses.map((status) => [status, { $ref: `#/components/responses/Problem${status}` }]),
      );
  return {
    operationId: operationId(route),
    summary,
    tags: [path.split('/')[path.startsWith('/api/') ? 2 : 1] ?? 'macadam'],
    ...(permission === null ? { security: [] } : { 'x-action': permission.action }),
    parameters: parametersOf(route),
    ...(body && {
      requestBody: {
        required: true,
        content: { [dialect?.accepts[0] ?? 'application/json']: { schema: schemaOf(body, 'input') } },
      },
    }),
    responses: { ...success(gives, changes), ...problems },
  };
}

/** `GET /api/work-items/:id` is `getWorkItemsById`. */
export function operationId({ method, path }: Pick<Route, 'method' | 'path'>): string {
  const words = path
    .replace(/^\/api/, '')
    .split(/[/-]/)
    .filter((part) => part !== '')
    .map((part) => (part.startsWith(':') ? `By${capital(part.slice(1))}` : capital(part)));
  return method.toLowerCase() + words.join('');
}
const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

function parametersOf({ method, params, query, gives, permission, versioned, shownOnce }: Route): Json[] {
  const found = [
    ...each('path', params),
    ...each('query', gives.as === 'list' ? { ...query, ...pageQuery(gives.sorts), format: FORMAT } : query),
  ];
  if (method === 'GET')
    return gives.as === 'answer' ? found : [...found, header('If-None-Match', 'An ETag that is known')];
  if (permission === null) return found;
  return [
    ...found,
    ...(versioned === undefined ? [] : [header('If-Match', SEEN)]),
    ...(gives.as === 'answer' || shownOnce ? [] : [header('Idempotency-Key', ONCE)]),
  ];
}

const SEEN = 'The ETag of the record that was read: a change of another version is refused with 412';
const ONCE = 'Asked again with the same key, the first answer comes again and nothing is done twice';
const FORMAT = z.enum(['json', 'csv']).optional().describe('`csv` gives every row there is');
const header = (name: string, description: string): Json => ({
  name,
  in: 'header',
  required: false,
  description,
  schema: { type: 'string' },
});

const each = (where: 'path' | 'query', shape: Route['params']): Json[] =>
  Object.entries(shape).map(([name, schema]) => ({
    name,
    in: where,
    required: where === 'path' || !schema.safeParse(undefined).success,
    ...(schema.description !== undefined && { description: schema.description }),
    schema: schemaOf(schema, 'input'),
  }));

function success(gives: Gives, changes: boolean): Json {
  if (gives.as === 'nothing') return { 204: { description: 'Done' } };
  if (gives.as === 'answer') return { '2XX': { description: 'Done', content: { [gives.media]: {} } } };
  const schema =
    gives.as === 'list'
      ? { ...schemaOf(z.object({ items: z.array(gives.row), next: z.string().nullable() }), 'output') }
      : schemaOf(gives.schema, 'output');
  const content = {
    'application/json': { schema },
    ...(gives.as === 'list' && { 'text/csv': { schema: { type: 'string' } } }),
  };
  const headers = { ETag: { schema: { type: 'string' } } };
  const done = { [gives.as === 'list' ? 200 : gives.status]: { description: 'Done', headers, content } };
  return changes ? done : { ...done, 304: { description: 'It is as it was' } };
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
  return rest;
}
