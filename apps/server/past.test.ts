/** What is served of the past: every number has its list, at any look, in pages and in JSON alike. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { answerPast, type Site } from './past.ts';
import { HOSTILE, type KeptSheds, kept, SHEDS } from './sample.ts';

let sheds: KeptSheds;
let site: Site;
before(async () => {
  sheds = await kept();
  site = sheds.site;
});
after(() => sheds.remove());

// biome-ignore lint/suspicious/noExplicitAny: answers are read as their readers would
type Json = any;

async function json(address: string): Promise<Json> {
  const [path = '', search] = `/api${address}`.split('?');
  const answered = await answerPast(site, path, new URLSearchParams(search));
  assert.ok(answered && 'json' in answered, address);
  return JSON.parse(JSON.stringify(answered.json));
}

async function page(address: string): Promise<string> {
  const [path = '', search] = address.split('?');
  const answered = await answerPast(site, path, new URLSearchParams(search));
  assert.ok(answered && 'text' in answered, address);
  return answered.text;
}

/** Every address that a page links to, as a browser would ask for it. */
const links = (text: string) =>
  [...text.matchAll(/href="(\/[^"]*)"/g)].map(
    ([, href = '']) => href.replaceAll('&amp;', '&').split('#')[0] ?? '',
  );

async function allAssets(address: string): Promise<string[]> {
  const found: string[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const own: Json = await json(`${address}&after=${encodeURIComponent(after)}`);
    found.push(...own.assets.map(({ asset }: Json) => asset));
    after = own.after;
  }
  return found;
}

test('figures of the newest look, and why they moved since the one before it', async () => {
  const { from, to, ticks, standards } = await json('/history');
  assert.deepEqual([from, to, ticks.length], ['2026-11-02T12:00:00.000Z', '2026-11-03T12:00:00.000Z', 3]);
  const [one] = standards;
  assert.deepEqual([one.id, one.pass + one.fail + one.unknown], ['sheds-locked', SHEDS]);
  assert.deepEqual(one.changes, { lost: 5, reassigned: 2 });
  assert.deepEqual([one.unknown, one.atMost], [5, (one.pass + 5) / SHEDS]);
});

test('between any two looks; an earlier one has what was published of it', async () => {
  const { standards } = await json('/history?from=2026-11-01T12:00:00Z&to=2026-11-02T12:00:00Z');
  const fixed = Array.from({ length: SHEDS - 20 }, (_, i) => i).filter(
    (i) => i % 10 === 1 && i % 3 !== 0,
  ).length;
  assert.deepEqual(standards[0].changes, { entered: 20, fixed });
  const first = await json('/history?to=2026-11-01T12:00:00Z');
  assert.equal(first.from, null);
  assert.deepEqual(first.standards[0].changes, {});
  const whole = await json('/history?from=2026-11-01T12:00:00Z');
  assert.deepEqual(whole.standards[0].changes, { entered: 20, fixed, lost: 5, reassigned: 2 });
  assert.equal((await json('/history?from=1999-01-01&to=nonsense')).to, '2026-11-03T12:00:00.000Z');
});

test('every number of the figures has a list of that length, whole and without repeats', async () => {
  const figures = await json('/standards/sheds-locked');
  for (const state of ['pass', 'fail', 'unknown']) {
    const assets = await allAssets(`/standards/sheds-locked/assets?state=${state}`);
    assert.equal(assets.length, figures[state], state);
    assert.equal(new Set(assets).size, assets.length);
  }
  for (const { team, pass, fail, unknown } of figures.teams.rows) {
    const own = await allAssets(`/standards/sheds-locked/assets?team=${team}`);
    assert.equal(own.length, pass + fail + unknown, team);
  }
});

test('every number of the changes has a list of that length, on as many pages as it needs', async () => {
  const between = 'from=2026-11-01T12:00:00Z';
  const { changes } = await json(`/standards/sheds-locked?${between}`);
  for (const [cause, number] of Object.entries(changes)) {
    const own = await json(`/standards/sheds-locked/changes?${between}&cause=${cause}`);
    assert.deepEqual([own.assets.length, own.changes, own.more], [number, number, false], cause);
    assert.deepEqual((await json(`/changes?${between}&cause=${cause}`)).assets, own.assets);
  }
});

test('a list of more than one page goes on where it ended', async () => {
  const first = await json('/standards/sheds-locked/assets?state=fail');
  assert.equal(first.assets.length, 100);
  const text = await page('/standards/sheds-locked/assets?state=fail');
  const next = links(text).find((href) => href.includes('after='));
  assert.ok(next);
  assert.match(await page(next), /href="[^"]*assets\?state=fail"[^>]*>First/);
});

test('teams are searched and paged by the server', async () => {
  const { teams } = await json('/standards/sheds-locked');
  assert.deepEqual([teams.found, teams.page, teams.pages, teams.rows.length], [61, 1, 2, 50]);
  assert.equal((await json('/standards/sheds-locked?page=2')).teams.rows.length, 11);
  assert.equal((await json('/standards/sheds-locked?page=99')).teams.page, 2);
  assert.deepEqual(
    (await json('/standards/sheds-locked?search=MOVED')).teams.rows.map(({ team }: Json) => team),
    ['team-moved'],
  );
  const divided: Site = {
    ...site,
    divisions: new Map([
      ['team-moved', 'north'],
      ['team-03', 'south'],
    ]),
  };
  const answered = await answerPast(
    divided,
    '/api/standards/sheds-locked',
    new URLSearchParams('division=south'),
  );
  assert.ok(answered && 'json' in answered);
  assert.deepEqual(
    (answered.json as Json).teams.rows.map(({ team, division }: Json) => [team, division]),
    [['team-03', 'south']],
  );
});

test('the life of an asset, with what decides its verdict', async () => {
  const life = await json('/assets/shed%2Fshed-001');
  assert.deepEqual([life.name, life.exists], ['shed-001', true]);
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
  const seen = new Set<string>();
  const open = ['/history', '/standards/sheds-locked?from=2026-11-01T12:00:00Z'];
  for (let next = open.shift(); next !== undefined && seen.size < 60; next = open.shift()) {
    if (seen.has(next) || next === '/') continue;
    seen.add(next);
    const text = await page(next);
    open.push(...links(text));
    assert.doesNotMatch(text, /<script>alert|\u202e/, next);
  }
  assert.ok(seen.size > 40);
});

test('names that mean harm are shown, and do none', async () => {
  const text = await page(`/assets/${encodeURIComponent(`shed/${encodeURI(HOSTILE)}`)}`);
  assert.match(text, /&lt;script&gt;alert\(1\)&lt;\/script&gt;⟨U\+202E⟩/);
  const searched = await page(
    `/standards/sheds-locked?search=${encodeURIComponent('"><script>alert(1)</script>')}`,
  );
  assert.match(searched, /value="&quot;&gt;&lt;script&gt;/);
  assert.match(searched, /form-action &#39;self&#39;/);
});

test('what is made up says so on every page and in every answer', async () => {
  const made: Site = { ...site, simulated: 'Nothing here was measured.' };
  const ask = (path: string) => answerPast(made, path, new URLSearchParams());
  for (const path of [
    '/history',
    '/standards/sheds-locked',
    '/standards/sheds-locked/assets',
    '/changes',
    '/assets/shed%2Fshed-001',
  ]) {
    const text = await ask(path);
    assert.ok(text && 'text' in text);
    assert.match(
      text.text,
      /<aside class="banner" aria-label="Simulated"><p><strong>Simulated\.<\/strong> Nothing here was measured\./,
    );
    assert.match(text.text, /<title>Simulated: /);
    const answered = await ask(`/api${path}`);
    assert.equal(answered && 'json' in answered && (answered.json as Json).simulated, true);
  }
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
    assert.equal(await answerPast(site, path, new URLSearchParams()), null, path);
  }
});
