/** Keys in files, for development: who can read the folder has them. It says so of every key that it lists. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyAlgorithm, PublicJwk } from './ring.ts';
import { KeyMissing, type KeyStore, StoreUnavailable, thumbprint } from './store.ts';

function newPair(algorithm: KeyAlgorithm): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  if (algorithm === 'RS256') return generateKeyPairSync('rsa', { modulusLength: 3072 });
  return algorithm === 'EdDSA'
    ? generateKeyPairSync('ed25519')
    : generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

const ID = /^[\w-]{43}$/;

/** `folder` is made where it is missing, for its owner alone. */
export function softwareStore(folder: string): KeyStore {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const loaded = new Map<string, KeyObject>();
  const pathOf = (id: string) => join(folder, `${id}.pem`);
  const load = (id: string): KeyObject => {
    const known = loaded.get(id);
    if (known) return known;
    if (!ID.test(id)) throw new KeyMissing(`${id} is no id of a key`);
    let key: KeyObject;
    try {
      key = createPrivateKey(readFileSync(pathOf(id)));
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
        throw new KeyMissing(`there is no key ${id} in ${folder}`);
      throw new StoreUnavailable(`the key ${id} cannot be read`, { cause });
    }
    const { ...jwk } = createPublicKey(key).export({ format: 'jwk' });
    if (thumbprint(jwk as PublicJwk) !== id)
      throw new KeyMissing(`${pathOf(id)} holds another key than its name says`);
    loaded.set(id, key);
    return key;
  };
  return {
    storage: 'software',
    async create(algorithm) {
      const { publicKey, privateKey } = newPair(algorithm);
      const jwk = { ...publicKey.export({ format: 'jwk' }) } as PublicJwk;
      const id = thumbprint(jwk);
      // Under its name only when it is whole: a process may end at any line.
      try {
        writeFileSync(`${pathOf(id)}.new`, privateKey.export({ format: 'pem', type: 'pkcs8' }), {
          mode: 0o600,
        });
        renameSync(`${pathOf(id)}.new`, pathOf(id));
      } catch (cause) {
        throw new StoreUnavailable(`a key cannot be kept in ${folder}`, { cause });
      }
      return { id, algorithm, jwk };
    },
    async sign(id, algorithm, data) {
      const key = load(id);
      return sign(algorithm === 'EdDSA' ? null : 'sha256', data, { key, dsaEncoding: 'ieee-p1363' });
    },
    async list() {
      return readdirSync(folder)
        .filter((name) => name.endsWith('.pem'))
        .map((name) => ({ id: name.slice(0, -4), exportable: true, madeInside: false }));
    },
    async destroy(id) {
      loaded.delete(id);
      if (ID.test(id)) rmSync(pathOf(id), { force: true });
    },
    close: async () => loaded.clear(),
  };
}
