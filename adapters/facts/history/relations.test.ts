/** What looks across a relation, through the store: how whole the other end was listed, how lately, and when that was learned. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Collection, Observation } from '@macadam/core/facts/observation';
import { type Kind, kindSchema } from '@macadam/core/kinds/kind';
import { type CompiledStandard, compileStandard } from '@macadam/core/verdicts/compiled-standard';
import { standardSchema } from '@macadam/core/verdicts/standard';
import fc from 'fast-check';
import { openStores, type Stores } from '../open.ts';
import type { Moment } from './record.ts';
import type { Ticked } from './tick.ts';

const name = { type: 'string', immutable: true, description: 'What it is called.' };
const about = { description: 'A thing for tests.', key: ['name'], fresh_for: '3d' };
const repo: Kind = kindSchema.parse({
  ...about,
  kind: 'repo',
  attributes: { name },
  relations: { pipes: { from: 'pipe', by: 'in' } },
});
const pipe: Kind = kindSchema.parse({
  ...about,
  kind: 'pipe',
  attributes: { name, repo: { type: 'string', immutable: true, description: 'Id of its repo.' } },
  relations: { in: { to: 'repo', by: 'repo' } },
});
const kinds = new Map([repo, pipe].map((one) => [one.kind, one]));

function standard(check: string): CompiledStandard {
  const definition = standardSchema.parse({
    id: 'without-pipes',
    pillar: 'engineering',
    title: 'Repos without pipes',
    statement: 'No repo has a pipe of its own.',
    why: 'So that lists are tried.',
    origin: { report: 'none', lesson: 'An old list says nothing of today.' },
    scope: { kind: 'repo' },
    check,
    reasons: [{ id: 'piped', when: 'true', say: 'it has one' }],
    severity: 'low',
    measure: { kind: 'share' },
    rollout: { state: 'observe', on_unknown: 'allow' },
    toil: { owner_minutes: 0 },
  });
  const compiled = compileStandard(definition, repo, { file: 'rule', lineOf: () => 1, kinds });
  if ('mistakes' in compiled) throw new TypeError(compiled.mistakes[0]?.reason);
  return compiled;
}
const RULE = standard('related("pipes").size() == 0');

const at = (day: number, hour = 0) => new Date(Date.UTC(2026, 4, 1 + day, hour));
const YEAR = { kinds, now: () => at(300) };

interface Listed {
  /** Of the repo. */
  readonly pipes: number;
  /** How many more the source says that it saw. */
  readonly lost?: number;
  readonly complete?: boolean;
  readonly witness?: number;
}

function listing(kind: string, when: Date, { pipes, lost = 0, complete = true, witness }: Listed) {
  const time = when.toISOString();
  const source = `${kind}s`;
  const observations = Array.from({ length: pipes }, (_, index): Observation => {
    const own = kind === 'repo' ? 'x' : `${index}`;
    return {
      kind,
      id: `${kind}/${own}`,
      name: own,
      source,
      assurance: 'tested',
      observedAt: time,
      receivedAt: time,
      attributes: { name: { value: own }, ...(kind === 'pipe' && { repo: { value: 'repo/x' } }) },
    };
  });
  const collection: Collection = {
    source,
    startedAt: time,
    finishedAt: time,
    problems: [],
    status: complete ? 'complete' : 'incomplete',
    partitions: [
      {
        kind,
        container: 'c',
        containerName: 'c',
        complete,
        seen: pipes + lost,
        ...(witness !== undefined && { witness: { id: 'bill', count: witness } }),
        ...(!complete && { cause: 'forbidden' as const, why: 'no right' }),
      },
    ],
  };
  return [collection, observations] as const;
}

async function opened<T>(work: (stores: Stores) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'macadam-relations-'));
  const stores = await openStores(directory, YEAR);
  try {
    return await work(stores);
  } finally {
    await stores.close();
    rmSync(directory, { recursive: true });
  }
}

/** `few`: up to how many assets closures judge; queries judge the rest. */
const tickOf = ({ facts, history }: Stores, when: Date, rule = RULE, few = 0): Promise<Ticked> =>
  history.tick({ facts, kinds, standards: [rule], exceptions: [], at: when, few });
const told = async ({ history }: Stores, { moment }: Ticked) =>
  (await history.changesAt(moment, 'without-pipes')).map(
    ({ step, from, to, toReason }) => `${step} ${from}>${to} ${toReason}`,
  );
const verdictAt = async ({ history }: Stores, moment: Moment) =>
  (await history.assetsAt(moment, {}, { limit: 9 })).map(({ state, reason }) => `${state} ${reason}`).join();

test('a list that is too old, was cut off or is counted otherwise decides nothing', () =>
  opened(async (stores) => {
    const { facts } = stores;
    const saw = async (day: number, kind: string, listed: Listed) =>
      facts.append(...listing(kind, at(day), listed), at(day));
    const repoSeen = { pipes: 1 };
    await saw(0, 'repo', repoSeen);
    await saw(0, 'pipe', { pipes: 0 });
    assert.deepEqual(await told(stores, await tickOf(stores, at(0, 1))), ['evidence O>P meets']);
    await saw(4, 'repo', repoSeen);
    assert.deepEqual(await told(stores, await tickOf(stores, at(4, 1))), ['clock P>U incomplete']);
    await saw(5, 'pipe', { pipes: 0 });
    assert.deepEqual(await told(stores, await tickOf(stores, at(5, 1))), ['evidence U>P meets']);
    await saw(6, 'pipe', { pipes: 0, lost: 5 });
    assert.deepEqual(await told(stores, await tickOf(stores, at(6, 1))), ['evidence P>U incomplete']);
    await saw(7, 'pipe', { pipes: 0, witness: 0 });
    assert.deepEqual(await told(stores, await tickOf(stores, at(7, 1))), ['evidence U>P meets']);
    await saw(8, 'pipe', { pipes: 0, witness: 3 });
    assert.deepEqual(await told(stores, await tickOf(stores, at(8, 1))), ['evidence P>U incomplete']);
    // Whose source is retired says nothing any more, and waits for nothing.
    await saw(9, 'repo', repoSeen);
    const other = listing('pipe', at(9), { pipes: 0 });
    await facts.append({ ...other[0], source: 'others' }, [], at(9));
    assert.deepEqual(await told(stores, await tickOf(stores, at(9, 1))), []);
    await facts.retireSource('pipes', 'it is gone', at(9, 2));
    assert.deepEqual(await told(stores, await tickOf(stores, at(9, 3))), ['evidence U>P meets']);
  }));

test('a first list is evidence and not the clock, and one that began later says nothing of before', () =>
  opened(async (stores) => {
    await stores.facts.append(...listing('repo', at(0), { pipes: 1 }), at(0));
    const first = await tickOf(stores, at(0, 1));
    assert.deepEqual(await told(stores, first), ['evidence O>U incomplete']);
    await stores.facts.append(...listing('pipe', at(1), { pipes: 0 }), at(1));
    const second = await tickOf(stores, at(1, 1));
    assert.deepEqual(await told(stores, second), ['evidence U>P meets']);
    assert.equal(await verdictAt(stores, { ...first.moment, known: second.moment.known }), 'U incomplete');
    // What is learned late of the other end is late truth about this one, though nothing of itself was learned.
    await stores.facts.append(...listing('pipe', at(0, 0.5), { pipes: 0 }), at(2));
    const third = await tickOf(stores, at(2));
    assert.deepEqual([await told(stores, third), third.late], [[], 1]);
    assert.equal(await verdictAt(stores, first.moment), 'U incomplete');
    assert.equal(await verdictAt(stores, { ...first.moment, known: third.moment.known }), 'P meets');
    assert.deepEqual(await stores.history.broken(), []);
  }));

const listedOf = fc.record({
  pipes: fc.constantFrom(0, 0, 1),
  lost: fc.constantFrom(0, 0, 0, 2),
  complete: fc.constantFrom(true, true, true, false),
  /** How many days later it is learned. */
  after: fc.constantFrom(0, 0, 1, 3),
});
const days = fc.array(fc.option(listedOf, { freq: 3 }), { minLength: 4, maxLength: 8 });
const FEW = [0, 100];

test('every tick, as published and as known since, is what the lists say that had begun by then and are fresh', async () => {
  await fc.assert(
    fc.asyncProperty(days, fc.constantFrom(...FEW), (all, few) =>
      opened(async (stores) => {
        const published: { readonly moment: Moment; readonly day: number; readonly verdict: string }[] = [];
        // Written a second way: the newest list that had begun by the tick and was known.
        const expected = (day: number, known: number) => {
          const heard = all
            .slice(0, day + 1)
            .flatMap((one, began) => (one && began + one.after <= known ? [{ ...one, began }] : []));
          // A pipe is gone once a complete list is without it.
          const sure = heard.findLast(({ complete, lost }) => complete && lost === 0);
          const there = heard.some((one) => one.pipes > 0 && one.began >= (sure?.began ?? 0));
          const newest = heard.at(-1);
          const fresh = newest !== undefined && newest === sure && day - newest.began <= 3;
          return fresh ? (there ? 'F piped' : 'P meets') : 'U incomplete';
        };
        for (const day of all.keys()) {
          await stores.facts.append(...listing('repo', at(day), { pipes: 1 }), at(day));
          for (const [began, one] of all.entries())
            if (one && began + one.after === day)
              await stores.facts.append(...listing('pipe', at(began, 1), one), at(day, 2));
          // Each list is as old as at a tick a whole number of days later.
          const { moment } = await tickOf(stores, at(day, 1), RULE, few);
          const verdict = expected(day, day);
          assert.equal(await verdictAt(stores, moment), verdict, `day ${day}`);
          published.push({ moment, day, verdict });
          for (const { step, to } of await stores.history.changesAt(moment, 'without-pipes')) {
            assert.notEqual(step, 'definition');
            // Time alone only takes away.
            if (step === 'clock') assert.equal(to, 'U');
          }
          const isLast = day === all.length - 1;
          if (!isLast && !all.some((one, began) => one && one.after > 0 && began + one.after === day))
            continue;
          for (const one of published.slice(0, -1)) {
            const now = { ...one.moment, known: moment.known };
            assert.equal(
              await verdictAt(stores, now),
              expected(one.day, day),
              `day ${one.day}, known on ${day}`,
            );
          }
        }
        for (const one of published.slice(0, -1))
          assert.equal(await verdictAt(stores, one.moment), one.verdict, `day ${one.day}, as published`);
        assert.deepEqual(await stores.history.broken(), []);
      }),
    ),
    { numRuns: Number(process.env.MACADAM_HISTORY_RUNS ?? 2), endOnFailure: true },
  );
});
