import assert from 'node:assert/strict';
import { test } from 'node:test';
import { over as estatePass } from './estate-pass.ts';
import { bench as facts } from './facts.ts';
import { bench as history } from './history.ts';
import { bench as tick } from './tick.ts';

const quick = { quick: true };
const ids = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id);

test('a pass answers as the SQL by hand does, and a peer that is not here is not met', async () => {
  const rows = await estatePass(3000, 1, false);
  assert.deepEqual(ids(rows), ['estate-pass', 'estate-pass-details', 'estate-pass-duckdb']);
  const [ours, , duck] = rows;
  assert.ok((ours?.ratio ?? 0) > 0);
  assert.deepEqual([duck?.peer, duck?.met], [null, false]);
});

test('the history gives the figures that its rows were made by, for every question that is measured', async () => {
  assert.deepEqual(ids(await history(quick)), [
    'slice-any-date',
    'slice-all-standards',
    'slice-all-teams',
    'slice-of-team',
    'slice-team-list',
    'week-account',
    'any-node-any-dates',
    'unit-any-dates',
    'week-account-all',
    'history-bytes',
  ]);
});

test('what is taken in is there', async () => {
  assert.deepEqual(ids(await facts(quick)), ['ingest', 'settle', 'ingest-lines', 'ingest-short-lines']);
});

test('a tick is measured by what the product runs, and its store answers when it is opened again', async () => {
  const rows = await tick(quick);
  assert.deepEqual(ids(rows), [
    'tick-first',
    'tick-quiet',
    'tick-memory',
    'tick-changed',
    'tick-changed-little',
    'tick-restart',
    'console-paint',
    'console-sort',
    'console-filter',
    'console-owners',
    'console-standard',
  ]);
  assert.match(rows[1]?.what ?? '', /: 0 assets passed an instant/);
});
