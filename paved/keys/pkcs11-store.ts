/** Keys in a PKCS#11 token: made there, marked as never to leave, found again by the thumbprint of their public part. */
import { hash } from 'node:crypto';
import type { KeyAlgorithm, PublicJwk } from './ring.ts';
import { KeyMissing, type KeyStore, type StoredKey, StoreUnavailable, thumbprint } from './store.ts';

type Handle = Buffer;
interface Attribute {
  readonly type: number;
  readonly value?: boolean | number | string | Buffer;
}
interface Mechanism {
  readonly mechanism: number;
  readonly parameter?: Buffer;
}

/** What is used of the package `pkcs11js`, which is given rather than imported, so that who has no token installs nothing. */
export interface Pkcs11Api {
  load(path: string): void;
  C_Initialize(): void;
  C_Finalize(): void;
  C_GetSlotList(tokenPresent: boolean): Handle[];
  C_GetTokenInfo(slot: Handle): { readonly label: string };
  C_OpenSession(slot: Handle, flags: number): Handle;
  C_CloseSession(session: Handle): void;
  C_Login(session: Handle, userType: number, pin: string): void;
  C_FindObjectsInit(session: Handle, template: Attribute[]): void;
  C_FindObjects(session: Handle, count: number): Handle[];
  C_FindObjectsFinal(session: Handle): void;
  C_GetAttributeValue(session: Handle, object: Handle, template: Attribute[]): { readonly value: unknown }[];
  C_SetAttributeValue(session: Handle, object: Handle, template: Attribute[]): void;
  C_GenerateKeyPair(
    session: Handle,
    mechanism: Mechanism,
    publicKey: Attribute[],
    privateKey: Attribute[],
  ): { readonly publicKey: Handle; readonly privateKey: Handle };
  C_DestroyObject(session: Handle, object: Handle): void;
  C_SignInit(session: Handle, mechanism: Mechanism, key: Handle): void;
  C_Sign(session: Handle, data: Buffer, signature: Buffer): Buffer;
}

export interface Pkcs11Module {
  readonly PKCS11: new () => Pkcs11Api;
}

export interface Pkcs11Options {
  /** `import * as pkcs11js from 'pkcs11js'`, or its default. */
  readonly module: Pkcs11Module;
  /** Path of the vendor's library, such as /usr/lib/softhsm/libsofthsm2.so. */
  readonly library: string;
  /** Label of the token. */
  readonly token: string;
  /** Asked for at every login, so that a PIN can be changed without a restart. */
  readonly pin: () => string;
  /** Label of the keys, so that others may share the token; `macadam` by default. */
  readonly label?: string;
}

const CLASS = 0x0;
const PRIVATE_KEY = 3;
const PUBLIC_KEY = 2;
const TOKEN = 0x1;
const PRIVATE = 0x2;
const LABEL = 0x3;
const ID = 0x102;
const SENSITIVE = 0x103;
const SIGN = 0x108;
const VERIFY = 0x10a;
const MODULUS = 0x120;
const MODULUS_BITS = 0x121;
const PUBLIC_EXPONENT = 0x122;
const EXTRACTABLE = 0x162;
const LOCAL = 0x163;
const NEVER_EXTRACTABLE = 0x164;
const EC_PARAMS = 0x180;
const EC_POINT = 0x181;
/** CKF_SERIAL_SESSION and CKF_RW_SESSION. */
const SESSION_FLAGS = 0x6;
const USER = 1;

interface Profile {
  readonly generate: number;
  readonly sign: number;
  readonly publicTemplate: readonly Attribute[];
  readonly signatureBytes: number;
}

const PROFILES: Readonly<Record<KeyAlgorithm, Profile>> = {
  ES256: {
    generate: 0x1040,
    sign: 0x1041,
    publicTemplate: [{ type: EC_PARAMS, value: Buffer.from('06082a8648ce3d030107', 'hex') }],
    signatureBytes: 64,
  },
  EdDSA: {
    generate: 0x1055,
    sign: 0x1057,
    publicTemplate: [{ type: EC_PARAMS, value: Buffer.from('130c656477617264733235353139', 'hex') }],
    signatureBytes: 64,
  },
  RS256: {
    generate: 0x0,
    sign: 0x40,
    publicTemplate: [
      { type: MODULUS_BITS, value: 3072 },
      { type: PUBLIC_EXPONENT, value: Buffer.from('010001', 'hex') },
    ],
    signatureBytes: 384,
  },
};

/** By number: what it means for people, where another session would not help. */
const TROUBLE: Readonly<Record<number, string>> = {
  49: 'the token is full',
  50: 'the token was removed',
  160: 'the PIN is wrong; it is not tried again until it changes, because tokens lock after a few',
  164: 'the PIN is locked; the security officer of the token unlocks it',
  224: 'the token is not there',
};
const PIN_CODES = new Set([160, 161, 162, 163, 164]);

const codeOf = (error: unknown): number => (error as { code?: number }).code ?? -1;

function unavailable(error: unknown): StoreUnavailable {
  const what = TROUBLE[codeOf(error)] ?? (error instanceof Error ? error.message : String(error));
  return new StoreUnavailable(`the key store does not answer: ${what}`, { cause: error });
}

const base64url = (value: Buffer) => value.toString('base64url');

/** Throws StoreUnavailable where the library cannot be loaded. The token itself is looked for at the first use, and again after every trouble. */
export function pkcs11Store(options: Pkcs11Options): KeyStore {
  const label = options.label ?? 'macadam';
  if (typeof options.module?.PKCS11 !== 'function')
    throw new TypeError("module: give the default of await import('pkcs11js')");
  if (typeof options.pin !== 'function') throw new TypeError('pin: give a function that returns it');
  const api = new options.module.PKCS11();
  try {
    api.load(options.library);
  } catch (error) {
    throw unavailable(error);
  }
  let session: Handle | null = null;
  let refusedPin: string | null = null;
  const handles = new Map<string, Handle>();

  function quietly(act: () => void): void {
    try {
      act();
    } catch {
      // What is being left behind may be gone already.
    }
  }

  function open(): Handle {
    const pin = options.pin();
    if (pin === refusedPin) throw Object.assign(new Error('the PIN was refused before'), { code: 160 });
    // Another store of this process may have done so.
    quietly(() => api.C_Initialize());
    const slots = api.C_GetSlotList(true);
    // The token is known by its label alone: its slot changes when it is plugged in again.
    const slot = slots.find((one) => api.C_GetTokenInfo(one).label.trim() === options.token);
    if (slot === undefined) throw Object.assign(new Error('no such token'), { code: 224 });
    const opened = api.C_OpenSession(slot, SESSION_FLAGS);
    try {
      api.C_Login(opened, USER, pin);
    } catch (error) {
      // CKR_USER_ALREADY_LOGGED_IN: a login is of the whole process.
      if (codeOf(error) !== 256) {
        if (PIN_CODES.has(codeOf(error))) refusedPin = pin;
        quietly(() => api.C_CloseSession(opened));
        throw error;
      }
    }
    refusedPin = null;
    return opened;
  }

  function leave(): void {
    handles.clear();
    const left = session;
    session = null;
    if (left !== null) quietly(() => api.C_CloseSession(left));
  }

  /** In a session that works; after trouble once more in a new one, then with the library begun anew. */
  function withSession<T>(act: (session: Handle) => T): T {
    let trouble: unknown;
    for (const attempt of ['as it is', 'new session', 'new start']) {
      if (attempt === 'new start') quietly(() => api.C_Finalize());
      try {
        session ??= open();
        return act(session);
      } catch (error) {
        if (error instanceof KeyMissing && attempt !== 'as it is') throw error;
        trouble = error;
        leave();
        if (PIN_CODES.has(codeOf(error))) break;
      }
    }
    throw trouble instanceof KeyMissing ? trouble : unavailable(trouble);
  }

  function find(at: Handle, template: Attribute[]): Handle[] {
    api.C_FindObjectsInit(at, template);
    try {
      return api.C_FindObjects(at, 1000);
    } finally {
      api.C_FindObjectsFinal(at);
    }
  }

  function read(at: Handle, object: Handle, ...types: number[]): Buffer[] {
    const attributes = types.map((type) => ({ type }));
    return api.C_GetAttributeValue(at, object, attributes).map(({ value }) => Buffer.from(value as Buffer));
  }

  function publicJwk(at: Handle, object: Handle, algorithm: KeyAlgorithm): PublicJwk {
    if (algorithm === 'RS256') {
      const [n, e] = read(at, object, MODULUS, PUBLIC_EXPONENT) as [Buffer, Buffer];
      return { kty: 'RSA', n: base64url(n), e: base64url(e) };
    }
    const [point] = read(at, object, EC_POINT) as [Buffer];
    if (algorithm === 'EdDSA') return { kty: 'OKP', crv: 'Ed25519', x: base64url(point.subarray(-32)) };
    return {
      kty: 'EC',
      crv: 'P-256',
      x: base64url(point.subarray(-64, -32)),
      y: base64url(point.subarray(-32)),
    };
  }

  function handleOf(at: Handle, id: string): Handle {
    const known = handles.get(id);
    if (known) return known;
    const bytes = Buffer.from(id, 'base64url');
    const [found, second] = find(at, [
      { type: CLASS, value: PRIVATE_KEY },
      { type: ID, value: bytes },
    ]);
    if (found === undefined) throw new KeyMissing(`the token ${options.token} holds no key ${id}`);
    if (second !== undefined)
      throw new KeyMissing(`the token ${options.token} holds two keys of the id ${id}`);
    handles.set(id, found);
    return found;
  }

  return {
    storage: 'hsm',
    create: async (algorithm) =>
      withSession((at) => {
        const { generate, publicTemplate } = PROFILES[algorithm];
        const pair = api.C_GenerateKeyPair(
          at,
          { mechanism: generate },
          [
            { type: TOKEN, value: true },
            { type: LABEL, value: label },
            { type: VERIFY, value: true },
            ...publicTemplate,
          ],
          [
            { type: TOKEN, value: true },
            { type: PRIVATE, value: true },
            { type: LABEL, value: label },
            { type: SENSITIVE, value: true },
            { type: EXTRACTABLE, value: false },
            { type: SIGN, value: true },
          ],
        );
        const jwk = publicJwk(at, pair.publicKey, algorithm);
        const id = thumbprint(jwk);
        const name = [{ type: ID, value: Buffer.from(id, 'base64url') }];
        api.C_SetAttributeValue(at, pair.publicKey, name);
        api.C_SetAttributeValue(at, pair.privateKey, name);
        return { id, algorithm, jwk };
      }),
    sign: async (id, algorithm, data, digest) =>
      withSession((at) => {
        const { sign, signatureBytes } = PROFILES[algorithm];
        // The curve signs a digest; the others take what is signed.
        const input = algorithm === 'ES256' ? (digest ?? hash('sha256', data, 'buffer')) : data;
        api.C_SignInit(at, { mechanism: sign }, handleOf(at, id));
        return api.C_Sign(at, input, Buffer.alloc(signatureBytes));
      }),
    list: async () =>
      withSession((at) =>
        find(at, [
          { type: CLASS, value: PRIVATE_KEY },
          { type: LABEL, value: label },
        ]).map((object): StoredKey => {
          const [id, local, neverExtractable] = read(at, object, ID, LOCAL, NEVER_EXTRACTABLE) as [
            Buffer,
            Buffer,
            Buffer,
          ];
          return { id: base64url(id), exportable: neverExtractable[0] !== 1, madeInside: local[0] === 1 };
        }),
      ),
    destroy: async (id) =>
      withSession((at) => {
        handles.delete(id);
        for (const kind of [PRIVATE_KEY, PUBLIC_KEY])
          for (const object of find(at, [
            { type: CLASS, value: kind },
            { type: ID, value: Buffer.from(id, 'base64url') },
            { type: LABEL, value: label },
          ]))
            api.C_DestroyObject(at, object);
      }),
    close: async () => leave(),
  };
}
