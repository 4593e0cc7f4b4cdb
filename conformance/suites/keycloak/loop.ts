/** From a change in a realm to the work that it opens or closes, through the server as it runs. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import { StartedServer } from '@macadam/testing/server/started-server';
import { until } from '@macadam/testing/until';
import type { Case } from '../../suite.ts';
import { LiveEstate, same, settled } from '../live/estate.ts';
import type { LiveRealm } from './realm.ts';

const SIGN_IN = 'phishing-resistant-credentials';
const STANDING = 'privileged-access-is-just-in-time';
const AGED = 'secrets-renewed';
const DAY_MS = 86_400_000;

/** A standard of the company's own: no standard of the catalogue is about the age of a secret alone. */
const OWN_STANDARD = `title: A secret of an application is renewed every year
pillar: identities
why: A secret that nobody renews is known by everybody who ever worked with it.
scope: { kind: application, where: asset.enabled }
check: asset.credentials.all(c, c.kind != "secret" || now - c.added_at <= duration("8760h"))
fix: Make a new secret, give it to the application, and take the old one away.
`;

const ROLLOUTS = [SIGN_IN, STANDING, AGED]
  .map((id) => `  ${id}: { state: enforce, enforce_from: 2026-01-01 }\n`)
  .join('');

function state(estate: string, exceptions: string): void {
  writeFileSync(join(estate, 'macadam.yaml'), `catalogue: [security]\nrollouts:\n${ROLLOUTS}${exceptions}`);
}

interface Realms {
  readonly north: LiveRealm;
  readonly south: LiveRealm;
}

export async function loopCases(
  { north, south }: Realms,
  credentials: Readonly<Record<string, string>>,
): Promise<readonly Case[]> {
  const folder = trialFolder();
  const estate = join(folder, 'estate');
  mkdirSync(join(estate, 'security/standards'), { recursive: true });
  writeFileSync(join(estate, 'security/standards', `${AGED}.yaml`), OWN_STANDARD);
  // A year is over soon after the first measurement.
  const overAt = Date.now() + 90_000;
  await north.secretSince('billing', new Date(overAt - 365 * DAY_MS));
  const args = ['--estate', estate, '--data', join(folder, 'data'), '--every', 'never'];
  // As `macadam source add` keeps them: where each credential is, and not what it is.
  const sources = [north, south].map(({ name, url }) => ({
    name,
    source: 'keycloak',
    targets: [url],
    options: { environment: 'production' },
    credentials: {
      KEYCLOAK_CLIENT_ID: `env:KEYCLOAK_CLIENT_ID_${name.toUpperCase()}`,
      KEYCLOAK_CLIENT_SECRET: `env:KEYCLOAK_CLIENT_SECRET_${name.toUpperCase()}`,
    },
  }));
  const file = join(folder, 'sources.json');
  writeFileSync(file, JSON.stringify({ schema: 'macadam.sources/1', sources }));
  const server = new StartedServer([...args, '--sources', file], {
    cache: join(folder, 'cache'),
    env: credentials,
  });
  const live = new LiveEstate(server);
  state(estate, '');
  try {
    await server.login();
    await live.measured();
    const cases = [
      ...(await aged(live, north, overAt)),
      ...(await passkey(live, north, south)),
      ...(await standing(live, north, estate)),
      settled('no secret in what the server says and shows', await shown(live, server)),
      settled('nothing unforeseen', /stack|TypeError/.test(server.said) ? server.said.slice(-1000) : null),
    ];
    // What is written as the server ends is on the disk too.
    await server.end();
    return [...cases, settled('no secret in a file of the server', fileHolding(folder, 'canary-of-'))];
  } finally {
    if (!server.hasEnded) await server.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Both people of both realms have only a password; each gets a passkey, and the work closes by itself. */
async function passkey(loop: LiveEstate, north: LiveRealm, south: LiveRealm): Promise<readonly Case[]> {
  const before = await loop.open(SIGN_IN);
  const all = before.flatMap(({ remaining }) => remaining);
  const cases = [settled('four people without a passkey are work', same(all.length, 4))];
  const { id: ann } = await north.user('ann');
  await north.addPasskey('ann');
  await loop.measured();
  const after = await Promise.all(before.map(({ id }) => loop.item(id)));
  const left = after.flatMap(({ remaining }) => remaining);
  const changed = [...(await loop.changes(SIGN_IN))].map(([asset, cell]) => [asset.includes(ann), cell]);
  cases.push(
    settled(
      'a passkey takes one person out of the work',
      same([left.length, left.some((one) => one.includes(ann))], [3, false]),
    ),
    settled('the history calls it fixed, and nothing else changed', same(changed, [[true, ['fixed']]])),
  );
  await north.addPasskey('bob');
  for (const name of ['ann', 'bob']) await south.addPasskey(name);
  await loop.measured();
  const closed = await Promise.all(before.map(({ id }) => loop.item(id)));
  cases.push(
    settled(
      'with the last passkey the work closes by itself',
      closed.length > 0 && closed.every(({ closedAt }) => closedAt !== null) ? null : JSON.stringify(closed),
    ),
  );
  return cases;
}

/** A secret is left to age: it passes, and fails by the time alone, and the owner of the application has the work. */
async function aged(loop: LiveEstate, realm: LiveRealm, overAt: number): Promise<readonly Case[]> {
  const { id } = await realm.client('billing');
  const isBilling = (asset: string) => asset.includes(id);
  const asset = [...(await loop.verdicts(AGED)).keys()].find(isBilling) ?? '';
  const cases = [
    settled(
      'a secret that is not yet a year old passes',
      same((await loop.verdicts(AGED)).get(asset), 'pass'),
    ),
  ];
  await loop.post('/api/organisation/events', {
    events: [
      {
        on: '2026-01-01',
        event: 'created',
        unit: 'company',
        level: 'company',
        name: 'Company',
        parent: null,
      },
      {
        on: '2026-01-01',
        event: 'created',
        unit: 'money',
        level: 'division',
        name: 'Money',
        parent: 'company',
      },
      {
        on: '2026-01-01',
        event: 'created',
        unit: 'payments',
        level: 'team',
        name: 'Payments',
        parent: 'money',
      },
    ],
  });
  await loop.post('/api/owners/decisions', {
    assets: [asset],
    act: { move: 'assign', team: 'payments' },
    reason: 'Payments runs billing.',
  });
  await until('a year is over', () => Date.now() > overAt);
  await loop.measured();
  const [item] = (await loop.open(AGED)).filter(({ remaining }) => remaining.includes(asset));
  cases.push(
    settled(
      'a year later it is work of the team that runs it',
      same([item?.team, item?.remaining], ['payments', [asset]]),
    ),
    settled(
      'the history says that it fails by its age',
      same((await loop.changes(AGED)).get(asset)?.includes('regressed'), true),
    ),
  );
  await realm.secretSince('billing', new Date());
  await loop.measured();
  cases.push(
    settled(
      'a new secret closes it',
      item !== undefined && (await loop.item(item.id)).closedAt !== null ? null : JSON.stringify(item),
    ),
  );
  return cases;
}

/** An administrator's standing role is found, excepted for a while, and ended. */
async function standing(loop: LiveEstate, realm: LiveRealm, estate: string): Promise<readonly Case[]> {
  const { id } = await realm.user('bob');
  const asset = [...(await loop.verdicts(STANDING)).keys()].find((one) => one.includes(id)) ?? '';
  const found = (await loop.verdicts(STANDING)).get(asset);
  const items = await loop.open(STANDING);
  const holds = items.some(({ remaining }) => remaining.includes(asset));
  const cases = [settled('a standing role fails, and is work', same([found, holds], ['fail', true]))];
  const until = new Date(Date.now() + 20 * DAY_MS).toISOString().slice(0, 10);
  state(
    estate,
    `exceptions:\n  - standard: ${STANDING}\n    assets: [${JSON.stringify(asset)}]\n    reason: The broker for it comes next week.\n    approver: the deputy\n    until: ${until}\n`,
  );
  await loop.measured();
  cases.push(
    settled('an exception lets it fail', same((await loop.verdicts(STANDING)).get(asset), 'excepted')),
  );
  state(estate, '');
  await loop.measured();
  cases.push(
    settled('without the exception it fails again', same((await loop.verdicts(STANDING)).get(asset), 'fail')),
  );
  await realm.giveUp('bob', 'manage-users');
  await loop.measured();
  const left = (await loop.open(STANDING)).some(({ remaining }) => remaining.includes(asset));
  cases.push(
    settled(
      'given up, it is gone, and no work any more',
      same([(await loop.verdicts(STANDING)).has(asset), left], [false, false]),
    ),
    settled('the history says that it left', same((await loop.changes(STANDING)).get(asset), ['gone-fail'])),
  );
  return cases;
}

/** Whether a secret is in a log, on a page, in an answer or in the log of decisions. */
async function shown(live: LiveEstate, server: StartedServer): Promise<string | null> {
  const texts = [server.said];
  for (const path of [
    '/',
    '/sources',
    '/sources?source=keycloak',
    '/scan.json',
    '/api/audit',
    '/api/facts',
    '/audit',
  ])
    texts.push(await live.text(path));
  return texts.some((text) => text.includes('canary-of-')) ? 'one is' : null;
}

/** The first file below a folder that holds a text as it stands; null where none does. */
function fileHolding(folder: string, text: string): string | null {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && readFileSync(path).includes(text)) return path;
  }
  return null;
}
