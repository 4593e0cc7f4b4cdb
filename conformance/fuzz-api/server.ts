/** The server that is asked: the real one on real stores, with something in both. */

import { FAULTS } from '@macadam/services/work/faults';
import { batch, north, other, request, south, system } from '@macadam/testing/decisions/sample';
import { kept } from '@macadam/testing/server/sample';
import { type SampleServer, sampleServer } from '@macadam/testing/server/sample-server';

export interface Fuzzable extends SampleServer {
  readonly callers: readonly string[];
  readonly known: readonly string[];
}

const everywhere = (...roles: readonly Role[]) => ({ roles: roles.map((role) => ({ role, division: '' })) });
type Role = 'administrator' | 'auditor' | 'reader' | 'engineer' | 'deputy-ciso' | 'standard-owner';

const PEOPLE = {
  all: everywhere('administrator', 'auditor', 'reader', 'engineer', 'deputy-ciso', 'standard-owner'),
  auditor: everywhere('auditor'),
  north: {
    roles: [
      { role: 'engineer' as const, division: 'north' },
      { role: 'reader' as const, division: 'north' },
    ],
    teams: ['north-team'],
    via: 'token' as const,
  },
  south: { roles: [{ role: 'deputy-ciso' as const, division: 'south' }] },
  program: { roles: [{ role: 'engineer' as const, division: '' }], via: 'machine' as const },
  nothing: { roles: [] },
};

export async function fuzzable(): Promise<Fuzzable> {
  const sheds = await kept();
  const server = await sampleServer({
    people: PEOPLE,
    site: () => sheds.site,
    port: 0,
    perMinute: 1_000_000,
    parts: { stores: () => sheds.stores },
  });
  const { decisions } = server;
  await decisions.transaction(system, async (tx) => {
    for (const id of Object.keys(PEOPLE)) await tx.organisation.putPerson({ id, name: id });
    await tx.work.open([batch('b1', ['shed/a', 'shed/b']), batch('b2', ['shed/c'], 'south')]);
    await tx.work.comment('b1', 'seen');
    // Somebody has looked: before that work and faults are rightly answered with 503.
    await tx.failing.recordPass({ subject: FAULTS, valid: '2026-01-02T00:00:00Z', known: 1, opened: 0 }, {});
  });
  await decisions.transaction(north, (tx) => tx.permissions.request(request('e1')));
  await decisions.transaction(south, (tx) => tx.permissions.request(request('e2', 'south')));
  await decisions.transaction(other, (tx) =>
    tx.permissions.approve('e1', [{ asset: 'shed/a', accepted: null }], 'a ticket'),
  );
  return {
    ...server,
    callers: ['', 'stranger', ...Object.keys(PEOPLE), 'all', 'all'],
    known: [
      'b1',
      'b2',
      'e1',
      'e2',
      'north',
      'south',
      'north-team',
      'all',
      'sheds-locked',
      'shed/shed-000',
      '1',
      '2',
    ],
    close: async () => {
      await server.close();
      await sheds.remove();
    },
  };
}
