import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  BOUNCES,
  type Handover,
  type HandoverContext,
  type HandoverMove,
  hand,
  notMine,
} from './handover.ts';

const TEAMS = ['red', 'green', 'blue'];
const as = (team: string, deputy = false, owner: string | null | undefined = 'red'): HandoverContext => ({
  by: `of ${team}`,
  teams: new Set([team]),
  deputy,
  now: new Date('2026-11-01T00:00:00Z'),
  why: 'it is in another building',
  exists: (one: string) => TEAMS.includes(one),
  ownerOf: () => owner,
});
const begun = (): Handover => {
  const found = notMine(['b', 'a', 'b'], 'red', 'green', as('red'));
  assert.ok('handover' in found);
  return found.handover;
};
const then = (handover: Handover, move: HandoverMove, context: HandoverContext): Handover => {
  const found = hand(handover, move, context);
  assert.ok('handover' in found, JSON.stringify(found));
  return found.handover;
};
const refusal = (handover: Handover, move: HandoverMove, context: HandoverContext) => {
  const found = hand(handover, move, context);
  assert.ok('refusal' in found);
  return `${found.refusal.field}: ${found.refusal.reason}; ${found.refusal.fix}`;
};

test('a team that accepts owns it from then on', () => {
  const asked = begun();
  assert.deepEqual([asked.state, asked.to, asked.assets], ['asked', 'green', ['a', 'b']]);
  const done = then(asked, { move: 'accept' }, as('green'));
  assert.deepEqual([done.state, done.to, done.bounces], ['done', 'green', 0]);
  assert.deepEqual(
    done.steps.map(({ what, to, by }) => [what, to, by]),
    [
      ['asked', 'green', 'of red'],
      ['accepted', 'green', 'of green'],
    ],
  );
});

test('two bounces reach the deputy CISO, who decides for good', () => {
  const once = then(begun(), { move: 'refuse', to: 'blue' }, as('green'));
  assert.deepEqual([once.state, once.to, once.bounces], ['asked', 'blue', 1]);
  const twice = then(once, { move: 'refuse' }, as('blue'));
  assert.deepEqual([twice.state, twice.to, twice.bounces], ['deputy', null, BOUNCES]);
  assert.match(refusal(twice, { move: 'decide', to: 'red' }, as('red')), /is not the deputy CISO/);
  assert.match(
    refusal(twice, { move: 'decide', to: 'grey' }, as('red', true)),
    /to: there is no team `grey`/,
  );
  const decided = then(twice, { move: 'decide', to: 'red' }, as('white', true));
  assert.deepEqual([decided.state, decided.to], ['done', 'red'], 'even for the team that does not want it');
  assert.match(refusal(decided, { move: 'ask', to: 'blue' }, as('red')), /it is done already; begin another/);
});

test('a refusal without a hint brings it back to its owner, who may ask again or give up', () => {
  const back = then(begun(), { move: 'refuse' }, as('green'));
  assert.deepEqual([back.state, back.to], ['returned', null]);
  assert.match(refusal(back, { move: 'accept' }, as('green')), /no team is asked/);
  const again = then(back, { move: 'ask', to: 'blue' }, as('red'));
  assert.deepEqual([again.state, again.to, again.bounces], ['asked', 'blue', 1]);
  assert.equal(then(again, { move: 'withdraw' }, as('red')).state, 'withdrawn');
});

test('nobody speaks for another, and everybody says why', () => {
  const asked = begun();
  assert.match(
    refusal(asked, { move: 'accept' }, as('blue')),
    /of blue does not speak for `green`; let `green` answer/,
  );
  assert.match(refusal(asked, { move: 'withdraw' }, as('green')), /does not speak for `red`/);
  assert.match(refusal(asked, { move: 'ask', to: 'blue' }, as('red')), /somebody has to answer first/);
  assert.match(refusal(asked, { move: 'decide', to: 'blue' }, as('white', true)), /have not failed to agree/);
  assert.match(refusal(asked, { move: 'accept' }, { ...as('green'), why: ' ' }), /why: it gives no reason/);
  assert.match(refusal(asked, { move: 'refuse', to: 'red' }, as('green')), /to: it is the owner already/);
  assert.match(JSON.stringify(notMine([], 'red', 'green', as('red'))), /it names no asset/);
  assert.match(JSON.stringify(notMine(['a'], 'red', 'red', as('red'))), /it is the owner already/);
  assert.match(JSON.stringify(notMine(['a'], 'red', 'green', as('blue'))), /does not speak for `red`/);
});

test('what is not the giver’s is neither asked for, nor accepted, nor decided', () => {
  const refused = (owner: string | null | undefined) =>
    notMine(['a'], 'red', 'green', { ...as('red'), ownerOf: () => owner });
  const objection = (reason: string, fix: string) => ({ refusal: { field: 'assets', reason, fix } });
  assert.deepEqual(
    refused('blue'),
    objection('`a` is of `blue`, not of `red`', 'leave it out, or let `blue` ask'),
  );
  assert.deepEqual(
    refused(null),
    objection('nobody owns `a`', 'leave it out; who takes it says so among the owners'),
  );
  assert.deepEqual(refused(undefined), objection('there is no asset `a`', 'correct its id, or leave it out'));
  const gone = { ...as('green', true), ownerOf: (asset: string) => (asset === 'b' ? 'blue' : 'red') };
  assert.equal(
    refusal(begun(), { move: 'accept' }, gone),
    'assets: `b` is of `blue`, not of `red`; leave it out, or let `blue` ask',
  );
  const once = then(begun(), { move: 'refuse', to: 'blue' }, gone);
  const twice = then(once, { move: 'refuse' }, { ...as('blue'), ownerOf: () => null });
  assert.match(refusal(twice, { move: 'decide', to: 'blue' }, gone), /`b` is of `blue`, not of `red`/);
  assert.equal(
    then(begun(), { move: 'withdraw' }, { ...as('red'), ownerOf: () => 'blue' }).state,
    'withdrawn',
  );
});

const team = fc.constantFrom(...TEAMS);
const move: fc.Arbitrary<HandoverMove> = fc.oneof(
  fc.record({ move: fc.constantFrom('ask' as const, 'decide' as const), to: team }),
  fc.record({ move: fc.constantFrom('accept' as const, 'withdraw' as const) }),
  fc.record({ move: fc.constant('refuse' as const), to: team }),
  fc.constant({ move: 'refuse' as const }),
);

const owner = fc.constantFrom('red', 'red', 'red', 'green', null, undefined);

test('whatever people do, at most two bounces, and nothing changes hands without a yes or a decision, nor what is another’s', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(move, team, fc.boolean(), owner), { maxLength: 12 }), (moves) => {
      let now = begun();
      for (const [one, by, deputy, owned] of moves) {
        const found = hand(now, one, { ...as(by, deputy), ownerOf: () => owned });
        if ('refusal' in found) continue;
        now = found.handover;
        assert.ok(now.bounces <= BOUNCES);
        assert.equal(now.bounces, now.steps.filter(({ what }) => what === 'refused').length);
        assert.equal(now.to === null, ['returned', 'deputy', 'withdrawn'].includes(now.state));
        const last = now.steps.at(-1);
        if (now.state === 'done') assert.equal(owned, 'red');
        if (now.state === 'done') assert.ok(last?.what === 'accepted' || last?.what === 'decided');
      }
    }),
  );
});
