import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { writeSealedMap } from '@macadam/services/ownership/signed-index';
import type { Reached } from '@macadam/services/ownership/who-reached';
import { startCommandLine } from '@macadam/testing/command-line';
import { written } from './who.ts';

const folder = mkdtempSync(join(tmpdir(), 'macadam-who-'));
after(() => rmSync(folder, { recursive: true }));
const commandLine = startCommandLine();

function macadam(...args: readonly string[]) {
  return commandLine.run({
    args: ['who', ...args],
    cwd: folder,
    env: { ...process.env, MACADAM_TOKEN: '', MACADAM_SERVER: '', XDG_CONFIG_HOME: folder },
  });
}

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const [key, file] = [join(folder, 'key.pem'), join(folder, 'who')];
writeFileSync(key, publicKey.export({ type: 'spki', format: 'pem' }));
const map = writeSealedMap(file, 'macadam.who/1');
map.add('asset:device/d1', ['d1', 'shop', 'confirmed', '2026-10-01T00:00:00Z', 'codeowners']);
map.add('for:', [{ id: 'a', person: 'ann', for: { unit: 'shop' } }]);
map.add('key:host:gate', [3, ['device/d1', 'device/gone']]);
map.add('person:ann', ['Ann', 'ann@example.test']);
map.add('runbook:device', 'Isolate it.');
map.add('unit:shop', {
  id: 'shop',
  level: 'team',
  name: 'Shop',
  parent: null,
  contacts: [{ by: 'phone', address: '+49 30 1', verified: null }],
});
map.seal({ madeAt: '2026-11-01T00:00:00Z' }, String(privateKey.export({ type: 'pkcs8', format: 'pem' })));

test('an export is asked without a server, and its age is said', () => {
  const { status, stdout, stderr } = macadam('gate', '--offline', file, '--key', key);
  assert.equal(stderr, '');
  assert.equal(status, 0);
  const [last, ...lines] = stdout.trimEnd().split('\n').reverse();
  assert.deepEqual(lines.reverse(), [
    'device d1 (device/d1)',
    '  owner      Shop; confirmed 2026-10-01T00:00:00Z, by codeowners',
    '  deputy     Ann <ann@example.test>',
    '  call       phone +49 30 1 (shop; never verified)',
    '  disable    Isolate it.',
    '2 more are known as host:gate',
  ]);
  assert.match(last ?? '', /^from a signed export of 2026-11-01T00:00:00Z, .* old$/);
  const none = macadam('nowhere', '--offline', file, '--key', key, '--json');
  assert.deepEqual(
    [none.status, JSON.parse(none.stdout)],
    [
      1,
      {
        key: null,
        count: 0,
        found: [],
        looked: ['application:nowhere', 'host:nowhere', 'repository:nowhere'],
        madeAt: '2026-11-01T00:00:00Z',
      },
    ],
  );
});

test('what cannot be asked is refused with what to do', () => {
  const refused = (...args: readonly string[]) => {
    const { status, stderr } = macadam(...args);
    assert.equal(status, 2, stderr);
    return stderr;
  };
  assert.match(refused(), /say what you have in hand/);
  assert.match(refused('gate', '--offline', file), /--key: it is missing/);
  assert.match(refused('gate', '--offline', key, '--key', key), /--offline: it is no such export/);
  assert.match(refused('gate', '--server', 'http://127.0.0.1:9'), /or set MACADAM_TOKEN/);
  assert.match(refused('--export', file), /--sign: it is missing/);
  assert.match(refused('gate', '--data', join(folder, 'none')), /--data: there is nothing in /);
});

test('a server is asked with the token of the environment', async () => {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url, request.headers.authorization);
    response.setHeader('content-type', 'application/json');
    const nobody = request.url?.includes('forbidden');
    response.statusCode = nobody ? 403 : 200;
    response.end(
      JSON.stringify(nobody ? { detail: 'not \u001b[2Jyours' } : { key: null, count: 0, found: [] }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/base`;
  process.env.MACADAM_TOKEN = 'mt_secret';
  const { whoCommand } = await import('./who.ts');
  try {
    assert.equal(await whoCommand('a host&more', { server: url, json: true }), 1);
    await assert.rejects(whoCommand('forbidden', { server: url }), /says 403: not ␛\[2Jyours$/);
  } finally {
    delete process.env.MACADAM_TOKEN;
    server.close();
  }
  assert.deepEqual(asked.slice(0, 2), ['/base/api/who?text=a+host%26more', 'Bearer mt_secret']);
});

test('an asset that nobody owns says so, and the text of strangers moves no cursor', () => {
  const answers: Reached = {
    key: 'name:x',
    count: 1,
    looked: [],
    found: [
      {
        asset: { id: 'device/x', kind: 'device', name: 'x\u001b[2J\ny' },
        owner: null,
        path: [],
        accountable: [],
        contacts: [],
        runbook: null,
        instead: null,
      },
    ],
  };
  assert.equal(
    written('x', answers, null, new Date(0)),
    'device x y (device/x)\n  owner      nobody\n  disable    no runbook is written for this kind',
  );
});
