/** Whoever is behind a machine is its person wherever two people are asked for, and somebody can always make an administrator. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { rejects } from '@macadam/testing/decisions/sample';
import { trialFolder, trialsOn } from '@macadam/testing/decisions/test-database';
import type { DecisionPrincipal, DecisionTransaction } from '../port.ts';
import { startEngine } from './engine.ts';

const folder = trialFolder();
const engine = await startEngine(preparedPlace(join(folder, 'decisions')), { fleeting: true });
const trials = trialsOn(engine.address);
const { decisions, dispose } = await trials.open();
after(async () => {
  await dispose();
  await engine.stop();
  rmSync(folder, { recursive: true, force: true });
});

const as = (id: string): DecisionPrincipal => ({ id, divisions: 'all' });
const by = <T>(id: string, work: (tx: DecisionTransaction) => Promise<T>) =>
  decisions.transaction(as(id), work);
const until = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

await by('machine:first-start', async ({ organisation, access }) => {
  for (const id of ['ann', 'ben', 'cyd']) await organisation.putPerson({ id, name: id });
  await access.grant({ person: 'ann', role: 'administrator', division: '' });
});
await by('ben', ({ organisation }) => organisation.putPerson({ id: 'machine:made', name: 'made by ben' }));
await by('cyd', ({ organisation }) => organisation.putPerson({ id: 'machine:given', name: 'made by cyd' }));
await by('ben', ({ access }) => access.grant({ person: 'machine:given', role: 'engineer', division: '' }));
await by('cyd', ({ organisation }) => organisation.putPerson({ id: 'machine:issued', name: 'made by cyd' }));
await by('ben', ({ access }) =>
  access.issueToken({
    id: 'token-of-ben',
    person: 'machine:issued',
    digest: 'd'.repeat(64),
    name: 'x',
    scopes: ['*::*'],
    expiresAt: until(1),
  }),
);
await by('machine:made', ({ organisation }) =>
  organisation.putPerson({ id: 'machine:below', name: 'made by a machine of ben' }),
);

const MACHINES = ['machine:made', 'machine:given', 'machine:issued', 'machine:below'] as const;

test('nobody approves an exception of their own', async () => {
  await by('ben', ({ permissions }) =>
    permissions.request({
      id: 'own',
      standard: 's',
      division: '',
      selectors: ['shed/a'],
      reason: 'long enough',
      compensating: 'long enough',
      until: until(30).slice(0, 10),
    }),
  );
  const approving = by('ben', ({ permissions }) =>
    permissions.approve('own', [{ asset: 'shed/a', accepted: null }], 'a ticket'),
  );
  await rejects(approving, 'refused', /are two people; have somebody else approve it/);
});

test('nobody approves an exception that a machine of theirs asked for', async () => {
  for (const machine of MACHINES) {
    const id = `exception-${machine.slice(8)}`;
    await by(machine, ({ permissions }) =>
      permissions.request({
        id,
        standard: 's',
        division: '',
        selectors: ['shed/a'],
        reason: 'long enough',
        compensating: 'long enough',
        until: until(30).slice(0, 10),
      }),
    );
    const approving = (who: string) =>
      by(who, ({ permissions }) =>
        permissions.approve(id, [{ asset: 'shed/a', accepted: null }], 'a ticket'),
      );
    await rejects(
      approving('ben'),
      'refused',
      /counts as ben: whoever made a machine, gave it a role or a token/,
    );
    await approving('ann');
  }
});

test('nobody approves a standard that a machine of theirs proposed', async () => {
  const { number } = await by('machine:given', ({ permissions }) =>
    permissions.proposeStandard({
      standard: 's',
      digest: 'x',
      definition: 'x',
      rollout: {},
      fromAt: until(10),
    }),
  );
  await rejects(
    by('ben', ({ permissions }) => permissions.approveStandard(number)),
    'refused',
    /machine:given counts as ben/,
  );
});

test('a machine gives no role to whoever is behind it', async () => {
  await rejects(
    by('machine:made', ({ access }) => access.grant({ person: 'ben', role: 'auditor', division: '' })),
    'refused',
    /ben counts as machine:made/,
  );
});

test('the last administrator of the company stays, whatever is tried', async () => {
  const [role] = await by('ann', ({ access }) => access.roles('ann'));
  const last = /ann is the last administrator of the company/;
  await rejects(
    by('ben', ({ access }) => access.revoke(role?.number ?? 0)),
    'refused',
    last,
  );
  await rejects(
    by('machine:scim', ({ access }) => access.shutOut('ann')),
    'refused',
    last,
  );
  await rejects(
    by('machine:scim', ({ organisation }) =>
      organisation.putPerson({ id: 'ann', name: 'ann', active: false }),
    ),
    'refused',
    last,
  );
  // A machine is no administrator whom anybody could ask.
  await by('ann', ({ access }) =>
    access.grant({ person: 'machine:given', role: 'administrator', division: '' }),
  );
  await rejects(
    by('ben', ({ access }) => access.revoke(role?.number ?? 0)),
    'refused',
    last,
  );
  await by('ann', ({ access }) => access.grant({ person: 'cyd', role: 'administrator', division: '' }));
  await by('ben', ({ access }) => access.revoke(role?.number ?? 0));
  // In place of one another may be made, in whichever order.
  const [second] = await by('cyd', ({ access }) => access.roles('cyd'));
  await by('machine:first-start', async ({ access }) => {
    await access.revoke(second?.number ?? 0);
    await access.grant({ person: 'ben', role: 'administrator', division: '' });
  });
});

test('what is longer than the bounds is refused with what to do, also where no schema stands before it', async () => {
  const request = (more: object) =>
    by('ann', ({ permissions }) =>
      permissions.request({
        id: 'long',
        standard: 's',
        division: '',
        selectors: ['shed/a'],
        reason: 'long enough',
        compensating: 'long enough',
        until: until(30).slice(0, 10),
        ...more,
      }),
    );
  await rejects(request({ reason: '"'.repeat(20_000) }), 'refused', /more than 10,000 characters/);
  const many = Array.from({ length: 201 }, (_, index) => `shed/${index}`);
  await rejects(request({ selectors: many }), 'refused', /there are more than 200/);
  const unique = Array.from({ length: 3000 }, (_, index) => String.fromCodePoint(0x4e00 + index)).join('');
  await rejects(
    by('ann', ({ organisation }) => organisation.putPerson({ id: unique, name: 'x' })),
    'refused',
    /longer than can be kept|person_limit/,
  );
});
