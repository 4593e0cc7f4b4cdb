/**
 * Debian's slapd as it runs: what the source makes of two directories, what each attribute that is closed to it leaves unknown, and what a
 * change between two measurements is in the history of a running server.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { source } from '@macadam/adapters/sources/ldap/source';
import type { CollectRequest } from '@macadam/adapters/sources/port';
import { ingest } from '@macadam/core/facts/ingest';
import type { Collection, Observation } from '@macadam/core/facts/observation';
import { diagnose } from '@macadam/core/kinds/diagnose';
import { loadCatalogue } from '@macadam/services/catalogue/load';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import { StartedServer } from '@macadam/testing/server/started-server';
import type { Case, Suite } from '../suite.ts';
import { lacksSlapd, READER, Slapd } from './ldap/process.ts';
import { LiveEstate, same, settled } from './live/estate.ts';

const { kinds } = loadCatalogue([join(import.meta.dirname, '../..')]);
const PRIVILEGED = '(cn=admins)';
const SIGN_IN = 'phishing-resistant-credentials';
const GROUPS = 'groups-small-and-reviewed';

const credentialsOf = (all: readonly Slapd[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    all.flatMap((one) => {
      const suffix = one.base.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_');
      return [
        [`LDAP_BIND_DN_${suffix}`, one.reader],
        [`LDAP_BIND_PASSWORD_${suffix}`, READER.password],
      ];
    }),
  );

interface Collected {
  readonly collection: Collection;
  readonly observations: readonly Observation[];
}

async function collected(all: readonly Slapd[]): Promise<Collected> {
  const observations: Observation[] = [];
  const request: CollectRequest = {
    targets: all.map(({ url }) => url),
    options: { environment: 'production', privileged: PRIVILEGED },
    view: 'head',
    excludes: [],
    parameters: {},
    cacheDirectory: '/nonexistent',
    environment: credentialsOf(all),
    now: () => new Date(),
  };
  const collection = await source.collect(
    request,
    (one) => observations.push(one),
    () => {},
  );
  return { collection, observations };
}

export const suite: Suite = {
  name: 'ldap',
  proves: "a directory of Debian's slapd is measured as it is, and its changes have the right cause",
  vectors: [],
  lacks: lacksSlapd,
  runsPeer: true,
  load: async () => {
    const all: Slapd[] = [];
    try {
      for (const base of ['dc=north,dc=example', 'dc=south,dc=example']) {
        const one = await Slapd.started(base);
        all.push(one);
        await one.fill();
      }
      const [north] = all as [Slapd];
      const whole = await collected(all);
      const cases = [...wholeCases(whole), ...(await closedCases(north))];
      return [...cases, ...(await historyCases(all))];
    } finally {
      for (const one of all) await one.end();
    }
  },
};

function wholeCases({ collection, observations }: Collected): readonly Case[] {
  const misfits = observations.flatMap((one) => {
    const kind = kinds.get(one.kind);
    if (kind === undefined) return [`there is no kind ${one.kind}`];
    return [
      ...diagnose(kind, one.attributes).map((each) => `${one.id}: ${JSON.stringify(each)}`),
      ...ingest(kinds, one).problems.map(({ message }) => message),
    ];
  });
  const names = (kind: string): string =>
    observations
      .filter((one) => one.kind === kind)
      .map(({ name }) => name)
      .toSorted()
      .join();
  const billing = observations.find(({ name }) => name === 'billing');
  const used = billing?.attributes.last_used_at;
  return [
    settled('every observation fits its kind', misfits[0] ?? null),
    settled('every list of two directories is whole', collection.problems[0]?.message ?? null),
    settled('people', same(names('user'), 'ann,ann,bob,bob')),
    settled('programs', same(names('application'), 'billing,billing,macadam,macadam')),
    settled('groups of power', same(names('privileged-group'), 'admins,admins,operators,operators')),
    settled(
      'a program that signed in was used',
      used !== undefined && 'value' in used ? null : JSON.stringify(used),
    ),
    settled(
      'no password is in an observation',
      /canary-of-/.test(JSON.stringify([collection, observations])) ? 'one is' : null,
    ),
  ];
}

/** Each attribute is closed to the reader, in turn: nothing is known better without it, and nothing is called absent. */
async function closedCases(slapd: Slapd): Promise<readonly Case[]> {
  const whole = await collected([slapd]);
  const cases: Case[] = [];
  for (const closed of ['employeeType', 'pwdChangedTime', 'pwdLastSuccess', 'createTimestamp', 'member']) {
    await slapd.pause();
    await slapd.begin(closed);
    const less = await collected([slapd]);
    cases.push(settled(`without ${closed} less is known`, better(whole, less)));
  }
  await slapd.pause();
  await slapd.begin(null);
  return cases;
}

function better(whole: Collected, less: Collected): string | null {
  if (less.observations.length === 0) return 'nothing is seen any more';
  let fewer = 0;
  for (const one of less.observations) {
    const full = whole.observations.find(({ id }) => id === one.id);
    if (full === undefined) return `${one.id} is new`;
    for (const [name, statement] of Object.entries(one.attributes)) {
      if ('absent' in statement) return `${name} of ${one.id} is absent`;
      if ('unobserved' in statement) {
        fewer += 1;
        continue;
      }
      // Whoever asks signs in, so that the newest sign-in is another one.
      if (name === 'last_used_at' || ('complete' in statement && statement.complete === false)) continue;
      if (JSON.stringify(statement) !== JSON.stringify(full.attributes[name]))
        return `${name} of ${one.id} is another one`;
    }
  }
  return fewer > 0 || less.observations.length < whole.observations.length ? null : 'as much is known';
}

/** Somebody comes, somebody is locked out, and a group loses its power. */
async function historyCases(all: readonly Slapd[]): Promise<readonly Case[]> {
  const [north] = all as [Slapd];
  const folder = trialFolder();
  const estate = join(folder, 'estate');
  mkdirSync(estate, { recursive: true });
  writeFileSync(join(estate, 'macadam.yaml'), '{}\n');
  const args = ['--estate', estate, '--data', join(folder, 'data'), '--every', 'never'];
  for (const { url } of all) args.push('--ldap', url);
  args.push('--ldap-environment', 'production', '--ldap-privileged', PRIVILEGED);
  const server = new StartedServer(args, { cache: join(folder, 'cache'), env: credentialsOf(all) });
  const live = new LiveEstate(server);
  try {
    await server.login();
    await live.measured();
    const before = await live.verdicts(SIGN_IN);
    await north.person('cyn');
    await north.set('uid=bob', 'pwdAccountLockedTime', ['000001010000Z']);
    await north.set('cn=admins', 'member', [`uid=ann,${north.base}`]);
    await live.measured();
    const people = [...(await live.changes(SIGN_IN)).values()].flat().toSorted();
    const groups = [...(await live.changes(GROUPS)).values()].flat();
    return [
      settled('four people are judged', same(before.size, 4)),
      settled('one came, and one is locked out', same(people, ['entered-fail', 'out-of-scope-fail'])),
      // The group that keeps its power has no group inside of it any more, and no review that anybody knows of.
      settled('a group without power is none of it', same(groups.toSorted(), ['gone-unknown', 'lost-fail'])),
      settled('no password in what the server says', /canary-of-/.test(server.said) ? 'one is' : null),
    ];
  } finally {
    await server.end();
    rmSync(folder, { recursive: true, force: true });
  }
}
