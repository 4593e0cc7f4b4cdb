import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import type { DecisionPrincipal, DecisionTransaction } from '@macadam/adapters/decisions/port';
import { startEngine } from '@macadam/adapters/decisions/postgres/engine';
import type { OrgEvent } from '@macadam/core/org/org';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { trialFolder, trialsOn } from '@macadam/testing/decisions/test-database';
import { importOrganisation } from './intake.ts';
import { currentTree, orgTree, recordEvents } from './log.ts';

const root = trialFolder();
const engine = await startEngine(preparedPlace(join(root, 'store')), { fleeting: true });
const trials = trialsOn(engine.address);
after(async () => {
  await engine.stop();
  rmSync(root, { recursive: true });
});
const admin: DecisionPrincipal = { id: 'admin', divisions: 'all' };

async function trial() {
  const { decisions } = await trials.open();
  const run = <T>(work: (tx: DecisionTransaction) => Promise<T>) => decisions.transaction(admin, work);
  return { decisions, run, close: () => decisions.close() };
}

const on = '2026-01-01';
const company: readonly OrgEvent[] = [
  { on, event: 'created', unit: 'acme', level: 'company', name: 'Acme', parent: null },
  { on, event: 'created', unit: 'cloud', level: 'division', name: 'Cloud', parent: 'acme' },
  { on, event: 'created', unit: 'shop', level: 'team', name: 'Shop', parent: 'cloud' },
  { on, event: 'joined', person: 'ann', unit: 'shop', name: 'Ann', email: 'ann@example.test' },
  { on, event: 'accountable', id: 'a1', person: 'ann', for: { unit: 'cloud' } },
];

test('the tree of any day is replayed from the store, as known then', async () => {
  const { run, close } = await trial();
  assert.deepEqual(await run((tx) => recordEvents(tx, company, 'by hand')), { events: company });
  const known = await run(async (tx) => tx.at);
  const merger: readonly OrgEvent[] = [
    { on: '2026-03-01', event: 'created', unit: 'edge', level: 'team', name: 'Edge', parent: 'cloud' },
    { on: '2026-03-01', event: 'merged', unit: 'shop', into: 'edge' },
  ];
  await run((tx) => recordEvents(tx, merger, 'by hand'));
  const teams = (day: string, at?: string) =>
    run(async (tx) => [...(await orgTree(tx, day, at)).units.keys()].filter((id) => id.length === 4).sort());
  assert.deepEqual(await teams('2026-02-28'), ['acme', 'shop']);
  assert.deepEqual(await teams('2026-03-01'), ['acme', 'edge']);
  assert.deepEqual(await teams('2026-03-01', known), ['acme', 'shop']);
  const entries = await run((tx) => tx.auditEntries({ action: 'organisation.import' }));
  assert.deepEqual(
    entries.map(({ subject, principal }) => [subject, principal]),
    [
      ['by hand', 'admin'],
      ['by hand', 'admin'],
    ],
  );
  await close();
});

test('an event that cannot be is refused with its place, and nothing of its act is written', async () => {
  const { run, close } = await trial();
  await run((tx) => recordEvents(tx, company, 'by hand'));
  const wrong = await run((tx) =>
    recordEvents(
      tx,
      [
        { on: '2026-02-01', event: 'renamed', unit: 'shop', name: 'Till' },
        { on: '2026-02-01', event: 'moved', unit: 'shop', parent: 'clod' },
      ],
      'by hand',
    ),
  );
  assert.deepEqual(wrong, {
    refusals: [
      {
        at: 1,
        field: 'parent',
        reason: 'there is no unit `clod` on that day',
        fix: 'create it first, or correct the id',
      },
    ],
  });
  const tree = await run((tx) => orgTree(tx, '2026-02-02'));
  assert.equal(tree.units.get('shop')?.name, 'Shop');
  await close();
});

test('of two writers of the same unit one is told that it is there', async () => {
  const { run, close } = await trial();
  await run((tx) => recordEvents(tx, company, 'by hand'));
  const make = (name: string) =>
    run((tx) =>
      recordEvents(tx, [{ on, event: 'created', unit: 'till', level: 'team', name, parent: 'cloud' }], name),
    );
  const results = await Promise.all(['one', 'two', 'three'].map(make));
  assert.equal(results.filter((one) => 'events' in one).length, 1);
  for (const one of results)
    if ('refusals' in one) assert.equal(one.refusals[0]?.reason, 'there is a unit `till`');
  assert.equal(await run((tx) => tx.organisation.newestEvent()), company.length + 1);
  await close();
});

test('the tree of today is made again when the log has grown, and each store has its own', async () => {
  const [one, other] = [await trial(), await trial()];
  const tree = ({ decisions, run }: typeof one) => run((tx) => currentTree(decisions, tx));
  assert.equal((await tree(one)).units.size, 0);
  await one.run((tx) => recordEvents(tx, company, 'by hand'));
  await other.run((tx) =>
    recordEvents(
      tx,
      [
        ...company.slice(0, 2),
        ...company.slice(0, 2).map((_, at) => ({
          on,
          event: 'created' as const,
          unit: `team-${at}`,
          level: 'team' as const,
          name: 'T',
          parent: 'acme',
        })),
        { on, event: 'renamed', unit: 'acme', name: 'Other' },
      ],
      'by hand',
    ),
  );
  const first = await tree(one);
  assert.equal(first.units.size, 3);
  assert.equal(await tree(one), first);
  assert.equal((await tree(other)).units.get('acme')?.name, 'Other');
  await one.close();
  await other.close();
});

const CSV = `person,name,email,company,division,team,accountable_for
ann,Ann,ann@example.test,Acme,Cloud,Shop,cloud
bo,Bo,,Acme,Cloud,Shop,
`;

test('a directory’s file is looked at, taken as one act, and taken again without effect', async () => {
  const { run, close } = await trial();
  const take = (text: string, more: object = {}) =>
    run((tx) => importOrganisation(tx, { format: 'csv', text, file: 'people.csv', ...more }));
  const preview = await take(CSV, { preview: true });
  assert.deepEqual(
    [preview.written, preview.refusals, preview.people, preview.events.length],
    [false, [], ['ann', 'bo'], 6],
  );
  assert.equal(await run((tx) => tx.organisation.newestEvent()), 0);
  assert.equal((await take(CSV)).written, true);
  assert.deepEqual(
    (await run((tx) => tx.organisation.people())).map(({ id, name, mail, active }) => [
      id,
      name,
      mail,
      active,
    ]),
    [
      ['ann', 'Ann', 'ann@example.test', true],
      ['bo', 'Bo', null, true],
    ],
  );
  assert.equal((await run((tx) => tx.auditEntries({ action: 'organisation.import' }))).length, 1);
  const again = await take(CSV);
  assert.deepEqual([again.written, again.events, again.people], [false, [], []]);
  await close();
});

test('whoever is no longer listed is shut out, and a unit without an heir refuses the file', async () => {
  const { run, close } = await trial();
  const take = (text: string) =>
    run((tx) => importOrganisation(tx, { format: 'csv', text, file: 'people.csv' }));
  await take(CSV);
  await run((tx) => tx.access.grant({ person: 'bo', role: 'engineer', division: '' }));
  const less = await take(CSV.replace(/^bo.*\n/m, ''));
  assert.deepEqual(less.people, ['bo']);
  const bo = await run(async (tx) => [
    (await tx.organisation.person('bo'))?.active,
    (await tx.access.roles('bo')).length,
  ]);
  assert.deepEqual(bo, [false, 0]);
  const other = await take(CSV.replaceAll('Shop', 'Till'));
  assert.deepEqual(
    [other.written, other.refusals],
    [
      false,
      [
        {
          field: 'merged.shop',
          reason: 'the team `shop` is no longer listed',
          fix: 'say which unit took over what it owns',
        },
      ],
    ],
  );
  const broken = await take('person\nann\n');
  assert.match(broken.refusals[0]?.reason ?? '', /^people\.csv:1:1: `team`: the column is missing/);
  await close();
});
