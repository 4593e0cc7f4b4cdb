/** The server that the bench of the API asks: real stores, a real token, work for a division. Prints its address and token. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openDecisions } from '@macadam/adapters/decisions/open';
import { belongingBy } from '@macadam/adapters/identity/belonging';
import { firstStart } from '@macadam/adapters/identity/first-start';
import { issueToken } from '@macadam/adapters/identity/token';
import { currentTree } from '@macadam/services/ownership/log';
import { discoverRoutes } from '../../../apps/server/http/discover.ts';
import { serve } from '../../../apps/server/http/serve.ts';
import { problemPage } from '../../../apps/server/pages/page-answer.ts';
import { entryOf } from '../../../apps/server/session/authentication.ts';

const [folder = '', batches = '100', members = '20'] = process.argv.slice(2);
const now = () => new Date();
const decisions = await openDecisions(join(folder, 'decisions'), { now });
const parts = { decisions, now, random: randomBytes };
await firstStart(decisions, { id: 'bench', name: 'Bench', roles: ['administrator', 'reader', 'engineer'] });
const { token } = await decisions.transaction({ id: 'bench', divisions: 'all' }, (tx) =>
  issueToken(tx, randomBytes, { person: 'bench', name: 'bench', scopes: ['*::*'], hours: 1 }),
);
const due = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
for (let first = 0; first < Number(batches); first += 100) {
  const made = Array.from({ length: Math.min(100, Number(batches) - first) }, (_, at) => first + at);
  await decisions.transaction({ id: 'reconcile', divisions: 'all' }, async (tx) => {
    const at = new Date(tx.at).toISOString();
    const assetsOf = (number: number) =>
      Array.from({ length: Number(members) }, (_, asset) => `repository/shop-${number}-${asset}`);
    for (const number of made)
      await tx.failing.put(
        `standard-${number % 35}`,
        assetsOf(number).map((asset) => ({
          asset,
          name: asset,
          team: `team-${number % 200}`,
          division: 'north',
          since: at,
          observation: 'bench',
          unknown: false,
          value: null,
          excepted: null,
          exceptedUntil: null,
          dueFrom: null,
          handedOverAt: null,
        })),
      );
    await tx.work.open(
      made.map((number) => ({
        id: `standard-${number % 35}/${number + 1}`,
        standard: `standard-${number % 35}`,
        team: `team-${number % 200}`,
        division: 'north',
        dueOn: due,
        of: 'failures' as const,
        members: assetsOf(number).map((asset) => ({ asset, failingSince: at })),
      })),
    );
  });
}
const { entry, identify } = entryOf({
  ...parts,
  belonging: belongingBy({ tree: (tx) => currentTree(decisions, tx), standards: () => [] }),
});
const { url, close } = await serve({
  ...parts,
  entry,
  identify,
  port: 0,
  routes: await discoverRoutes(),
  site: () => null,
  picture: { state: () => 'history', around: () => ({ since: null, banner: null }), formats: [] },
  perMinute: 100_000_000,
  troubled: (problem) => problemPage(problem, ''),
  failed: (error) => process.stderr.write(`${error}\n`),
});
process.once('SIGTERM', () =>
  close()
    .then(() => decisions.close())
    .then(() => process.exit(0)),
);
process.stdout.write(`${JSON.stringify({ url, token })}\n`);
