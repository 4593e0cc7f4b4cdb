/**
 * Keycloak as it runs: what the source makes of real realms, what each role that is taken away leaves unknown, and the loop through a
 * running server, with a change between two measurements and the cause that the history gives it. Its tokens are validated, and forged.
 */

import { join } from 'node:path';
import { source } from '@macadam/adapters/sources/keycloak/source';
import type { CollectRequest } from '@macadam/adapters/sources/port';
import { ingest } from '@macadam/core/facts/ingest';
import type { Collection, Observation } from '@macadam/core/facts/observation';
import { diagnose } from '@macadam/core/kinds/diagnose';
import { loadCatalogue } from '@macadam/services/catalogue/load';
import type { Case, Suite } from '../suite.ts';
import { loopCases } from './keycloak/loop.ts';
import { Keycloak, lacksKeycloak } from './keycloak/process.ts';
import { LiveRealm, MEASURER, ROLES } from './keycloak/realm.ts';
import { tokenCases } from './keycloak/tokens.ts';

const { kinds } = loadCatalogue([join(import.meta.dirname, '../..')]);

interface Collected {
  readonly collection: Collection;
  readonly observations: readonly Observation[];
}

export const credentialsOf = (realms: readonly LiveRealm[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    realms.flatMap(({ name }) => [
      [`KEYCLOAK_CLIENT_ID_${name.toUpperCase()}`, MEASURER.id],
      [`KEYCLOAK_CLIENT_SECRET_${name.toUpperCase()}`, MEASURER.secret],
    ]),
  );

async function collected(realms: readonly LiveRealm[]): Promise<Collected> {
  const observations: Observation[] = [];
  const request: CollectRequest = {
    targets: realms.map(({ url }) => url),
    options: { environment: 'production' },
    view: 'head',
    excludes: [],
    parameters: {},
    cacheDirectory: '/nonexistent',
    environment: credentialsOf(realms),
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
  name: 'keycloak',
  proves:
    'a realm of Keycloak 26.4 is measured as it is, what changes there opens and closes work, and its tokens are validated and no others',
  vectors: [],
  lacks: lacksKeycloak,
  runsPeer: true,
  load: async () => {
    const keycloak = await Keycloak.started();
    try {
      const realms = ['north', 'south'].map((name) => new LiveRealm(keycloak, name));
      for (const realm of realms) await realm.make();
      const [north, south] = realms as [LiveRealm, LiveRealm];
      const whole = await collected(realms);
      const again = await collected(realms);
      const cases = [
        ...(await tokenCases(keycloak)),
        ...wholeCases(whole, again),
        ...(await widening(north)),
      ];
      return [...cases, ...(await loopCases({ north, south }, credentialsOf(realms)))];
    } finally {
      await keycloak.end();
    }
  },
};

const settled = (id: string, said: string | null): Case => ({ id, run: () => said });

function wholeCases({ collection, observations }: Collected, again: Collected): readonly Case[] {
  const ids = (one: Collected) => one.observations.map(({ id }) => id).toSorted();
  const misfits = observations.flatMap((one) => {
    const kind = kinds.get(one.kind);
    if (kind === undefined) return [`there is no kind ${one.kind}`];
    return [
      ...diagnose(kind, one.attributes).map((each) => `${one.id}: ${JSON.stringify(each)}`),
      ...ingest(kinds, one).problems.map(({ message }) => message),
    ];
  });
  const open = collection.partitions.find(({ complete }) => !complete);
  const twice = ids({ collection, observations });
  const people = observations.filter(({ kind }) => kind === 'user').map(({ name }) => name);
  const text = JSON.stringify([collection, observations]);
  return [
    settled('every observation fits its kind', misfits[0] ?? null),
    settled('every list of two realms is whole', open?.why ?? collection.problems[0]?.message ?? null),
    settled('no asset is there twice', new Set(twice).size === twice.length ? null : 'one is'),
    settled(
      'the same realms give the same assets',
      twice.join() === ids(again).join() ? null : 'they do not',
    ),
    settled(
      'two people of two realms',
      people.toSorted().join() === 'ann,ann,bob,bob' ? null : `they are ${people.join()}`,
    ),
    settled('no value of a secret is in an observation', /canary-of-/.test(text) ? 'one is' : null),
  ];
}

/** Each role is taken from the client that measures, in turn: it is named, and nothing is known better without it. */
async function widening(realm: LiveRealm): Promise<readonly Case[]> {
  const whole = await collected([realm]);
  const cases: Case[] = [];
  for (const role of ROLES) {
    await realm.refuse(role);
    const less = await collected([realm]);
    await realm.allow(role);
    cases.push(settled(`without ${role} less is known, and it is named`, better(whole, less, role)));
  }
  return cases;
}

function better(whole: Collected, less: Collected, role: string): string | null {
  if (!JSON.stringify([less.collection.problems, less.observations]).includes(role)) return 'it is not named';
  for (const one of less.observations) {
    const full = whole.observations.find(({ id }) => id === one.id);
    if (full === undefined) return `${one.id} is new`;
    for (const [name, statement] of Object.entries(one.attributes)) {
      if ('unobserved' in statement || ('complete' in statement && statement.complete === false)) continue;
      // The newest use of the client that measures is this one.
      if (name === 'last_used_at' || name === 'weak_sign_ins') continue;
      // What was taken away is a role of the client that measures.
      if (name === 'privileges' && one.name === MEASURER.id) continue;
      if (JSON.stringify(statement) !== JSON.stringify(full.attributes[name]))
        return `${name} of ${one.id} is another one`;
    }
  }
  const grown = less.collection.partitions.find((one) => {
    const before = whole.collection.partitions.find(({ kind }) => kind === one.kind);
    return one.complete && one.seen !== before?.seen;
  });
  return grown === undefined ? null : `${grown.kind} is whole with ${grown.seen}`;
}
