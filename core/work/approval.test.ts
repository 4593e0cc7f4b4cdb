import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Exception, endOf, holdOf } from '../verdicts/exception.ts';
import { type Approval, approve, type ExceptionRequest, noticesOf } from './approval.ts';

const AT = new Date('2026-11-02T09:00:00Z');
const REQUEST: ExceptionRequest = {
  id: 'e1',
  standard: 's',
  assets: ['x*'],
  reason: 'the vendor mends it in spring',
  requester: 'ada',
  compensating: 'it is reached from one subnet only',
  until: '2027-03-01',
  proof: 'ticket 12',
};
const APPROVAL: Approval = {
  approver: 'cy',
  at: AT,
  earlier: [],
  assets: [
    { id: 'thing/x1', name: 'x1', value: 'two ports' },
    { id: 'thing/x2', name: 'x2', value: null },
    { id: 'thing/y', name: 'y', value: null },
  ],
};
const approved = (request: Partial<ExceptionRequest> = {}, approval: Partial<Approval> = {}): Exception => {
  const found = approve({ ...REQUEST, ...request }, { ...APPROVAL, ...approval });
  assert.ok('exception' in found, JSON.stringify(found));
  return found.exception;
};
const refused = (request: Partial<ExceptionRequest>, approval: Partial<Approval> = {}) => {
  const found = approve({ ...REQUEST, ...request }, { ...APPROVAL, ...approval });
  assert.ok('refusals' in found);
  return found.refusals.map(({ field, reason, fix }) => `${field}: ${reason}; ${fix}`).join('\n');
};

test('selectors freeze at approval, with what was accepted of each asset', () => {
  const exception = approved();
  assert.deepEqual(exception.accepted, { 'thing/x1': 'two ports', 'thing/x2': null });
  assert.equal(exception.approved_at, AT.toISOString());
  const hold = (id: string, value: string, at = AT) =>
    holdOf(exception, { id, name: id.slice(6), value: () => value }, at);
  assert.equal(hold('thing/x1', 'two ports'), 'holds');
  assert.equal(hold('thing/x1', 'three ports'), 'drifted');
  assert.equal(hold('thing/x2', 'whatever'), 'holds');
  assert.equal(hold('thing/x3', 'two ports'), 'elsewhere', 'it came after the approval');
  assert.equal(hold('thing/x1', 'two ports', new Date(AT.getTime() - 1)), 'early');
});

test('nobody approves what they asked for, nothing lasts for ever, and nothing is backdated', () => {
  assert.match(
    refused({}, { approver: 'ada' }),
    /^approver: ada asked for it; have somebody else approve it$/,
  );
  assert.match(refused({ assets: ['z'] }), /^assets: no asset of the standard is selected/);
  assert.match(
    refused({ until: '2027-05-02' }),
    /^until: it ends more than 180 days after its approval; end it on 2027-05-01/,
  );
  assert.match(refused({ until: '2026-11-01' }), /^until: it would have ended before it was approved/);
  assert.match(refused({ reason: 'because' }), /^reason: at least ten characters/);
  assert.match(
    refused({}, { earlier: [approved()] }),
    /^id: it is approved already; leave it, or renew it where it has to last longer$/,
  );
  assert.equal(approved({ until: '2027-05-01' }).until, '2027-05-01');
  assert.equal(approved({ until: '2026-11-02' }).until, '2026-11-02');
});

test('a renewal is approved like the first, and lasts longer', () => {
  const earlier = [approved()];
  const renewal = { id: 'e2', renews: 'e1', until: '2027-04-01' };
  assert.equal(approved(renewal, { earlier }).renews, 'e1');
  assert.match(refused(renewal), /^renews: there is no exception e1 of s/);
  assert.match(refused({ ...renewal, standard: 't' }, { earlier }), /^renews: there is no exception e1 of t/);
  assert.match(
    refused({ ...renewal, until: '2027-03-01' }, { earlier }),
    /^until: e1 lasts until 2027-03-01/,
  );
  assert.match(refused({ ...renewal, requester: 'cy' }, { earlier }), /^approver: cy asked for it/);
});

test('it is announced 30, 7 and 1 days before it ends, or when it is approved', () => {
  const all = (exceptions: readonly Exception[]) =>
    noticesOf(exceptions, new Date(0), new Date('2028-01-01')).map(
      ({ exception, at }) => `${exception.id} ${at.toISOString()}`,
    );
  const one = approved();
  assert.deepEqual(all([one]), [
    'e1 2027-01-31T00:00:00.000Z',
    'e1 2027-02-23T00:00:00.000Z',
    'e1 2027-03-01T00:00:00.000Z',
  ]);
  assert.deepEqual(all([approved({ until: '2026-11-02' })]), ['e1 2026-11-02T09:00:00.000Z']);
  const early = { ...one, ended_at: '2026-12-01T00:00:00.000Z' };
  assert.equal(endOf(early).toISOString(), '2026-12-01T00:00:00.000Z');
  assert.deepEqual(all([early]), []);
  const next = approved({ id: 'e2', renews: 'e1', until: '2027-04-01' }, { earlier: [one] });
  assert.deepEqual(
    all([one, next]).map((text) => text.slice(0, 2)),
    ['e2', 'e2', 'e2'],
  );
});

test('spans that follow each other tell everything once, and before it ends', () => {
  const day = fc.integer({ min: 0, max: 60 });
  fc.assert(
    fc.property(
      fc.array(day, { minLength: 1, maxLength: 5 }),
      fc.uniqueArray(day, { maxLength: 6 }),
      (ends, cuts) => {
        const exceptions = ends.map((end, at) =>
          approved({
            id: `e${at}`,
            until: new Date(AT.getTime() + end * 86_400_000).toISOString().slice(0, 10),
          }),
        );
        const times = [
          0,
          ...cuts.toSorted((a, b) => a - b).map((cut) => AT.getTime() + cut * 86_400_000),
          AT.getTime() + 1e11,
        ];
        const parts = times
          .slice(1)
          .flatMap((to, at) => noticesOf(exceptions, new Date(times[at] ?? 0), new Date(to)));
        assert.deepEqual(parts, noticesOf(exceptions, new Date(0), new Date(AT.getTime() + 1e11)));
        for (const one of exceptions)
          assert.ok(parts.some(({ exception, at }) => exception === one && at < endOf(one)));
      },
    ),
  );
});
