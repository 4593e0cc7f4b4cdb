/** Figures are everybody's, assets their division's: asked of a running server over the sheds, of two divisions. */
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { SHEDS } from '@macadam/testing/server/sample';
import { WORKERS, worked } from '@macadam/testing/server/sample-work';

const guest = { roles: [] };
const estate = await worked({ people: { ...WORKERS, guest } });
after(async () => {
  await estate.close();
  assert.deepEqual(estate.server.failures, []);
});

const ask = (who: string, path: string) => estate.server.ask(who, 'GET', path);
const ASSETS = '/api/standards/sheds-locked/assets';
const CHANGES = '/api/standards/sheds-locked/changes';
const one = (name: string) => encodeURIComponent(`shed/${name}`);

/** As the history has it: two that moved, and of teams that nobody knows, are of no division. */
const divisionOf = (index: number): string | null => {
  const team = index % 60;
  return index < 2 || team > 57 ? null : team < 30 ? 'north' : 'south';
};
const shedsOf = (division: string) =>
  Array.from({ length: SHEDS }, (_, index) => index).filter((index) => divisionOf(index) === division).length;

async function all(who: string, path: string): Promise<{ rows: Record<string, string>[]; pages: number[] }> {
  const [rows, pages]: [Record<string, string>[], number[]] = [[], []];
  for (let after = ''; ; ) {
    const answer = await ask(who, `${path}${path.includes('?') ? '&' : '?'}limit=40${after}`);
    assert.equal(answer.statusCode, 200, answer.body);
    const { items, next } = answer.json();
    rows.push(...items);
    pages.push(items.length);
    if (next === null) return { rows, pages };
    after = `&after=${encodeURIComponent(next)}`;
  }
}

test('figures of every team are seen by whoever has a role, and by nobody else', async () => {
  for (const path of [
    '/api/standards',
    '/api/standards/sheds-locked',
    '/api/looks',
    '/history',
    '/standards',
  ])
    for (const who of ['ann', 'ben', 'root', 'sol'])
      assert.equal((await ask(who, path)).statusCode, 200, `${who} ${path}`);
  const teams = (await ask('ann', '/api/standards/sheds-locked/teams?limit=500')).json().items;
  assert.ok(teams.some(({ team }: { team: string }) => team === 'team-34'));
  assert.equal((await ask('guest', '/api/standards')).statusCode, 403);
});

test('a list behind a number has the assets of one’s divisions, in whole pages', async () => {
  for (const [who, division] of [
    ['ann', 'north'],
    ['ben', 'south'],
  ] as const) {
    const { rows, pages } = await all(who, ASSETS);
    assert.equal(rows.length, shedsOf(division));
    assert.deepEqual(
      rows.filter(({ team }) => team === undefined || (team < 'team-30' ? 'north' : 'south') !== division),
      [],
    );
    assert.deepEqual(
      pages.slice(0, -1).filter((length) => length !== 40),
      [],
      'the database limits the rows, before they are counted into pages',
    );
  }
  assert.equal((await all('sol', ASSETS)).rows.length, SHEDS, 'a role of the whole company');
  const north = (await all('ann', CHANGES)).rows.length;
  const south = (await all('ben', CHANGES)).rows.length;
  const company = (await all('sol', CHANGES)).rows.length;
  assert.ok(north > 0 && south > 0 && north + south <= company, `${north} + ${south} of ${company}`);
});

test('a team of another division is refused by name, rather than shown as one that has nothing', async () => {
  for (const path of [`${ASSETS}?team=team-34`, `${CHANGES}?team=team-34`, '/changes?team=team-34']) {
    const answer = await ask('ann', path);
    assert.equal(answer.statusCode, 403, path);
    assert.match(
      answer.body,
      /(?:Fact::read|To read facts) takes the role reader or engineer.* for division south/,
    );
  }
  assert.equal((await all('ann', `${ASSETS}?team=team-07`)).rows.length, 4);
  assert.equal((await ask('ann', `${ASSETS}?team=moon`)).statusCode, 403, 'of no division');
  assert.equal((await ask('root', ASSETS)).statusCode, 403, 'who administers has no part in it');
});

test('an asset is seen in the division of its owner, and of whose it last was', async () => {
  const status = async (who: string, name: string) => {
    const [api, page] = [await ask(who, `/api/assets/${one(name)}`), await ask(who, `/assets/${one(name)}`)];
    assert.equal(api.statusCode, page.statusCode, `${who} ${name}`);
    return api.statusCode;
  };
  assert.deepEqual([await status('ann', 'shed-002'), await status('ben', 'shed-002')], [200, 403]);
  assert.deepEqual([await status('ann', 'shed-034'), await status('ben', 'shed-034')], [403, 200]);
  assert.deepEqual(
    [await status('ann', 'shed-058'), await status('ben', 'shed-058'), await status('sol', 'shed-058')],
    [403, 403, 200],
    'what nobody owns is the company’s',
  );
  assert.deepEqual([await status('ann', 'shed-999'), await status('sol', 'shed-999')], [404, 404]);
  await estate.decisions.transaction({ id: 'machine:test', divisions: 'all' }, (tx) =>
    tx.organisation.decideOwners([
      {
        asset: 'shed/shed-034',
        act: 'assign',
        team: 'team-02',
        previousTeam: 'team-34',
        division: 'north',
        previousDivision: 'south',
        reason: 'it moved',
      },
    ]),
  );
  assert.deepEqual([await status('ann', 'shed-034'), await status('ben', 'shed-034')], [200, 200]);
});

test('pages hold no asset of another division, and say so', async () => {
  for (const path of ['/standards/sheds-locked/assets', '/changes', '/standards/sheds-locked/changes']) {
    const { body } = await ask('ann', path);
    assert.match(body, /of your divisions/, path);
    assert.match(body, /shed-00/, path);
    for (const index of [30, 31, 34, 50, 51, 57, 58])
      assert.doesNotMatch(body, new RegExp(`shed-0${index}`), path);
    assert.doesNotMatch((await ask('sol', path)).body, /of your divisions/);
  }
});

test('the report names every asset, so it takes a role of the whole company; others see the figures there', async () => {
  for (const format of ['json', 'html', 'csv']) {
    assert.equal((await ask('ann', `/scan.${format}`)).statusCode, 403);
    assert.equal((await ask('root', `/scan.${format}`)).statusCode, 403);
  }
  assert.equal((await ask('ann', '/')).statusCode, 200);
});
