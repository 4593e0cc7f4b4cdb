/** SCIM 2.0: a directory pushes people and groups here, as a machine with a token of an administrator of the company. */

import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { faultBody, SCIM_TYPES, ScimFault } from '@macadam/adapters/scim/fault';
import { type ScimRequest, scim } from '@macadam/services/scim/endpoint';
import { scimStore } from '@macadam/services/scim/store';
import { z } from 'zod';
import { bounded } from '../http/bounds.ts';
import { HttpProblem, type ProblemStatus } from '../http/problem.ts';
import { answer, type Call, type Dialect, type RawAnswer, type Route } from '../http/route.ts';

const MEDIA = 'application/scim+json';
const dialect: Dialect = {
  accepts: [MEDIA, 'application/json'],
  problem: ({ status, detail, errors }) => {
    const sort = SCIM_TYPES.find((one) => errors.some(({ field }) => field === one));
    return faultBody(status, detail, sort ?? (status === 400 ? 'invalidSyntax' : null));
  },
};

const text = z.string().max(10_000).optional();
const query = {
  filter: text.describe('RFC 7644 §3.4.2.2'),
  sortBy: text.describe('Path of an attribute'),
  sortOrder: text.describe('ascending or descending'),
  startIndex: text.describe('From 1'),
  count: text.describe('At most 500'),
  attributes: text.describe('Only these, with commas between'),
  excludedAttributes: text.describe('All but these'),
  aadOptscim062020: text.describe('A flag that one directory appends; it changes nothing'),
};

const endpoint = z
  .string()
  .min(1)
  .max(100)
  .describe('Users, Groups, ServiceProviderConfig, ResourceTypes or Schemas');
const id = z.string().min(1).max(500);

type Method = ScimRequest['method'];

async function does(
  method: Method,
  path: string,
  call: Pick<Call, 'query' | 'body' | 'headers' | 'parts'>,
  tx: DecisionTransaction,
): Promise<RawAnswer> {
  const header = (name: string) => {
    const given = call.headers[name];
    return typeof given === 'string' ? given : null;
  };
  try {
    const { status, headers, body } = await scim(
      {
        method,
        path,
        query: call.query as ScimRequest['query'],
        body: call.body ?? null,
        ifMatch: header('if-match'),
        ifNoneMatch: header('if-none-match'),
        base: `${call.parts.entry.secure ? 'https' : 'http'}://${header('host') ?? 'localhost'}/scim/v2`,
      },
      scimStore({ tx, freshId: () => call.parts.random(12).toString('hex') }),
    );
    return {
      status,
      headers: { ...headers, 'content-type': `${MEDIA}; charset=utf-8` },
      ...(body !== null && { body: JSON.stringify(body) }),
    };
  } catch (error) {
    // Thrown, so that nothing of it stays; `dialect` says it as SCIM does.
    if (error instanceof ScimFault)
      throw new HttpProblem(error.status as ProblemStatus, error.message, [
        { field: error.scimType ?? '', reason: error.message, fix: 'correct the request' },
      ]);
    throw error;
  }
}

/** Sessions and roles of any division may end by it. */
const company = () => ({ id: '', division: '' });
const shared = { action: 'Organisation::import', of: company, media: MEDIA, dialect, query } as const;
/** A group may have everybody in it. */
const body = bounded(100_000);
/** A PATCH or a search comes with a body, everything else of these without. */
const many = (method: Method, summary: string): Route =>
  answer({
    ...shared,
    method,
    path: '/scim/v2/:endpoint',
    summary,
    params: { endpoint },
    ...(method !== 'GET' && { body }),
    does: (call, tx) => does(method, call.params.endpoint, call, tx),
  });
const one = (method: Method, summary: string): Route =>
  answer({
    ...shared,
    method,
    path: '/scim/v2/:endpoint/:id',
    summary,
    params: { endpoint, id },
    ...(method !== 'GET' && method !== 'DELETE' && { body }),
    does: (call, tx) =>
      does(method, `${call.params.endpoint}/${encodeURIComponent(call.params.id)}`, call, tx),
  });

export const routes: readonly Route[] = [
  many('GET', 'List what a directory has pushed, or what the server can do'),
  many('POST', 'Take a person or a group from a directory'),
  one('GET', 'Read one person, group, type or schema'),
  one('POST', 'Search with what is too long for an address'),
  one('PUT', 'Replace a person or a group'),
  one('PATCH', 'Change parts of a person or a group'),
  one('DELETE', 'Take a person or a group out'),
];
