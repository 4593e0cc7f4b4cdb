/** What every facts store must do, whatever it stands on. */
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import test from 'node:test';
import { inclusion } from '@macadam/adapters/facts/manifest';
import type { Appended, Change, Facts, FactsOptions } from '@macadam/adapters/facts/port';
import type { Asset } from '@macadam/core/facts/asset';
import type { Statement } from '@macadam/core/facts/observation';
import { canonical } from '@macadam/core/text/canonical';
import fc from 'fast-check';
import { faultsOf, isIncluded, merkleRoot } from './auditor.ts';
import { history, modelled } from './contract-histories.ts';
import { type Given, give, given, idOf, minute, NOW, options, picture } from './devices.ts';
import { modelAssets } from './model.ts';

const models = async (
  all: AsyncIterable<{ name: string; attributes: ReadonlyMap<string, { statement: Statement }> }>,
) => {
  const found: string[] = [];
  for await (const { name, attributes } of all) {
    const statement = attributes.get('model')?.statement;
    const said = statement && 'value' in statement ? String(statement.value) : canonical(statement);
    found.push(`${name}=${said}`);
  }
  return found.join(' ');
};
const today = async (facts: Facts) => {
  await facts.settled();
  return models(facts.assets('device'));
};

export interface Store {
  readonly facts: Facts;
  /** Closes it, and deletes what it holds. */
  readonly dispose: () => Promise<void>;
}

/**
 * `open` gives an empty store at every call. `without`: titles of what is left out, where another test shows the same; throws for one that
 * is none.
 */
export function factsContract(
  name: string,
  open: (options: FactsOptions) => Promise<Store>,
  without: readonly string[] = [],
): void {
  const left = new Set(without);
  const declare = (what: string, body: () => Promise<void>) => {
    if (!left.delete(what)) test(`${name}: ${what}`, body);
  };
  const store = (what: string, body: (facts: Facts) => Promise<void>, over: Partial<FactsOptions> = {}) =>
    declare(what, async () => {
      const { facts, dispose } = await open(options(over));
      try {
        await body(facts);
      } finally {
        await dispose();
      }
    });

  store('what is appended can be read back, with what it came with', async (facts) => {
    const said = { model: { value: 'a\tb\\n"é\u2028' }, ports: { value: [1, 2], complete: false } };
    const appended = await give(facts, { started: 5, saw: { one: said } });
    assert.equal(appended.repeated, false);
    assert.equal(await facts.newest(), appended.batch);
    const [recorded, ...more] = await facts.observations(idOf('one'));
    assert.equal(more.length, 0);
    assert.deepEqual(recorded?.observation.attributes, said);
    assert.equal(recorded?.observation.receivedAt, minute(6).replace('.000Z', 'Z'));
    assert.equal(recorded?.collection, appended.collection);
    assert.equal(recorded?.batch, appended.batch);
    assert.deepEqual(await facts.observations(idOf('two')), []);
    await facts.settled();
    const asset = await facts.asset(idOf('one'));
    assert.deepEqual(asset?.attributes.get('ports')?.statement, { value: [1, 2], complete: false });
    assert.equal(await facts.asset(idOf('two')), null);
  });

  store('the same content again gives the first batch and changes nothing', async (facts) => {
    const first = await give(facts, { started: 5, saw: { one: 'a', two: 'b' } });
    const before = await picture(facts);
    const again = await give(facts, { started: 5, saw: { two: 'b', one: 'a' } });
    assert.deepEqual([again.batch, again.repeated, again.collection], [first.batch, true, first.collection]);
    assert.equal((await facts.observations(idOf('one'))).length, 1);
    assert.equal(await picture(facts), before);
    assert.equal((await facts.manifests()).length, 1);
    const other = await give(facts, { started: 5, saw: { one: 'a', two: 'c' } });
    assert.equal(other.repeated, false);
  });

  store('what many send at once is a batch for each, with its own answer', async (facts) => {
    const names = Array.from({ length: 6 }, (_, index) => `many${index}`);
    const [patrol, seen] = given({ started: 5, source: 'patrol', saw: { wrong: 'x' } });
    const [refused, twice, ...each] = await Promise.allSettled([
      facts.append({ ...patrol, source: 'somebody else' }, seen, NOW),
      give(facts, { started: 5, saw: { [String(names[0])]: 'a' } }),
      ...names.map((name) => give(facts, { started: 5, saw: { [name]: 'a' } })),
    ]);
    assert.match(String((refused as PromiseRejectedResult).reason), /in a collection of somebody else/);
    const answers = [twice, ...each].map((one) => (one as PromiseFulfilledResult<Appended>).value);
    assert.deepEqual(answers.map(({ repeated }) => repeated).filter(Boolean), [true], 'one came twice');
    assert.equal(new Set(answers.map(({ batch }) => batch)).size, names.length);
    const all = await facts.collections();
    for (const { batch, manifest, collection } of answers) {
      assert.equal(manifest.manifest.observations, 1);
      assert.equal(all.find((one) => one.digest === collection)?.batch, batch);
    }
    const chain = (await facts.manifests('lan')).map(({ manifest }) => manifest.sequence);
    assert.deepEqual(
      chain,
      names.map((_, index) => index + 1),
    );
    assert.equal(await facts.newest(), Math.max(...answers.map(({ batch }) => batch)));
    const byBatch = all.toSorted((a, b) => b.batch - a.batch);
    const page = async (limit: number, before: number | undefined) =>
      (await facts.collections({ limit, source: 'lan', ...(before !== undefined && { before }) })).toSorted(
        (a, b) => b.batch - a.batch,
      );
    assert.deepEqual(await page(2, undefined), byBatch.slice(0, 2), 'a page says what all say');
    assert.deepEqual(await page(2, byBatch[1]?.batch), byBatch.slice(2, 4));
    assert.deepEqual(await page(2, byBatch.at(-1)?.batch), []);
    await facts.settled();
    for (const name of names) assert.equal((await facts.observations(idOf(name))).length, 1);
    assert.deepEqual(await facts.observations(idOf('wrong')), []);
  });

  store('of what lists nothing, whoever asks for lists hears nothing', async (facts) => {
    const { collection: listed } = await give(facts, { started: 1, saw: { one: 'a' } });
    const [single, seen] = given({ started: 5, saw: { two: 'b' } });
    await facts.append({ ...single, partitions: [] }, seen, NOW);
    const all = await facts.collections();
    assert.equal(all.length, 2);
    assert.deepEqual(
      await facts.collections({ listing: true }),
      all.filter(({ digest }) => digest === listed),
    );
  });

  store('the newest statement counts, whenever it arrives', async (facts) => {
    await give(facts, { started: 200, saw: { one: 'new' } });
    await give(facts, { started: 5, saw: { one: 'old' } });
    assert.equal(await today(facts), 'one=new');
  });

  store('the past is what was known of what was true', async (facts) => {
    const first = await give(facts, { started: 10, saw: { one: 'a' } });
    const second = await give(facts, { started: 200, saw: { one: 'c', two: 'x' } });
    const late = await give(facts, { started: 100, saw: { one: 'b' } });
    const at = (valid: number, known?: number) =>
      models(facts.assetsAsOf('device', { valid: minute(valid), ...(known !== undefined && { known }) }));
    assert.equal(await at(9), '');
    assert.equal(await at(150), 'one=b');
    assert.equal(await at(150, second.batch), 'one=a');
    assert.equal(await at(250, first.batch), 'one=a');
    assert.equal(await at(250, late.batch), 'one=c two=x');
    await assert.rejects(at(250, late.batch + 1), /there is no batch \d+; the newest is/);
    await assert.rejects(
      models(facts.assetsAsOf('gadget', { valid: minute(1) })),
      /there is no kind gadget; there are device/,
    );
  });

  store('an asset that a complete collection does not list is gone, and gone is a barrier', async (facts) => {
    await give(facts, {
      started: 1,
      saw: { one: { model: { value: 'a' }, ports: { value: [1] } }, two: 'b' },
      witness: 2,
    });
    await give(facts, { started: 60, saw: { two: 'b' }, witness: 1 });
    assert.equal(await today(facts), 'two=b');
    assert.deepEqual(
      (await facts.existence(idOf('one'))).map(({ from, to }) =>
        [from, to].map((at) => Number(at) / 60e9 - Date.UTC(2026, 10, 1) / 60e3),
      ),
      [[1, 60]],
    );
    await give(facts, { started: 120, saw: { one: 'back', two: 'b' }, witness: 2 });
    assert.equal(await today(facts), 'one=back two=b');
    const ports = (await facts.asset(idOf('one')))?.attributes.get('ports')?.statement;
    assert.ok(ports && 'unobserved' in ports, 'it inherits evidence from before it was gone');
    assert.equal(await models(facts.assetsAsOf('device', { valid: minute(61) })), 'two=b');
    assert.equal(await models(facts.assetsAsOf('device', { valid: minute(59) })), 'one=a two=b');
  });

  store('an incomplete collection removes nothing, and neither does another partition', async (facts) => {
    await give(facts, { started: 1, saw: { one: 'a', two: 'b' }, witness: 2 });
    await give(facts, { started: 60, saw: { two: 'b' }, complete: false });
    await give(facts, { started: 70, saw: { three: 'c' }, container: 'branch', witness: 1 });
    assert.equal(await today(facts), 'one=a three=c two=b');
    const completeness = (await facts.collections()).flatMap((each) => each.completeness);
    assert.deepEqual(
      completeness.map((each) => (each.complete ? 'complete' : each.why)),
      ['complete', 'the source could not list everything', 'complete'],
    );
  });

  store('too many missing at once are kept until somebody confirms that they are gone', async (facts) => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`d${index}`, 'm']));
    const { d0: _0, d1: _1, d2: _2, ...fewer } = many;
    await give(facts, { started: 1, saw: many });
    const second = await give(facts, { started: 60, saw: fewer });
    assert.match(await today(facts), /^d0=m d1=m /);
    const last = (await facts.collections()).at(-1)?.completeness[0];
    assert.deepEqual(last, {
      complete: false,
      why: '3 of 40 are missing and 2 may be; confirm that they are gone',
    });
    const confirmed = await facts.confirm(second.collection, 'the branch office was closed', NOW);
    assert.equal(confirmed.repeated, false);
    assert.match(await today(facts), /^d10=m /);
    assert.equal((await facts.confirm(second.collection, 'again', NOW)).batch, confirmed.batch);
  });

  store('a retracted collection counts for nothing from then on, nor when it comes again', async (facts) => {
    await give(facts, { started: 1, saw: { one: 'a', two: 'b' }, witness: 2 });
    const wrong = await give(facts, { started: 60, saw: { one: 'wrong' }, witness: 1 });
    assert.equal(await today(facts), 'one=wrong');
    await assert.rejects(facts.retract('beef', 'a test', NOW), /there is no collection beef/);
    await assert.rejects(facts.retract(wrong.collection, ' ', NOW), /a reason is required/);
    const retracted = await facts.retract(wrong.collection, 'it read the wrong network', NOW);
    assert.equal(await today(facts), 'one=a two=b');
    assert.deepEqual(
      (await facts.observations(idOf('one'))).map(({ batch }) => batch),
      [1],
    );
    await give(facts, { started: 60, saw: { one: 'wrong' }, witness: 1 });
    assert.equal(await today(facts), 'one=a two=b');
    assert.equal(
      await models(facts.assetsAsOf('device', { valid: minute(99), known: retracted.batch - 1 })),
      'one=wrong',
    );
    assert.deepEqual(
      (await facts.collections()).map((each) => each.retracted),
      [false, true],
    );
  });

  store(
    'a retired source no longer vouches; a retired asset is gone until it is seen again',
    async (facts) => {
      await give(facts, { started: 1, saw: { one: 'a', two: 'b' }, complete: false });
      await give(facts, { started: 2, source: 'agent', saw: { two: 'b' }, complete: false });
      await facts.retireSource('lan', 'the scanner was switched off', new Date(minute(60)));
      assert.equal(await today(facts), 'two=b');
      await facts.retireAsset(idOf('two'), 'scrapped', new Date(minute(70)));
      assert.equal(await today(facts), '');
      await give(facts, { started: 80, source: 'agent', saw: { two: 'c' }, complete: false });
      assert.equal(await today(facts), 'two=c');
    },
  );

  store('an observation from the future, or of no known kind, is set aside and said', async (facts) => {
    const [collection, [first, second, third]] = given({
      started: 10,
      saw: { one: 'a', two: 'b', three: 'c' },
      complete: false,
    });
    assert.ok(first && second && third);
    const appended = await facts.append(
      collection,
      [first, { ...second, observedAt: minute(17) }, { ...third, kind: 'gadget', id: 'gadget/three' }],
      NOW,
    );
    assert.deepEqual([appended.observations, appended.quarantined], [1, 2]);
    assert.deepEqual(
      appended.problems.map(({ code }) => code),
      ['observed-in-future', 'kind-unknown'],
    );
    assert.equal(await today(facts), 'one=a');
    const aside = await facts.quarantine(appended.collection);
    assert.deepEqual(aside.map(({ why }) => why).sort(), ['kind-unknown', 'observed-in-future']);
    assert.ok(aside.some(({ observation }) => observation.name === 'two'));
    // Within five minutes clocks may differ.
    await give(facts, { started: 30, received: 30, observed: 35, saw: { two: 'b' }, complete: false });
    assert.equal(await today(facts), 'one=a two=b');
  });

  store('what cannot be read leaves nothing behind, and the same store goes on', async (facts) => {
    await give(facts, { started: 1, saw: { one: 'a' }, complete: false });
    const [collection, observations] = given({ started: 20, saw: { two: 'b' }, complete: false });
    const broken = function* () {
      yield* observations;
      throw new Error('line 2 is torn');
    };
    await assert.rejects(facts.append(collection, broken(), NOW), /line 2 is torn/);
    const foreign = observations.map((each) => ({ ...each, source: 'agent' }));
    await assert.rejects(
      facts.append(collection, foreign, NOW),
      /is an observation of source agent, in a collection of lan/,
    );
    const timeless = observations.map((each) => ({ ...each, observedAt: 'yesterday' }));
    await assert.rejects(
      facts.append(collection, timeless, NOW),
      /observedAt of device\/two is "yesterday", and not a time such as/,
    );
    assert.equal(await today(facts), 'one=a');
    assert.equal((await facts.append(collection, observations, NOW)).repeated, false);
    assert.equal(await today(facts), 'one=a two=b');
  });

  store('what is forgotten by age says nothing about today', async (facts) => {
    const both = { model: { value: 'a' }, ports: { value: [1] } };
    await give(facts, { started: 1, saw: { one: both, two: 'b', gone: 'g' }, witness: 3 });
    await give(facts, { started: 60, saw: { one: 'c', two: 'b' }, witness: 2 });
    const [collection, [odd]] = given({ started: 70, saw: { odd: 'x' }, complete: false });
    assert.ok(odd);
    await facts.append(collection, [{ ...odd, observedAt: minute(90) }], NOW);
    const last = await give(facts, { started: 300, saw: { one: 'd', two: 'b' }, witness: 2 });
    const before = await picture(facts);
    const completeness = async () => (await facts.collections()).map((each) => each.completeness);
    const judged = await completeness();
    await assert.rejects(
      facts.forget({ observations: 'old' }, NOW),
      /observations is "old", and not an age such as 365d/,
    );
    assert.deepEqual(await facts.forget({}, NOW), { observations: 0, quarantine: 0 });
    // At noon, what came in the first five hours.
    assert.deepEqual(await facts.forget({ observations: '8h', quarantine: '8h' }, NOW), {
      observations: 4,
      quarantine: 1,
    });
    assert.equal(await picture(facts), before);
    assert.deepEqual(await completeness(), judged);
    assert.deepEqual(await facts.quarantine(), []);
    // The first collection is the only one that says anything of its ports.
    assert.deepEqual(
      (await facts.observations(idOf('one'))).map(({ observation }) => observation.observedAt),
      [minute(1), minute(300)],
    );
    assert.deepEqual(await facts.observations(idOf('gone')), []);
    await assert.rejects(
      facts.observations(idOf('one'), last.batch),
      /batch \d+ is no longer known: observations were forgotten in batch/,
    );
    assert.deepEqual(await facts.forget({ observations: '8h' }, NOW), { observations: 0, quarantine: 0 });
    await give(facts, { started: 400, saw: { one: { retired_at: { absent: true } }, two: 'z' }, witness: 2 });
    assert.equal(await today(facts), 'one=d two=z');
    assert.deepEqual((await facts.asset(idOf('one')))?.attributes.get('ports')?.statement, { value: [1] });
    await give(facts, { started: 450, saw: { two: 'z' }, witness: 1 });
    assert.equal(await today(facts), 'two=z');
  });

  store('what a newer look left open is not forgotten', async (facts) => {
    const dark = { model: { unobserved: 'forbidden' as const, why: 'not allowed' } };
    await give(facts, { started: 1, saw: { one: 'a', two: 'a' }, witness: 2 });
    await give(facts, { started: 2, saw: { one: 'b', two: { model: { value: 7 } } }, witness: 2 });
    await give(facts, { started: 60, saw: { one: dark, two: dark }, witness: 2 });
    await give(facts, { started: 500, saw: { one: dark, two: dark }, witness: 2 });
    const before = await picture(facts);
    const { observations } = await facts.forget({ observations: '8h' }, NOW);
    assert.equal(await picture(facts), before);
    assert.equal(observations, 4);
    assert.equal(await today(facts), 'one=b two=a');
  });

  const { privateKey } = generateKeyPairSync('ed25519');
  const publicKey = createPublicKey(privateKey);
  const signingKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  store(
    'manifests are chained by source and signed, and a sample can be shown to be under one',
    async (facts) => {
      await give(facts, { started: 1, saw: { one: 'a', two: 'b', three: 'c' } });
      await give(facts, { started: 2, source: 'agent', saw: { one: 'a' } });
      await give(facts, { started: 3, saw: { one: 'a' } });
      const manifests = await facts.manifests();
      assert.deepEqual(faultsOf(manifests, [publicKey], []), []);
      const lan = await facts.manifests('lan');
      assert.deepEqual(
        lan.map(({ manifest }) => [manifest.sequence, manifest.previous]),
        [
          [1, null],
          [2, lan[0]?.digest],
        ],
      );
      const [first] = lan;
      assert.ok(first);
      const leaves = await facts.leaves(first.manifest.digest);
      assert.equal(merkleRoot(leaves), first.manifest.root);
      const [, [sample]] = given({ started: 1, saw: { one: 'a' } });
      assert.ok(sample);
      const evidence = leaves
        .map((leaf) => inclusion(leaves, leaf))
        .filter((steps) => steps && isIncluded(sample, steps, first.manifest.root));
      assert.equal(evidence.length, 1);
    },
    { signingKey },
  );

  const told: Change[][] = [];
  store(
    'changes are told with what was before and what is after, and only changes',
    async (facts) => {
      await give(facts, { started: 1, saw: { one: 'a', two: 'b' }, witness: 2 });
      await facts.settled();
      await give(facts, { started: 60, saw: { one: 'c' }, witness: 1 });
      await facts.settled();
      const model = (asset: Change['after']) => asset && canonical(asset.attributes.get('model')?.statement);
      assert.deepEqual(
        told.map((changes) => changes.map(({ id, before, after }) => [id, model(before), model(after)])),
        [
          [
            ['device/one', null, '{"value":"a"}'],
            ['device/two', null, '{"value":"b"}'],
          ],
          [
            ['device/one', '{"value":"a"}', '{"value":"c"}'],
            ['device/two', '{"value":"b"}', null],
          ],
        ],
      );
    },
    { changed: (changes) => void told.push([...changes]) },
  );

  declare(
    'existence, completeness and every past are what a plain model says, and what was said stays',
    async () => {
      await fc.assert(
        fc.asyncProperty(modelled, async (events) => {
          const { facts, dispose } = await open(options());
          try {
            const asked: { readonly known: number; readonly batch: number; readonly said: string }[] = [];
            const digests: string[] = [];
            const answers = async (known: number) => {
              const lines: string[] = [];
              for (const at of HOURS) {
                const held = await texts(facts.assetsAsOf('device', { valid: minute(at), known }));
                lines.push(`${at}: ${held}`);
              }
              return lines.join('\n');
            };
            for (const [index, event] of events.entries()) {
              if (event.is === 'collection') digests[index] = (await give(facts, event.given)).collection;
              else if (event.is === 'retire-source')
                await facts.retireSource(event.source, 'a test', new Date(minute(event.at)));
              else if (event.is === 'retire-asset')
                await facts.retireAsset(idOf(event.serial), 'a test', new Date(minute(event.at)));
              else if (digests[event.of]) await facts[event.is](digests[event.of] ?? '', 'a test', NOW);
              const batch = await facts.newest();
              const said = await answers(batch);
              const expected = HOURS.map(
                (at) =>
                  `${at}: ${modelAssets(events, at, index + 1)
                    .map(textOf)
                    .join(' ')}`,
              ).join('\n');
              assert.equal(said, expected, `after event ${index}`);
              asked.push({ known: index, batch, said });
            }
            // Since the last one was said nothing was written.
            for (const { batch, said } of asked.slice(0, -1))
              assert.equal(await answers(batch), said, 'what was published changed');
            await facts.settled();
            const today = await texts(facts.assets('device'));
            assert.equal(today, modelAssets(events, 10_000, events.length).map(textOf).join(' '));
          } finally {
            await dispose();
          }
        }),
        { numRuns: Math.ceil(RUNS / 3), endOnFailure: true },
      );
    },
  );

  declare('any order, repetition and grouping of arrivals gives the same facts, byte for byte', async () => {
    const stores = [await open(options()), await open(options())] as const;
    let plays = 0;
    try {
      await fc.assert(
        fc.asyncProperty(history, fc.infiniteStream(fc.nat()), async ({ collections, retracted }, stream) => {
          const shuffled = <T>(all: readonly T[]) =>
            all
              .map((one) => [stream.next().value ?? 0, one] as const)
              .sort(([a], [b]) => a - b)
              .map(([, one]) => one);
          plays += 1;
          const twice = shuffled([...collections, ...shuffled(collections).slice(0, 2)]);
          const [once, again] = await Promise.all([
            play({ facts: stores[0].facts, number: plays, collections, retracted, settling: false }),
            play({
              facts: stores[1].facts,
              number: plays,
              collections: twice,
              retracted: shuffled(retracted),
              settling: true,
            }),
          ]);
          assert.equal(again, once);
        }),
        { numRuns: RUNS },
      );
    } finally {
      for (const { dispose } of stores) await dispose();
    }
  });
  assert.deepEqual([...left], [], 'what is left out is in the contract');
}

/** Histories that are tried; MACADAM_FACTS_RUNS asks for more. */
const RUNS = Number(process.env.MACADAM_FACTS_RUNS ?? 3);

/** Hours at which the past is asked for, in minutes: at the starts of runs and between them. */
const HOURS = [60, 210, 400];
const textOf = ({ name, attributes }: Asset) =>
  `${name}=${canonical(['model', 'ports'].map((one) => attributes.get(one)?.statement))}`;
async function texts(all: AsyncIterable<Asset>): Promise<string> {
  const found: string[] = [];
  for await (const asset of all) found.push(textOf(asset));
  return found.join(' ');
}

interface PlayInput {
  readonly facts: Facts;
  readonly number: number;
  readonly collections: readonly Given[];
  readonly retracted: readonly number[];
  readonly settling: boolean;
}

/**
 * The facts after these collections came in this order; `settling`: assets are merged after each, not once at the end.
 * Each history has sources, partitions and assets of its own, so that one store serves them all.
 */
async function play({ facts, number, collections, retracted, settling }: PlayInput): Promise<string> {
  const own = (name = 'lan') => `p${number}-${name}`;
  const digests = new Map<string, string>();
  for (const each of collections) {
    const saw = Object.fromEntries(Object.entries(each.saw).map(([name, said]) => [own(name), said]));
    const mine = { ...each, source: own(each.source), container: own(each.container), saw };
    digests.set(canonical(each), (await give(facts, mine)).collection);
    if (settling) await facts.settled();
  }
  const names = [...digests.keys()].sort();
  for (const index of retracted) {
    const digest = digests.get(names[index] ?? '');
    if (digest) await facts.retract(digest, 'a test', NOW);
  }
  const lines: string[] = [];
  for (const line of (await picture(facts)).split('\n')) if (line.includes(own(''))) lines.push(line);
  for (const each of ['one', 'two', 'three'])
    lines.push(String((await facts.existence(idOf(own(each)))).map(({ from, to }) => `${from}-${to}`)));
  for (const source of ['lan', 'agent']) {
    for (const { digest, completeness, retracted: gone } of await facts.collections({ source: own(source) }))
      lines.push(canonical([digest, completeness, gone]));
  }
  return lines.join('\n');
}
