/**
 * The protocol: RFC 7644, without HTTP under it and without a store below it. A request is data, and so is the answer; what
 * goes wrong is thrown as `ScimFault` and written by whoever speaks HTTP (`faultBody`).
 */

import { ScimFault, wrong } from '@macadam/adapters/scim/fault';
import { folded, matches, parseFilter, type ScimFilter } from '@macadam/adapters/scim/filter';
import { patched } from '@macadam/adapters/scim/patch';
import { isData, pathOf, type ScimData, valuesAt } from '@macadam/adapters/scim/path';
import { type Projection, projected, readResource } from '@macadam/adapters/scim/resource';
import {
  MAX_RESULTS,
  RESOURCE_TYPES,
  resourceTypeResources,
  type ScimResourceType,
  schemaResources,
  serviceProviderConfig,
} from '@macadam/adapters/scim/schema';
import { ascending } from '@macadam/core/text/order';

/** A resource as it is kept: what the directory said, and what the server says of it. */
export interface Kept {
  readonly id: string;
  readonly version: number;
  /** RFC 3339. */
  readonly created: string;
  readonly lastModified: string;
  /** By the schema, without `id`, `meta` and `schemas`; a person's groups are in it. */
  readonly data: ScimData;
}

/** Rejects with `ScimFault`. What it gives of a person or a group is whole. */
export interface ScimStore {
  /** A filter may narrow what is read; whatever is given is filtered again. */
  readonly all: (type: ScimResourceType, filter: ScimFilter | null) => Promise<readonly Kept[]>;
  readonly get: (type: ScimResourceType, id: string) => Promise<Kept | null>;
  readonly create: (type: ScimResourceType, data: ScimData) => Promise<Kept>;
  /** Holds the resource until the end of the transaction, so that what was read stays so. */
  readonly hold: (type: ScimResourceType, id: string) => Promise<void>;
  readonly replace: (type: ScimResourceType, before: Kept, data: ScimData) => Promise<Kept>;
  readonly remove: (type: ScimResourceType, before: Kept) => Promise<void>;
}

export interface ScimRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the endpoints' address: `Users/ann`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
  readonly ifMatch: string | null;
  readonly ifNoneMatch: string | null;
  /** Address of the endpoints, without a slash at the end. */
  readonly base: string;
}

export interface ScimAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Null for an answer without one. */
  readonly body: unknown;
}

/** A part of an address as it was meant; what cannot be is left as it is, and found nowhere. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
const missing = (what: string) => new ScimFault(404, null, `there is no ${what}`);
const answer = (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): ScimAnswer => ({
  status,
  headers,
  body,
});

export async function scim(request: ScimRequest, store: ScimStore): Promise<ScimAnswer> {
  const [first = '', second, ...rest] = request.path
    .split('/')
    .filter((part) => part !== '')
    .map(decoded);
  if (rest.length > 0) throw missing('such endpoint');
  const type = Object.values(RESOURCE_TYPES).find(({ endpoint }) => endpoint === first);
  if (type) {
    if (second === undefined) return collection(request, type, store);
    if (second === '.search') return found(searched(request), type, request.base, store);
    return single(request, type, second, store);
  }
  if (first === '.search' && second === undefined) return searchAll(request, store);
  if (['ServiceProviderConfig', 'ResourceTypes', 'Schemas'].includes(first))
    return about(request, first, second);
  throw missing(`endpoint \`${first}\``);
}

/** What the server says of itself takes no filter (RFC 7644 §4). */
function about({ method, query, base }: ScimRequest, first: string, id: string | undefined): ScimAnswer {
  if (method !== 'GET') throw new ScimFault(405, null, `\`${first}\` can only be read`);
  if (query.filter !== undefined) throw new ScimFault(403, null, `\`${first}\` takes no filter`);
  if (first === 'ServiceProviderConfig') {
    if (id !== undefined) throw missing(`\`${id}\``);
    return answer(serviceProviderConfig(base));
  }
  const all: readonly { readonly id: string }[] =
    first === 'Schemas' ? schemaResources(base) : resourceTypeResources(base);
  if (id === undefined) return answer(listed(all, all.length, 1));
  const found = all.find((one) => one.id.toLowerCase() === id.toLowerCase());
  if (!found) throw missing(`\`${id}\` among ${first}`);
  return answer(found);
}

const listed = (resources: readonly unknown[], total: number, startIndex: number) => ({
  schemas: [LIST],
  totalResults: total,
  itemsPerPage: resources.length,
  startIndex,
  Resources: resources,
});

async function collection(
  request: ScimRequest,
  type: ScimResourceType,
  store: ScimStore,
): Promise<ScimAnswer> {
  const { method, query, base } = request;
  if (method === 'GET') return found(queryOf(query), type, base, store);
  if (method !== 'POST') throw new ScimFault(405, null, `\`${type.endpoint}\` can be read and added to`);
  const made = await store.create(type, readResource(request.body, type));
  const whole = shown(made, type, base);
  return answer(projected(whole, type, projectionOf(query)), 201, headersOf(made, type, base));
}

/** A query as a body, for what is too long for an address: RFC 7644 §3.4.3. */
function searched({ method, body }: ScimRequest): ScimQuery {
  if (method !== 'POST') throw new ScimFault(405, null, 'a search is sent with POST');
  if (!isData(body)) throw wrong('invalidSyntax', 'it is not a JSON object');
  const text = (value: unknown) =>
    value === undefined || value === null
      ? undefined
      : Array.isArray(value)
        ? value.map(String).join(',')
        : String(value);
  return queryOf(Object.fromEntries(Object.entries(body).map(([name, value]) => [name, text(value)])));
}

/** Over people and groups alike; what a filter or an order names has to be of both, or counts for the one that has it. */
async function searchAll(request: ScimRequest, store: ScimStore): Promise<ScimAnswer> {
  const types = Object.values(RESOURCE_TYPES);
  const query = searched(request);
  const results: ScimData[] = [];
  let known = false;
  for (const type of types) {
    const { total, page } = await select(
      { ...query, startIndex: 1, count: Number.MAX_SAFE_INTEGER },
      type,
      request.base,
      store,
    ).catch((error: unknown): Selected => {
      if (error instanceof ScimFault && /there is no attribute/.test(error.message))
        return { total: -1, page: [] };
      throw error;
    });
    known ||= total >= 0;
    results.push(...page);
  }
  if (!known) throw wrong('invalidFilter', 'no resource has what it names');
  const page = results.slice(query.startIndex - 1, query.startIndex - 1 + query.count);
  return answer(listed(page, results.length, query.startIndex));
}

interface ScimQuery extends Projection {
  readonly filter: string | null;
  readonly sortBy: string | null;
  readonly falling: boolean;
  readonly startIndex: number;
  readonly count: number;
}

const names = (text: string | undefined) =>
  (text ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

function projectionOf(query: ScimRequest['query']): Projection {
  const [attributes, excludedAttributes] = [names(query.attributes), names(query.excludedAttributes)];
  if (attributes.length > 0 && excludedAttributes.length > 0)
    throw wrong('invalidValue', '`attributes` and `excludedAttributes` exclude each other');
  return { attributes, excludedAttributes };
}

function queryOf(query: ScimRequest['query']): ScimQuery {
  const { filter = null, sortBy = null, sortOrder = 'ascending', startIndex, count } = query;
  if (!/^(ascending|descending)$/i.test(sortOrder))
    throw wrong('invalidValue', '`sortOrder` is neither ascending nor descending');
  return {
    ...projectionOf(query),
    filter,
    sortBy,
    falling: sortOrder.toLowerCase() === 'descending',
    // What is too small is taken for the least: RFC 7644 §3.4.2.4.
    startIndex: Math.max(1, whole('startIndex', startIndex, 1)),
    count: Math.min(MAX_RESULTS, Math.max(0, whole('count', count, 100))),
  };
}

function whole(name: string, text: string | undefined, usual: number): number {
  if (text === undefined) return usual;
  const number = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(number))
    throw wrong('invalidValue', `\`${name}\` is not a whole number`);
  return number;
}

async function found(
  query: ScimQuery,
  type: ScimResourceType,
  base: string,
  store: ScimStore,
): Promise<ScimAnswer> {
  const { total, page } = await select(query, type, base, store);
  return answer(listed(page, total, query.startIndex));
}

interface Selected {
  readonly total: number;
  readonly page: readonly ScimData[];
}

async function select(
  query: ScimQuery,
  type: ScimResourceType,
  base: string,
  store: ScimStore,
): Promise<Selected> {
  const filter = query.filter === null ? null : parseFilter(query.filter, type);
  const all = (await store.all(type, filter)).map((kept) => shown(kept, type, base));
  const meant = filter === null ? all : all.filter((one) => matches(one, filter));
  const sorted = query.sortBy === null ? meant : inOrder(meant, query.sortBy, query.falling, type);
  const from = query.startIndex - 1;
  const page = sorted.slice(from, from + query.count).map((one) => projected(one, type, query));
  return { total: meant.length, page };
}

/** Of several values the primary one, else the first, counts; what has none comes last (first, when falling). */
function inOrder(
  resources: readonly ScimData[],
  sortBy: string,
  falling: boolean,
  type: ScimResourceType,
): readonly ScimData[] {
  const path = pathOf(sortBy, type);
  const { attribute } = path;
  const value = attribute?.subAttributes?.find(({ name }) => name === 'value');
  const own = path.sub ?? (attribute?.type === 'complex' ? (value ?? null) : attribute);
  if (own === null) throw wrong('invalidPath', `nothing can be sorted by \`${sortBy}\``);
  const keyOf = (resource: ScimData) => {
    const held = valuesAt(resource, { ...path, sub: null });
    const best = held.find((one) => isData(one) && one.primary === true) ?? held[0];
    return folded(isData(best) ? best[own.name] : best, own);
  };
  const keyed = resources.map((resource) => ({ resource, key: keyOf(resource) }));
  const order = (a: (typeof keyed)[number], b: (typeof keyed)[number]) => {
    if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null);
    return ascending(
      Number(a.key) === a.key ? a.key : String(a.key),
      (Number(b.key) === b.key ? b.key : String(b.key)) as never,
    );
  };
  const sorted = keyed.toSorted((a, b) => (falling ? -order(a, b) : order(a, b)));
  return sorted.map(({ resource }) => resource);
}

async function single(
  request: ScimRequest,
  type: ScimResourceType,
  id: string,
  store: ScimStore,
): Promise<ScimAnswer> {
  const { method, query, body, base } = request;
  if (method === 'POST') throw new ScimFault(405, null, 'a resource is changed with PUT or PATCH');
  if (method !== 'GET') await store.hold(type, id);
  const kept = await store.get(type, id);
  if (!kept) throw missing(`${type.name} \`${id}\``);
  const asked = projectionOf(query);
  if (method === 'GET') {
    const headers = headersOf(kept, type, base);
    if (request.ifNoneMatch !== null && names(request.ifNoneMatch).includes(etagOf(kept)))
      return { status: 304, headers, body: null };
    return answer(projected(shown(kept, type, base), type, asked), 200, headers);
  }
  if (request.ifMatch !== null && !names(request.ifMatch).some((one) => one === '*' || one === etagOf(kept)))
    throw new ScimFault(412, null, 'it has changed since it was read; read it again');
  if (method === 'DELETE') {
    await store.remove(type, kept);
    return { status: 204, headers: {}, body: null };
  }
  const data = method === 'PUT' ? readResource(body, type) : patched(kept.data, body, type);
  const changed = await store.replace(type, kept, data);
  return answer(projected(shown(changed, type, base), type, asked), 200, headersOf(changed, type, base));
}

const etagOf = ({ version }: Kept) => `W/"${version}"`;
const locationOf = ({ id }: Kept, { endpoint }: ScimResourceType, base: string) =>
  `${base}/${endpoint}/${encodeURIComponent(id)}`;

const headersOf = (kept: Kept, type: ScimResourceType, base: string) => ({
  etag: etagOf(kept),
  location: locationOf(kept, type, base),
});

/** As it is given out. */
function shown(kept: Kept, type: ScimResourceType, base: string): ScimData {
  const { id, created, lastModified, data } = kept;
  const { extension } = type;
  const refer = (name: string, sort: (one: ScimData) => string) => {
    const held = data[name];
    if (!Array.isArray(held)) return {};
    const where = (one: ScimData) => `${base}/${sort(one)}/${encodeURIComponent(String(one.value))}`;
    return { [name]: held.map((one) => (isData(one) ? { ...one, $ref: where(one) } : one)) };
  };
  return {
    schemas: [type.schema, ...(extension && extension.schema in data ? [extension.schema] : [])],
    id,
    ...data,
    ...refer('groups', () => 'Groups'),
    ...refer('members', ({ type: sort }) => (sort === 'Group' ? 'Groups' : 'Users')),
    meta: {
      resourceType: type.name,
      created,
      lastModified,
      location: locationOf(kept, type, base),
      version: etagOf(kept),
    },
  };
}
