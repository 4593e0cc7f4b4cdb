/** Every request that the source of Google makes, held against Google's own descriptions: path, query and scope. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENDPOINTS } from '@macadam/adapters/imports/directories/google/description';
import { GOOGLE } from '@macadam/adapters/imports/directories/google/dialect';
import { fakeGoogle, sampleCustomer } from '@macadam/adapters/sources/google/fake';
import { source } from '@macadam/adapters/sources/google/source';
import { z } from 'zod';
import type { Case } from '../../suite.ts';

interface Method {
  readonly path: string;
  readonly parameters: readonly string[];
  readonly scopes: readonly string[];
}

const method = z.object({
  path: z.string(),
  httpMethod: z.string(),
  parameters: z.record(z.string(), z.unknown()).default({}),
  scopes: z.array(z.string()).default([]),
});

export const googleCases = (vectors: string): readonly Case[] => [
  {
    id: 'google requests of the source',
    run: async () => {
      const folder = join(vectors, 'directories/google');
      const methods = ['admin.directory_v1.json', 'cloudidentity_v1.json'].flatMap((file) =>
        methodsIn(JSON.parse(readFileSync(join(folder, file), 'utf8'))),
      );
      const requests = await requestsOfSource();
      return requests.map((request) => fault(methods, request)).find((one) => one !== null) ?? null;
    },
  },
];

/** Methods of all resources that only read. */
function methodsIn(resource: unknown): readonly Method[] {
  const { methods = {}, resources = {} } = z
    .object({ methods: z.record(z.string(), z.unknown()), resources: z.record(z.string(), z.unknown()) })
    .partial()
    .parse(resource);
  const own = Object.values(methods).flatMap((one): readonly Method[] => {
    const { path, httpMethod, parameters, scopes } = method.parse(one);
    return httpMethod === 'GET' ? [{ path: `/${path}`, parameters: Object.keys(parameters), scopes }] : [];
  });
  return [...own, ...Object.values(resources).flatMap(methodsIn)];
}

async function requestsOfSource(): Promise<readonly string[]> {
  const customer = sampleCustomer('C01abc23d', 'a-token');
  const fake = await fakeGoogle(customer);
  try {
    await source.collect(
      {
        targets: [customer.id],
        options: { url: fake.url },
        view: 'head',
        excludes: [],
        parameters: {},
        cacheDirectory: '/nonexistent',
        environment: { GOOGLE_TOKEN: customer.token },
        now: () => new Date('2026-11-01T00:00:00Z'),
      },
      () => {},
      () => {},
    );
    return fake.requests;
  } finally {
    await fake.close();
  }
}

function fault(methods: readonly Method[], request: string): string | null {
  const url = new URL(request, 'https://admin.googleapis.com');
  const place = GOOGLE.answers.addressOf(url.href);
  const template = place === null ? undefined : GOOGLE.resolve(place.address)?.template;
  const endpoint = ENDPOINTS.find(({ path }) => path === template);
  if (endpoint === undefined) return `${request}: the description of the source does not have it`;
  // A path that is spelt out comes before one in which anything may stand.
  const described =
    methods.find(({ path }) => path === url.pathname) ?? methods.find(({ path }) => fits(path, url.pathname));
  if (described === undefined) return `${request}: Google does not describe it`;
  const odd = [...url.searchParams.keys()].find((name) => !described.parameters.includes(name));
  if (odd !== undefined) return `${request}: it takes no ${odd}`;
  return described.scopes.includes(`https://www.googleapis.com/auth/${endpoint.permission}`)
    ? null
    : `${request}: ${endpoint.permission} does not open it; ${described.scopes.join(', ')} do`;
}

function fits(template: string, address: string): boolean {
  const [wanted, given] = [template.split('/'), address.split('/')];
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => part.startsWith('{') || part === given[index])
  );
}
