import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { workAt } from '@macadam/adapters/report-formats/html/link';
import type { Observation } from '@macadam/core/facts/observation';
import { figures } from '@macadam/core/figures/accounting';
import { verifyReview } from '@macadam/core/figures/review-verify';
import { compileStandard } from '@macadam/core/verdicts/compiled-standard';
import type { CatalogueStandard } from '@macadam/services/catalogue/load';
import { recordEvents } from '@macadam/services/ownership/log';
import { askCommandLine } from '@macadam/testing/command-line';
import { kept } from '@macadam/testing/server/sample';
import { sampleServer } from '@macadam/testing/server/sample-server';

/** As many as have to answer before anything is told, and one more. */
const ENGINEERS = Array.from({ length: 11 }, (_, index) => `engineer-${index}`);
const COMMITMENTS = { 'sheds-locked': { share: 0.1, by: '2027-03-31', accountable: 'Head of sheds' } };
const sheds = { ...(await kept({ commitments: COMMITMENTS })) };
const server = await sampleServer({
  people: {
    ann: { roles: [{ role: 'reader', division: '' }], via: 'token' },
    chief: { roles: [{ role: 'deputy-ciso', division: '' }], via: 'token' },
    boss: { roles: [{ role: 'deputy-ciso', division: '' }], via: 'session' },
    north: { roles: [{ role: 'deputy-ciso', division: 'north' }], via: 'token' },
    keeper: { roles: [{ role: 'standard-owner', division: '' }], via: 'token' },
    ...Object.fromEntries(
      ENGINEERS.map((one) => [one, { roles: [{ role: 'engineer', division: '' }], via: 'token' as const }]),
    ),
  },
  site: () => sheds.site,
  port: 0,
  random: randomBytes,
});
const line = askCommandLine();
after(async () => {
  await server.close();
  await sheds.remove();
});

test('three days of history are too few weeks, and it says so', async () => {
  const given = await server.ask(
    'ann',
    'GET',
    '/api/standards/sheds-locked/forecast?share=0.9&by=2027-03-31',
  );
  assert.equal(given.statusCode, 200, given.body);
  const { outcome, why, weeks, atRisk } = given.json();
  assert.deepEqual(
    { outcome, why, weeks, atRisk },
    { outcome: 'cannot-tell', why: 'too-few-steps', weeks: 0, atRisk: null },
  );
});

test('a target that is reached is met', async () => {
  const given = await server.ask(
    'ann',
    'GET',
    '/api/standards/sheds-locked/forecast?share=0.1&by=2027-03-31',
  );
  assert.equal(given.json().outcome, 'met');
});

test('without a target, and without a standard, it says what is missing', async () => {
  sheds.site = { ...sheds.site, commitments: {} };
  const none = await server.ask('ann', 'GET', '/api/standards/sheds-locked/forecast');
  assert.equal(none.statusCode, 422);
  assert.match(none.json().detail, /has no target: give `share` and `by`/);
  assert.equal((await server.ask('ann', 'GET', '/api/standards/none/forecast')).statusCode, 404);
});

test('a list, one standard and its forecast say the same of a promise that the company made', async () => {
  sheds.site = { ...sheds.site, commitments: COMMITMENTS };
  const asked = async (path: string) => (await server.ask('ann', 'GET', path)).json();
  const [listed] = (await asked('/api/standards')).items;
  const one = await asked('/api/standards/sheds-locked');
  const expected = {
    label: 'Sheds are <locked> & "kept" so',
    accountable: 'Head of sheds',
    target: { share: 0.1, by: '2027-03-31' },
    status: 'met',
    statusCause: null,
  };
  for (const found of [listed, one]) {
    const { label, accountable, target, status, statusCause } = found;
    assert.deepEqual({ label, accountable, target, status, statusCause }, expected);
  }
  assert.equal((await asked('/api/standards/sheds-locked/forecast')).outcome, 'met');
  sheds.site = { ...sheds.site, commitments: { 'sheds-locked': { share: 0.9, by: '2027-03-31' } } };
  const { status, statusCause } = await asked('/api/standards/sheds-locked');
  assert.deepEqual({ status, statusCause }, { status: 'cannot-tell', statusCause: 'too-few-steps' });
});

const MINUTES = {
  title: 'Week 45',
  attendance: [{ person: 'ann' }, { person: 'bob', present: false }],
  decisions: [{ question: 'Are two locks enough?', decided: 'They are.', by: 'chief' }],
  actions: [{ what: 'Buy locks', owner: 'bob', due: '2026-12-01' }],
};

test('a review is frozen for the company, shown to everybody, and its file holds by itself', async () => {
  sheds.site = {
    ...sheds.site,
    commitments: COMMITMENTS,
    reviews: { source: { ...sheds.source, commitments: COMMITMENTS }, key: () => null },
  };
  for (const who of ['ann', 'north'])
    assert.equal((await server.ask(who, 'POST', '/api/reviews', MINUTES)).statusCode, 403, who);
  const made = await server.ask('chief', 'POST', '/api/reviews', MINUTES);
  assert.equal(made.statusCode, 201, made.body);
  const { number, digest, previous } = made.json();
  assert.deepEqual({ number, previous }, { number: 1, previous: null });
  const shown = (await server.ask('ann', 'GET', '/api/reviews/1')).json();
  const page = (await server.ask('ann', 'GET', '/api/standards/sheds-locked')).json();
  const [figure] = shown.figures;
  for (const name of ['pass', 'fail', 'unknown', 'atLeast', 'atMost', 'status', 'target', 'accountable'])
    assert.deepEqual(figure[name], page[name], name);
  assert.deepEqual(shown.actions, [
    { id: '1.1', what: 'Buy locks', owner: 'bob', due: '2026-12-01', state: 'open' },
  ]);
  assert.equal((await server.ask('north', 'GET', '/api/reviews/1/file')).statusCode, 403);
  const file = await server.ask('ann', 'GET', '/api/reviews/1/file');
  const verified = verifyReview(file.rawPayload);
  assert.deepEqual([verified.verdict, verified.digest], ['holds', digest]);
});

test('actions are followed into the next review, and an outcome of none is refused with those that are open', async () => {
  const wrong = { title: 'Week 46', outcomes: [{ action: '7.1', state: 'done' }] };
  const refused = await server.ask('chief', 'POST', '/api/reviews', wrong);
  assert.equal(refused.statusCode, 422, refused.body);
  assert.match(refused.body, /no action `7\.1` is open.*name one of 1\.1/s);
  const { actions: _, ...rest } = MINUTES;
  const second = {
    ...rest,
    title: 'Week 46',
    actions: [{ what: 'Sell keys', owner: 'ann', due: '2026-12-08' }],
  };
  assert.equal((await server.ask('chief', 'POST', '/api/reviews', second)).json().previous, 1);
  const third = { title: 'Week 47', outcomes: [{ action: '1.1', state: 'done' }] };
  assert.equal((await server.ask('chief', 'POST', '/api/reviews', third)).statusCode, 201);
  const states = async (review: number) =>
    (await server.ask('ann', 'GET', `/api/reviews/${review}`))
      .json()
      .actions.map(({ id, state }: { id: string; state: string }) => `${id} ${state}`);
  assert.deepEqual(await states(2), ['1.1 open', '2.1 open']);
  assert.deepEqual(await states(3), ['1.1 done', '2.1 open']);
  const files = await Promise.all(
    [2, 3].map(async (review) => (await server.ask('ann', 'GET', `/api/reviews/${review}/file`)).rawPayload),
  );
  const [previous, next] = files;
  assert.ok(previous && next);
  assert.equal(verifyReview(next, { previous }).verdict, 'holds');
});

test('a review whose figures its own facts contradict is not frozen', async () => {
  const { source } = sheds;
  const lying = {
    ...source,
    commitments: COMMITMENTS,
    past: { ...source.past, figuresOfAll: async () => new Map(), figures: async () => figures([]) },
  };
  const reviews = { source: lying, key: () => null };
  const held = sheds.site;
  sheds.site = { ...held, reviews };
  const refused = await server.ask('chief', 'POST', '/api/reviews', { title: 'Week 48' });
  sheds.site = held;
  assert.equal(refused.statusCode, 409, refused.body);
  assert.match(refused.json().detail, /sheds-locked: atLeast is null, and its facts say 0\.39.*freeze again/);
  assert.equal((await server.ask('ann', 'GET', '/api/reviews')).json().items.length, 3);
});

test('the page of a review says what its file says, and the form that freezes refuses what is no action', async () => {
  const browser = { accept: 'text/html' };
  const page = await server.ask('ann', 'GET', '/reviews/1', undefined, browser);
  assert.equal(page.statusCode, 200, page.body);
  assert.match(page.body, /1 of 1 standard with a target is met or on track/);
  assert.match(page.body, /Are two locks enough\?/);
  assert.match(page.body, /macadam review verify review-1\.ndjson/);
  assert.doesNotMatch(
    (await server.ask('ann', 'GET', '/reviews', undefined, browser)).body,
    /Freeze the next/,
  );
  assert.match((await server.ask('chief', 'GET', '/reviews', undefined, browser)).body, /Freeze the next/);
});

test('every requirement of a framework stands by the standards that answer it, on the page as in the API', async () => {
  const frameworks = [
    {
      framework: 'rules',
      title: 'Rules of sheds',
      requirements: { A: ['sheds-locked'], B: [], C: ['sheds-locked', 'sheds-painted'] },
    },
  ];
  sheds.site = { ...sheds.site, frameworks, commitments: COMMITMENTS };
  const whole = (await server.ask('ann', 'GET', '/api/frameworks/rules')).json();
  assert.deepEqual(
    whole.requirements.map(({ requirement, status }: { requirement: string; status: string }) => [
      requirement,
      status,
    ]),
    [
      ['A', 'met'],
      ['B', 'nothing-maps'],
      ['C', 'cannot-tell'],
    ],
  );
  const { items } = (await server.ask('ann', 'GET', '/api/frameworks')).json();
  assert.deepEqual(items[0].counts, whole.counts);
  const page = await server.ask('ann', 'GET', '/frameworks/rules', undefined, { accept: 'text/html' });
  assert.match(page.body, /3 requirements: 1 cannot tell, 1 met, 1 answered by no standard\./);
  assert.equal((await server.ask('ann', 'GET', '/api/frameworks/none')).statusCode, 404);
  assert.match(
    (await typed('ann', 'framework', 'rules')).said,
    /C +cannot tell: sheds-locked \(met\), sheds-painted \(not in force here\)/,
  );
});

test('OSCAL says what pages say: only what is met is satisfied, a gap is none, and a review stays as it was', async () => {
  const asked = async (path: string) => {
    const given = await server.ask('ann', 'GET', path);
    assert.equal(given.statusCode, 200, given.body);
    return given.json();
  };
  const live = (await asked('/api/oscal/assessment-results?framework=rules'))['assessment-results'];
  const targets = live.results[0].findings.map(
    ({ target }: { target: { 'target-id': string; status: { state: string; reason: string } } }) =>
      `${target['target-id']} ${target.status.state} ${target.status.reason}`,
  );
  assert.deepEqual(targets, ['a satisfied pass', 'b not-satisfied other', 'c not-satisfied other']);
  const again = (await asked('/api/oscal/assessment-results?framework=rules'))['assessment-results'];
  assert.equal(again.uuid, live.uuid);
  const plan = (await asked('/api/oscal/plan-of-action'))['plan-of-action-and-milestones'];
  const standard = await asked('/api/standards/sheds-locked');
  const [item] = plan['poam-items'];
  const value = (name: string) =>
    item.props.find((one: { name: string }) => one.name === name)?.value as string | undefined;
  assert.deepEqual([value('fail'), value('unknown')], [String(standard.fail), String(standard.unknown)]);
  assert.equal(plan.risks[0].deadline, '2027-03-31T23:59:59.999Z');
  const frozen = (await asked('/api/oscal/assessment-results?review=1'))['assessment-results'];
  assert.match(frozen.metadata.title, /Week 45 \(review 1\)/);
  assert.equal((await server.ask('ann', 'GET', '/api/oscal/plan-of-action?review=99')).statusCode, 404);
  const typedOut = await typed('ann', 'oscal', 'poam', '--review', '1');
  assert.equal(typedOut.code, 0, typedOut.said);
  assert.ok(JSON.parse(typedOut.said)['plan-of-action-and-milestones']['poam-items'].length > 0);
  assert.match(
    (await typed('ann', 'oscal', 'poa')).said,
    /there is no OSCAL document `poa` here, did you mean `poam`/,
  );
});

/** Answered while the server of this process goes on. */
async function typed(who: string, ...args: readonly string[]) {
  const answer = await line.ask({
    args,
    cwd: sheds.folder,
    env: {
      ...process.env,
      MACADAM_TOKEN: who,
      MACADAM_SERVER: server.url,
      XDG_CONFIG_HOME: sheds.folder,
      NO_COLOR: '1',
    },
  });
  return { code: answer.status, said: answer.stdout + answer.stderr };
}

test('on the command line a review is frozen, fetched and verified; a file that was changed is not', async () => {
  const frozen = await typed('chief', 'review', 'freeze', '--title', 'Week 49');
  assert.deepEqual(
    [frozen.code, /review 4 is frozen: seal [0-9a-f]{64}/.test(frozen.said)],
    [0, true],
    frozen.said,
  );
  assert.match((await typed('ann', 'review', 'show', '4')).said, /Sheds are .* met: at least 39 %/);
  assert.equal((await typed('ann', 'review', 'show', '4', '--out', 'four.ndjson')).code, 0);
  const held = await typed('nobody', 'review', 'verify', 'four.ndjson');
  assert.equal(held.code, 3, held.said);
  assert.match(held.said, /every byte and every figure holds: \d+ figures of 1 standard/);
  assert.match(held.said, /not signed/);
  const sent = await typed('nobody', 'review', 'export', 'four.ndjson');
  assert.equal(sent.code, 0, sent.said);
  assert.match(
    sent.said,
    /<html lang="en">.*<title>Week 49: review 4<\/title>.*<h1>.*<h2>How it stood<\/h2>/s,
  );
  assert.match(sent.said, /<th scope="row">Sheds are &lt;locked&gt; .*<td>at least 39 %/s);
  assert.doesNotMatch(sent.said, /<script|src=|href=/);
  const changed = readFileSync(join(sheds.folder, 'four.ndjson'), 'utf8').replace('Week 49', 'Week 48');
  writeFileSync(join(sheds.folder, 'changed.ndjson'), changed);
  const slides = await typed(
    'nobody',
    'review',
    'export',
    'four.ndjson',
    '--format',
    'pptx',
    '--out',
    'four.pptx',
  );
  assert.equal(slides.code, 0, slides.said);
  assert.equal(readFileSync(join(sheds.folder, 'four.pptx')).subarray(0, 2).toString(), 'PK');
  const refused = await typed('nobody', 'review', 'export', 'changed.ndjson', '--out', 'five.html');
  assert.deepEqual([refused.code, /does not hold/.test(refused.said)], [1, true], refused.said);
  const key = await typed('nobody', 'review', 'verify', 'four.ndjson', '--key', 'mine');
  assert.deepEqual([key.code, /is not the name of a key/.test(key.said)], [2, true]);
});

test('what a standard costs is listed as it happened, with what nobody can tell, and shown on its page', async () => {
  await server.decisions.transaction({ id: 'reconcile', divisions: 'all' }, async (tx) => {
    const members = ['a', 'b', 'c'].map((asset) => ({ asset, failingSince: '2026-01-01T00:00:00Z' }));
    const item = { standard: 'sheds-locked', team: 'team-00', division: '', dueOn: '2099-01-01' };
    await tx.work.open([{ ...item, id: 'sheds-locked/1', members }]);
    await tx.work.leave([{ batch: 'sheds-locked/1', asset: 'a', as: 'passed', observation: 'o1' }]);
  });
  const given = await server.ask('ann', 'GET', '/api/toil?standard=sheds-locked');
  assert.equal(given.statusCode, 200, given.body);
  const [row] = given.json().items;
  assert.deepEqual(
    [row.items, row.assets, row.fixed, row.itemsPerEngineer, row.gateBlocks, row.concerns],
    [1, 3, 1, null, null, []],
  );
  assert.equal((await server.ask('ann', 'GET', '/api/toil?standard=none')).statusCode, 400);
  const page = await server.ask('ann', 'GET', '/standards/sheds-locked', undefined, { accept: 'text/html' });
  assert.match(page.body, /What it costs.*Items per engineer<\/dt><dd>cannot tell/s);
  assert.match((await typed('ann', 'standards', 'toil')).said, /sheds-locked +1 +cannot tell +1 /);
  const none = await server.ask('chief', 'GET', '/api/standards/sheds-locked/cohort');
  assert.deepEqual([none.statusCode, /counts no elimination/.test(none.body)], [422, true]);
});

test('what is missed is said before a reason is given, the reason is counted on the standard, and what is kept has none', async () => {
  const held = sheds.site;
  sheds.site = { ...held, commitments: { 'sheds-locked': { share: 0.9, by: '2026-11-02' } } };
  const listed = async () => (await server.ask('ann', 'GET', '/api/targets')).json().items;
  const [before] = await listed();
  assert.deepEqual([before.signal, before.daysLeft, before.miss, before.reasons], ['missed', -1, null, []]);
  const path = '/api/standards/sheds-locked/misses';
  const reason = { reason: 'hard-to-fix', note: 'Rust <b>everywhere</b>' };
  assert.equal((await server.ask('ann', 'POST', path, reason)).statusCode, 403);
  const wrong = await server.ask('keeper', 'POST', path, { reason: 'bad-luck' });
  assert.equal(wrong.statusCode, 400, wrong.body);
  const shown = async (who: string) =>
    (await server.ask(who, 'GET', '/targets', undefined, { accept: 'text/html' })).body;
  assert.match(await shown('keeper'), /nobody said why yet.*Why was .*missed/s);
  assert.doesNotMatch(await shown('ann'), /Record the reason/);
  const made = await server.ask('keeper', 'POST', path, reason);
  assert.equal(made.statusCode, 201, made.body);
  const [after] = await listed();
  assert.deepEqual(
    [after.miss.due, after.miss.reason, after.miss.saidBy, after.reasons],
    ['2026-11-02', 'hard-to-fix', 'keeper', [{ reason: 'hard-to-fix', count: 1 }]],
  );
  assert.doesNotMatch(await shown('ann'), /\[object/);
  assert.match(await shown('ann'), /hard to fix: <bdi>Rust &lt;b&gt;everywhere/);
  const page = await server.ask('ann', 'GET', '/standards/sheds-locked', undefined, { accept: 'text/html' });
  assert.match(page.body, /Missed before<\/dt><dd>hard to fix \(1\)/);
  const cli = await typed('keeper', 'target', 'explain', 'sheds-locked', '--reason', 'other', '--json');
  assert.equal(JSON.parse(cli.said).reason, 'other');
  assert.match(
    (await typed('ann', 'target')).said,
    /sheds-locked +missed +90 % by 2026-11-02, 1 day ago +nobody +other/,
  );
  const reviews = { source: { ...sheds.source, commitments: COMMITMENTS }, key: () => null };
  sheds.site = { ...held, commitments: COMMITMENTS, reviews };
  const kept = await server.ask('keeper', 'POST', path, reason);
  assert.deepEqual([kept.statusCode, /is not missed/.test(kept.body)], [422, true]);
  const future = await server.ask('keeper', 'POST', path, { reason: 'other', due: '2999-01-01' });
  assert.deepEqual([future.statusCode, /the day is not over/.test(future.body)], [422, true], future.body);
  const review = await server.ask('chief', 'POST', '/api/reviews', { title: 'Week 50' });
  assert.equal(review.statusCode, 201, review.body);
  const { misses } = (await server.ask('ann', 'GET', `/api/reviews/${review.json().number}`)).json();
  assert.deepEqual(
    misses.map(({ due, reason: why, saidBy }: Record<string, string>) => [due, why, saidBy]),
    [['2026-11-02', 'other', 'keeper']],
  );
  sheds.site = held;
});

test('a review holds the council of the organisation, with who was there; a division of which nobody is accountable is said', async () => {
  const on = '2026-01-01';
  const unit = (id: string, level: 'company' | 'division', parent: string | null) =>
    ({ on, event: 'created', unit: id, level, name: id, parent }) as const;
  await server.decisions.transaction({ id: 'organisation', divisions: 'all' }, async (tx) => {
    const events = [
      unit('estate', 'company', null),
      unit('north-sheds', 'division', 'estate'),
      unit('south-sheds', 'division', 'estate'),
      { on, event: 'joined', person: 'dora', unit: 'north-sheds', name: 'Dora <b>' },
      { on, event: 'accountable', id: 'a1', person: 'dora', for: { unit: 'north-sheds' } },
      { on, event: 'accountable', id: 'a2', person: 'dora', for: { pillar: 'engineering' } },
    ] as const;
    await recordEvents(tx, events, 'a test');
  });
  const { items } = (await server.ask('ann', 'GET', '/api/council')).json();
  const seats = items.map(({ of, for: what, name }: Record<string, string>) => [of, what, name]);
  assert.deepEqual(seats, [
    ['division', 'north-sheds', 'Dora <b>'],
    ['division', 'south-sheds', null],
    ['function', 'engineering', 'Dora <b>'],
  ]);
  const held = sheds.site;
  const reviews = { source: { ...sheds.source, commitments: COMMITMENTS }, key: () => null };
  sheds.site = { ...held, commitments: COMMITMENTS, reviews };
  const body = { title: 'Week 51', attendance: [{ person: 'dora', present: true }] };
  const made = await server.ask('chief', 'POST', '/api/reviews', body);
  assert.equal(made.statusCode, 201, made.body);
  const { number } = made.json();
  const { council } = (await server.ask('ann', 'GET', `/api/reviews/${number}`)).json();
  assert.deepEqual(
    council.map(({ for: what, present }: Record<string, unknown>) => [what, present]),
    [
      ['north-sheds', true],
      ['south-sheds', null],
      ['engineering', true],
    ],
  );
  const asPage = { accept: 'text/html' };
  const page = await server.ask('ann', 'GET', `/reviews/${number}`, undefined, asPage);
  assert.match(page.body, /2 of 3 seats of the council were there; for 1 division nobody is accountable/);
  const list = await server.ask('chief', 'GET', '/reviews', undefined, asPage);
  assert.match(list.body, /Who of the council is here.*Dora &lt;b&gt;/s);
  const file = await server.ask('ann', 'GET', `/api/reviews/${number}/file`);
  assert.equal(verifyReview(file.rawPayload).verdict, 'holds');
  assert.match((await typed('ann', 'review', 'council')).said, /south-sheds +division +nobody/);
  sheds.site = held;
});

test('what engineers think of a standard is asked when an item closes, and told only ten answers at a time', async () => {
  await server.decisions.transaction({ id: 'reconcile', divisions: 'all' }, async (tx) => {
    const item = { standard: 'sheds-locked', team: 'team-01', division: '', dueOn: '2099-01-01' };
    for (const name of ['z', 'y']) {
      const members = [{ asset: name, failingSince: '2026-01-01T00:00:00Z' }];
      await tx.work.open([{ ...item, id: `sheds-locked/${name}`, members }]);
    }
    await tx.work.leave([{ batch: 'sheds-locked/z', asset: 'z', as: 'passed', observation: 'o2' }]);
  });
  const path = (item: string) => `/api/work-items/${encodeURIComponent(`sheds-locked/${item}`)}/opinion`;
  const answer = (who: string, said: string, item = 'z') =>
    server.ask(who, 'POST', path(item), { answer: said });
  const open = await answer('engineer-0', 'worth-it', 'y');
  assert.deepEqual([open.statusCode, /is open/.test(open.body)], [409, true]);
  const item = workAt('sheds-locked/z');
  const asked = async () =>
    (await server.ask('engineer-0', 'GET', item, undefined, { accept: 'text/html' })).body;
  assert.match(await asked(), /Was this work worth it\?.*Yes, it is worth it/s);
  const told = async () =>
    (await server.ask('ann', 'GET', '/api/toil?standard=sheds-locked')).json().items[0].opinions;
  for (const [index, who] of ENGINEERS.entries()) {
    const made = await answer(who, index < 7 ? 'too-costly' : 'worth-it');
    assert.equal(made.statusCode, 201, made.body);
    if (index < 9) assert.deepEqual(await told(), { enough: false, answers: null });
  }
  const expected = { enough: true, answers: { 'worth-it': 3, 'too-costly': 7, wrong: 0 } };
  assert.deepEqual(await told(), expected, 'the eleventh waits for nine others');
  assert.doesNotMatch(await asked(), /Was this work worth it/);
  const again = await answer('engineer-0', 'wrong');
  assert.deepEqual(
    [again.statusCode, /you answered on this item already/.test(again.body)],
    [422, true],
    again.body,
  );
  const log = await server.decisions.transaction({ id: 'reconcile', divisions: 'all' }, (tx) =>
    tx.auditEntries({ limit: 50 }),
  );
  assert.doesNotMatch(JSON.stringify(log), /too-costly|worth-it/);
});

test('what gates stopped is counted by standard, with how long they took', async () => {
  const run = (blocked: boolean, milliseconds: number) => ({
    standard: 'sheds-locked',
    blocked,
    milliseconds,
  });
  const runs = { runs: [run(true, 1000), run(false, 3000), { ...run(true, 1), standard: 'none' }] };
  assert.equal((await server.ask('ann', 'POST', '/api/gate-runs', runs)).statusCode, 403);
  const made = await server.ask('engineer-1', 'POST', '/api/gate-runs', runs);
  assert.deepEqual([made.statusCode, made.json()], [201, { reported: 2 }], made.body);
  await server.ask('engineer-2', 'POST', '/api/gate-runs', { runs: [run(true, 500)] });
  const [row] = (await server.ask('ann', 'GET', '/api/toil?standard=sheds-locked')).json().items;
  assert.deepEqual(
    [row.gateBlocks, row.gateRuns, row.gateMeanMilliseconds, row.gateSlowestMilliseconds],
    [2, 3, 1500, 3000],
  );
  const page = await server.ask('ann', 'GET', '/standards/sheds-locked', undefined, { accept: 'text/html' });
  assert.match(page.body, /Stopped by gates<\/dt><dd>2 changes, in 1\.5 s on average/);
  assert.match(page.body, /What engineers say<\/dt><dd>3 worth it, 7 too costly, 0 wrong/);
});

test('the agenda of the next review is what changed since the last one, and a program says when it is due', async () => {
  const held = sheds.site;
  sheds.site = {
    ...held,
    commitments: { 'sheds-locked': { share: 0.9, by: '2027-03-31' } },
    reviewPrograms: [
      { title: 'Week', every: 'week' },
      { title: 'Board', every: 'quarter' },
    ],
  };
  const agenda = (await server.ask('ann', 'GET', '/api/review-agenda')).json();
  assert.deepEqual(
    agenda.programs.map(({ title, isDue }: { title: string; isDue: boolean }) => [title, isDue]),
    [
      ['Week', false],
      ['Board', true],
    ],
  );
  assert.equal(agenda.since, agenda.programs[0].last);
  const says = agenda.items.map(({ kind, says: text }: { kind: string; says: string }) => `${kind} ${text}`);
  assert.ok(
    says.includes(
      'worse Sheds are <locked> & "kept" so: met, now cannot tell, fewer than six weeks were observed',
    ),
    says.join('\n'),
  );
  assert.ok(says.some((one: string) => /^action-\S+ 2\.1 Sell keys: ann, by 2026-12-08$/.test(one)));
  const page = await server.ask('ann', 'GET', '/reviews', undefined, { accept: 'text/html' });
  assert.match(page.body, /<bdi>Board<\/bdi> is due: \d+ items on the agenda/);
  assert.match(page.body, /Due: of the quarter from/);
  const said = await typed('ann', 'review', 'agenda');
  assert.deepEqual(
    [said.code, /Board +due, of the quarter from .*; none was frozen/.test(said.said)],
    [1, true],
  );
  sheds.site = held;
});

test('a campaign stands by standard and wave, by the figures of the history, and says what to do first', async () => {
  const held = sheds.site;
  const campaign = {
    title: 'Lock the north',
    standards: ['sheds-locked', 'sheds-painted'],
    owners: ['team-0*'],
    target: { share: 0.9, by: '2027-03-31' },
    waves: [{ name: 'one', owners: ['team-00'], by: '2027-01-31' }],
  };
  const exploited = {
    version: '1',
    vulnerabilities: [
      { cve: 'CVE-2026-0001', answeredBy: ['CWE-78'] },
      { cve: 'CVE-2026-0002', answeredBy: ['CWE-1'] },
    ],
  };
  const frameworks = [
    { framework: 'cwe', title: 'Weaknesses', requirements: { 'CWE-78': ['sheds-locked'] } },
  ];
  sheds.site = { ...held, campaigns: { north: campaign }, exploited, frameworks };
  const given = await server.ask('ann', 'GET', '/api/campaigns/north');
  assert.equal(given.statusCode, 200, given.body);
  const answer = given.json();
  const teams = (await server.ask('ann', 'GET', '/api/standards/sheds-locked/teams?limit=500')).json().items;
  const own = teams.filter(({ team }: { team: string }) => team.startsWith('team-0'));
  const sum = (name: string) =>
    own.reduce((total: number, one: Record<string, number>) => total + (one[name] ?? 0), 0);
  const [standard] = answer.standards;
  assert.deepEqual(
    [standard.pass, standard.fail, standard.unknown],
    [sum('pass'), sum('fail'), sum('unknown')],
  );
  assert.deepEqual(answer.missing, ['sheds-painted']);
  const zero = teams.find(({ team }: { team: string }) => team === 'team-00');
  assert.equal(answer.waves[0].standards[0].fail, zero.fail);
  const failing = answer.sequence.map((one: { failing: number }) => one.failing);
  assert.deepEqual(
    failing,
    failing.toSorted((a: number, b: number) => b - a),
  );
  const [step] = answer.sequence;
  const { severity, exposure, reach, exploitation, effort } = step.terms;
  assert.equal(
    step.score,
    (severity.weight * exposure.factor * reach.factor * exploitation.factor) / effort.minutes,
  );
  assert.deepEqual([exploitation.known, exploitation.of, exposure.exposed], [1, 2, null]);
  const flat = (await server.ask('ann', 'GET', '/api/campaigns/north?reach=0&exploited=1&high=7')).json();
  assert.deepEqual([...new Set(flat.sequence.map(({ score }: { score: number }) => score))], [7]);
  await eachNumberHasItsList('/campaigns/north');
  const weighed = await typed('ann', 'campaign', 'north', '--weigh', 'high=7', 'reach=0', '--json');
  assert.equal(JSON.parse(weighed.said).settings.weights.high, 7);
  const wrong = await typed('ann', 'campaign', 'north', '--weigh', 'hight=7');
  assert.deepEqual([wrong.code, /`hight=7` is not a term with a number/.test(wrong.said)], [2, true]);
  assert.equal((await server.ask('ann', 'GET', '/api/campaigns/south')).statusCode, 404);
  const said = await typed('ann', 'campaign', 'north');
  assert.match(said.said, /Lock the north: 90 % by 2027-03-31/);
  assert.match(said.said, /wave one, by 2027-01-31/);
  assert.match(said.said, /Not in force here: sheds-painted\./);
  assert.match((await typed('ann', 'campaign')).said, /north +Lock the north/);
  sheds.site = held;
});

test('before a step it says who would get work and be stopped; after a change of definition who was judged anew by it', async () => {
  const [standard] = sheds.source.standards;
  assert.ok(standard);
  const rings = [
    { name: 'first', owners: ['team-0*'], assets: [], warn: '2026-10-01' },
    { name: 'rows', owners: [], assets: ['shed-11*', 'shed-12*'] },
  ];
  const rollout = { state: 'observe', on_unknown: 'block', rings } as const;
  const definition = { ...standard.definition, rollout: { ...rollout, rings: [...rings] } };
  const ringed = { ...standard, definition, compiled: { ...standard.compiled, definition } };
  const held = sheds.site;
  const reviews = { source: { ...sheds.source, standards: [ringed] }, key: () => null };
  sheds.site = { ...held, standards: new Map([[ringed.id, ringed]]), reviews };
  const asked = async (query: string) => {
    const given = await server.ask('ann', 'GET', `/api/standards/sheds-locked/rollout${query}`);
    assert.equal(given.statusCode, 200, given.body);
    return given.json();
  };
  const plain = await asked('');
  assert.deepEqual(
    plain.rings.map(({ ring, step }: { ring: string | null; step: string }) => [ring, step]),
    [
      ['first', 'warn'],
      ['rows', 'observe'],
      [null, 'observe'],
    ],
  );
  assert.equal(plain.next, null);
  // Everybody else begins to warn: neither the first ring nor the rows are reached, and it adds up by owner.
  const day = '2026-11-03';
  const rest = (await asked(`?to=warn&on=${day}`)).next;
  const listed = async (verdict: string) =>
    (await server.ask('ann', 'GET', `/api/standards/sheds-locked/assets?verdict=${verdict}&limit=500`)).json()
      .items as { asset: string; team: string }[];
  const reached = (await listed('fail')).filter(
    ({ asset, team }) => !team.startsWith('team-0') && !/shed-1[12]/.test(asset),
  );
  const work = rest.owners.reduce((total: number, one: { work: number }) => total + one.work, 0);
  assert.deepEqual([work > 0, work], [true, reached.length]);
  for (const { team, work: own } of rest.owners)
    assert.equal(own, reached.filter((one) => one.team === team).length, team);
  // As of a later day everybody is judged again, by evidence of the age that it has.
  const rows = (await asked('?to=enforce&ring=2&on=2026-12-24')).next;
  assert.deepEqual([rows.ring, rows.to, rows.notJudgedThen], ['rows', 'enforce', null]);
  const inRows = (await listed('fail')).filter(
    ({ asset, team }) => !team.startsWith('team-0') && /shed-1[12]/.test(asset),
  );
  const stopped = rows.owners.reduce((total: number, one: { blocked: number }) => total + one.blocked, 0);
  assert.deepEqual([stopped > 0, stopped], [true, inRows.length]);
  assert.match(rows.write, /^rollouts:\n {2}sheds-locked: \{/);
  const none = await server.ask('ann', 'GET', '/api/standards/sheds-locked/rollout?to=warn&ring=third');
  assert.equal(none.statusCode, 422);
  assert.match(none.json().detail, /there is no ring `third`; there are first, rows/);
  const { versions } = plain;
  assert.deepEqual([versions.length, versions[0].tightened], [1, 0]);
  const shown = await typed('ann', 'standards', 'rollout', 'sheds-locked', '--to', 'warn');
  assert.equal(shown.code, 0, shown.said);
  assert.match(shown.said, /1 first +warn \(team-0\*\); warns from 2026-10-01/);
  assert.match(shown.said, new RegExp(`${work} with new work`));
  assert.match(shown.said, /write into macadam\.yaml:\nrollouts:/);
  sheds.site = held;
});

test('what is weighed is told by team, with causes whose lists are as long as they say', async () => {
  const held = sheds.site;
  const [standard] = sheds.source.standards;
  assert.ok(standard);
  const own = weighedBy(standard, 'asset.locked ? 5 : 2');
  sheds.site = { ...held, standards: new Map([[own.id, own]]) };
  const lock = (index: number) => (shed: Observation) =>
    index === 4 ? { ...shed, attributes: { ...shed.attributes, locked: { value: true } } } : shed;
  await sheds.look(new Date('2026-11-04T12:00:00Z'), (one) => one, [own.compiled]);
  await sheds.look(new Date('2026-11-05T12:00:00Z'), (one, index) => lock(index)(one), [own.compiled]);
  const path = `/api/standards/${own.id}/amounts`;
  const given = await server.ask('ann', 'GET', path);
  assert.equal(given.statusCode, 200, given.body);
  const { unit, teams, causes } = given.json();
  assert.equal(unit, 'locks');
  assert.deepEqual(
    causes.map(({ cell, changes, moved }: { cell: string; changes: number; moved: object }) => [
      cell,
      changes,
      moved,
    ]),
    [
      ['fixed', 1, { pass: 5, fail: -5, unknown: 0, blindPass: 0, blindFail: 0, blindUnknown: 0 }],
      ['reweighed', 1, { pass: 0, fail: 3, unknown: 0, blindPass: 0, blindFail: 0, blindUnknown: 0 }],
    ],
  );
  const whole = (await server.ask('ann', 'GET', `/api/standards/${own.id}`)).json().measure.tally;
  for (const name of ['pass', 'fail', 'unknown', 'blindUnknown'])
    assert.equal(
      teams.reduce((sum: number, one: { tally: Record<string, number> }) => sum + (one.tally[name] ?? 0), 0),
      whole[name],
      name,
    );
  const listed = (await server.ask('ann', 'GET', `${path}/changes?cell=fixed&step=evidence`)).json().items;
  assert.deepEqual(
    listed.map(({ asset, from, before, to, after }: Record<string, unknown>) => [
      asset,
      from,
      before,
      to,
      after,
    ]),
    [['shed/shed-004', 'fail', 5, 'pass', 5]],
  );
  const early = (await server.ask('ann', 'GET', `${path}?to=2026-11-02`)).json();
  assert.deepEqual([early.teams, early.causes], [null, null]);
  const asPage = { accept: 'text/html' };
  const page = await server.ask('ann', 'GET', `/standards/${own.id}/amounts`, undefined, asPage);
  assert.match(page.body, /<th scope="row">amount changed<\/th><td class="amount"><a href="[^"]*">1<\/a>/);
  const list = await server.ask(
    'ann',
    'GET',
    `/standards/${own.id}/amounts?cell=fixed&step=evidence`,
    undefined,
    asPage,
  );
  assert.match(list.body, /shed-004.*fail, 5.*pass, 5/s);
  const said = await typed('ann', 'standards', 'amounts', own.id, '--team', 'team-04');
  assert.match(said.said, /fixed +evidence +1 +\+5 +-5 +0/);
  sheds.site = held;
});

/** The same standard, which counts an amount of each asset. */
function weighedBy(standard: CatalogueStandard, by: string): CatalogueStandard {
  const { definition: own, compiled: held } = standard;
  const definition = {
    ...own,
    id: 'locks-counted',
    measure: { kind: 'weighted' as const, by, unit: 'locks' },
  };
  const compiled = compileStandard(definition, held.kind, { file: 'standard.yaml', lineOf: () => 1 });
  if ('mistakes' in compiled) throw new Error(compiled.mistakes[0]?.reason);
  return { ...standard, id: definition.id, definition, compiled };
}

/** Every number of a page that leads to a list leads to one of exactly that length. */
async function eachNumberHasItsList(path: string): Promise<void> {
  const shown = async (address: string) => {
    const page = await server.ask('ann', 'GET', address, undefined, { accept: 'text/html' });
    assert.equal(page.statusCode, 200, `${address}: ${page.body.slice(0, 300)}`);
    assert.doesNotMatch(page.body, /\[object/, address);
    return page.body.replaceAll('&amp;', '&');
  };
  const numbers = [...(await shown(path)).matchAll(/<td class="amount"><a href="([^"]+)">([\d,. ]+)<\/a>/g)];
  assert.ok(numbers.length > 3, path);
  for (const [, address = '', number = ''] of numbers) {
    let listed = 0;
    for (let next: string | undefined = address; next !== undefined; ) {
      const page: string = await shown(next);
      listed += [...page.matchAll(/<th scope="row" class="id">/g)].length;
      next = /<a href="([^"]+)">Next<\/a>/.exec(page)?.[1];
    }
    assert.equal(listed, Number(number.replace(/\D/g, '')), address);
  }
}

test('a notice takes two people, goes to nobody before it is approved, and only its own link proves that it was read', async () => {
  const { facts } = sheds.site;
  const declared = {
    source: 'tracker',
    at: '2026-11-01T00:00:00Z',
    statement: { value: '2026-11-01T00:00:00Z' },
  };
  const incident = {
    id: 'incident/t/i1',
    kind: 'incident',
    name: 'i1',
    attributes: new Map<string, object>([
      ['declared_at', declared],
      ['customers_affected', { ...declared, statement: { value: true } }],
    ]),
  };
  const over = {
    ...incident,
    id: 'incident/t/i0',
    name: 'i0',
    attributes: new Map([
      ...incident.attributes,
      ['closed_at', { ...declared, statement: { value: '2026-11-02T00:00:00Z' } }],
    ]),
  };
  const asset = async (id: string) => (id === incident.id ? (incident as never) : facts.asset(id));
  async function* assets() {
    yield over as never;
    yield incident as never;
  }
  sheds.site = { ...sheds.site, facts: Object.assign(Object.create(facts), { asset, assets }) };
  const desk = `/api/incidents/${encodeURIComponent(incident.id)}`;
  const ask = (who: string, path: string, body?: object) =>
    server.ask(who, body ? 'POST' : 'GET', path, body);
  for (const who of ['ann', 'north', 'keeper'])
    assert.equal((await ask(who, `${desk}/desk`)).statusCode, 403, who);
  // Open before over, each with what lacks; and nobody sees it who may not see a desk.
  const listed = (await ask('chief', '/api/incidents')).json().items;
  assert.deepEqual(
    listed.map(({ name, state, lacks }: { name: string; state: string; lacks: string }) => [
      name,
      state,
      lacks,
    ]),
    ['i1', 'i0'].map((name) => [name, 'overdue', 'first notice to those who are touched']),
  );
  const pageOf = (await ask('chief', '/api/incidents?limit=1')).json();
  assert.deepEqual([pageOf.items.length, typeof pageOf.next], [1, 'string']);
  // Whoever is woken begins there.
  assert.match((await ask('chief', '/who')).body, /href="\/incidents"/);
  const others = await ask('ann', '/who');
  assert.equal(others.statusCode, 200);
  assert.doesNotMatch(others.body, /\/incidents/);
  const following = await ask('chief', `/api/incidents?limit=1&after=${pageOf.next}`);
  assert.equal(following.json().items[0].name, 'i0');
  for (const path of ['/incidents', '/api/incidents'])
    assert.equal((await ask('ann', path)).statusCode, 403, path);
  assert.match((await ask('chief', '/incidents')).body, /1 open incident: a notice is late in 1\./);
  const begun = (await ask('chief', `${desk}/notices`, { audience: 'victims', template: 'first' })).json();
  assert.match(begun.text, /declared on 2026-11-01/);
  const blank = await ask('boss', `/api/notices/${begun.id}/approval`, {});
  assert.match(blank.json().errors[0].fix, /draft it again with that filled in/);
  const text = 'Somebody had the keys of your shed.\n\nChange the lock.';
  const made = (
    await ask('chief', `${desk}/notices`, { audience: 'victims', template: 'first', text })
  ).json();
  const people = { recipients: ['bo@example.com', 'cy@example.com', 'bo@example.com'] };
  const early = await ask('chief', `/api/notices/${made.id}/recipients`, people);
  assert.match(early.json().detail, /not approved/);
  const own = (await ask('boss', `${desk}/notices`, { audience: 'public', template: 'first', text })).json();
  assert.match((await ask('boss', `/api/notices/${own.id}/approval`, {})).json().detail, /two people/);
  assert.match((await ask('chief', `/api/notices/${own.id}/approval`, {})).json().detail, /logged in/);
  assert.equal((await ask('ann', `/api/notices/${made.id}/approval`, {})).statusCode, 403);
  assert.equal((await ask('boss', `/api/notices/${made.id}/approval`, {})).json().approvedBy, 'boss');
  const sent = await ask('chief', `/api/notices/${made.id}/recipients`, people);
  const { links } = sent.json();
  assert.deepEqual(
    links.map(({ recipient }: { recipient: string }) => recipient),
    ['bo@example.com', 'cy@example.com'],
  );
  assert.match(
    (await ask('chief', `/api/notices/${made.id}/recipients`, people)).json().detail,
    /was sent to one of them already/,
  );
  const reached = async () => (await ask('chief', `${desk}/desk`)).json().notices[1].reached;
  assert.deepEqual(await reached(), { recipients: 2, opened: 0, delivered: 0, failed: 0, notKnown: 2 });
  // What only looks at the link, as programs that check mails do, proves nothing.
  const looked = await ask('nobody', links[0].path);
  assert.match(looked.body, /Change the lock/);
  assert.equal((await reached()).opened, 0);
  const key = new URL(links[0].path, 'http://own.invalid').searchParams.get('key');
  assert.equal((await ask('nobody', '/notice', { key: `${key?.slice(1)}A` })).statusCode, 404);
  assert.match((await ask('nobody', '/notice', { key })).body, /recorded that you have read this/);
  const receipts = [
    { recipient: 'bo@example.com', how: 'failed' },
    { recipient: 'cy@example.com', how: 'delivered' },
  ];
  const told = await ask('chief', `/api/notices/${made.id}/receipts`, { receipts });
  assert.deepEqual(told.json(), { recipients: 2, opened: 1, delivered: 1, failed: 0, notKnown: 0 });
  const strangers = { receipts: [{ recipient: 'zoe@example.com', how: 'delivered' }] };
  assert.match(
    (await ask('chief', `/api/notices/${made.id}/receipts`, strangers)).json().detail,
    /is not a recipient/,
  );
  const [first] = (await ask('chief', `${desk}/desk`)).json().times;
  assert.equal(first.state, 'late');
  const page = `/incidents/${encodeURIComponent(incident.id)}`;
  assert.equal((await ask('ann', page)).statusCode, 403);
  const shown = (await ask('boss', page)).body;
  assert.match(shown, /1 of 2 recipients opened it; 1 delivered, 0 failed, 0 not known/);
  // Of three notices boss approves those of others that nobody approved.
  assert.equal([...shown.matchAll(/Approve this text/g)].length, 1);
  sheds.site = { ...sheds.site, facts };
});
