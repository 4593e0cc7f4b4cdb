import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Attack } from '../attack.ts';

export const attack: Attack = {
  finding:
    'HEAD used a one-time link up, a long id was a 500, two hosts were one, and a 503 named folders of the server',
  run: async (start) => {
    const server = await start({ logIn: false });
    const head = await server.ask(server.link, { method: 'HEAD', token: '' });
    assert.equal(head.status, 405);
    const entered = await server.ask(server.link, { token: '' });
    const cookie = (entered.headers['set-cookie'] ?? []).map((one) => one.split(';')[0]).join('; ');
    assert.match(cookie, /macadam/, 'the link is as good as before');
    const headers = { cookie };

    for (const long of ['x'.repeat(1900), '9'.repeat(1900), 'ä'.repeat(600)])
      for (const path of [
        '/api/assets/ID',
        '/api/sessions/ID',
        '/api/tokens/ID',
        '/api/exceptions/ID',
        '/api/standards/ID',
        '/assets/ID',
        '/scim/v2/Users/ID',
      ])
        for (const method of ['GET', 'DELETE']) {
          const { status, text } = await server.ask(path.replace('ID', encodeURIComponent(long)), {
            method,
            token: '',
            headers,
          });
          assert.ok(status < 500, `${method} ${path}: ${status} ${text.slice(0, 200)}`);
        }
    const unlike = Array.from({ length: 2500 }, (_, index) => String.fromCodePoint(0x4e00 + index)).join('');
    for (const [path, body] of [
      ['/api/roles', { person: unlike, role: 'reader', division: '' }],
      ['/scim/v2/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: unlike }],
      ['/api/owners/decisions', { assets: [unlike], act: { move: 'release' }, reason: 'it is gone' }],
    ] as const) {
      const { status, text } = await server.ask(path, { token: '', headers, body });
      assert.ok(status < 500, `${path}: ${status} ${text.slice(0, 200)}`);
    }

    for (const second of ['evil.example', new URL(server.url).host]) {
      const socket = await server.open();
      const answer = once(socket, 'data');
      socket.write(
        `GET /api/health HTTP/1.1\r\nHost: ${new URL(server.url).host}\r\nHost: ${second}\r\nConnection: close\r\n\r\n`,
      );
      const [said] = await answer;
      assert.match(String(said), /^HTTP\/1\.1 400 /);
      socket.destroy();
    }

    const pid = Number(
      readFileSync(join(server.folder, 'data/decisions/data/postmaster.pid'), 'utf8').split('\n')[0],
    );
    process.kill(pid, 'SIGSTOP');
    const frozen = server.ask('/api/me', { token: '', headers }).catch(() => null);
    await new Promise((resolve) => setTimeout(resolve, 300));
    process.kill(pid, 'SIGKILL');
    const during = [
      await frozen,
      ...(await Promise.all(Array.from({ length: 20 }, () => server.ask('/api/me', { token: '', headers })))),
    ];
    for (const answer of during) {
      if (answer === null) continue;
      assert.ok([200, 429, 503].includes(answer.status), `${answer.status} ${answer.text}`);
      assert.doesNotMatch(answer.text, /PGSQL|\/tmp|\/data\b|socket/);
      if (answer.status === 503) assert.ok(answer.headers['retry-after'], 'a 503 says when to ask again');
    }
  },
};
