import assert from 'node:assert/strict';
import test from 'node:test';
import { openDecisions } from './decisions/open.ts';
import { clearAddress } from './encrypted.ts';
import { openServer } from './facts/clickhouse/server.ts';

test('a store on another machine is reached over TLS, or not at all', async () => {
  const clear = [
    'postgres://a:b@db.example.test/macadam',
    'postgresql://a:b@10.0.0.7:5432/macadam?sslmode=disable',
    'postgres://a:b@db.example.test/macadam?sslmode=prefer',
    'postgres://a:b@db.example.test/macadam?sslmode=no-verify',
    'postgres://a:b@localhost/macadam?host=db.example.test',
    'postgres://a:b@db.example.test/macadam?sslmode=require&sslmode=disable',
    'postgres://a:b@127.0.0.1.example.test/macadam',
    'http://facts.example.test:8123/macadam',
  ];
  for (const address of clear)
    assert.match(clearAddress(address) ?? 'taken', /is on another machine, and .*; (add|give)/, address);
  const taken = [
    'postgres://a:b@db.example.test/macadam?sslmode=verify-full',
    'postgres://a:b@db.example.test/macadam?sslmode=require&application_name=x',
    'postgres://a:b@127.0.0.1:5432/macadam',
    'postgres://a:b@[::1]/macadam',
    'postgres://macadam@/macadam?host=%2Ftmp%2Fsocket',
    'postgres:///macadam',
    'https://facts.example.test:8443/macadam',
    'http://localhost:8123',
  ];
  for (const address of taken) assert.equal(clearAddress(address), null, address);
  const now = () => new Date('2026-11-01T00:00:00Z');
  await assert.rejects(
    openDecisions('postgres://a:b@db.example.test/macadam', { now }),
    /db\.example\.test is on another machine, and its address asks for no encryption; add sslmode=verify-full/,
  );
  await assert.rejects(
    openDecisions('postgres://a@127.0.0.1:1/macadam', {
      now,
      ownerUrl: 'postgres://b:c@db.example.test/macadam',
    }),
    /db\.example\.test is on another machine/,
  );
  await assert.rejects(openServer({ url: 'http://facts.example.test:8123' }), /with https:/);
});
