import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { brokenEntry, fileLedger } from './ledger.ts';
import { activeKey, type RotationPolicy } from './ring.ts';
import { createSigner, type Signature, type SignerOptions } from './signer.ts';
import { softwareStore } from './software-store.ts';
import { type KeyStore, StoreUnavailable } from './store.ts';

const policy: RotationPolicy = { publishFor: 60_000, activeFor: 600_000, acceptFor: 120_000 };

/** A folder with a ledger and keys, a clock that a test moves, and as many signers as it wants. */
function scene(change: (store: KeyStore) => KeyStore = (store) => store) {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-keys-'));
  const alerts: string[] = [];
  const state = { now: 1_000_000 };
  const ledgers: { close: () => void }[] = [];
  const newSigner = (options: Partial<SignerOptions> = {}) => {
    const ledger = fileLedger(join(folder, 'ring.db'));
    ledgers.push(ledger);
    const store = change(softwareStore(join(folder, 'keys')));
    const signer = createSigner({
      store,
      ledger,
      algorithm: 'ES256',
      policy,
      clock: () => state.now,
      onAlert: (alert) => alerts.push(alert),
      ...options,
    });
    return { signer, ledger };
  };
  return {
    folder,
    state,
    alerts,
    newSigner,
    [Symbol.dispose]: () => {
      for (const ledger of ledgers) ledger.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const write = (key: { readonly id: string }) => `signed by ${key.id}`;

function holds({ key, data, signature }: Signature, body: string): boolean {
  const { keys } = JSON.parse(body) as { keys: ({ kid: string; kty: string } & Record<string, string>)[] };
  const jwk = keys.find(({ kid }) => kid === key.id);
  if (jwk === undefined) return false;
  const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
  return verify('sha256', data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature);
}

test('a key is made, published and used without anybody, and each use is in the journal before it happens', async () => {
  using at = scene();
  const { signer, ledger } = at.newSigner();
  await assert.rejects(signer.sign(write), StoreUnavailable);
  await signer.rotate();
  const signed = await signer.sign(write);
  assert.equal(signed.data.toString(), `signed by ${signed.key.id}`);
  assert.ok(holds(signed, signer.keySet().body));
  const entries = ledger.journal();
  assert.deepEqual(
    entries.map(({ event }) => event),
    ['made', 'activated', 'made', 'signs'],
  );
  assert.equal(entries.at(-1)?.detail, createHash('sha256').update(signed.data).digest('base64url'));
  assert.equal(brokenEntry(entries), null);
});

test('whoever comes when the last signature is just given gets one too', async () => {
  using at = scene();
  const { signer, ledger } = at.newSigner();
  await signer.rotate();
  // Each waits a few steps more than the one before, so that one of them comes at every step of the end.
  for (let steps = 0; steps < 12; steps++) {
    await signer.sign(write);
    for (let step = 0; step < steps; step++) await null;
    const second = signer.sign(write);
    const third = second.then(() => signer.sign(write));
    assert.ok((await second) && (await third));
  }
  const digests = ledger
    .journal()
    .filter(({ event }) => event === 'signs')
    .flatMap(({ detail }) => detail.split(' '));
  assert.equal(digests.length, 36);
});

test('what is asked for at once shares an entry that names each signature, and each counts', async () => {
  using at = scene();
  const { signer, ledger } = at.newSigner();
  await signer.rotate();
  const texts = Array.from({ length: 1203 }, (_none, index) => `text ${index}`);
  const signed = await Promise.all([
    ...texts.map((text) => signer.sign(() => text)),
    assert.rejects(
      signer.sign(() => {
        throw new RangeError('no claims');
      }),
      /no claims/,
    ),
  ]);
  const digests = texts.map((text) => createHash('sha256').update(text).digest('base64url'));
  const uses = ledger.journal().filter(({ event }) => event === 'signs');
  assert.deepEqual(
    uses.map(({ detail }) => detail.split(' ').length),
    [1000, 203],
  );
  assert.deepEqual(
    uses.flatMap(({ detail }) => detail.split(' ')),
    digests,
  );
  const [first] = signed;
  assert.ok(first && holds(first, signer.keySet().body));
  assert.deepEqual({ ...ledger.uses(first.key.id, 0) }, { count: 1203, last: at.state.now });
  assert.deepEqual({ ...ledger.uses(first.key.id, at.state.now + 1) }, { count: 0, last: null });
  assert.equal(brokenEntry(ledger.journal()), null);
});

test('a ring that is kept in memory is the one in the file, whoever changed it and whatever was taken back', async () => {
  using at = scene();
  const [one, other] = [at.newSigner(), at.newSigner()];
  await one.signer.rotate();
  const before = other.ledger.read();
  assert.deepEqual(before, one.ledger.read());
  assert.equal(other.ledger.read(), before, 'it is read once as long as nothing changes');
  await one.signer.sign(write);
  assert.equal(other.ledger.read(), before, 'a signature is no change to the ring');
  assert.throws(
    () =>
      one.ledger.transact((ring) => ({
        ring: ring.map((key) => ({ ...key, state: 'active' })),
        entries: [],
        result: null,
      })),
    /UNIQUE/,
  );
  assert.deepEqual(one.ledger.read(), before, 'what was taken back was never there');
  at.state.now += policy.activeFor;
  await one.signer.rotate();
  const after = other.ledger.read();
  assert.notEqual(activeKey(after)?.id, activeKey(before)?.id);
  assert.equal((await other.signer.sign(write)).key.id, activeKey(after)?.id);
  const direct = new DatabaseSync(join(at.folder, 'ring.db'));
  direct.exec("DELETE FROM keys WHERE state = 'retiring'");
  direct.close();
  assert.equal(other.ledger.read().length, after.length - 1, 'also by somebody who goes around all of this');
});

test('keys change when their time has come, and the set says how long it may be kept', async () => {
  using at = scene();
  const { signer } = at.newSigner();
  await signer.rotate();
  const before = await signer.sign(write);
  at.state.now += policy.activeFor;
  await signer.rotate();
  const after = await signer.sign(write);
  assert.notEqual(before.key.id, after.key.id);
  const { body, headers } = signer.keySet();
  assert.ok(holds(before, body) && holds(after, body), 'both are published, and one that waits');
  assert.equal(JSON.parse(body).keys.length, 3);
  assert.equal(headers['cache-control'], 'public, max-age=30, must-revalidate');
  at.state.now += policy.acceptFor;
  await signer.rotate();
  assert.ok(!holds(before, signer.keySet().body));
  const files = readdirSync(join(at.folder, 'keys')).map((name) => name.slice(0, -4));
  assert.ok(!files.includes(before.key.id), 'the private part of what nobody accepts is destroyed');
  const { d: secret } = JSON.parse(body).keys[0];
  assert.equal(secret, undefined);
});

test('several processes have one key, at the same time and through every change', async () => {
  using at = scene();
  const signers = [at.newSigner(), at.newSigner(), at.newSigner()];
  for (let round = 0; round < 4; round++) {
    await Promise.all(signers.map(({ signer }) => signer.rotate()));
    const signed = await Promise.all(signers.map(({ signer }) => signer.sign(write)));
    assert.equal(new Set(signed.map(({ key }) => key.id)).size, 1);
    at.state.now += policy.activeFor;
  }
  const ring = signers[0]?.ledger.read() ?? [];
  const files = readdirSync(join(at.folder, 'keys')).map((name) => name.slice(0, -4));
  const alive = ring.filter(({ state }) => !['retired', 'compromised'].includes(state)).map(({ id }) => id);
  assert.deepEqual(files.toSorted(), alive.toSorted(), 'what two made at once is not left over');
  assert.deepEqual(
    signers.map(({ ledger }) => brokenEntry(ledger.journal())),
    [null, null, null],
  );
});

test('a key that may be stolen is out at once; what that does is said before and is what happens', async () => {
  using at = scene();
  const { signer, ledger } = at.newSigner();
  await signer.rotate();
  const stolen = await signer.sign(write);
  await signer.sign(write);
  at.state.now += 20_000;
  const foreseen = signer.blastRadius(stolen.key.id);
  assert.deepEqual(await signer.withdraw(stolen.key.id, 'found in a dump'), foreseen);
  assert.equal(foreseen.refused, 2);
  assert.equal(foreseen.successorUnknownFor, 40_000);
  const { body } = signer.keySet();
  assert.ok(!holds(stolen, body));
  const next = await signer.sign(write);
  assert.ok(holds(next, body) && next.key.id === foreseen.successor);
  assert.match(ledger.journal().find(({ event }) => event === 'withdrawn')?.detail ?? '', /dump/);
  await assert.rejects(signer.withdraw(stolen.key.id, 'again'), RangeError);
  assert.equal(activeKey(signer.ring())?.id, next.key.id);
});

test('a store that fails is asked again by the next call, and a store with the wrong key signs nothing', async () => {
  const trouble: { what: string | null } = { what: null };
  using at = scene((store) => ({
    ...store,
    sign: async (id, algorithm, data) => {
      if (trouble.what === 'down') throw new StoreUnavailable('the token was removed');
      const others = (await store.list()).filter((key) => key.id !== id);
      return store.sign(trouble.what === 'wrong' ? (others[0]?.id ?? id) : id, algorithm, data);
    },
  }));
  const { signer, ledger } = at.newSigner();
  await signer.rotate();
  await signer.sign(write);
  trouble.what = 'down';
  await assert.rejects(signer.sign(write), /removed/);
  trouble.what = 'wrong';
  await assert.rejects(signer.sign(write), /another key/);
  trouble.what = null;
  assert.ok(holds(await signer.sign(write), signer.keySet().body));
  assert.equal(at.alerts.length, 1);
  assert.equal(brokenEntry(ledger.journal()), null);
  await assert.rejects(
    signer.sign(() => {
      throw new RangeError('no claims');
    }),
    /no claims/,
  );
  assert.ok(await signer.sign(write));
});

test('what was done to keys behind its back wakes somebody', async () => {
  using at = scene();
  const { signer, ledger } = at.newSigner();
  await signer.rotate();
  assert.deepEqual(await signer.inspect(), []);
  const { id = '' } = activeKey(signer.ring()) ?? {};
  const path = join(at.folder, 'keys', `${id}.pem`);
  const [other = ''] = readdirSync(join(at.folder, 'keys')).filter((name) => name !== `${id}.pem`);
  writeFileSync(path, readFileSync(join(at.folder, 'keys', other)));
  const again = at.newSigner().signer;
  await assert.rejects(again.sign(write), /another key than its name says/);
  rmSync(path);
  appendFileSync(join(at.folder, 'keys', `${'x'.repeat(43)}.pem`), '');
  const found = await signer.inspect();
  assert.deepEqual(
    found.map((line) => line.replace(/^\S+ /, '')),
    ['is active and gone from the store', 'is in the store and not of this ring'],
  );
  assert.deepEqual(
    [at.alerts.length, ledger.journal().filter(({ event }) => event === 'alert').length],
    [2, 2],
  );
});

test('a journal that somebody edits no longer follows from itself, and the file refuses edits and a second active key', async () => {
  using at = scene();
  const { signer, ledger } = at.newSigner();
  await signer.rotate();
  for (let count = 0; count < 5; count++) await signer.sign(write);
  const entries = ledger.journal();
  assert.equal(brokenEntry(entries), null);
  assert.equal(brokenEntry(entries.toSpliced(2, 1)), 3);
  assert.equal(brokenEntry(entries.slice(1)), 1);
  assert.equal(
    brokenEntry(entries.map((entry, index) => (index === 3 ? { ...entry, detail: 'x' } : entry))),
    4,
  );
  const direct = new DatabaseSync(join(at.folder, 'ring.db'));
  assert.throws(() => direct.exec("UPDATE journal SET detail = 'x'"), /not changed/);
  assert.throws(() => direct.exec('DELETE FROM journal'), /not shortened/);
  assert.throws(() => direct.exec("UPDATE keys SET state = 'active'"), /UNIQUE/);
  direct.close();
});

test('a store that is slow signs with the key that the journal names, although keys change and a key is taken out meanwhile', async () => {
  let release: (() => void) | null = null;
  let isAsked = () => {};
  const slow = { on: false };
  using at = scene((store) => ({
    ...store,
    sign: async (id, algorithm, data) => {
      if (slow.on) {
        isAsked();
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      }
      return store.sign(id, algorithm, data);
    },
  }));
  const { signer, ledger } = at.newSigner();
  await signer.rotate();
  const before = await signer.sign(write);
  const { body } = signer.keySet();
  slow.on = true;
  const asked = new Promise<void>((resolve) => {
    isAsked = resolve;
  });
  const signing = signer.sign(write);
  await asked;
  at.state.now += 600_000;
  await signer.rotate();
  slow.on = false;
  const later = signer.sign(write);
  (release as (() => void) | null)?.();
  assert.equal((await signing).key.id, before.key.id, 'it was begun before the change');
  assert.ok(holds(await signing, body));
  const next = (await later).key.id;
  assert.notEqual(next, before.key.id);
  assert.ok(holds(await later, signer.keySet().body));
  const uses = ledger.journal().filter(({ event }) => event === 'signs');
  assert.deepEqual(
    uses.map(({ key }) => key),
    [before.key.id, before.key.id, next],
  );
  slow.on = true;
  const askedAgain = new Promise<void>((resolve) => {
    isAsked = resolve;
  });
  const lost = signer.sign(write);
  await askedAgain;
  await signer.withdraw(next, 'stolen');
  slow.on = false;
  (release as (() => void) | null)?.();
  await assert.rejects(lost, /no key/, 'its key is destroyed, and no other one stands in for it');
  assert.ok(holds(await signer.sign(write), signer.keySet().body));
});

test('a setting that is missing, unknown or no such thing is told where the signer is made, and no key changes by mistake', async () => {
  using at = scene();
  const { signer, ledger } = at.newSigner();
  const options = { store: softwareStore(at.folder), ledger, algorithm: 'ES256', policy };
  const wrong: [object, RegExp][] = [
    [{ policy: undefined }, /publishFor: undefined is no number of milliseconds/],
    [{ algorithm: 'HS256' }, /algorithm: HS256 is not ES256/],
    [{ store: undefined }, /store: give pkcs11Store/],
    [{ ledger: {} }, /ledger: give fileLedger/],
    [{ onAlert: 'mail' }, /onAlert: is no function/],
    [{ rotateEvery: 5 }, /rotateEvery: is no setting; there is store/],
  ];
  for (const [changed, words] of wrong)
    assert.throws(() => createSigner({ ...options, ...changed } as never), words, String(words));
  assert.equal(signer.keySet().headers['cache-control'], 'no-store', 'nobody keeps a set without a key');
  await signer.rotate();
  assert.match(signer.keySet().headers['cache-control'] ?? '', /max-age=30,/);
  for (const written of [undefined, { sub: 'a' }, Promise.resolve('a')])
    await assert.rejects(
      signer.sign(() => written as never),
      /write: returned neither text nor bytes/,
    );
  assert.throws(() => signer.blastRadius('mistyped'), /mistyped is no key of this ring/);
  const [active] = signer.ring();
  await assert.rejects(signer.withdraw(active?.id ?? '', ' '), /why: say it/);
  assert.equal(signer.ring()[0]?.state, 'active');
  assert.throws(
    () => fileLedger(join(at.folder, 'no/where/ring.db')),
    /the ledger .*where\/ring\.db cannot be opened/,
  );
});
