/** Any unit of the organisation between any two dates, and the command line of all that leaders ask, as programs read it. */
import assert from 'node:assert/strict';
import { hash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { verifyReview } from '@macadam/core/figures/review-verify';
import { TimestampError, timestampIn, timestampRequest } from '@macadam/core/figures/timestamp';
import { recordEvents } from '@macadam/services/ownership/log';
import { askCommandLine } from '@macadam/testing/command-line';
import { kept } from '@macadam/testing/server/sample';
import { sampleServer } from '@macadam/testing/server/sample-server';
import { opensslAuthority } from '@macadam/testing/timestamp-authority';
import { freezeDue } from '../jobs/reviews.ts';

const COMMITMENTS = { 'sheds-locked': { share: 0.9, by: '2027-03-31' } };
const sheds = { ...(await kept({ commitments: COMMITMENTS })) };
const server = await sampleServer({
  people: {
    ann: { roles: [{ role: 'reader', division: '' }], via: 'token' },
    chief: { roles: [{ role: 'deputy-ciso', division: '' }], via: 'token' },
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

const unit = (id: string, level: 'company' | 'division' | 'team', parent: string | null) =>
  ({ on: '2026-01-01', event: 'created', unit: id, level, name: id, parent }) as const;
/** In sixty teams by their number; the north has three of them, of which one got sheds of another. */
const NORTH = ['team-01', 'team-04', 'team-moved'];
await server.decisions.transaction({ id: 'organisation', divisions: 'all' }, (tx) =>
  recordEvents(
    tx,
    [
      unit('estate', 'company', null),
      unit('north', 'division', 'estate'),
      ...NORTH.map((team) => unit(team, 'team', 'north')),
    ],
    'a test',
  ),
);
// Weeks lie between the looks: sums of whole weeks and of the days at both ends have to fit.
for (const [index, day] of ['2026-11-12', '2026-11-20', '2026-12-02'].entries())
  await sheds.look(new Date(`${day}T12:00:00Z`), (shed, at) =>
    at % 60 === 4 * index + 1
      ? { ...shed, attributes: { ...shed.attributes, locked: { value: index !== 1 } } }
      : shed,
  );

const get = async (path: string) => {
  const given = await server.ask('ann', 'GET', path);
  assert.equal(given.statusCode, 200, given.body);
  return given.json();
};

/** Looks beside each other, one with weeks before and after it, and the whole time. */
const PAIRS = [
  [0, 1],
  [2, 3],
  [1, 4],
  [4, 5],
  [0, 5],
] as const;

type Counts = Readonly<Record<'pass' | 'fail' | 'unknown' | 'excepted', number>>;

test('of any unit between any two looks, figures are those of its teams, and each cause has a list as long as it says', async () => {
  const looks: readonly { readonly at: string }[] = (await get('/api/looks')).items.toReversed();
  assert.equal(looks.length, 6);
  let changes = 0;
  /** Asked once for each moment: nothing changes meanwhile. */
  const teams = new Map<string, readonly (Counts & { readonly team: string })[]>();
  const teamsAt = async (standard: string, time: string) => {
    const path = `/api/standards/${standard}/teams?to=${time}&limit=500`;
    const items = teams.get(path) ?? (await get(path)).items;
    teams.set(path, items);
    return items as readonly (Counts & { readonly team: string })[];
  };
  for (const [earlier, later] of PAIRS) {
    const [from, to] = [looks[earlier]?.at ?? '', looks[later]?.at ?? ''];
    for (const id of ['north', 'team-04', 'estate']) {
      const said = await get(`/api/progress?unit=${id}&from=${from}&to=${to}`);
      assert.deepEqual([said.unit.id, said.from, said.to], [id, from, to]);
      const below = id === 'team-04' ? [id] : NORTH;
      for (const { standard, now, before, causes } of said.standards) {
        for (const [figures, time] of [[now, to] as const, [before, from] as const]) {
          const own = (await teamsAt(standard, time)).filter(({ team }) => below.includes(team));
          for (const name of ['pass', 'fail', 'unknown', 'excepted'] as const)
            assert.equal(
              figures[name],
              own.reduce((sum, one) => sum + one[name], 0),
              `${name} of ${id} at ${time}`,
            );
        }
        for (const { cause, changes: number, list } of causes) {
          assert.equal((await get(`${list}&limit=500`)).items.length, number, `${cause} of ${id}`);
          changes += number;
        }
      }
    }
  }
  assert.ok(changes > 20, String(changes));
  const company = await get('/api/progress');
  assert.equal(company.unit, null);
  const [whole] = (await get('/api/standards')).items;
  assert.deepEqual([company.standards[0].now.pass, company.standards[0].now.fail], [whole.pass, whole.fail]);
  const none = await server.ask('ann', 'GET', '/api/progress?unit=nort');
  assert.equal(none.statusCode, 404);
  assert.match(none.json().detail, /no team or unit `nort` .*did you mean `north`/);
});

test('the list behind a number of a unit is a page, of its assets alone', async () => {
  const window = 'from=2026-11-01T12:00:00Z&to=2026-12-02T12:00:00Z';
  const said = await get(`/api/progress?unit=north&${window}`);
  const [{ changes: number, list }] = said.standards[0].causes;
  const path = list.replace('/api', '');
  const page = await server.ask('ann', 'GET', path, undefined, { accept: 'text/html' });
  assert.equal(page.statusCode, 200, page.body);
  assert.match(page.body, new RegExp(`${number} changes? of north`));
});

const PROGRAMS = [
  { title: 'Week', every: 'week' as const },
  { title: 'North', every: 'week' as const, unit: 'north', unattended: true },
];

/** Answered while the server of this process goes on. */
async function asJson(...args: readonly string[]): Promise<unknown> {
  const { status, stdout, stderr } = await line.ask({
    args: [...args, '--json'],
    cwd: sheds.folder,
    env: {
      ...process.env,
      MACADAM_TOKEN: 'chief',
      MACADAM_SERVER: server.url,
      XDG_CONFIG_HOME: sheds.folder,
      NO_COLOR: '1',
    },
  });
  assert.ok(status === 0 || status === 1 || status === 3, `${args.join(' ')}: ${stderr}`);
  assert.notEqual(stdout, '', `${args.join(' ')}: ${stderr}`);
  return JSON.parse(stdout);
}

test('reviews, progress, forecasts, campaigns, rollouts and cases answer programs in JSON on the command line', async () => {
  sheds.site = {
    ...sheds.site,
    commitments: COMMITMENTS,
    campaigns: {
      lock: {
        title: 'Lock them',
        owners: [],
        standards: ['sheds-locked'],
        target: { share: 0.9, by: '2027-03-31' },
        waves: [],
      },
    },
    reviews: { source: { ...sheds.source, commitments: COMMITMENTS }, key: () => null },
    reviewPrograms: PROGRAMS,
  };
  const commands: readonly (readonly [words: readonly string[], fields: readonly string[]])[] = [
    [
      ['review', 'freeze', '--title', 'Week 49'],
      ['number', 'digest'],
    ],
    [
      ['review', 'show', '1'],
      ['figures', 'actions'],
    ],
    [
      ['review', 'agenda'],
      ['programs', 'items'],
    ],
    [['progress'], ['unit', 'standards']],
    [
      ['progress', 'north', '--from', '2026-11-12', '--to', '2026-12-03'],
      ['unit', 'standards'],
    ],
    [
      ['forecast', 'sheds-locked'],
      ['outcome', 'weeks'],
    ],
    [
      ['campaign', 'lock'],
      ['standards', 'sequence'],
    ],
    [['standards', 'rollout', 'sheds-locked', '--to', 'warn'], ['versions']],
  ];
  for (const [words, fields] of commands) {
    const said = await asJson(...words);
    assert.ok(typeof said === 'object' && said !== null, words.join(' '));
    for (const field of fields) assert.ok(field in said, `${words.join(' ')} has no \`${field}\``);
  }
  for (const words of [
    ['review', 'list'],
    ['review', 'council'],
    ['target', 'list'],
    ['standards', 'toil'],
  ])
    assert.ok(Array.isArray(((await asJson(...words)) as { items: unknown }).items), words.join(' '));
  assert.deepEqual(
    ((await asJson('review', 'schedule')) as { title: string }[]).map(({ title }) => title),
    ['Week', 'North'],
  );
  const advisory = join(sheds.folder, 'advisory.json');
  writeFileSync(advisory, '{}');
  assert.notEqual(await asJson('case', 'check', advisory), null);
});

test('what nobody has to attend is frozen once in its period by the server, after a measurement in it, with what changed for its unit', async () => {
  const frozen = () => freezeDue(server.decisions, sheds.site);
  const held = sheds.site;
  sheds.site = { ...held, past: { ...held.past, ticks: async () => [{ valid: new Date(0), known: 1 }] } };
  assert.deepEqual(await frozen(), [], 'nothing was measured in this week');
  sheds.site = held;
  const both = await Promise.all([frozen(), frozen()]);
  const [title = ''] = both.flat();
  assert.equal(both.flat().length, 1, 'two processes froze it once');
  assert.match(title, /^North \d{4}-\d{2}-\d{2}$/);
  assert.deepEqual(await frozen(), [], 'it was frozen in this period');
  const [newest] = (await get('/api/reviews?limit=1')).items;
  assert.deepEqual([newest.title, newest.frozenBy], [title, 'machine:reviews']);
  const review = await get(`/api/reviews/${newest.number}`);
  assert.deepEqual(review.program, { title: 'North', unit: 'north' });
  const [stands] = (await get('/api/progress?unit=north')).standards;
  const [item] = review.agenda.filter(({ standard }: { standard: string | null }) => standard !== null);
  assert.match(item.says, new RegExp(`: ${stands.now.fail} fails?\\b`));
  const file = await server.ask('chief', 'GET', `/api/reviews/${newest.number}/file`);
  assert.equal(verifyReview(file.rawPayload).verdict, 'holds');
  const log = await server.decisions.transaction({ id: 'reconcile', divisions: 'all' }, (tx) =>
    tx.auditEntries({ action: 'review.freeze', limit: 1 }),
  );
  assert.equal(log[0]?.principal, 'machine:reviews');
});

test('a review has the time of an authority outside where one is set, each bit of which counts; without its answer none is frozen', async () => {
  const clock = opensslAuthority('own', ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']);
  const held = sheds.site;
  try {
    const stamp = async (sealed: Buffer) => {
      const nonce = randomBytes(8);
      return timestampIn(clock.answer(timestampRequest(hash('sha256', sealed, 'buffer'), nonce)), nonce);
    };
    assert.ok(held.reviews);
    sheds.site = { ...held, reviews: { ...held.reviews, stamp } };
    const made = await server.ask('chief', 'POST', '/api/reviews', { title: 'Week 50' });
    assert.equal(made.statusCode, 201, made.body);
    const { number } = made.json();
    const file = (await server.ask('chief', 'GET', `/api/reviews/${number}/file`)).rawPayload;
    const authorities = [clock.root];
    const found = verifyReview(file, { authorities });
    assert.deepEqual(
      [found.verdict, found.timestamp?.authority, found.timestamp?.trusted],
      ['holds', 'own clock', true],
    );
    assert.equal(verifyReview(file).timestamp?.trusted, false);
    const start = file.lastIndexOf(10, file.length - 2) + 1;
    for (let at = start; at < file.length; at += 13) {
      const bytes = Buffer.from(file);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      assert.notEqual(verifyReview(bytes).verdict, 'holds', `byte ${at}`);
    }
    const without = file.subarray(0, start);
    assert.equal(verifyReview(without).verdict, 'holds');
    assert.match(verifyReview(without, { authorities }).faults.join(), /it has no timestamp/);
    const unreachable = async () => Promise.reject(new TimestampError('it could not be reached'));
    sheds.site = { ...held, reviews: { ...held.reviews, stamp: unreachable } };
    const refused = await server.ask('chief', 'POST', '/api/reviews', { title: 'Week 51' });
    assert.equal(refused.statusCode, 503);
    assert.match(refused.json().detail, /gave none: it could not be reached; freeze again/);
    const [newest] = (await get('/api/reviews?limit=1')).items;
    assert.equal(newest.number, number);
  } finally {
    sheds.site = held;
    clock.remove();
  }
});
