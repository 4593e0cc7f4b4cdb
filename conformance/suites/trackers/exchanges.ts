/** Everything that mirroring ever asks a tracker, asked of its fake. */
import { failed } from '@macadam/adapters/trackers/answer';
import type { IssueText, TrackerAnswer, TrackerKind } from '@macadam/adapters/trackers/port';
import type { SceneExchange, TrackerScene } from '@macadam/testing/trackers/fake';

const MARK = `macadam-${'a1'.repeat(12)}`;
const LONG_AGO = '2020-01-01T00:00:00.000Z';
const text = (title: string): IssueText => ({
  title,
  body: [
    { text: 'A key that is never replaced is stolen once.' },
    { head: 'acme/road', items: [{ name: 'a.yaml', note: 'failing since 2026-11-01' }] },
  ],
});

function done<T>(answer: TrackerAnswer<T>): T {
  if (failed(answer)) throw new Error(answer.problem);
  return answer.done;
}

export async function exchangesOf(
  kind: TrackerKind,
  start: (options: { readonly pageSize: number }) => Promise<TrackerScene>,
): Promise<readonly SceneExchange[]> {
  const scene = await start({ pageSize: 2 });
  try {
    const own = kind.open(scene.settings, { secret: scene.secret, now: () => new Date(), random: () => 0 });
    const { key } = done(await own.create(MARK, text('one')));
    for (const title of ['two', 'three']) done(await own.create(MARK, text(title)));
    done(await own.find(MARK, LONG_AGO));
    done(await own.change(key, { text: { ...text('other'), marker: MARK } }));
    for (const open of [false, true, false]) {
      done(await own.change(key, { open }));
      done(await own.read(key));
    }
    for (const index of [1, 2, 3]) scene.say(1, 'ann', `said ${index}`);
    done(await own.comment(key, 'answered'));
    done(await own.comments(key, LONG_AGO));
    done(await own.changes(LONG_AGO));
    done(await own.read(key.replace(/\d+$/, '999')));
    return scene.exchanged;
  } finally {
    await scene.close();
  }
}
