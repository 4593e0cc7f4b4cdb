/** Routes of work items, exceptions and hand-overs, on a running server with a real store. */
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { workAt } from '@macadam/adapters/report-formats/html/link';
import { passOver } from '@macadam/services/ownership/pass';
import { kept } from '@macadam/testing/server/sample';
import { sampleServer } from '@macadam/testing/server/sample-server';

const sheds = await kept();
const server = await sampleServer({
  people: {
    root: { roles: [{ role: 'administrator', division: '' }] },
    ann: { roles: [{ role: 'engineer', division: 'cloud' }], teams: ['shop'] },
    ben: { roles: [{ role: 'engineer', division: 'cloud' }], teams: ['till'] },
    deputy: { roles: [{ role: 'deputy-ciso', division: 'cloud' }] },
    olga: { roles: [{ role: 'standard-owner', division: 'cloud' }], standards: ['locked'] },
    alone: {
      roles: [
        { role: 'engineer', division: '' },
        { role: 'reader', division: '' },
      ],
    },
    guest: { roles: [{ role: 'engineer', division: 'sea' }], teams: ['boat'] },
  },
  site: () => sheds.site,
});
after(async () => {
  await server.close();
  await sheds.remove();
  assert.deepEqual(server.failures, []);
});
const ask = async (who: string, method: 'GET' | 'POST', path: string, body?: unknown) => {
  const answer = await server.ask(who, method, path, body);
  return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() };
};
const day = (after: number) => new Date(Date.now() + after * 86_400_000).toISOString().slice(0, 10);

const CSV = `person,name,email,company,division,team,accountable_for
ann,Ann,ann@example.test,Acme,Cloud,Shop,cloud
ben,Ben,ben@example.test,Acme,Cloud,Till,
sue,Sue,sue@example.test,Acme,Sea,Boat,
`;
await ask('root', 'POST', '/api/organisation/imports', {
  format: 'csv',
  text: CSV,
  file: 'people.csv',
  on: '2026-01-01',
});
await server.decisions.transaction({ id: 'reconcile', divisions: 'all' }, (tx) =>
  tx.work.open([
    {
      id: 'locked/1',
      standard: 'locked',
      team: 'shop',
      division: 'cloud',
      dueOn: day(30),
      members: ['a', 'b'].map((asset) => ({ asset, failingSince: '2026-01-01T00:00:00Z' })),
    },
  ]),
);
const { driver, facts, kinds } = sheds.site.stores ?? {};
if (!driver || !facts || !kinds) throw new TypeError('the sheds have no stores');
await passOver({ driver, facts, kinds }, server.decisions, sheds.site.now());
const ITEM = '/api/work-items/locked/1';

test('before a look was taken in, nothing is no answer; nor is it for a name that names nothing', async () => {
  const problem = async (who: string, path: string) => {
    const { status, body } = await ask(who, 'GET', `/api/${path}`);
    return [status, ...body.errors.map((one: Record<string, string>) => `${one.field}: ${one.reason}`)];
  };
  const unseen = [503, ': nothing was measured yet'];
  assert.deepEqual(await problem('guest', 'work-items'), unseen);
  assert.deepEqual(await problem('ann', 'work-items?open=false'), unseen);
  assert.deepEqual(await problem('ann', 'faults'), unseen);
  const page = async (path: string) => (await server.ask('ann', 'GET', path)).body;
  assert.match(await page('/sources'), /\d+ verdicts? (is|are) unknown/);
  assert.match(
    (await server.ask('guest', 'GET', '/work')).body,
    /No work is known: nothing was scanned yet\./,
  );
  const passed = (subject: string) =>
    server.decisions.transaction({ id: 'reconcile', divisions: 'all' }, (tx) =>
      tx.failing.recordPass({ subject, valid: '2026-01-02T00:00:00Z', known: 1, opened: 1 }, {}),
    );
  await passed('standard/locked');
  assert.equal((await ask('guest', 'GET', '/api/work-items')).status, 200);
  assert.deepEqual(await problem('ann', 'faults'), unseen);
  await passed('faults');
  assert.equal((await ask('ann', 'GET', '/api/faults')).status, 200);
  assert.match(await page('/sources'), /\d+ verdicts? (is|are) unknown/);
  const strange = [400, 'query.team: there is no team `shup`, did you mean `shop`?'];
  for (const path of ['work-items?team=shup', 'faults?team=shup'])
    assert.deepEqual(await problem('ann', path), strange);
  assert.match(await page('/work?team=shup'), /there is no team `shup`, did you mean `shop`\?/);
  assert.match(await page('/work?division=clod'), /there is no division `clod`, did you mean `cloud`\?/);
  assert.deepEqual((await ask('ann', 'GET', '/api/work-items?team=till')).body.items, []);
});

test('a work item is seen in its division, and taken up by its team, one after the other', async () => {
  const listed = await ask('ben', 'GET', '/api/work-items?open=true&standard=locked');
  assert.deepEqual(
    listed.body.items.map(({ id, of, version }: { id: string; of: string; version: number }) => [
      id,
      of,
      version,
    ]),
    [['locked/1', 'failures', 1]],
  );
  assert.deepEqual((await ask('guest', 'GET', '/api/work-items')).body.items, []);
  assert.equal((await ask('guest', 'GET', ITEM)).status, 404);
  assert.equal((await ask('ann', 'GET', '/api/work-items/locked/9')).status, 404);
  assert.equal((await ask('ben', 'POST', `${ITEM}/claim`, { claimed: true })).status, 403);
  const claimed = await ask('ann', 'POST', `${ITEM}/claim`, { claimed: true });
  assert.deepEqual([claimed.status, claimed.body.claimedBy, claimed.body.version], [200, 'ann', 2]);
  const far = await ask('ann', 'POST', `${ITEM}/snooze`, { until: day(29) });
  assert.deepEqual([far.status, far.body.errors[0].field], [422, 'until']);
  assert.match(far.body.errors[0].reason, /it is too far away/);
  assert.equal((await ask('ann', 'POST', `${ITEM}/snooze`, { until: day(5) })).body.snoozes, 1);
  assert.equal((await ask('ann', 'POST', `${ITEM}/comments`, { text: 'on Monday' })).status, 200);
  assert.equal((await ask('ann', 'POST', `${ITEM}/checks`, { asset: 'a' })).status, 204);
  assert.equal((await ask('ann', 'POST', `${ITEM}/checks`, { asset: 'x' })).status, 422);
  assert.equal((await ask('ann', 'GET', `${ITEM}/comments`)).body.items[0].text, 'on Monday');
  const members = (await ask('ann', 'GET', `${ITEM}/members`)).body.items;
  assert.deepEqual(
    members.map(({ asset }: { asset: string }) => asset),
    ['a', 'b'],
  );
});

test('a dispute is settled by the owner of the standard', async () => {
  const filed = await ask('ann', 'POST', `${ITEM}/disputes`, { assets: ['a'], why: 'it has no lock at all' });
  assert.equal(filed.status, 200);
  const settlement = { asset: 'a', upheld: true, why: 'so it is' };
  assert.equal((await ask('ann', 'POST', `${ITEM}/settlements`, settlement)).status, 403);
  assert.equal((await ask('olga', 'POST', `${ITEM}/settlements`, settlement)).status, 200);
  const again = await ask('olga', 'POST', `${ITEM}/settlements`, settlement);
  assert.deepEqual([again.status, /olga has settled it/.test(again.body.detail)], [422, true]);
  const shown = (await ask('ann', 'GET', ITEM)).body;
  assert.deepEqual([shown.remaining, shown.overdue, shown.defects, shown.quiet], [['a', 'b'], [], 1, true]);
  const [dispute] = (await ask('ann', 'GET', `${ITEM}/disputes`)).body.items;
  assert.deepEqual([dispute.assets, dispute.outcome, dispute.endReason], [['a'], 'upheld', 'so it is']);
});

test('an exception is asked for by the team and answered by somebody else', async () => {
  const request = {
    team: 'shop',
    standard: 'locked',
    selectors: ['a'],
    reason: 'the lock is on order',
    compensating: 'somebody stands at it',
    until: day(20),
  };
  assert.equal((await ask('ben', 'POST', '/api/exceptions', request)).status, 403);
  const late = await ask('ann', 'POST', '/api/exceptions', { ...request, until: day(181) });
  assert.deepEqual([late.status, late.body.errors[0].field], [422, 'until']);
  const never = async (more: object) => {
    const { status, body } = await ask('ann', 'POST', '/api/exceptions', { ...request, ...more });
    return [status, ...body.errors.map((one: Record<string, string>) => `${one.field}: ${one.reason}`)];
  };
  assert.deepEqual(await never({ selectors: ['a', 'nope', 'b*'] }), [
    422,
    'selectors: `nope` names nothing that fails locked here now',
  ]);
  assert.deepEqual(await never({ standard: 'lockedd' }), [422, 'standard: there is no standard `lockedd`']);
  for (const path of ['exceptions?inForceOn=0000-01-01', 'exceptions?inForceOn=zzz']) {
    const { status, body } = await ask('ann', 'GET', `/api/${path}`);
    assert.deepEqual(
      [status, body.errors],
      [400, [{ field: 'query.inForceOn', reason: 'it is not a date', fix: 'give one such as 2027-03-01' }]],
    );
  }
  const asked = await ask('ann', 'POST', '/api/exceptions', request);
  assert.deepEqual([asked.status, asked.body.division, asked.body.requestedBy], [201, 'cloud', 'ann']);
  const waiting = (await ask('deputy', 'GET', '/api/exceptions?waiting=true')).body.items;
  assert.deepEqual(
    waiting.map(({ id }: { id: string }) => id),
    [asked.body.id],
  );
  const path = `/api/exceptions/${asked.body.id}`;
  assert.equal((await ask('ann', 'POST', `${path}/approval`, { proof: 'minutes 12' })).status, 403);
  assert.equal((await ask('guest', 'GET', path)).status, 404);
  assert.equal((await ask('deputy', 'POST', `${path}/end`, { reason: 'over' })).status, 422);
  const etag = String((await server.ask('deputy', 'GET', path)).headers.etag);
  const refusal = (seen: string) =>
    server.ask('deputy', 'POST', `${path}/refusal`, undefined, { 'if-match': seen });
  assert.equal((await refusal('"99"')).statusCode, 412);
  const refused = await refusal(etag);
  assert.equal(refused.json().refusedBy, 'deputy');
  assert.equal((await refusal(etag)).statusCode, 412);
  const check = await server.ask('ann', 'POST', `${ITEM}/checks`, { asset: 'b' }, { 'if-match': '"2"' });
  assert.deepEqual([check.statusCode, check.json().errors[0].field], [400, 'If-Match']);
  assert.equal((await ask('deputy', 'POST', `${path}/refusal`)).status, 409);
});

test('what is not mine is asked for, answered by the other team, and decided at last', async () => {
  const given = { assets: ['shed/shed-003'], from: 'shop', to: 'till', why: 'they run it' };
  const unowned = await ask('ann', 'POST', '/api/handovers', given);
  assert.deepEqual(
    [unowned.status, unowned.body.errors],
    [
      422,
      [
        {
          field: 'assets',
          reason: 'nobody owns `shed/shed-003`',
          fix: 'leave it out; who takes it says so among the owners',
        },
      ],
    ],
  );
  const act = { move: 'assign', team: 'shop' };
  const taken = { assets: given.assets, act, reason: 'we run it' };
  assert.equal((await ask('ann', 'POST', '/api/owners/decisions', taken)).status, 200);
  assert.equal((await ask('ben', 'POST', '/api/handovers', given)).status, 403);
  const unknown = await ask('ann', 'POST', '/api/handovers', { ...given, to: 'moon' });
  assert.deepEqual([unknown.status, unknown.body.errors[0].field], [422, 'to']);
  const asked = await ask('ann', 'POST', '/api/handovers', given);
  assert.deepEqual([asked.status, asked.body.state, asked.body.toTeam], [201, 'asked', 'till']);
  const path = `/api/handovers/${asked.body.number}`;
  assert.equal((await ask('ann', 'POST', `${path}/answers`, { accepted: true, why: 'yes' })).status, 403);
  await ask('ben', 'POST', `${path}/answers`, { accepted: false, why: 'no' });
  await ask('ann', 'POST', `${path}/asks`, { to: 'till', why: 'look again' });
  assert.equal(
    (await ask('ben', 'POST', `${path}/answers`, { accepted: false, why: 'no' })).body.state,
    'deputy',
  );
  assert.equal((await ask('ann', 'POST', `${path}/decision`, { to: 'till', why: 'so' })).status, 403);
  assert.equal(
    (await ask('deputy', 'POST', `${path}/decision`, { to: 'till', why: 'so' })).body.state,
    'done',
  );
  const steps = (await ask('ben', 'GET', path)).body.steps;
  assert.deepEqual(
    steps.map(({ what, saidBy }: { what: string; saidBy: string }) => `${what} ${saidBy}`),
    ['asked ann', 'refused ben', 'asked ann', 'refused ben', 'decided deputy'],
  );
  assert.deepEqual((await ask('ann', 'GET', '/api/faults')).body.items, []);
});

test('what a team asked for that is merged by now, its heir withdraws', async () => {
  const assets = ['shed/shed-006'];
  const taken = { assets, act: { move: 'assign', team: 'till' }, reason: 'we run it' };
  assert.equal((await ask('ben', 'POST', '/api/owners/decisions', taken)).status, 200);
  const asked = await ask('ben', 'POST', '/api/handovers', {
    assets,
    from: 'till',
    to: 'boat',
    why: 'theirs',
  });
  assert.equal(asked.status, 201);
  const events = [{ on: '2026-02-01', event: 'merged', unit: 'till', into: 'shop' }];
  assert.equal((await ask('root', 'POST', '/api/organisation/events', { events })).status, 201);
  const path = `/api/handovers/${asked.body.number}`;
  const accepted = await ask('guest', 'POST', `${path}/answers`, { accepted: true, why: 'yes' });
  assert.deepEqual(
    [accepted.status, accepted.body.errors[0].reason],
    [422, '`shed/shed-006` is of `shop`, not of `till`'],
  );
  assert.equal((await ask('ann', 'POST', `${path}/withdrawal`, { why: 'ours' })).body.state, 'withdrawn');
});

test('a name that sources use and the organisation does not know has nobody, and it is said how to mend that', async () => {
  await server.decisions.transaction({ id: 'reconcile', divisions: 'all' }, (tx) =>
    tx.work.open([
      {
        id: 'locked/9',
        standard: 'locked',
        team: '@lead',
        division: '',
        dueOn: day(30),
        members: [{ asset: 'shed/shed-009', failingSince: '2026-01-01T00:00:00Z' }],
      },
    ]),
  );
  const claimed = await ask('alone', 'POST', '/api/work-items/locked/9/claim', { claimed: true });
  assert.deepEqual(
    [claimed.status, claimed.body.errors],
    [
      403,
      [
        {
          field: '',
          reason: 'WorkItem::claim takes being of team @lead',
          fix: 'ask somebody who may; import the organisation (`org` in macadam.yaml, or POST /api/organisation/imports), or set an alias for `@lead` (PUT /api/owners/rules), if it knows no such team',
        },
      ],
    ],
  );
  const page = await server.ask('alone', 'GET', ['', 'work', 'locked%2F9'].join('/'));
  assert.match(
    page.body,
    /You may not claim it: .*To act for it, import the organisation .* alias for `@lead`/,
  );
});

test('what is overdue is open, and what an exception pauses is not overdue and says until when', async () => {
  const run = <T>(work: Parameters<typeof server.decisions.transaction<T>>[1]) =>
    server.decisions.transaction({ id: 'reconcile', divisions: 'all' }, work);
  // What changes hands keeps its date, so it may be over.
  const moved = (id: string, assets: readonly string[]) => ({
    id,
    standard: 'locked',
    team: 'shop',
    division: 'cloud',
    of: 'reassigned' as const,
    dueOn: day(-3),
    members: assets.map((asset) => ({ asset, failingSince: '2026-01-01T00:00:00Z' })),
  });
  await run((tx) =>
    tx.work.open([
      moved('locked/80', ['x1']),
      moved('locked/81', ['x2']),
      moved('locked/82', ['x3', 'x4']),
      moved('locked/83', ['x5']),
    ]),
  );
  await run((tx) => tx.work.leave([{ batch: 'locked/81', asset: 'x2', as: 'passed', observation: 'o' }]));
  const failing = {
    team: 'shop',
    division: 'cloud',
    since: '2026-01-01T00:00:00Z',
    observation: 'o',
    unknown: false,
    value: null,
    excepted: 'e9',
    exceptedUntil: day(10),
    dueFrom: day(25),
    handedOverAt: null,
  };
  await run((tx) =>
    tx.failing.put(
      'locked',
      ['x3', 'x5'].map((asset) => ({ ...failing, asset, name: asset })),
    ),
  );
  const { body } = await ask('ann', 'GET', '/api/work-items?overdue=true');
  assert.deepEqual(
    body.items.map(({ id, closedAt }: { id: string; closedAt: string | null }) => ({ id, closedAt })),
    [
      { id: 'locked/80', closedAt: null },
      { id: 'locked/82', closedAt: null },
    ],
  );
  const { body: partly } = await ask('ann', 'GET', '/api/work-items/locked/82');
  assert.deepEqual(partly.remaining, ['x3', 'x4']);
  assert.deepEqual(partly.overdue, ['x4']);
  assert.deepEqual(partly.paused, [{ asset: 'x3', exception: 'e9', exceptedUntil: day(10), due: day(25) }]);
  const page = (await server.ask('ann', 'GET', workAt('locked/83'))).body;
  assert.match(page, /1 of 1 asset left, all excepted for now and still failing/);
  assert.match(page, /excepted until (<time[^>]*>)?[^<]*(<\/time>)?, still failing/);
  assert.doesNotMatch(page, /Everything is done/);
  assert.doesNotMatch(page, /Overdue/);
});
