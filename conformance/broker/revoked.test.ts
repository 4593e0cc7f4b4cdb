/** The list of what was taken back, as an SSH server keeps it: by the command, with a broker that is there, away, old or lying. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { refreshRevoked, revocationListState } from '../../paved/broker/revoked.ts';
import { type BrokerScene, brokerScene, loginOf, PROGRAM } from './scene.ts';

let scene: BrokerScene;
before(async () => {
  scene = await brokerScene();
});
after(() => scene.close());

const command = (broker: string, file: string, ...more: readonly string[]) =>
  scene.run(process.execPath, [PROGRAM, 'revoked', '--broker', broker, '--file', file, ...more]);

/** Something that answers in the broker's place. */
async function instead(answer: (response: ServerResponse) => void) {
  const server = createServer((_request, response) => answer(response));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

test('the command brings the list, OpenSSH reads it, and a broker that is away takes nothing from it', async () => {
  const { broker, folder, address } = scene;
  const key = join(folder, 'person');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const given = await broker.certificate(loginOf('ann'), readFileSync(`${key}.pub`, 'utf8'), {
    repositories: ['acme/shop'],
    access: 'read',
  });
  assert.ok(given.ok);
  writeFileSync(`${key}-cert.pub`, given.certificate);
  broker.revoke({ id: given.id });
  const file = join(folder, 'fetched');
  const first = await command(address, file);
  assert.match(first.said, /fetched is fresh, made \d seconds ago\n$/);
  assert.ok(first.works);
  assert.throws(() => execFileSync('ssh-keygen', ['-Q', '-f', file, `${key}-cert.pub`], { stdio: 'ignore' }));
  const whole = readFileSync(file);
  const away = await command('http://127.0.0.1:9', file);
  assert.match(
    away.said,
    /not fetched: the broker cannot be reached .*; the list in .*fetched stays, made \d+ seconds ago\n$/,
  );
  assert.ok(away.works, 'it is young enough');
  assert.deepEqual(readFileSync(file), whole);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('fetched')),
    ['fetched'],
  );
});

test('a list that got old and one that is not there are said, by the exit code too', async () => {
  const { folder, address, behind } = scene;
  const file = join(folder, 'old');
  behind.seconds = 4_000;
  const old = await command(address, file);
  behind.seconds = 0;
  assert.equal(old.works, false, 'the broker made it an hour ago by its clock');
  const away = await command('http://127.0.0.1:9', file);
  assert.match(away.said, /which is too old: what was taken back since then still opens\n$/);
  assert.equal(away.works, false);
  assert.ok((await command('http://127.0.0.1:9', file, '--oldest', '9000')).works);
  const none = await command('http://127.0.0.1:9', join(folder, 'none'));
  assert.match(none.said, /none holds no list, so sshd refuses every key\n$/);
  assert.equal(none.works, false);
  assert.equal(existsSync(join(folder, 'none')), false);
  assert.match((await command(address, file, '--oldest', 'soon')).said, /--oldest is `soon`; give seconds/);
});

test('what is no list, a part of one, and one from before take the place of none', async () => {
  const { broker, folder } = scene;
  const file = join(folder, 'kept');
  const earlier = broker.revocationList();
  await new Promise((later) => setTimeout(later, 5));
  broker.revoke({ subject: 'bo' });
  const newest = broker.revocationList();
  writeFileSync(file, newest);
  const answers: readonly (readonly [RegExp, (response: ServerResponse) => void])[] = [
    [/older than the one in/, (response) => response.end(earlier)],
    [/is no list of what was taken back/, (response) => response.end('<html>')],
    [/is no list of what was taken back/, (response) => response.end(newest.subarray(0, 40))],
    [/is no list of what was taken back/, (response) => response.end(newest.subarray(0, -1))],
    [/answered 503/, (response) => response.writeHead(503).end(newest)],
    [
      /cannot be reached|terminated/,
      (response) => {
        response.writeHead(200, { 'content-length': String(newest.length) });
        response.write(newest.subarray(0, 60), () => response.destroy());
      },
    ],
  ];
  for (const [why, answer] of answers) {
    const server = await instead(answer);
    try {
      const refreshed = await refreshRevoked(server.address, file, Date.now);
      assert.equal(refreshed.isFetched, false);
      assert.match(refreshed.why, why);
      assert.deepEqual(readFileSync(file), newest);
    } finally {
      server.close();
    }
  }
  assert.equal(revocationListState(Buffer.alloc(0)), null);
  assert.equal(revocationListState(Buffer.concat([newest, Buffer.from([1])])), null);
});
