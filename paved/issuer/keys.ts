/** The keys of a signer as oidc-provider wants them: objects that it reads anew for every token, so that a key can change while it runs. */
import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { ExternalKey, OidcModule } from './provider.ts';
import type { Signer, SigningKey } from './signer.ts';

/** The key changed after oidc-provider had written its id into a header: the token is written anew. */
export class KeyChanged extends Error {
  override readonly name = 'KeyChanged';
}

interface PublishedKey extends JsonWebKey {
  readonly kid: string;
}

/** Keys of the set that are kept for verifying, such as a hint of an earlier sign-in, besides the one that signs. */
const OTHERS = 15;

export interface KeyView {
  /** All keys, the one that signs first, for `jwks.keys` of the configuration. */
  readonly keys: readonly ExternalKey[];
  readonly algorithm: SigningKey['algorithm'];
  /** Looks at the key set again; cheap when it is the same. */
  readonly refresh: () => void;
}

/** Which key would sign now; nothing is signed. */
export async function askActive(signer: Signer): Promise<SigningKey> {
  let active: SigningKey | null = null;
  const asked = new Error('only asked');
  await signer
    .sign((key) => {
      active = key;
      throw asked;
    })
    .catch((error: unknown) => {
      if (error !== asked) throw error;
    });
  if (active === null) throw new TypeError('signer: it called `sign` without asking what to sign');
  return active;
}

/** Rejects when the signer has no key that signs. `signData` makes the signature of a token that names `key`. */
export async function viewKeys(
  oidc: OidcModule,
  signer: Signer,
  signData: (data: Buffer, kid: string, view: { changed: (key: SigningKey) => void }) => Promise<Buffer>,
): Promise<KeyView> {
  let active = await askActive(signer);
  const { algorithm } = active;
  let body = '';
  let published: readonly PublishedKey[] = [];
  let objects = new Map<string, KeyObject>();

  function refresh(): void {
    const current = signer.keySet().body;
    if (current === body) return;
    body = current;
    published = JSON.parse(body).keys;
    objects = new Map(published.map((jwk) => [jwk.kid, createPublicKey({ key: jwk, format: 'jwk' })]));
  }

  function changed(key: SigningKey): void {
    active = key;
    refresh();
  }

  /** Of place 0 the key that signs; of others one of the rest, or what stands for none. */
  function at(place: number): { readonly kid: string; readonly jwk: JsonWebKey; readonly object: KeyObject } {
    const own = published.find(({ kid }) => kid === active.id);
    const ownObject = objects.get(active.id);
    if (own === undefined || ownObject === undefined)
      throw new TypeError(`signer: its key set lacks ${active.id}, which signs`);
    const other = place === 0 ? own : published.filter(({ kid }) => kid !== active.id)[place - 1];
    const object = other && objects.get(other.kid);
    return other === undefined || object === undefined
      ? { kid: `no-key-${place}`, jwk: own, object: ownObject }
      : { kid: other.kid, jwk: other, object };
  }

  function signBy(data: Buffer): Promise<Buffer> {
    const [header = ''] = data.toString('latin1').split('.', 1);
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString());
    return signData(data, kid, { changed });
  }

  /** oidc-provider takes it for a key by its prototype, and reads its members whenever it needs one. */
  function keyAt(place: number): ExternalKey {
    return Object.create(oidc.ExternalSigningKey.prototype, {
      kid: { get: () => at(place).kid },
      alg: { get: () => algorithm },
      kty: { get: () => at(place).jwk.kty },
      crv: { get: () => at(place).jwk.crv },
      x: { get: () => at(place).jwk.x },
      y: { get: () => at(place).jwk.y },
      n: { get: () => at(place).jwk.n },
      e: { get: () => at(place).jwk.e },
      pub: { value: undefined },
      keyObject: { value: () => at(place).object },
      sign: { value: signBy },
    });
  }

  refresh();
  return { keys: Array.from({ length: 1 + OTHERS }, (_, place) => keyAt(place)), algorithm, refresh };
}
