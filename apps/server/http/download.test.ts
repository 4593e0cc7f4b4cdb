/** A list that is taken away whole: a page a transaction, and none while its rows are written to whoever reads them. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { openDecisions } from '@macadam/adapters/decisions/open';
import type { Decisions, DecisionTransaction } from '@macadam/adapters/decisions/port';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import { sampleServer } from '@macadam/testing/server/sample-server';
import { z } from 'zod';
import { list, PAGE_LIMIT } from './route.ts';

const folder = trialFolder();
const decisions = await openDecisions(preparedPlace(join(folder, 'decisions')), { now: () => new Date() });

let openNow = 0;
const counted: Decisions = {
  ...decisions,
  transaction: async (...given) => {
    openNow += 1;
    try {
      return await decisions.transaction(...given);
    } finally {
      openNow -= 1;
    }
  },
};

const ROWS = 2 * PAGE_LIMIT.most + 200;
/** How many transactions were open when a row was written. */
const whileWritten = new Set<number>();
const pages: { readonly tx: DecisionTransaction; readonly open: number }[] = [];

const routes = [
  list({
    path: '/api/sheds',
    summary: 'List sheds',
    action: 'Fact::read',
    of: 'anywhere',
    row: z.object({ number: z.int(), name: z.string() }),
    sorts: ['number'],
    key: ({ number }) => number,
    rows: async (_, tx, { after: last, limit }) => {
      pages.push({ tx, open: openNow });
      const from = last === undefined ? 0 : Number(last) + 1;
      return Array.from({ length: Math.min(limit, ROWS - from) }, (__, index) => ({
        number: from + index,
        get name() {
          whileWritten.add(openNow);
          return `shed ${from + index}`;
        },
      }));
    },
  }),
];
const server = await sampleServer({
  people: { ann: { roles: [{ role: 'reader', division: '' }] } },
  decisions: counted,
  routes,
});
after(async () => {
  await server.close();
  await decisions.close();
  rmSync(folder, { recursive: true, force: true });
});

test('of a list that is taken away whole each page is a transaction of its own, and none is open while rows are written', async () => {
  const { statusCode, body } = await server.ask('ann', 'GET', '/api/sheds', undefined, {
    accept: 'text/csv',
  });
  assert.equal(statusCode, 200);
  assert.equal(body.trimEnd().split('\r\n').length, ROWS + 1, 'all rows, and the names of the columns');
  assert.equal(pages.length, 3);
  assert.equal(new Set(pages.map(({ tx }) => tx)).size, 3, 'a transaction a page');
  assert.deepEqual(
    pages.map(({ open }) => open),
    [1, 1, 1],
    'no page within another transaction',
  );
  assert.deepEqual([...whileWritten], [0], 'transactions that were open while rows were written');
  assert.deepEqual(server.failures, []);
});
