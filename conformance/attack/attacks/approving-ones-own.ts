import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import { until } from '@macadam/testing/until';
import type { Attack } from '../attack.ts';
import type { Attacked } from '../server.ts';

export const attack: Attack = {
  finding: 'Somebody approved an exception of their own, which a machine that they had made asked for',
  seconds: 400,
  run: async (start) => {
    const server = await start();
    const csv = `person,name,email,company,division,team,accountable_for
machine:helper,Helper,,Acme,North,Desk,
`;
    const token = await server.machine('helper', { roles: ['engineer'], scopes: ['Exception::*'] });
    await server.done('/api/organisation/imports', {
      body: { format: 'csv', text: csv, file: 'people.csv', on: '2026-01-01' },
    });
    const failing = await failingStandard(server);
    const asked = await server.ask('/api/exceptions', {
      token,
      body: {
        team: 'desk',
        standard: failing.standard,
        selectors: [failing.asset],
        reason: 'it would take too long',
        compensating: 'nobody looks at it',
        until: new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10),
      },
    });
    if (asked.status !== 201) {
      assert.ok([403, 422].includes(asked.status), `${asked.status} ${asked.text.slice(0, 300)}`);
      return;
    }
    const { id } = asked.json<{ id: string }>();
    const approved = await server.ask(`/api/exceptions/${id}/approval`, { body: { proof: 'a ticket' } });
    assert.equal(approved.status, 422, approved.text.slice(0, 300));
    assert.match(approved.text, new RegExp(`counts as ${userInfo().username}`));
  },
};

/** Something that fails in the estate; its work may not be there yet. */
async function failingStandard(server: Attacked) {
  return until('something fails in the estate', async () => {
    const { items } = (await server.done('/api/standards')).json<{ items: { id: string; fail: number }[] }>();
    const standard = items.find(({ fail }) => fail > 0)?.id;
    if (standard === undefined) return false;
    const rows = (await server.done(`/api/standards/${standard}/assets?verdict=fail`)).json<{
      items: { asset: string }[];
    }>();
    const [first] = rows.items;
    return first && { standard, asset: first.asset };
  });
}
