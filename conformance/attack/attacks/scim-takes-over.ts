import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import type { Attack } from '../attack.ts';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const CSV = `person,name,email,company,division,team,accountable_for
fay,Fay,fay@example.test,Acme,North,Desk,
`;

export const attack: Attack = {
  finding:
    'With the token of a directory a stranger’s address became the administrator’s, and the last administrator was deleted',
  run: async (start) => {
    const server = await start();
    const token = await server.machine('directory', {
      roles: ['administrator'],
      scopes: ['Organisation::*'],
    });
    const root = userInfo().username;
    await server.done('/api/organisation/imports', {
      body: { format: 'csv', text: CSV, file: 'people.csv', on: '2026-01-01' },
    });
    await server.done('/api/roles', { body: { person: 'fay', role: 'administrator', division: '' } });
    const scim = (method: string, path: string, body?: object) =>
      server.ask(`/scim/v2/${path}`, {
        method,
        token,
        ...(body && { raw: JSON.stringify(body), headers: { 'content-type': 'application/scim+json' } }),
      });
    const patch = (path: string, value: unknown) => ({
      schemas: [PATCH],
      Operations: [{ op: 'replace', path, value }],
    });
    const stranger = [{ value: 'stranger@evil.test', primary: true }];
    for (const id of [root, 'fay', 'machine:directory']) {
      for (const [path, value] of [
        ['emails', stranger],
        ['userName', 'stranger'],
        ['externalId', 'stranger'],
        ['displayName', 'Stranger'],
      ] as const) {
        const { status, text } = await scim('PATCH', `Users/${id}`, patch(path, value));
        assert.ok([403, 404, 409].includes(status), `${id} ${path}: ${status} ${text.slice(0, 200)}`);
      }
      const gone = await scim('DELETE', `Users/${id}`);
      assert.ok([403, 404, 422].includes(gone.status), `delete ${id}: ${gone.status}`);
    }
    // Naming somebody by the address that is known changes neither their name nor their address.
    await scim('POST', 'Users', {
      schemas: [USER],
      userName: 'fay@example.test',
      externalId: 'evil',
      emails: stranger,
    });
    const { items } = (await server.done('/api/roles')).json<{ items: { person: string; role: string }[] }>();
    const administrators = items.filter(({ role }) => role === 'administrator').map(({ person }) => person);
    assert.deepEqual(administrators.sort(), ['fay', 'machine:directory', root].sort());
    assert.equal((await server.ask('/api/me')).status, 200);
    const people = await server.done('/scim/v2/Users?count=500', { token });
    assert.doesNotMatch(people.text, /"id":"machine:/);
  },
};
