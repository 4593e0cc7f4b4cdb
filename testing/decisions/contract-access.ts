/** Of the contract: who people are, how they come in, and what they may do. */
import assert from 'node:assert/strict';
import type { DecisionPrincipal } from '@macadam/adapters/decisions/port';
import type { OnStore } from './contract.ts';
import { as, digest, north, other, rejects, system } from './sample.ts';

export function accessContract(store: OnStore): void {
  store('whoever is shut out has no session, token or role any more', async (decisions) => {
    const run = as(decisions);
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    await run(system, async ({ organisation, access }) => {
      await organisation.putPeople(['ann', 'bo'].map((id) => ({ id, name: id })));
      for (const [person, letter] of [
        ['ann', 'c'],
        ['bo', 'd'],
      ] as const) {
        await access.grant({ person, role: 'engineer', division: 'north' });
        await access.startSession({ digest: digest(letter), person, expiresAt });
      }
    });
    for (const [person, letter] of [
      ['ann', 'c'],
      ['bo', 'd'],
    ] as const)
      await run({ id: person, divisions: [] }, (tx) =>
        tx.access.issueToken({
          id: person,
          person,
          digest: digest(letter),
          name: 'n',
          scopes: [],
          expiresAt,
        }),
      );
    const ended = await run(system, (tx) => tx.access.shutOut('ann'));
    assert.deepEqual(ended, { sessions: 1, tokens: 1, roles: 1 });
    const left = (person: string, letter: string) =>
      run(system, async ({ access }) => [
        (await access.session(digest(letter))) !== null,
        (await access.token(digest(letter))) !== null,
        (await access.roles(person)).length,
      ]);
    assert.deepEqual(await left('ann', 'c'), [false, false, 0]);
    assert.deepEqual(await left('bo', 'd'), [true, true, 1]);
    assert.deepEqual(await run(system, (tx) => tx.access.shutOut('ann')), {
      sessions: 0,
      tokens: 0,
      roles: 0,
    });
  });

  store(
    'tokens live for seven days at most, roles come from others, secrets are digests',
    async (decisions) => {
      const run = as(decisions);
      const hour = (after: number) => new Date(Date.now() + after * 3_600_000).toISOString();
      await run(system, (tx) => tx.organisation.putPerson({ id: 'nora', name: 'Nora' }));
      const issue = (expiresAt: string, value = digest('a')) =>
        run(north, (tx) =>
          tx.access.issueToken({
            id: `t${value[0]}`,
            person: 'nora',
            digest: value,
            name: 'pipeline',
            scopes: ['work:read'],
            expiresAt,
          }),
        );
      await rejects(issue(hour(24 * 7 + 1)), 'refused', /seven days at most/);
      await rejects(issue(hour(1), 'the token itself'), 'refused', /api_token_digest/);
      const token = await issue(hour(24 * 7 - 1));
      assert.deepEqual(token.scopes, ['work:read']);
      const known = () => run(system, (tx) => tx.access.token(digest('a')));
      assert.equal((await known())?.person, 'nora');
      assert.deepEqual(await run(other, (tx) => tx.access.tokens('nora')), []);
      await run(north, (tx) => tx.access.revokeToken('ta'));
      assert.equal(await known(), null);
      const grant = (by: DecisionPrincipal) =>
        run(by, (tx) => tx.access.grant({ person: 'nora', role: 'engineer', division: 'north' }));
      await rejects(grant(north), 'refused', /nobody gives a role to oneself/);
      const { number } = await grant(other);
      await rejects(grant(other), 'refused', /has it already/);
      assert.deepEqual(
        (await run(north, (tx) => tx.access.roles('nora'))).map(({ role }) => role),
        ['engineer'],
      );
      await run(other, (tx) => tx.access.revoke(number));
      assert.deepEqual(await run(north, (tx) => tx.access.roles('nora')), []);
      await run(system, (tx) =>
        tx.access.startSession({ digest: digest('b'), person: 'nora', expiresAt: hour(1) }),
      );
      assert.equal((await run(system, (tx) => tx.access.session(digest('b'))))?.person, 'nora');
      await run(system, (tx) => tx.access.endSession(digest('b')));
      assert.equal(await run(system, (tx) => tx.access.session(digest('b'))), null);
      await run(system, (tx) =>
        tx.access.link({ issuer: 'https://id.example', subject: '7', person: 'nora' }),
      );
      assert.equal(await run(system, (tx) => tx.access.personOf('https://id.example', '7')), 'nora');
      const entries = JSON.stringify(await run(system, (tx) => tx.auditEntries()));
      assert.doesNotMatch(entries, /a{64}|b{64}/);
    },
  );

  store('a link and a begun log-in are used once, whichever process asks', async (decisions, { again }) => {
    const second = await again();
    try {
      const run = as(decisions);
      const soon = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
      await run(system, (tx) =>
        tx.organisation.putPerson({ id: 'nora', name: 'Nora', mail: 'Nora@X.example' }),
      );
      const link = { digest: digest('1'), person: 'nora', expiresAt: soon(10) };
      const pending = {
        digest: digest('2'),
        issuer: 'https://id.example',
        returnTo: '/',
        expiresAt: soon(10),
      };
      await run(system, async (tx) => {
        await tx.login.putLink(link);
        await tx.login.putPending(pending);
      });
      const taken = await Promise.all(
        [decisions, second].map((one) =>
          as(one)(system, async (tx) => [
            await tx.login.takeLink(digest('1')),
            await tx.login.takePending(digest('2')),
          ]),
        ),
      );
      assert.deepEqual(
        [
          taken.flat().filter((one) => one === 'nora').length,
          taken.flat().filter((one) => one === null).length,
        ],
        [1, 2],
      );
      await rejects(
        run(system, (tx) => tx.login.putLink({ ...link, digest: digest('3'), expiresAt: soon(16) })),
        'refused',
        /good for 15 minutes at most/,
      );
      assert.deepEqual(await run(system, (tx) => tx.access.peopleByMail('nora@x.example')), ['nora']);
    } finally {
      await second.close();
    }
  });

  store('who holds a session or a token is one question, and roles are those in force', async (decisions) => {
    const run = as(decisions);
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    await run(system, async (tx) => {
      await tx.organisation.putPerson({ id: 'nora', name: 'Nora' });
      await tx.access.startSession({ digest: digest('1'), person: 'nora', expiresAt });
      const { number } = await tx.access.grant({ person: 'nora', role: 'reader', division: 'south' });
      await tx.access.revoke(number);
      await tx.access.grant({ person: 'nora', role: 'engineer', division: 'north' });
    });
    await run(north, (tx) =>
      tx.access.issueToken({
        id: 't',
        person: 'nora',
        digest: digest('2'),
        name: 'n',
        scopes: ['*::read'],
        expiresAt,
      }),
    );
    const held = {
      person: 'nora',
      name: 'Nora',
      roles: [{ role: 'engineer', division: 'north' }],
      usedAt: null,
    };
    await run(system, async (tx) => {
      assert.deepEqual(await tx.login.sessionHolder(digest('1'), 60), held);
      assert.deepEqual(await tx.login.tokenHolder(digest('2')), {
        ...held,
        id: 't',
        scopes: ['*::read'],
        sources: [],
      });
      assert.equal(await tx.login.sessionHolder(digest('2'), 60), null);
      assert.equal(await tx.access.everGranted('engineer'), false);
      assert.deepEqual(
        (await tx.access.allRoles()).map(({ division }) => division),
        ['north'],
      );
    });
    assert.equal(await run(other, (tx) => tx.login.sessionHolder(digest('1'), 60)), null);
  });
}
