/** The sheds with an organisation, owners and open work, served to people of different duties: for tests of pages. */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { openDecisions } from '@macadam/adapters/decisions/open';
import type { Decisions } from '@macadam/adapters/decisions/port';
import { importOrganisation } from '@macadam/services/ownership/intake';
import { currentTree, recordEvents } from '@macadam/services/ownership/log';
import { passOver } from '@macadam/services/ownership/pass';
import { evidenceIn } from '@macadam/services/work/evidence';
import { judgeIn } from '@macadam/services/work/judge';
import { teamsOf } from '@macadam/services/work/teams';
import { catchUp, RECONCILE } from '@macadam/services/work/tick';
import { preparedPlace } from '../decisions/prepared.ts';
import { trialFolder } from '../decisions/test-database.ts';
import { HOSTILE, type KeptSheds, kept } from './sample.ts';
import { type SampleServer, sampleServer } from './sample-server.ts';

const all = (
  role: 'reader' | 'engineer' | 'deputy-ciso' | 'administrator' | 'standard-owner' | 'auditor',
  division = '',
) => [{ role, division }] as const;

export const WORKERS = {
  ann: { roles: all('engineer', 'north'), teams: ['team-02', 'team-07'] },
  ben: { roles: all('engineer', 'south'), teams: ['team-34'] },
  dora: { roles: all('deputy-ciso', 'north') },
  sol: { roles: all('standard-owner'), standards: ['sheds-locked'] },
  root: { roles: all('administrator') },
  // Tokens are made by whoever is logged in.
  iris: { roles: all('administrator'), via: 'session' },
  vera: { roles: all('auditor') },
} as const;

/** Teams up to the thirtieth are of the north. */
function organisation(): string {
  const rows = Array.from({ length: 58 }, (_, index) => {
    const name = String(index).padStart(2, '0');
    const division = index < 30 ? 'North' : 'South';
    const person = index === 7 ? `"h${name}","Hal ${HOSTILE}"` : `p${name},Person ${name}`;
    return `${person},p${name}@example.test,Estate,${division},Team ${name},`;
  });
  return [
    'person,name,email,company,division,team,accountable_for',
    'ann,Ann,ann@example.test,Estate,North,Team 02,',
    'dora,Dora,dora@example.test,Estate,North,Team 00,north',
    'iris,Iris,iris@example.test,Estate,North,Team 00,',
    ...rows,
  ].join('\n');
}

export interface Worked {
  readonly sheds: KeptSheds;
  readonly server: SampleServer;
  readonly decisions: Decisions;
  close(): Promise<void>;
}

const DAY = 86_400_000;
/** Opened long ago: of sheds that are locked by now, which nobody has looked at since. */
export const OVERDUE = 'sheds-locked/900';

/** Work of what the newest look found, and one item that is overdue. */
export async function worked(
  options: Partial<Parameters<typeof sampleServer>[0]> & { readonly simulated?: string } = {},
): Promise<Worked> {
  const { simulated = null, ...server } = options;
  const sheds = await kept({ simulated });
  const { site } = sheds;
  const { stores, standards } = site;
  if (!stores) throw new TypeError('the sheds have no stores');
  const now = () => new Date();
  const folder = trialFolder();
  const decisions = await openDecisions(preparedPlace(join(folder, 'decisions')), { now, simulated: true });
  await decisions.transaction(RECONCILE, (tx) =>
    importOrganisation(tx, {
      format: 'csv',
      text: organisation(),
      file: 'people.csv',
      on: '2026-01-01',
    }),
  );
  const verified = (days: number) => new Date(Date.now() - days * DAY).toISOString().slice(0, 10);
  await decisions.transaction(RECONCILE, async (tx) => {
    const contacts = [
      { by: 'phone' as const, address: '+44 20 7946 0000', verified: verified(12) },
      { by: 'chat' as const, address: '#team-02', verified: verified(200) },
    ];
    await recordEvents(tx, [{ on: '2026-01-02', event: 'contacts', unit: 'team-02', contacts }], 'a test');
    await tx.faults.open([
      {
        id: 'source/round/1',
        subjectOf: 'source',
        subject: 'round',
        team: 'team-02',
        division: 'north',
        causes: { forbidden: 5 },
        dueOn: verified(-7),
      },
      {
        id: 'standard/sheds-locked/2',
        subjectOf: 'standard',
        subject: 'sheds-locked',
        team: null,
        division: '',
        causes: { unobserved: 2 },
        dueOn: verified(-7),
      },
    ]);
  });
  const members = ['shed/shed-003', 'shed/shed-063'];
  await decisions.transaction(RECONCILE, (tx) =>
    tx.organisation.decideOwners(
      members.map((asset) => ({
        asset,
        act: 'assign',
        team: 'team-02',
        previousTeam: 'team-03',
        division: 'north',
        reason: 'They hold the keys of these.',
      })),
    ),
  );
  await passOver(stores, decisions, site.now());
  const tree = await decisions.transaction(RECONCILE, (tx) => currentTree(decisions, tx));
  const compiled = [...standards.values()].map((one) => one.compiled);
  await catchUp({
    decisions,
    history: sheds.stores.history,
    evidence: evidenceIn(stores.driver),
    standards: compiled,
    judge: judgeIn({
      driver: stores.driver,
      facts: stores.facts,
      kinds: stores.kinds,
      standards: compiled,
      now: site.now,
    }),
    teams: teamsOf(tree),
  });
  const at = new Date(Date.now() - 40 * DAY);
  await decisions.transaction(
    RECONCILE,
    (tx) =>
      tx.work.open([
        {
          id: OVERDUE,
          standard: 'sheds-locked',
          team: 'team-02',
          division: 'north',
          members: members.map((asset) => ({ asset, failingSince: at.toISOString() })),
          dueOn: new Date(at.getTime() + 30 * DAY).toISOString().slice(0, 10),
        },
      ]),
    { at },
  );
  const served = await sampleServer({
    people: WORKERS,
    site: () => site,
    now: site.now,
    decisions,
    random: randomBytes,
    ...server,
  });
  return {
    sheds,
    server: served,
    decisions,
    close: async () => {
      await served.close();
      await decisions.close();
      await sheds.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
