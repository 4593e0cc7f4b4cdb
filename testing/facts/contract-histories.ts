/** Histories that the contract tries: generated, and small enough to be read when one fails. */

import type { Statement, Value } from '@macadam/core/facts/observation';
import fc from 'fast-check';
import type { ModelEvent } from './model.ts';

/** Forty that are there in every run, so that a twentieth of a population is more than one. */
const CROWD = Object.fromEntries(
  Array.from({ length: 40 }, (_, at) => [`c${String(at).padStart(2, '0')}`, 'm']),
);
/** Each run starts in an hour of its own, so that no order of equal times is asked for. */
export const modelled: fc.Arbitrary<readonly ModelEvent[]> = fc
  .array(
    fc.record({
      source: fc.constantFrom('lan', 'lan', 'agent'),
      container: fc.constantFrom('site', 'site', 'branch'),
      complete: fc.constantFrom(true, true, true, false),
      /** What a witness counts beyond those seen; undefined: there is none. */
      surplus: fc.constantFrom(undefined, undefined, undefined, 0, 0, 1),
      crowd: fc.boolean(),
      lost: fc.integer({ min: 0, max: 4 }),
      saw: fc.subarray(['one', 'two', 'three']),
      /** Some runs look at one thing and some at another, so that evidence from before can be told apart. */
      said: fc.constantFrom<Readonly<Record<string, Statement>>>(
        { model: { value: 'a' } },
        { model: { value: 'b' } },
        { ports: { value: [1] } },
        { ports: { value: [2], complete: false } },
        { ports: { value: [3, 1] }, model: { value: 7 } },
        { ports: { unobserved: 'failed', why: 'no answer' } },
      ),
      next: fc.constantFrom(null, null, 'retract', 'confirm', 'retire-source', 'retire-asset'),
      of: fc.nat(7),
    }),
    { minLength: 2, maxLength: 6 },
  )
  .chain((list) =>
    fc
      .shuffledSubarray(
        Array.from({ length: list.length }, (_, at) => at * 60),
        { minLength: list.length },
      )
      .map((starts) =>
        list.flatMap(
          ({ source, container, complete, surplus, crowd, lost, saw, said, next, of }, at): ModelEvent[] => {
            const many = crowd && source === 'lan' ? Object.entries(CROWD).slice(lost) : [];
            const all = Object.fromEntries([...many, ...saw.map((one) => [one, said] as const)]);
            const witness = surplus === undefined ? undefined : Object.keys(all).length + surplus;
            const started = starts[at] ?? 0;
            const one: ModelEvent = {
              is: 'collection',
              given: { source, container, complete, witness, started, saw: all },
            };
            if (next === 'retract' || next === 'confirm') return [one, { is: next, of }];
            if (next === 'retire-source') return [one, { is: next, source, at: (1 + (of % 6)) * 60 + 30 }];
            return next === null
              ? [one]
              : [one, { is: next, serial: saw[0] ?? 'one', at: (1 + (of % 6)) * 60 + 30 }];
          },
        ),
      ),
  )
  .map((events) =>
    // Only what came before can be withdrawn or confirmed.
    events.map((event, at) => ('of' in event ? { ...event, of: event.of % Math.max(1, at) } : event)),
  );

const serial = fc.constantFrom('one', 'two', 'three');
const statement = fc.oneof(
  fc.constantFrom('a', 'b').map((value) => ({ model: { value } })),
  fc
    .array(fc.constantFrom<Value>(1, 2, 3, 4, 'none', { unobserved: 'failed', why: 'no answer' }), {
      maxLength: 3,
    })
    .chain((value) => fc.boolean().map((complete) => ({ ports: { value, complete } }))),
  // A misfit is no statement, and a hole is none.
  fc.constant({ model: { value: 7 }, retired_at: { value: '2026-11-01T01:00:00+01:00' } }),
  fc.constant({
    model: { unobserved: 'forbidden' as const, why: 'not allowed' },
    retired_at: { absent: true as const },
  }),
);
const collectionOf = fc.record({
  source: fc.constantFrom('lan', 'agent'),
  started: fc.integer({ min: 0, max: 5 }).map((hour) => hour * 60),
  container: fc.constantFrom('site', 'branch'),
  complete: fc.boolean(),
  witness: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
  saw: fc.dictionary(serial, statement, { maxKeys: 3, noNullPrototype: true }),
});
export const history = fc.record({
  collections: fc.array(collectionOf, { minLength: 1, maxLength: 6 }),
  retracted: fc.uniqueArray(fc.nat(5), { maxLength: 2 }),
});
