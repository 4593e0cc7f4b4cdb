/** What every tracker keeps, run over each kind against its fake. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failed } from '@macadam/adapters/trackers/answer';
import { VOICE } from '@macadam/adapters/trackers/plan';
import type { IssueText, Tracker, TrackerAnswer, TrackerKind } from '@macadam/adapters/trackers/port';
import type { TrackerScene } from './fake.ts';

const MARK = `macadam-${'a1'.repeat(12)}`;
const OTHER = `macadam-${'b2'.repeat(12)}`;
const LONG_AGO = '2020-01-01T00:00:00.000Z';
const text = (title: string, ...names: string[]): IssueText => ({
  title,
  body: [
    { text: 'A key that is never replaced is stolen once and used for ever: 1 < 2 & "so on".' },
    { head: 'acme/road', items: names.map((name) => ({ name, note: 'failing since 2026-11-01' })) },
  ],
});

export function done<T>(answer: TrackerAnswer<T>): T {
  if (failed(answer)) assert.fail(answer.problem);
  return answer.done;
}

/** `start` begins a fake whose lists come in pages of `pageSize`. */
export function trackerContract(
  kind: TrackerKind,
  start: (options: { readonly pageSize: number }) => Promise<TrackerScene>,
): void {
  const tracker = (what: string, body: (tracker: Tracker, scene: TrackerScene) => Promise<void>) => {
    test(`${kind.id}: ${what}`, async () => {
      const scene = await start({ pageSize: 2 });
      try {
        assert.deepEqual(kind.objections(scene.settings), []);
        const slept: number[] = [];
        const access = {
          secret: scene.secret,
          now: () => new Date(),
          random: () => 0,
          sleep: async (ms: number) => void slept.push(ms),
        };
        await body(kind.open(scene.settings, access), scene);
        const said = JSON.stringify(scene.exchanged.map(({ path, sent, answer }) => [path, sent, answer]));
        for (const part of scene.secret.split(':').filter((word) => word.length > 20))
          assert.ok(!said.includes(part), 'the credential leaves in a header only');
      } finally {
        await scene.close();
      }
    });
  };

  tracker('an issue is made, found by its mark among others, and read', async (own, scene) => {
    assert.deepEqual(done(await own.find(MARK, LONG_AGO)), []);
    const names = ['one', '`@everybody` #1 <b>', 'two'];
    for (const mark of [OTHER, OTHER, OTHER]) done(await own.create(mark, text('another')));
    const made = done(await own.create(MARK, text('Keys rotate: 3 assets to fix', ...names)));
    assert.equal(made.open, true);
    const [found, ...more] = done(await own.find(MARK, LONG_AGO));
    assert.deepEqual(more, []);
    assert.equal(found?.key, made.key);
    assert.equal(found?.url, made.url);
    assert.equal(found?.marker, MARK);
    assert.equal(found?.title, 'Keys rotate: 3 assets to fix');
    assert.equal(done(await own.find(OTHER, LONG_AGO)).length, 3);
    const read = done(await own.read(made.key));
    assert.deepEqual([read?.key, read?.open, read?.marker], [made.key, true, MARK]);
    const [issue] = scene.issues.slice(-1);
    assert.ok(issue);
    const shown = scene.shown(issue).replaceAll('&lt;', '<');
    for (const part of ['acme/road', 'one', '@everybody', '1 < 2 & "so on"', 'since 2026-11-01'])
      assert.ok(shown.includes(part), `${part} in ${shown}`);
    assert.equal(done(await own.read(made.key.replace(/\d+$/, '999'))), null);
  });

  tracker('writing, closing and reopening twice is doing it once', async (own, scene) => {
    const { key } = done(await own.create(MARK, text('before', 'one')));
    for (const _ of [1, 2]) done(await own.change(key, { text: { ...text('after', 'two'), marker: MARK } }));
    const [issue] = scene.issues;
    assert.ok(issue);
    assert.deepEqual([issue.title, scene.issues.length], ['after', 1]);
    assert.match(scene.shown(issue), /two/);
    assert.doesNotMatch(scene.shown(issue), /\bone\b/);
    assert.equal(done(await own.read(key))?.marker, MARK);
    for (const open of [false, false, true, true, false]) {
      done(await own.change(key, { open }));
      const read = done(await own.read(key));
      assert.equal(read?.open, open);
      if (!open) assert.ok(Math.abs(Date.parse(read?.since ?? '') - Date.now()) < 60_000, `${read?.since}`);
    }
  });

  tracker('comments come oldest first, from a time on, over several pages', async (own, scene) => {
    const { key } = done(await own.create(MARK, text('t', 'one')));
    assert.deepEqual(done(await own.comments(key, LONG_AGO)), []);
    for (const index of [1, 2, 3, 4]) scene.say(1, 'ann', `comment ${index} <b> & co`);
    done(await own.comment(key, `${VOICE}said by us & <them>`));
    const all = done(await own.comments(key, LONG_AGO));
    assert.deepEqual(
      all.map(({ author, text: words }) => `${author === 'ann'} ${words}`),
      [...[1, 2, 3, 4].map((index) => `true comment ${index} <b> & co`), `false ${VOICE}said by us & <them>`],
    );
    assert.equal(new Set(all.map(({ id }) => id)).size, 5);
    const future = new Date(Date.now() + 60_000).toISOString();
    assert.deepEqual(done(await own.comments(key, future)), []);
  });

  tracker('what changed is listed, over several pages', async (own, scene) => {
    const keys: string[] = [];
    for (const index of [1, 2, 3, 4, 5])
      keys.push(done(await own.create(MARK, text(`issue ${index}`, 'one'))).key);
    scene.turn(2, false);
    const all = done(await own.changes(LONG_AGO));
    assert.deepEqual(all.map(({ key }) => key).sort(), keys.sort());
    assert.deepEqual(
      all.filter(({ open }) => !open).map(({ title }) => title),
      ['issue 2'],
    );
    // An hour of their clock is more than any rounding.
    for (const issue of scene.issues.slice(1)) issue.changedAt = '2020-01-01T00:00:00.000Z';
    const since = new Date(Date.now() - 3_600_000).toISOString();
    assert.deepEqual(
      done(await own.changes(since)).map(({ title }) => title),
      ['issue 1'],
    );
  });

  tracker('a limit says until when, and nothing is sent before', async (own, scene) => {
    scene.faults.push({ match: /./, times: 1, status: 429, headers: { 'retry-after': '120' }, body: {} });
    const answer = await own.find(MARK, LONG_AGO);
    assert.ok(failed(answer));
    assert.equal(answer.fault, 'later');
    const wait = Date.parse(answer.retryAt ?? '') - Date.now();
    assert.ok(wait > 100_000 && wait <= 121_000, `${answer.retryAt}`);
    const sent = scene.exchanged.length;
    assert.ok(failed(await own.comment('1', 'x')));
    assert.equal(scene.exchanged.length, sent, 'nothing is sent while it lasts');
  });

  tracker('an outage is told as one, with the time that the host names', async (own, scene) => {
    scene.faults.push({ match: /./, times: 9, status: 503, headers: { 'retry-after': '90' }, body: {} });
    const answer = await own.find(MARK, LONG_AGO);
    assert.ok(failed(answer));
    assert.equal(answer.fault, 'later');
    assert.match(answer.problem, /the host answered 503/);
    assert.ok(Date.parse(answer.retryAt ?? '') > Date.now() + 60_000);
    scene.faults.splice(0);
    scene.faults.push({
      match: /^POST .*(issues|issue|Issue)\?|^POST .*(issues|issue)$/,
      times: 1,
      lost: true,
    });
    const lost = await own.create(MARK, text('made, but nobody knows', 'one'));
    assert.ok(failed(lost));
    assert.match(lost.problem, /making an? .*: the connection failed/);
    assert.equal(scene.issues.length, 1, 'what may not be repeated is not');
    assert.equal(done(await own.find(MARK, LONG_AGO)).length, 1);
  });

  tracker('what is refused is told as such', async (own, scene) => {
    scene.faults.push({ match: /./, times: 1, status: 403, body: { message: 'no right to do that' } });
    const forbidden = await own.find(MARK, LONG_AGO);
    assert.ok(failed(forbidden));
    assert.equal(forbidden.fault, 'refused');
    const wrong = kind.open(scene.settings, {
      secret: 'x:wrong',
      now: () => new Date(),
      random: () => 0,
    });
    const answer = await wrong.find(MARK, LONG_AGO);
    assert.ok(failed(answer));
    assert.deepEqual([answer.fault, /Bad credentials/.test(answer.problem)], ['refused', true]);
  });

  tracker('settings that cannot be are objected to', async (_, scene) => {
    const [objection] = kind.objections({ ...scene.settings, project: '../..' });
    assert.equal(objection?.field, 'project');
    assert.notEqual(objection?.fix ?? '', '');
  });
}
