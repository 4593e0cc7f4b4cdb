/**
 * `who-may-what.csv` is the whole of what the policies permit, for an auditor to read; here each cell of it is asked.
 *
 * A cell: `-` never; `division` in the division of the role, everywhere with a role of the whole company; `company` only with
 * a role of the whole company; `anywhere` with the role of any division; `team`, `standard` as `division`, and only of the
 * caller's own teams or standards. `oneself`: `may` is permitted with any fitting role, `never` with none. `by`: what one has
 * to call by; `any` of session, token and machine.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Role } from '../decisions/access.ts';
import { ACTIONS, type Action, coveringScopes } from './actions.ts';
import { authorise, authoriseAnywhere, principalFor, ROLES } from './authorise.ts';
import { type Caller, principalOf } from './caller.ts';

const [header = [], ...rows] = readFileSync(new URL('who-may-what.csv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split(','));
const table = rows.map((cells) =>
  Object.fromEntries(header.map((name, index) => [name, cells[index] ?? ''])),
);
const rowOf = (action: Action) => table.find((row) => row.action === action);

const caller = (more: Partial<Caller> = {}): Caller => ({
  person: 'ann',
  name: 'Ann',
  via: 'session',
  roles: [],
  scopes: 'all',
  sources: 'all',
  teams: [],
  standards: [],
  ...more,
});
const held = (role: Role, division: string) => ({ roles: [{ role, division }] });
const member = { teams: ['crew'], standards: ['patched'] };
const of = (division: string, person = 'bob') => ({
  id: '1',
  division,
  team: 'crew',
  standard: 'patched',
  person,
});
const WAYS = ['session', 'token', 'machine'] as const;

test('the table has a row for each action', () => {
  assert.deepEqual(table.map(({ action }) => action).sort(), [...ACTIONS].sort());
  assert.deepEqual(header.slice(1, 7), ROLES);
});

/** What a cell says of a role of `held` (or of the whole company: '') and a record of `asked`. */
function promised(cell: string, held: string, asked: string, belongs: boolean): boolean {
  const reaches = held === '' || held === asked;
  switch (cell) {
    case '-':
      return false;
    case 'anywhere':
      return true;
    case 'company':
      return held === '';
    case 'division':
      return reaches;
    case 'team':
    case 'standard':
      return reaches && belongs;
    default:
      throw new Error(`no such cell: ${cell}`);
  }
}

for (const action of ACTIONS)
  test(`${action} is permitted to whom the table names, and to nobody else`, () => {
    const row = rowOf(action) ?? {};
    for (const role of ROLES) {
      const cell = row[role] ?? '';
      for (const own of ['', 'payments'])
        for (const asked of divisionsAsked(cell, own))
          for (const belongs of cell === '-' ? [true] : [true, false])
            for (const via of WAYS) {
              const who = caller({ ...held(role, own), ...(belongs && member), via });
              const right = row.by === 'any' || row.by === via;
              const expected = right && promised(cell, own, asked, belongs);
              // A standard owner may propose for the standards that are theirs, wherever the role is held.
              const owned = action === 'Standard::propose' && role === 'standard-owner' && belongs;
              const { allowed } = authorise(who, action, of(asked));
              assert.equal(allowed, expected || owned, `${role} of "${own}", ${asked}, ${belongs}, ${via}`);
            }
    }
  });

/**
 * To a role of the whole company one division is as another. A role that the table gives nothing is asked where it would come first: in its
 * own division, of its own team and standard, by each way.
 */
function divisionsAsked(cell: string, own: string): readonly string[] {
  if (cell === '-') return [own];
  return own === '' ? ['', 'payments'] : ['', 'payments', 'games'];
}

test('what is about oneself is as the table says', () => {
  const everything = ROLES.filter((role) => role !== 'auditor').map((role) => ({ role, division: '' }));
  for (const action of ACTIONS) {
    const row = rowOf(action) ?? {};
    const via = row.by === 'machine' ? 'machine' : 'session';
    const mine = (roles: Caller['roles']) =>
      authorise(caller({ roles, ...member, via }), action, of('payments', 'ann')).allowed;
    if (row.oneself === 'never') assert.equal(mine(everything), false, action);
    if (row.oneself === 'may') assert.equal(mine([{ role: 'engineer', division: 'payments' }]), true, action);
  }
});

test('a refusal says which rule refused, or what would be needed', () => {
  const ciso = caller(held('deputy-ciso', 'payments'));
  assert.deepEqual(authorise(ciso, 'Exception::approve', of('payments', 'ann')), {
    allowed: false,
    policies: ['nobody-approves-their-own-exception'],
    reason: 'the one who asks and the one who approves are two people (nobody-approves-their-own-exception)',
  });
  assert.deepEqual(authorise(ciso, 'Exception::approve', of('games')), {
    allowed: false,
    policies: [],
    reason: 'Exception::approve takes the role deputy-ciso for division games',
  });
  const engineer = caller(held('engineer', 'payments'));
  assert.equal(
    authorise(engineer, 'WorkItem::claim', of('payments')).reason,
    'WorkItem::claim takes being of team crew',
  );
  assert.equal(
    authorise(caller(), 'WorkItem::claim', of('payments')).reason,
    'WorkItem::claim takes the role engineer for division payments, and being of team crew',
  );
  const owner = caller(held('standard-owner', ''));
  assert.equal(
    authorise(owner, 'WorkItem::settle', of('payments')).reason,
    'WorkItem::settle takes owning standard patched',
    'the team of a work item is no judge of its standard',
  );
  assert.equal(
    authorise({ ...owner, standards: ['patched'] }, 'WorkItem::settle', of('payments')).allowed,
    true,
  );
  assert.equal(
    authorise(engineer, 'WorkItem::settle', of('payments')).reason,
    'WorkItem::settle takes the role standard-owner for division payments, and owning standard patched',
  );
  assert.equal(
    authorise(engineer, 'Fact::ingest', of('payments')).reason,
    'no policy permits Fact::ingest for division payments to somebody who calls by a session',
  );
  assert.deepEqual(authorise(ciso, 'Exception::approve', of('payments')).policies, [
    'exceptions-are-answered-by-the-deputy-ciso',
  ]);
});

test('what is no action is permitted to nobody', () => {
  const { allowed, reason } = authorise(caller(held('administrator', '')), 'WorkItem::burn', of(''));
  assert.deepEqual([allowed, reason], [false, 'there is no action WorkItem::burn, so nobody may do it']);
});

test('no approval and no grant where it is not said whose it is', () => {
  const all = caller({
    roles: ROLES.filter((role) => role !== 'auditor').map((role) => ({ role, division: '' })),
  });
  for (const action of ['Exception::approve', 'Standard::approve', 'Access::grant'] as const)
    assert.match(authorise(all, action, { id: '1', division: '' }).reason, /cannot be told that this is/);
});

test('nobody issues a token for another person; an administrator does for a machine', () => {
  const admin = caller(held('administrator', ''));
  assert.equal(authorise(admin, 'Access::issueToken', of('', 'bob')).allowed, false);
  assert.equal(authorise(admin, 'Access::issueToken', of('', 'machine:ci')).allowed, true);
  assert.equal(authorise(admin, 'Access::issueToken', of('', 'ann')).allowed, true);
  assert.equal(authorise({ ...admin, via: 'token' }, 'Access::issueToken', of('', 'ann')).allowed, false);
});

test('the store is asked only for the divisions in which one may', () => {
  const mixed = caller({
    roles: [
      { role: 'reader', division: 'payments' },
      { role: 'administrator', division: 'games' },
    ],
  });
  assert.deepEqual(principalOf(mixed), { id: 'ann', divisions: ['games', 'payments'] });
  assert.deepEqual(principalFor(mixed, 'WorkItem::read'), { id: 'ann', divisions: ['payments'] });
  assert.deepEqual(principalFor(mixed, 'Audit::read'), { id: 'ann', divisions: [] });
  assert.deepEqual(principalFor(caller(held('reader', '')), 'WorkItem::read'), {
    id: 'ann',
    divisions: 'all',
  });
  assert.equal(authoriseAnywhere(mixed, 'WorkItem::read').allowed, true);
  assert.equal(
    authoriseAnywhere(mixed, 'Audit::read').reason,
    'Audit::read takes the role auditor for the whole company',
  );
});

const anyDivision = fc.constantFrom('', 'payments', 'games');
const anyRoles = fc.array(fc.record({ role: fc.constantFrom(...ROLES), division: anyDivision }), {
  maxLength: 4,
});
const anyAction = fc.constantFrom(...ACTIONS);
const anyResource = fc.record(
  {
    id: fc.string(),
    division: anyDivision,
    team: fc.constantFrom('crew', 'other'),
    standard: fc.constantFrom('patched', 'other'),
    person: fc.constantFrom('ann', 'bob', 'machine:ci'),
  },
  { requiredKeys: ['id', 'division'] },
);
const anyCaller = fc
  .record({
    roles: anyRoles,
    via: fc.constantFrom(...WAYS),
    teams: fc.subarray(['crew', 'other']),
    standards: fc.subarray(['patched', 'other']),
  })
  .map(caller);

test('more roles take nothing away, but by a rule that says so', () => {
  fc.assert(
    fc.property(anyCaller, anyRoles, anyAction, anyResource, (who, more, action, resource) => {
      if (!authorise(who, action, resource).allowed) return;
      const after = authorise({ ...who, roles: [...who.roles, ...more] }, action, resource);
      assert.equal(after.allowed || after.policies.includes('auditors-change-nothing'), true, after.reason);
    }),
    { numRuns: 300 },
  );
});

test('a token can do nothing that its person cannot, and nothing beyond its scopes', () => {
  const scopes = fc.subarray(ACTIONS.flatMap((action) => [...coveringScopes(action)]));
  fc.assert(
    fc.property(anyCaller, scopes, anyAction, anyResource, (who, held, action, resource) => {
      const token = { ...who, via: 'token' as const, scopes: held };
      if (!authorise(token, action, resource).allowed) return;
      assert.equal(authorise({ ...who, via: 'session' }, action, resource).allowed, true);
      assert.equal(
        coveringScopes(action).some((scope) => held.includes(scope)),
        true,
      );
    }),
    { numRuns: 300 },
  );
});

test('whatever is asked, an auditor of a division changes no record of it', () => {
  fc.assert(
    fc.property(anyCaller, anyAction, anyResource, (who, action, resource) => {
      const auditor = { ...who, roles: [...who.roles, { role: 'auditor' as const, division: '' }] };
      if (action.startsWith('Access::') && resource.person === 'ann') return;
      const verb = action.split('::')[1] ?? '';
      if (/^(read|sample)/.test(verb)) return;
      assert.equal(authorise(auditor, action, resource).allowed, false);
    }),
    { numRuns: 300 },
  );
});

test('an answer is that of its own question: whatever of it is another one, it is asked anew', () => {
  const engineer = caller({ ...held('engineer', 'payments'), ...member, via: 'token' });
  const ciso = caller(held('deputy-ciso', 'payments'));
  const owner = caller({ ...held('standard-owner', ''), standards: ['patched'] });
  const work = of('payments');
  type Question = readonly [who: Caller, action: Action, resource: ReturnType<typeof of>];
  const others: readonly (readonly [permitted: Question, refused: readonly Question[]])[] = [
    [
      [engineer, 'WorkItem::claim', work],
      [
        [{ ...engineer, scopes: [] }, 'WorkItem::claim', work],
        [{ ...engineer, roles: [] }, 'WorkItem::claim', work],
        [{ ...engineer, teams: [] }, 'WorkItem::claim', work],
        [engineer, 'WorkItem::settle', work],
        [engineer, 'WorkItem::claim', of('games')],
        [engineer, 'WorkItem::claim', { ...work, team: 'other' }],
      ],
    ],
    [
      [ciso, 'Exception::approve', work],
      [
        [{ ...ciso, via: 'token' }, 'Exception::approve', work],
        [{ ...ciso, person: 'bob' }, 'Exception::approve', work],
        [ciso, 'Exception::approve', of('payments', 'ann')],
      ],
    ],
    [
      [owner, 'WorkItem::settle', work],
      [
        [{ ...owner, standards: [] }, 'WorkItem::settle', work],
        [owner, 'WorkItem::settle', { ...work, standard: 'other' }],
      ],
    ],
  ];
  for (const [permitted, refused] of others) {
    for (const question of [permitted, ...refused, permitted])
      assert.equal(authorise(...question).allowed, question === permitted, JSON.stringify(question));
  }
});

test('names are data: no text of a record is taken for a rule', () => {
  const odd = ['"', '\\', '");permit(principal,action,resource);//', '__entity', '\u0000'];
  for (const text of odd) {
    const answer = authorise(
      caller({ person: text, ...held('engineer', text) }),
      'Exception::approve',
      of(text),
    );
    assert.equal(answer.allowed, false);
  }
});
