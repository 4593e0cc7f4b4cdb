import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type IssueContext, issueWish, MARKER, type MirroredBatch, markerOf } from './issue-text.ts';

const context: IssueContext = {
  standard: (id) =>
    id === 'keys-rotate'
      ? {
          statement: 'Signing keys rotate.',
          why: 'A key that stays is stolen once.',
          url: 'https://m.example/keys',
        }
      : null,
  name: (asset) => asset.toUpperCase(),
  place: (asset) =>
    asset.startsWith('file') ? { repository: 'acme/road', path: `${asset.slice(0, 5)}.yaml` } : null,
};
const batch = (members: MirroredBatch['members'], closedAt: string | null = null): MirroredBatch => ({
  id: 'keys-rotate/1',
  standard: 'keys-rotate',
  team: 'paving',
  closedAt,
  members,
  openedAt: '2026-11-01T09:00:00Z',
  dueOn: '2026-12-01',
});
const member = (asset: string, leftAs: string | null = null, day = '2026-10-01') => ({
  asset,
  leftAs,
  exceptedUntil: null,
  failingSince: `${day}T00:00:00Z`,
});

test('members are grouped by repository and file: what one change mends is one line', () => {
  const members = [
    member('file1:a', null, '2026-10-03'),
    member('file1:b'),
    member('file2:a'),
    member('host'),
    member('file2:b', 'passed'),
    member('gone', 'gone'),
  ];
  const { text, open, because } = issueWish(batch(members), context);
  assert.equal(text.title, 'Signing keys rotate: 4 assets to fix');
  assert.deepEqual([open, because], [true, '4 of 6 assets still fail']);
  assert.deepEqual(text.body, [
    { text: 'A key that stays is stolen once.' },
    { text: 'Due on 2026-12-01. 4 of 6 assets still to fix: 1 pass, 1 gone.' },
    {
      head: 'acme/road',
      items: [
        { name: 'file1.yaml', note: '2 things, failing since 2026-10-01' },
        { name: 'file2.yaml', note: 'failing since 2026-10-01' },
      ],
    },
    { head: 'In no repository', items: [{ name: 'HOST', note: 'failing since 2026-10-01' }] },
    {
      text: 'It closes by itself when new observations show that nothing here fails any more. Comments come through to Macadam.',
    },
    { text: 'https://m.example/keys' },
  ]);
});

test('what an exception allows is still to fix, and the issue says until when it is paused', () => {
  const paused = (asset: string, exceptedUntil: string) => ({ ...member(asset), exceptedUntil });
  const members = [paused('file1:a', '2027-01-31'), member('file2:a'), paused('host', '2027-03-01')];
  const { text, open } = issueWish(batch(members), context);
  assert.equal(text.title, 'Signing keys rotate: 3 assets to fix');
  assert.equal(open, true);
  assert.deepEqual(text.body.slice(2, 5), [
    { text: '2 assets excepted until 2027-01-31 to 2027-03-01, still failing.' },
    {
      head: 'acme/road',
      items: [
        { name: 'file1.yaml', note: 'failing since 2026-10-01, excepted until 2027-01-31' },
        { name: 'file2.yaml', note: 'failing since 2026-10-01' },
      ],
    },
    {
      head: 'In no repository',
      items: [{ name: 'HOST', note: 'failing since 2026-10-01, excepted until 2027-03-01' }],
    },
  ]);
});

test('a closed batch says how it ended', () => {
  const wish = issueWish(
    batch([member('a', 'passed'), member('b', 'excepted')], '2026-11-20T00:00:00Z'),
    context,
  );
  assert.equal(wish.text.title, 'Signing keys rotate: 2 assets done');
  assert.deepEqual(
    [wish.open, wish.because],
    [false, '1 pass, 1 excepted; nothing was left to be done on 2026-11-20'],
  );
});

test('what is long is cut where it can be, and counted', () => {
  const many = Array.from({ length: 1000 }, (_, index) => member(`h${String(index).padStart(4, '0')}`));
  const { text } = issueWish(batch(many), {
    ...context,
    standard: () => ({ statement: 'x'.repeat(400), why: 'w' }),
  });
  assert.equal(text.title.length, 250);
  assert.match(text.title, /…: 1000 assets to fix$/);
  assert.deepEqual(text.body.at(-2), { text: 'And 800 more, which Macadam lists.' });
});

test('the digest follows the text, and the mark the batch alone', () => {
  const [before, after] = [
    [member('a'), member('b')],
    [member('a'), member('b', 'passed')],
  ];
  assert.equal(issueWish(batch(before), context).digest, issueWish(batch(before), context).digest);
  assert.notEqual(issueWish(batch(before), context).digest, issueWish(batch(after), context).digest);
  const mark = markerOf('t1', batch(before));
  assert.match(mark, MARKER);
  assert.equal(mark, markerOf('t1', batch(after)));
  const others = [
    markerOf('t2', batch(before)),
    markerOf('t1', { ...batch(before), openedAt: '2026-11-01T09:00:01Z' }),
  ];
  assert.equal(new Set([mark, ...others]).size, 3);
});
