/** Against an authority of OpenSSL, whose answers nobody here wrote. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { verifiedTimestamp } from '@macadam/core/figures/timestamp';
import { opensslAuthority } from '@macadam/testing/timestamp-authority';
import { timestampOf } from './authority.ts';

const authorities = {
  rsa: opensslAuthority('rsa', ['rsa:2048']),
  curve: opensslAuthority('curve', ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']),
};
type Name = keyof typeof authorities;
const NAMES = Object.keys(authorities) as Name[];
const root = (name: Name) => authorities[name].root;

/** What it does next: answers as that authority, or something else. */
let answering: {
  readonly as: Name;
  readonly change?: (answer: Buffer) => Buffer;
  readonly status?: number;
} = { as: 'rsa' };
let last: Buffer = Buffer.alloc(0);
const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const { as, change = (answer) => answer, status = 200 } = answering;
    response.writeHead(status, { 'content-type': 'application/timestamp-reply' });
    last = authorities[as].answer(Buffer.concat(parts));
    response.end(change(last));
  });
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
after(() => {
  server.close();
  server.closeAllConnections();
  for (const one of Object.values(authorities)) one.remove();
});

const REVIEW = Buffer.from('{"line":"head"}\n{"line":"seal"}\n');

for (const name of NAMES)
  test(`a timestamp of OpenSSL is of these bytes, by a certificate that is trusted (${name}), and OpenSSL says so too`, async () => {
    answering = { as: name };
    const before = Date.now();
    const token = await timestampOf({ url: url(), trusted: [root(name)] }, REVIEW);
    const found = verifiedTimestamp(token, REVIEW, [root(name)]);
    assert.deepEqual([found.authority, found.trusted], [`${name} clock`, true]);
    assert.ok(found.at.getTime() >= before - 2000 && found.at.getTime() <= Date.now() + 2000);
    assert.equal(verifiedTimestamp(token, REVIEW, []).trusted, false);
    const other = name === 'rsa' ? 'curve' : 'rsa';
    assert.equal(verifiedTimestamp(token, REVIEW, [root(other)]).trusted, false);
    assert.throws(
      () => verifiedTimestamp(token, Buffer.from('other'), [root(name)]),
      /it is about other bytes/,
    );
    const { folder, openssl } = authorities[name];
    writeFileSync(join(folder, 'review'), REVIEW);
    writeFileSync(join(folder, 'token'), token);
    const said = openssl(
      'ts',
      '-verify',
      '-token_in',
      '-in',
      'token',
      '-data',
      'review',
      '-CAfile',
      `${name}-root.pem`,
    );
    assert.match(said.toString(), /OK/);
  });

test('each bit of what is signed counts, and what is not about this question, or a refusal, is no timestamp', async () => {
  answering = { as: 'rsa' };
  const trusted = { url: url(), trusted: [root('rsa')] };
  const token = await timestampOf(trusted, REVIEW);
  const content = token.indexOf(Buffer.from('060b2a864886f70d0109100104', 'hex'));
  for (let at = content + 20; at < content + 90; at += 7) {
    const bytes = Buffer.from(token);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    assert.throws(
      () => verifiedTimestamp(bytes, REVIEW, [root('rsa')]),
      { name: 'TimestampError' },
      `byte ${at}`,
    );
  }
  const first = last;
  answering = { as: 'rsa', change: () => first };
  await assert.rejects(timestampOf(trusted, REVIEW), /it answered another question/);
  answering = { as: 'rsa', change: () => Buffer.from('30053003020102', 'hex') };
  await assert.rejects(timestampOf(trusted, REVIEW), /it refused \(status 2\)/);
  answering = { as: 'rsa', change: () => Buffer.from('not a timestamp') };
  await assert.rejects(timestampOf(trusted, REVIEW), { name: 'TimestampError' });
  answering = { as: 'rsa', status: 500 };
  await assert.rejects(timestampOf(trusted, REVIEW), /it answered 500/);
  answering = { as: 'curve' };
  await assert.rejects(timestampOf(trusted, REVIEW), /nobody who is trusted vouches for curve clock/);
  await assert.rejects(
    timestampOf({ ...trusted, url: 'http://127.0.0.1:1/' }, REVIEW),
    /could not be reached/,
  );
});
