/** What moved a unit by every measure, as programs and people ask for it: each cause says where its list is. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { after, test } from 'node:test';
import { AMOUNT_CELLS } from '@macadam/core/figures/measure';
import { recordEvents } from '@macadam/services/ownership/log';
import { askCommandLine } from '@macadam/testing/command-line';
import { leakEstate } from '@macadam/testing/server/leaks';
import { sampleServer } from '@macadam/testing/server/sample-server';
import { amountsAt } from '../pages/history/address.ts';
import type { ServerContext } from '../pages/history/pages.ts';

const { source, standards, days, look, remove } = await leakEstate();
const { past, kinds, stores } = source;
const site: ServerContext = {
  past,
  facts: stores.facts,
  simulated: null,
  divisions: new Map(),
  title: 'leaks',
  now: () => new Date('2026-11-20T13:00:00Z'),
  standards: new Map(standards.map((one) => [one.id, one])),
  stores: { driver: stores.driver, facts: stores.facts, kinds },
};
const server = await sampleServer({
  people: { ann: { roles: [{ role: 'reader', division: '' }], via: 'token' } },
  site: () => site,
  port: 0,
  random: randomBytes,
});
const line = askCommandLine();
after(async () => {
  await server.close();
  await remove();
});

const TEAMS = ['plumbers', 'roofers', 'masons'];
const NORTH = ['plumbers', 'roofers'];
const unit = (id: string, level: 'company' | 'division' | 'team', parent: string | null) =>
  ({ on: '2026-01-01', event: 'created', unit: id, level, name: id, parent }) as const;
await server.decisions.transaction({ id: 'organisation', divisions: 'all' }, (tx) =>
  recordEvents(
    tx,
    [
      unit('estate', 'company', null),
      unit('north', 'division', 'estate'),
      ...TEAMS.map((team) => unit(team, 'team', NORTH.includes(team) ? 'north' : 'estate')),
    ],
    'a test',
  ),
);
const gone = new Set<string>();
for (const [index, at] of days.entries()) {
  // Later every seventh is handed on, and what was not seen on the third day stays away.
  const ownerOf = (leak: number) => TEAMS[(leak + (index > 1 && leak % 7 === 0 ? 1 : 0)) % 3] ?? '';
  const here = new Set((await look(at, gone, ownerOf)).map(({ name }) => name));
  if (index === 2)
    for (let leak = 0; leak < 60; leak++) if (!here.has(`leak-${leak}`)) gone.add(`leak-${leak}`);
}

const get = async (path: string) => {
  const given = await server.ask('ann', 'GET', path);
  assert.equal(given.statusCode, 200, `${path}: ${given.body}`);
  return given.json();
};

type Tally = Readonly<
  Record<'pass' | 'fail' | 'unknown' | 'blindPass' | 'blindFail' | 'blindUnknown', number>
>;
interface Amounts {
  readonly now: { readonly tally: Tally };
  readonly before: { readonly tally: Tally } | null;
  readonly causes: readonly { cell: string; changes: number; moved: Tally; list: string }[] | null;
}

test('what moved a unit is told by all four measures, with a list of as many assets as each cause counts', async () => {
  const looks: readonly { readonly at: string }[] = (await get('/api/looks')).items.toReversed();
  const counted = new Map<string, number>();
  const [from, to] = [1, 3];
  for (const whose of ['&unit=north', '']) {
    const said = await get(`/api/progress?from=${looks[from]?.at}&to=${looks[to]?.at}${whose}`);
    assert.deepEqual(
      said.standards.map(({ standard, measure, unit }: Record<string, string>) => [standard, measure, unit]),
      [
        ['leaks-gone', 'elimination', 'leaks'],
        ['mended-in-time', 'duration', 'leaks'],
        ['water-kept', 'weighted', 'litres a day'],
      ],
    );
    for (const { standard, causes, amounts } of said.standards) {
      const about = `${standard}${whose}, ${from} to ${to}`;
      if (standard === 'mended-in-time') {
        assert.equal(amounts, null);
        // It counts assets, by their verdicts; the others have lists of their own.
        for (const { cause, changes, list } of causes)
          assert.equal((await get(`${list}&limit=500`)).items.length, changes, `${cause} of ${about}`);
        continue;
      }
      const { now, before, causes: own }: Amounts = amounts;
      assert.ok(before && own, about);
      for (const name of Object.keys(now.tally) as (keyof Tally)[])
        assert.equal(
          own.reduce((sum, { moved }) => sum + moved[name], 0),
          now.tally[name] - before.tally[name],
          `${name} of ${about}`,
        );
      for (const { cell, changes, list } of own) {
        assert.ok((AMOUNT_CELLS as readonly string[]).includes(cell));
        const { items } = await get(`${list}&limit=500`);
        assert.equal(items.length, changes, `${cell} of ${about}`);
        if (whose === '&unit=north') for (const { team } of items) assert.ok(NORTH.includes(team), team);
        counted.set(`${standard} ${cell}`, (counted.get(`${standard} ${cell}`) ?? 0) + changes);
      }
      for (const [look, { tally: whole }] of [[to, now] as const, [from, before] as const]) {
        const { teams } = await get(`/api/standards/${standard}/amounts?to=${looks[look]?.at}${whose}`);
        const sum = teams.reduce((all: number, { tally }: { tally: Tally }) => all + tally.fail, 0);
        assert.equal(whole.fail, sum, `teams of ${about}, at ${look}`);
      }
    }
  }
  for (const cause of [
    'water-kept reweighed',
    'leaks-gone fixed',
    'leaks-gone gone-fail',
    'leaks-gone reassigned-in',
  ])
    assert.ok((counted.get(cause) ?? 0) > 0, `${cause} in ${[...counted.keys()].join(', ')}`);
});

test('the assets behind a cause of the amounts of a unit are a page, too, and the command line says both', async () => {
  const window = 'from=2026-11-01T13:00:00Z';
  const said = await get(`/api/progress?unit=north&${window}`);
  const [leaks] = said.standards;
  const cause = leaks.amounts.causes.find(({ cell }: { cell: string }) => cell === 'fixed');
  const address = amountsAt('leaks-gone', { unit: 'north', from: said.from, to: said.to }, cause);
  const list = await server.ask('ann', 'GET', address, undefined, { accept: 'text/html' });
  assert.equal(list.statusCode, 200, list.body);
  const { changes } = cause;
  assert.match(list.body, new RegExp(`${changes} changes?: fixed, of north`));
  assert.equal(list.body.match(/<td>fail, 1<\/td><td>pass, 1<\/td>/g)?.length, changes);
  const { status, stdout, stderr } = await line.ask({
    args: ['progress', 'north', '--from', '2026-11-01T13:00:00Z'],
    cwd: tmpdir(),
    env: { ...process.env, MACADAM_TOKEN: 'ann', MACADAM_SERVER: server.url, NO_COLOR: '1' },
  });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /in litres a day/);
  assert.match(stdout, new RegExp(`in leaks .*${changes} fixed`));
});
