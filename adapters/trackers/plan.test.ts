import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type IssueLink, type IssueWish, planIssue, VOICE } from './plan.ts';
import type { RemoteIssue } from './port.ts';

/** A tracker as the plan sees it: what it holds, and what stands in each issue. */
interface World {
  readonly issues: (RemoteIssue & { digest: string; said: readonly string[] })[];
  link: IssueLink | null;
  made: number;
}

const wish = (open: boolean, digest: string): IssueWish => ({
  text: { title: `t${digest}`, body: [] },
  digest,
  open,
  because: open ? '2 of 3 assets still fail' : '3 pass; nothing was left to be done on 2026-11-01',
});

const remotesOf = ({ issues, link }: World) =>
  issues.filter(({ key, marker }) => marker !== null || key === link?.key);

/** Does at most so many steps, then dies; `acknowledge` is what follows when all were done. */
function run(world: World, wanted: IssueWish, most = Number.POSITIVE_INFINITY): number {
  const plan = planIssue(wanted, world.link, remotesOf(world));
  let { key } = plan;
  for (const [index, step] of plan.steps.entries()) {
    if (index >= most) return plan.steps.length;
    if (step.step === 'create') {
      world.made += 1;
      key = `${world.made}`;
      world.issues.push(remote(key, true, wanted.digest));
      continue;
    }
    if (step.step === 'doubt') {
      world.link = { key: step.key, digest: null };
      continue;
    }
    const at = world.issues.findIndex((one) => one.key === step.key);
    const issue = world.issues[at];
    assert.ok(issue, 'no step is about an issue that is not there');
    if (step.step === 'write') world.issues[at] = { ...issue, digest: wanted.digest };
    else if (step.step === 'say')
      world.issues[at] = { ...issue, said: [...new Set([...issue.said, step.text])] };
    else world.issues[at] = { ...issue, open: step.step === 'reopen', since: `${issue.said.length}` };
  }
  if (plan.steps.length < most) world.link = key === null ? null : { key, digest: wanted.digest };
  return plan.steps.length;
}

const remote = (key: string, open: boolean, digest: string, marker: string | null = 'm') => ({
  key,
  open,
  digest,
  marker,
  url: `https://t.example/${key}`,
  title: '',
  since: null as string | null,
  changedAt: '',
  said: [] as readonly string[],
});

const event = fc.oneof(
  fc.record({
    do: fc.constant('batch' as const),
    open: fc.boolean(),
    digest: fc.constantFrom('a', 'b', 'c'),
  }),
  fc.record({ do: fc.constant('person' as const), at: fc.nat(3), open: fc.boolean() }),
  fc.record({ do: fc.constant('unmark' as const), at: fc.nat(3) }),
  fc.record({ do: fc.constant('delete' as const), at: fc.nat(3) }),
  // Another process was slow, and nobody knew of what it made.
  fc.record({ do: fc.constant('double' as const) }),
  fc.record({ do: fc.constant('forget' as const) }),
  fc.record({ do: fc.constant('look' as const), most: fc.option(fc.nat(4), { nil: undefined }) }),
);

test('from any interleaving of people, batches, crashes and doubles one look leads to what is right, and another changes nothing', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), fc.boolean(), (events, open) => {
      const world: World = { issues: [], link: null, made: 0 };
      let wanted = wish(true, 'a');
      for (const one of events) {
        const at = 'at' in one ? world.issues[one.at] : undefined;
        if (one.do === 'batch') wanted = wish(one.open, one.digest);
        else if (one.do === 'person' && at) Object.assign(at, { open: one.open, since: 'then' });
        else if (one.do === 'unmark' && at && at.key === world.link?.key) Object.assign(at, { marker: null });
        else if (one.do === 'delete' && at) world.issues.splice(world.issues.indexOf(at), 1);
        else if (one.do === 'double') {
          world.made += 1;
          world.issues.push(remote(`${world.made}`, true, 'a'));
        } else if (one.do === 'forget' && world.issues.every(({ marker }) => marker !== null))
          world.link = null;
        else if (one.do === 'look') run(world, wanted, one.most);
      }
      wanted = wish(open, wanted.digest);
      run(world, wanted);
      const seen = remotesOf(world);
      assert.equal(seen.filter((issue) => issue.open).length, open ? 1 : 0, 'one is open, or none');
      if (open) {
        const kept = seen.find((issue) => issue.open);
        assert.deepEqual([kept?.key, kept?.digest], [world.link?.key, wanted.digest]);
      }
      const before = structuredClone(world);
      assert.equal(run(world, wanted), 0, 'twice is once');
      assert.deepEqual(world, before);
    }),
    { numRuns: 2000 },
  );
});

test('whoever dies after writing leaves a link that does not claim the text before', () => {
  const world: World = { issues: [], link: null, made: 0 };
  run(world, wish(true, 'a'));
  run(world, wish(true, 'b'), 2);
  assert.equal(world.issues[0]?.digest, 'b');
  run(world, wish(true, 'a'));
  assert.equal(world.issues[0]?.digest, 'a');
});

test('nothing is made for a batch that is closed, and what was made for it is closed with the reason', () => {
  assert.deepEqual(planIssue(wish(false, 'a'), null, []), { steps: [], key: null });
  const found = remote('7', true, 'a');
  assert.deepEqual(planIssue(wish(false, 'a'), null, [found]), {
    key: '7',
    steps: [
      { step: 'write', key: '7' },
      {
        step: 'say',
        key: '7',
        text: `${VOICE}closed: 3 pass; nothing was left to be done on 2026-11-01.`,
      },
      { step: 'close', key: '7' },
    ],
  });
});

test('what a person closed while assets fail is reopened, and told why and of which closing', () => {
  const closed = { ...remote('7', false, 'a'), since: '2026-11-02T10:00:00Z' };
  assert.deepEqual(planIssue(wish(true, 'a'), { key: '7', digest: 'a' }, [closed]).steps, [
    {
      step: 'say',
      key: '7',
      text: `${VOICE}reopened. It was closed here at 2026-11-02T10:00:00Z, and 2 of 3 assets still fail. It closes by itself when a new observation shows that they pass.`,
    },
    { step: 'reopen', key: '7' },
  ]);
});

test('of two issues of one batch the linked one stays, and the other says which', () => {
  const [first, second] = [remote('7', true, 'a'), remote('8', true, 'a')];
  const plan = planIssue(wish(true, 'a'), { key: '8', digest: 'a' }, [first, second]);
  assert.deepEqual(plan, {
    key: '8',
    steps: [
      {
        step: 'say',
        key: '7',
        text: `${VOICE}closed: it says the same as 8, which stays (https://t.example/8).`,
      },
      { step: 'close', key: '7' },
    ],
  });
});
