/**
 * Every request that the source of Okta makes, held against Okta's own description: path, query and scope. The organisation that it asks
 * holds the documented answers, so what these become over the network is held against what they become when somebody saved them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENDPOINTS } from '@macadam/adapters/imports/directories/okta/description';
import {
  allPermissions,
  type FakeOrganisation,
  fakeOkta,
  type OktaRecord,
  sampleOrganisation,
} from '@macadam/adapters/sources/okta/fake';
import { source } from '@macadam/adapters/sources/okta/source';
import type { Collection, Observation } from '@macadam/core/facts/observation';
import { z } from 'zod';
import type { Case } from '../../suite.ts';

const parameter = z.union([z.object({ $ref: z.string() }), z.object({ name: z.string() }).loose()]);
const description = z.object({
  paths: z.record(
    z.string(),
    z.object({
      parameters: z.array(parameter).default([]),
      get: z
        .object({
          parameters: z.array(parameter).default([]),
          security: z.array(z.record(z.string(), z.array(z.string()))).default([]),
        })
        .optional(),
    }),
  ),
  components: z.object({ parameters: z.record(z.string(), z.object({ name: z.string() }).loose()) }).loose(),
});
type Description = z.infer<typeof description>;

export function oktaCases(vectors: string): readonly Case[] {
  const folder = join(vectors, 'directories/okta');
  return [
    {
      id: 'okta requests of the source',
      run: async () => {
        const read = description.parse(JSON.parse(readFileSync(join(folder, 'openapi.json'), 'utf8')));
        const { requests } = await asked(sampleOrganisation('00o1', 'a-token'));
        return requests.map((request) => fault(read, request)).find((one) => one !== null) ?? null;
      },
    },
    {
      id: 'okta documented answers over the network',
      run: async () => {
        const { observations, collection, refusals } = await asked(documented(join(folder, 'examples')));
        const [refused] = refusals;
        if (refused !== undefined) return refused;
        const kinds = new Set(observations.map(({ kind }) => kind));
        // No application of the documented answers obtains tokens of its own, and is none of ours.
        const lacking = ['user', 'privileged-assignment', 'device'].find((kind) => !kinds.has(kind));
        if (lacking !== undefined) return `no ${lacking} came of the documented answers`;
        const failed = collection.problems.find(({ cause }) => cause === 'failed');
        return failed?.message ?? null;
      },
    },
  ];
}

interface Asked {
  readonly requests: readonly string[];
  readonly refusals: readonly string[];
  readonly observations: readonly Observation[];
  readonly collection: Collection;
}

async function asked(organisation: FakeOrganisation): Promise<Asked> {
  const fake = await fakeOkta(organisation);
  try {
    const observations: Observation[] = [];
    const collection = await source.collect(
      {
        targets: [fake.url],
        options: {},
        view: 'head',
        excludes: [],
        parameters: {},
        cacheDirectory: '/nonexistent',
        environment: { OKTA_TOKEN: organisation.token },
        now: () => new Date('2026-11-01T00:00:00Z'),
      },
      (one) => observations.push(one),
      () => {},
    );
    return { requests: fake.requests, refusals: fake.refusals, observations, collection };
  } finally {
    await fake.close();
  }
}

function fault(read: Description, request: string): string | null {
  const url = new URL(request, 'https://contoso.okta.com');
  const endpoint = ENDPOINTS.find(({ path }) => fits(`/api/v1${path}`, url.pathname));
  if (endpoint === undefined) return `${request}: the description of the source does not have it`;
  const described = Object.entries(read.paths).find(([path]) => fits(path, url.pathname))?.[1];
  if (described?.get === undefined) return `${request}: Okta does not describe it`;
  const names = [...described.parameters, ...described.get.parameters].map((one) =>
    '$ref' in one && typeof one.$ref === 'string'
      ? read.components.parameters[one.$ref.split('/').at(-1) ?? '']?.name
      : String((one as { readonly name: string }).name),
  );
  const odd = [...url.searchParams.keys()].find((name) => !names.includes(name));
  if (odd !== undefined) return `${request}: it takes no ${odd}`;
  const scopes = described.get.security.flatMap(({ oauth2 = [] }) => oauth2);
  return scopes.includes(endpoint.permission)
    ? null
    : `${request}: ${endpoint.permission} does not open it; ${scopes.join(', ')} do`;
}

function fits(template: string, address: string): boolean {
  const [wanted, given] = [template.split('/'), address.split('/')];
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => part.startsWith('{') || part === given[index])
  );
}

const answer = z.object({ endpoint: z.string(), status: z.number(), body: z.unknown() });

/** An organisation whose lists are the documented ones; what stands below an item is given to the first of its list. */
function documented(folder: string): FakeOrganisation {
  const lists = new Map<string, readonly OktaRecord[] | OktaRecord>();
  const below: { readonly endpoint: string; readonly body: readonly OktaRecord[] }[] = [];
  for (const file of readdirSync(folder).toSorted()) {
    const { endpoint, status, body } = answer.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')));
    const address = endpoint.replace(/^\/api\/v1/, '');
    if (status !== 200) continue;
    if (address === '/org') lists.set(address, body as OktaRecord);
    else if (Array.isArray(body) && address.includes('{')) below.push({ endpoint: address, body });
    else if (Array.isArray(body)) {
      const earlier = lists.get(address);
      const merged = [...(Array.isArray(earlier) ? earlier : []), ...(body as readonly OktaRecord[])];
      lists.set(address, [...new Map(merged.map((one) => [one.id, one] as const)).values()]);
    }
  }
  const [person] = lists.get('/users') as readonly OktaRecord[];
  lists.set('/iam/assignees/users', [{ id: person?.id }]);
  for (const { endpoint, body } of below) {
    const [, parent = ''] = endpoint.split('/');
    const items = lists.get(`/${parent}`);
    for (const item of Array.isArray(items) ? items : [])
      lists.set(endpoint.replace(/\{\w+\}/, String(item.id)), body);
  }
  return { token: 'a-token', lists, permissions: new Set(allPermissions()) };
}
