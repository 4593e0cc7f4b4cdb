/**
 * A server that is there to die: the real one over HTTP, on both embedded stores, with routes by which a load changes everything that
 * there is to change.
 *
 *     node scene.ts DIR facts|alone
 *
 * With the decisions in the folder, or where `DATABASE_URL` says, which `DATABASE_OWNER_URL` owns.
 * Says `{"url": …}` when it answers. One work is one request is one transaction: a batch with three members, a comment, an exception
 * and a message; so it is there with all of that or not at all. With facts it takes observations in as the real server does, by the route of
 * everybody, and ends what was received before it died.
 */
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openDecisions } from '@macadam/adapters/decisions/open';
import { openStores, type Stores } from '@macadam/adapters/facts/open';
import { openId } from '@macadam/adapters/identity/openid';
import { incomingIn } from '@macadam/adapters/incoming';
import { compileStandard } from '@macadam/core/verdicts/compiled-standard';
import { standardSchema } from '@macadam/core/verdicts/standard';
import { finishReceived } from '@macadam/services/ingest/receive';
import { CLOCK_IS_RIGHT } from '@macadam/services/measure/clock';
import { batch, request } from '@macadam/testing/decisions/sample';
import { device, given, kinds, minute } from '@macadam/testing/facts/devices';
import { z } from 'zod';
import { discoverRoutes } from '../../apps/server/http/discover.ts';
import { type Route, route } from '../../apps/server/http/route.ts';
import { serve } from '../../apps/server/http/serve.ts';
import type { ServerContext } from '../../apps/server/pages/history/pages.ts';
import { problemPage } from '../../apps/server/pages/page-answer.ts';

const [directory = '', facts = 'alone'] = process.argv.slice(2);
const now = () => new Date();
const permitted = { action: 'Fact::ingest', of: () => ({ id: '', division: 'north' }) } as const;
const id = z.object({ id: z.string() });
let stores: Stores | null = null;

const definition = standardSchema.parse({
  id: 'patched',
  pillar: 'engineering',
  title: 'Devices are even',
  statement: 'Every device is even.',
  why: 'Odd ones break.',
  origin: { report: 'none', lesson: 'They broke.' },
  scope: { kind: 'device' },
  check: "asset.model.endsWith('0')",
  reasons: [{ id: 'odd', when: 'true', say: 'it is odd' }],
  severity: 'low',
  measure: { kind: 'share' },
  rollout: { state: 'observe', on_unknown: 'allow' },
  toil: { owner_minutes: 0 },
});
const compiled = compileStandard(definition, device, { file: 'patched', lineOf: () => 1 });
if ('mistakes' in compiled) throw new TypeError(compiled.mistakes[0]?.reason);

const opened = () => {
  if (stores) return stores;
  throw new Error('this life has no facts');
};

const load: readonly Route[] = [
  route({
    ...permitted,
    method: 'POST',
    path: '/load/works',
    summary: 'Do all of one work',
    status: 201,
    body: id,
    answer: id,
    does: async ({ body }, tx) => {
      const assets = ['a', 'b', 'c'].map((one) => `${body.id}-${one}`);
      await tx.work.open([batch(body.id, assets)]);
      await tx.work.comment(body.id, 'x');
      await tx.permissions.request(request(body.id));
      await tx.delivery.post({ destination: 'd', division: 'north', subject: body.id, body: {} });
      return body;
    },
  }),
  route({
    ...permitted,
    method: 'POST',
    path: '/load/claims',
    summary: 'Claim a batch',
    status: 201,
    body: id,
    answer: id,
    does: async ({ body }, tx) => {
      await tx.work.claim(body.id, true);
      return body;
    },
  }),
  route({
    ...permitted,
    method: 'POST',
    path: '/load/rounds',
    summary: 'Take a collection in, and tick',
    body: z.object({ round: z.int() }),
    answer: z.object({ batch: z.int() }),
    does: async ({ body: { round } }) => {
      const { facts: store, history } = opened();
      const saw = Object.fromEntries(
        Array.from({ length: 20 }, (_, index) => [`d${index}`, `${round}${index}`]),
      );
      const [collection, observations] = given({ started: round, saw, witness: 20 });
      const { batch: number } = await store.append(collection, observations, now());
      const at = new Date(Date.parse(minute(round)) + 1000);
      // Asked again after an answer was lost, it was ticked already.
      if (!(await history.ticks()).some(({ valid }) => valid >= at))
        await history.tick({ facts: store, kinds, standards: [compiled], exceptions: [], at });
      return { batch: number };
    },
  }),
  route({
    ...permitted,
    method: 'GET',
    path: '/load/documents',
    summary: 'Say which batches hold which observations that were sent',
    answer: z.object({ batches: z.array(z.object({ batch: z.int(), assets: z.array(z.string()) })) }),
    does: async () => {
      const rows = await opened().driver.query<{ batch: string; assets: string[] }>(
        `SELECT batch, groupArray(asset) AS assets FROM observation WHERE source = 'patrol'
         AND batch IN (SELECT number FROM batch WHERE event = 'collection') GROUP BY batch ORDER BY batch`,
      );
      return { batches: rows.map(({ batch: number, assets }) => ({ batch: Number(number), assets })) };
    },
  }),
  route({
    ...permitted,
    method: 'GET',
    path: '/load/rounds',
    summary: 'Say what the facts hold',
    answer: z.object({ rounds: z.array(z.int()), ticks: z.array(z.int()), broken: z.int() }),
    does: async () => {
      const { facts: store, history } = opened();
      const number = (time: Date | string) =>
        Math.floor((new Date(time).getTime() - Date.parse(minute(0))) / 60_000);
      return {
        rounds: (await store.collections({ source: 'lan' })).map(({ collection }) =>
          number(collection.startedAt),
        ),
        ticks: (await history.ticks()).map(({ valid }) => number(valid)),
        broken: (await history.broken()).length,
      };
    },
  }),
];

const { DATABASE_URL: url, DATABASE_OWNER_URL: ownerUrl } = process.env;
const decisions = await openDecisions(url || join(directory, 'decisions'), {
  now,
  ...(ownerUrl && { ownerUrl }),
});
// The rounds are of another month, which is not what this is about.
process.env[CLOCK_IS_RIGHT] = now().toISOString().slice(0, 10);
const incoming = incomingIn(join(directory, 'incoming'));
if (facts === 'facts') {
  stores = await openStores(join(directory, 'facts'), { kinds, now });
  await finishReceived({ decisions, facts: stores.facts }, incoming);
  void finishNow();
}
const parts = { decisions, now, random: randomBytes, incoming };

/** As the server does beside requests, without an end. */
async function finishNow(): Promise<never> {
  for (;;) {
    await pause(200);
    await finishReceived({ decisions, facts: opened().facts }, incoming).catch(() => {});
  }
}
const served = await serve({
  ...parts,
  port: 0,
  routes: [...(await discoverRoutes()), ...load],
  perMinute: 1e9,
  // Taking observations in asks no more of it.
  site: () => (stores ? ({ facts: stores.facts, simulated: null } as unknown as ServerContext) : null),
  stores: () => stores,
  picture: { state: () => 'history', around: () => ({ since: null, banner: null }), formats: [] },
  entry: { openId: openId(parts, []), secure: false },
  identify: async () => ({
    person: 'machine:load',
    name: 'load',
    via: 'machine',
    scopes: 'all',
    sources: 'all',
    teams: [],
    standards: [],
    roles: [{ role: 'engineer', division: '' }],
  }),
  troubled: (problem) => problemPage(problem, ''),
  failed: (error, asked) => process.stderr.write(`${asked}: ${(error as Error).stack ?? error}\n`),
});
writeSync(1, `${JSON.stringify({ url: served.url })}\n`);
