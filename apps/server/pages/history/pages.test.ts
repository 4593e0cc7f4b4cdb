/** What is served of the past: every number has its list, at any look, in pages and in JSON alike. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PAGE_SECTIONS } from '@macadam/adapters/report-formats/html/sections';
import { HOSTILE, type KeptSheds, kept, SHEDS } from '@macadam/testing/server/sample';
import { type SampleServer, sampleServer } from '@macadam/testing/server/sample-server';
import { answerPast, type ServerContext } from './pages.ts';

let sheds: KeptSheds;
let site: ServerContext;
let server: SampleServer;
before(async () => {
  sheds = await kept();
  site = sheds.site;
  const people = { ann: { roles: [{ role: 'reader' as const, division: '' }] } };
  server = await sampleServer({ people, site: () => site });
});
after(async () => {
  await server.close();
  await sheds.remove();
});

// biome-ignore lint/suspicious/noExplicitAny: answers are read as their readers would
type Json = any;

async function json(address: string): Promise<Json> {
  const given = await server.ask('ann', 'GET', `/api${address}`);
  assert.equal(given.statusCode, 200, given.body);
  return given.json();
}

/** All rows of a list, by pages of a few. */
async function rows(address: string, limit = 90): Promise<Json[]> {
  const all: Json[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const on = `${address}${address.includes('?') ? '&' : '?'}limit=${limit}${next && `&after=${next}`}`;
    const page: { items: Json[]; next: string | null } = await json(on);
    all.push(...page.items);
    next = page.next;
  }
  return all;
}

/** What each site shows: nothing of it changes, so it is asked for once. */
const pages = new WeakMap<ServerContext, Map<string, Promise<string>>>();

function page(address: string): Promise<string> {
  const own = pages.get(site) ?? new Map<string, Promise<string>>();
  const text = own.get(address) ?? asked(address);
  pages.set(site, own.set(address, text));
  return text;
}

async function asked(address: string): Promise<string> {
  const [path = '', search] = address.split('?');
  if (
    ['/', '/history', '/standards'].includes(path) ||
    path.startsWith('/assets/') ||
    path.endsWith('/definition')
  ) {
    const given = await server.ask('ann', 'GET', address);
    assert.equal(given.statusCode, 200, `${address} ${given.body.slice(0, 500)}`);
    return given.body;
  }
  const answered = await answerPast({
    site,
    path,
    parameters: new URLSearchParams(search),
    visitor: 'Ann',
    seen: null,
  });
  assert.ok(answered, address);
  return answered.text;
}

/** Every address that a page links to, as a browser would ask for it. */
const links = (text: string) =>
  [...text.matchAll(/<a [^>]*href="(\/[^"]*)"/g)].map(
    ([, href = '']) => href.replaceAll('&amp;', '&').split('#')[0] ?? '',
  );

test('figures of the newest look, and why they moved since the one before it', async () => {
  assert.equal((await rows('/looks', 2)).length, 3);
  const one = await json('/standards/sheds-locked');
  assert.deepEqual([one.from, one.to], ['2026-11-02T12:00:00.000Z', '2026-11-03T12:00:00.000Z']);
  assert.equal(one.pass + one.fail + one.unknown, SHEDS);
  assert.deepEqual(one.changes, { lost: 5, reassigned: 2 });
  assert.deepEqual([one.unknown, one.atMost], [5, (one.pass + 5) / SHEDS]);
  const [listed] = await rows('/standards');
  for (const name of ['pass', 'fail', 'unknown', 'atLeast', 'atMost']) assert.equal(listed[name], one[name]);
  assert.deepEqual(await rows('/standards?pillar=networks'), []);
});

test('a failure that only became unknown is said beside the figure of what changed, and not in it', async () => {
  const text = await page('/');
  const section = text.slice(text.indexOf('id="changed"'), text.indexOf('id="late"'));
  const number = (said: string | undefined) => Number(said?.replace('−', '-').replaceAll(',', ''));
  const figure = number(/failing <\/small>([^<]+)</.exec(section)?.[1]);
  const parts = [...section.matchAll(/cause=(\w+)[^>]*>[^<]*<\/a><\/th>.*?<td class="num">([^<]+)</g)];
  assert.equal(
    figure,
    parts.reduce((sum, [, , said]) => sum + number(said), 0),
  );
  for (const [, cause] of parts) assert.ok(cause !== 'lost' && cause !== 'revealed', cause);
  const [, address = '', unknown] =
    /Besides, <a href="([^"]*cause=lost[^"]*)">(\d+) failures? became unknown</.exec(section) ?? [];
  assert.ok(number(unknown) > 0, section);
  const list = await page(address.replaceAll('&amp;', '&'));
  assert.ok(list.includes(`${unknown} `), address);
});

test('the page of a standard shows what fails now, as far as the reader may see it', async () => {
  const newest = await page('/standards/sheds-locked');
  const failing = await rows('/standards/sheds-locked/assets?verdict=fail');
  const named = links(newest)
    .filter((href) => href.startsWith('/assets/'))
    .map((href) => decodeURIComponent(href.slice('/assets/'.length)));
  assert.equal(named.length, 5);
  const ids = new Set(failing.map(({ asset }) => asset));
  for (const id of named) assert.ok(ids.has(id), id);
  assert.match(newest, /Failing sheds/);
  assert.doesNotMatch(await page('/standards/sheds-locked?to=2026-11-01T12:00:00Z'), /Failing sheds/);
  const address = '/standards/sheds-locked';
  const unseen = await answerPast({
    site,
    path: address,
    parameters: new URLSearchParams(),
    visitor: 'Ann',
    seen: [],
  });
  assert.doesNotMatch(unseen?.text ?? '', /Failing sheds/);
});

test('every figure of the overview and of a standard leads to a list of that length', async () => {
  const number = (text: string) => Number(text.replaceAll(/[,+−]/g, ''));
  let checked = 0;
  for (const from of [
    '/?from=2026-11-01T12:00:00Z',
    '/standards/sheds-locked?from=2026-11-01T12:00:00Z',
    '/standards',
  ]) {
    const text = await page(from);
    const figures = [
      ...[...text.matchAll(/<a href="([^"]+)">([\d,]+)<\/a>/g)].map(([, href = '', value = '']) => ({
        href,
        value,
      })),
      ...[
        ...text.matchAll(
          /<th scope="row"><a href="([^"]+)">[^<]+<\/a><\/th>.*?<td class="num">([+−][\d,]+)<\/td>/g,
        ),
      ].map(([, href = '', value = '']) => ({ href, value })),
      ...[
        ...text.matchAll(
          /<a href="([^"]+)">(?:Pass|Unknown|Fail|Met|On track|Off track|No target|Cannot tell)<\/a><\/span><\/td><td class="num">([\d,]+)</g,
        ),
      ].map(([, href = '', value = '']) => ({ href, value })),
    ];
    for (const { href, value } of figures) {
      const list = (await page(href.replaceAll('&amp;', '&'))).replaceAll('\u00a0', ' ');
      const all = [...list.matchAll(/([\d,]+) (?:assets?|changes?|standards?)\b/g)].map(([, found = '']) =>
        number(found),
      );
      assert.ok(all.includes(number(value)), `${from}: ${value} at ${href}, ${all}`);
      checked += 1;
    }
  }
  assert.ok(checked >= 12, `${checked}`);
});

test('between any two looks; an earlier one has what was published of it', async () => {
  const between = (search: string) => json(`/standards/sheds-locked${search}`);
  const { changes } = await between('?from=2026-11-01T12:00:00Z&to=2026-11-02T12:00:00Z');
  const fixed = Array.from({ length: SHEDS - 20 }, (_, i) => i).filter(
    (i) => i % 10 === 1 && i % 3 !== 0,
  ).length;
  assert.deepEqual(changes, { entered: 20, fixed });
  const first = await between('?to=2026-11-01T12:00:00Z');
  assert.equal(first.from, null);
  assert.deepEqual(first.changes, {});
  const whole = await between('?from=2026-11-01T12:00:00Z');
  assert.deepEqual(whole.changes, { entered: 20, fixed, lost: 5, reassigned: 2 });
});

test('work and decisions beside the figures of an earlier day are said to be those of today', async () => {
  const ofToday = /Late work items <small>today<\/small>[\s\S]*Decisions asked <small>today<\/small>/;
  assert.match(await page('/?at=2026-11-01T12:00:00Z'), ofToday);
  assert.doesNotMatch(await page('/'), /<small>today<\/small>/);
});

test('what is no time, or before anything was known, is never answered as of now', async () => {
  const problem = async (address: string) => {
    const given = await server.ask('ann', 'GET', `/api/standards${address}`);
    const { errors } = given.json();
    return [given.statusCode, errors.length, errors[0]?.field, errors[0]?.reason, errors[0]?.fix];
  };
  const noTime = 'give a time as 2027-03-01T12:00:00Z (RFC 3339), or a day as 2027-03-01';
  const first = 'nothing was known then; the first scan was 2026-11-01T12:00:00.000Z';
  for (const place of [
    '',
    '/sheds-locked',
    '/sheds-locked/teams',
    '/sheds-locked/assets',
    '/sheds-locked/changes',
  ]) {
    const to = (text: string) => problem(`${place}?to=${text}`);
    for (const text of ['zzz', '', '2026-02-30', '2026-11-02T12:00:00'])
      assert.deepEqual(await to(text), [400, 1, 'query.to', 'it is not a time', noTime], `${place} ${text}`);
    assert.deepEqual(await to('2020-01-01'), [404, 1, 'query.to', first, 'name that moment, or a later one']);
  }
  assert.deepEqual(await problem('/sheds-locked?from=zzz'), [
    400,
    1,
    'query.from',
    'it is not a time',
    noTime,
  ]);
  assert.deepEqual(await problem('/sheds-locked?from=2026-11-03&to=2026-11-02T12:00:00Z'), [
    400,
    1,
    'query.from',
    'it is later than `to`',
    'name the earlier moment in `from`',
  ]);
  assert.equal((await json('/standards/sheds-locked?from=1999-01-01')).from, '2026-11-01T12:00:00.000Z');
  assert.match(
    await page('/standards/sheds-locked?from=1999-01-01'),
    /Nothing was known at the time asked for: this is from the first scan/,
  );
  for (const place of ['/history', '/standards/sheds-locked', '/standards/sheds-locked/assets', '/changes'])
    for (const [asked, status] of [
      ['to=zzz', 400],
      ['from=zzz', 400],
      ['to=2020-01-01', 404],
    ] as const) {
      const given = await server.ask('ann', 'GET', `${place}?${asked}`);
      assert.equal(given.statusCode, status, `${place} ${asked}`);
      assert.match(given.body, /not a time|the first scan was/);
    }
});

test('a team, a standard or a division that is not there is named, not answered with nothing', async () => {
  for (const [address, reason] of [
    ['standards/sheds-locked/assets?team=team-99x', 'there is no team `team-99x`'],
    ['standards/sheds-locked/changes?team=team-99x', 'there is no team `team-99x`'],
    ['standards/sheds-locked/teams?division=zzz', 'there is no division `zzz`'],
    ['work-items?standard=sheds-loked', 'there is no standard `sheds-loked`, did you mean `sheds-locked`?'],
    ['exceptions?standard=sheds-loked', 'there is no standard `sheds-loked`, did you mean `sheds-locked`?'],
  ] as const) {
    const given = await server.ask('ann', 'GET', `/api/${address}`);
    assert.deepEqual([given.statusCode, given.json().errors[0].reason], [400, reason], address);
  }
  const listed = await server.ask('ann', 'GET', '/standards/sheds-locked/assets?team=team-99x');
  assert.equal(listed.statusCode, 400);
  assert.match(listed.body, /there is no team `team-99x`/);
  for (const place of ['/work', '/exceptions'])
    assert.match(
      (await server.ask('ann', 'GET', `${place}?standard=sheds-loked`)).body,
      /there is no standard `sheds-loked`, did you mean `sheds-locked`\?/,
    );
});

test('every answer says which look it is of', async () => {
  const to = '2026-11-02T12:00:00.000Z';
  for (const place of ['', '/sheds-locked/teams', '/sheds-locked/assets'])
    for (const { at } of await rows(`/standards${place}?to=2026-11-03`)) assert.equal(at, to, place);
  for (const row of await rows('/standards/sheds-locked/changes?to=2026-11-03'))
    assert.deepEqual([row.from, row.to], ['2026-11-01T12:00:00.000Z', to]);
});

test('every number of the figures has a list of that length, whole and without repeats', async () => {
  const figures = await json('/standards/sheds-locked');
  for (const verdict of ['pass', 'fail', 'unknown']) {
    const assets = await rows(`/standards/sheds-locked/assets?verdict=${verdict}`);
    assert.equal(assets.length, figures[verdict], verdict);
    assert.equal(new Set(assets.map(({ asset }) => asset)).size, assets.length);
    for (const one of assets) assert.equal(one.verdict, verdict);
  }
  const teams = await rows('/standards/sheds-locked/teams');
  assert.equal(teams.length, 61);
  const ofTeam = Map.groupBy(await rows('/standards/sheds-locked/assets', 500), ({ team }) => team);
  for (const { team, pass, fail, unknown } of teams)
    assert.equal(ofTeam.get(team)?.length, pass + fail + unknown, team);
  for (const team of ['team-moved', 'team-00', 'team-01'])
    assert.deepEqual(await rows(`/standards/sheds-locked/assets?team=${team}`), ofTeam.get(team), team);
  const [some] = teams.filter(({ unknown }) => unknown > 0);
  assert.equal(
    (await rows(`/standards/sheds-locked/assets?team=${some.team}&verdict=unknown`)).length,
    some.unknown,
  );
});

test('every number of the changes has a list of that length, on as many pages as it needs', async () => {
  const between = 'from=2026-11-01T12:00:00Z';
  const { changes } = await json(`/standards/sheds-locked?${between}`);
  for (const [cause, number] of Object.entries(changes)) {
    const own = await rows(`/standards/sheds-locked/changes?${between}&cause=${cause}`, 6);
    assert.equal(own.length, number, cause);
    assert.equal(new Set(own.map(({ asset }) => asset)).size, number);
  }
});

test('a list as CSV has the same rows', async () => {
  const { body } = await server.ask('ann', 'GET', '/api/standards/sheds-locked/assets?format=csv');
  assert.equal(body.split('\r\n').length, 1 + SHEDS + 1);
});

test('a list of more than one page goes on where it ended', async () => {
  const text = await page('/standards/sheds-locked/assets?state=fail');
  const next = links(text).find((href) => href.includes('after='));
  assert.ok(next);
  assert.match(await page(next), /href="[^"]*assets\?state=fail"[^>]*>First/);
});

test('teams are searched and paged by the server', async () => {
  const found = (text: string) => /(\d+ teams? found)/.exec(text.replaceAll('\u00a0', ' '))?.[1];
  assert.equal(found(await page('/standards/sheds-locked?search=team')), '61 teams found');
  assert.equal(found(await page('/standards/sheds-locked?search=MOVED')), '1 team found');
  assert.notEqual(await page('/standards/sheds-locked?page=2'), await page('/standards/sheds-locked'));
  assert.equal(await page('/standards/sheds-locked?page=99'), await page('/standards/sheds-locked?page=2'));
  const divided: ServerContext = {
    ...site,
    divisions: new Map([
      ['team-moved', 'north'],
      ['team-03', 'south'],
    ]),
  };
  const south = await answerPast({
    site: divided,
    path: '/standards/sheds-locked',
    parameters: new URLSearchParams('division=south'),
    visitor: 'Ann',
    seen: null,
  });
  // Of the teams; what fails worst is of all of them.
  assert.match(south?.text ?? '', /title="south">team-03</);
  assert.doesNotMatch(south?.text ?? '', /title="[^"]*">team-04</);
  site = divided;
  const listed = await rows('/standards/sheds-locked/teams?division=south');
  site = sheds.site;
  assert.deepEqual(
    listed.map(({ team, division }) => [team, division]),
    [['team-03', 'south']],
  );
});

test('the life of an asset, with what decides its verdict', async () => {
  const life = await json('/assets/shed%2Fshed-001');
  assert.deepEqual([life.name, life.kind, life.exists], ['shed-001', 'shed', true]);
  assert.match(life.verdicts[0].explanation, /asset\.locked is true/);
  assert.deepEqual(
    life.life.map(({ at, step, from, to, team }: Json) => [at.slice(0, 10), step, from, to, team].join(' ')),
    [
      '2026-11-01 evidence O F team-01',
      '2026-11-02 evidence F P team-01',
      '2026-11-03 reassigned P P team-moved',
    ],
  );
  const text = await page('/assets/shed%2Fshed-001');
  assert.match(text, /asset\.locked is true {2}\(round, effective, observed 2026-11-03/);
});

test('no page leads to nothing', async () => {
  const elsewhere = new Set<string>(Object.values(PAGE_SECTIONS).map(({ href }) => href));
  elsewhere.delete('/history');
  const seen = new Set<string>();
  const open = ['/history', '/standards/sheds-locked?from=2026-11-01T12:00:00Z'];
  for (let next = open.shift(); next !== undefined && seen.size < 30; next = open.shift()) {
    if (seen.has(next) || elsewhere.has(next)) continue;
    seen.add(next);
    const text = await page(next);
    open.push(...links(text));
    assert.doesNotMatch(text, /<script>alert|\u202e/, next);
  }
  assert.equal(seen.size, 30);
});

test('names that mean harm are shown, and do none', async () => {
  const text = await page(`/assets/${encodeURIComponent(`shed/${encodeURI(HOSTILE)}`)}`);
  assert.match(text, /&lt;script&gt;alert\(1\)&lt;\/script&gt;⟨U\+202E⟩/);
  const searched = await page(
    `/standards/sheds-locked?search=${encodeURIComponent('"><script>alert(1)</script>')}`,
  );
  assert.match(searched, /value="&quot;&gt;&lt;script&gt;/);
});

test('what is made up says so on every page and in every answer', async () => {
  site = { ...sheds.site, simulated: 'Nothing here was measured.' };
  for (const path of [
    '/history',
    '/standards/sheds-locked',
    '/standards/sheds-locked/assets',
    '/changes',
    '/assets/shed%2Fshed-001',
  ]) {
    const text = await page(path);
    assert.match(text, /<span class="sim">Simulated<span class="hidden">\. Nothing here was measured\./);
    assert.match(text, /<title>Simulated: /);
  }
  assert.equal((await rows('/standards'))[0].simulated, true);
  for (const path of ['/standards/sheds-locked', '/assets/shed%2Fshed-001'])
    assert.equal((await json(path)).simulated, true, path);
  site = sheds.site;
});

test('what is not there is nothing', async () => {
  for (const path of [
    '/standards/other',
    '/standards/sheds-locked/other',
    '/assets/shed%2Fnone',
    '/assets/',
    '/assets/%E0%A4%A',
    '/history/x',
    '/api',
  ]) {
    assert.equal(
      await answerPast({ site, path, parameters: new URLSearchParams(), visitor: 'Ann', seen: null }),
      null,
      path,
    );
  }
  for (const path of [
    '/standards/other',
    '/standards/other/teams',
    '/standards/other/assets',
    '/assets/shed%2Fnone',
  ]) {
    const given = await server.ask('ann', 'GET', `/api${path}`);
    assert.equal(given.statusCode, 404, path);
  }
});

test('what was counted and not identified is in the share, on no list, and said wherever the share is', async () => {
  const { facts, history } = sheds.stores;
  const at = new Date('2026-11-03T12:30:00Z');
  const partition = { kind: 'shed', container: 'estate', containerName: 'estate', complete: false };
  await facts.append(
    {
      source: 'round',
      startedAt: at.toISOString(),
      finishedAt: at.toISOString(),
      problems: [],
      status: 'incomplete',
      partitions: [{ ...partition, seen: 0, witness: { id: 'list', count: SHEDS + 7 } }],
    },
    [],
    at,
  );
  const standards = [...site.standards.values()].map(({ compiled }) => compiled);
  const kinds = site.stores?.kinds ?? new Map();
  await history.tick({ facts, kinds, standards, exceptions: [], at });
  // What was shown until then is another thing.
  site = { ...sheds.site };
  const one = await json('/standards/sheds-locked');
  assert.deepEqual([one.unknown, one.unnamed, one.changes], [5 + 7, 7, { entered: 7 }]);
  assert.equal(one.pass + one.fail + one.unknown, SHEDS + 7);
  assert.equal(one.trend.at(-1).unnamed, 7);
  const unknown = await rows('/standards/sheds-locked/assets?verdict=unknown');
  assert.equal(unknown.length, one.unknown - one.unnamed);
  assert.deepEqual(await rows('/standards/sheds-locked/changes?cause=entered', 3), []);
  for (const team of await rows('/standards/sheds-locked/teams')) assert.equal(team.unnamed, 0);
  const said = async (address: string) => (await page(address)).replaceAll('\u00a0', ' ');
  const hidden = /7 counted and not identified/;
  for (const address of [
    '/history',
    '/standards/sheds-locked',
    '/standards/sheds-locked/assets?state=unknown',
  ])
    assert.match(await said(address), hidden, address);
  assert.match(
    await said('/standards/sheds-locked'),
    /7 counted and not identified: nobody can say whose they are/,
  );
  assert.match(
    await said('/standards/sheds-locked/assets?state=unknown'),
    /5 assets, and 7 counted and not identified/,
  );
  assert.match(
    await said('/standards/sheds-locked/changes?cause=entered'),
    /7 changes, of which 7 counted and not identified/,
  );
  for (const address of [
    '/standards/sheds-locked/assets?state=pass',
    '/standards/sheds-locked/assets?team=team-moved',
  ])
    assert.doesNotMatch(await said(address), hidden, address);
});
