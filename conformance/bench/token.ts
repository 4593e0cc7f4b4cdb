/** Validating access tokens that nobody saw before, beside the bare verification of Node and two libraries, by turns in one process. */
import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { jwtVerify } from 'jose';
import { type Algorithm, createValidator, fixedKeys } from '../../paved/token/index.ts';
import { ensureInstalled } from '../install.ts';
import { FULL, type Row, row, type Size } from './row.ts';

const ISSUER = 'https://login.example.com';
const AUDIENCE = 'https://api.example.com';

interface Signing {
  readonly algorithm: Algorithm;
  readonly hash: 'sha256' | null;
  readonly goal: number;
  /** Tokens of a round, about a millisecond's: the longer it takes, the likelier somebody else has the processor in between. */
  readonly perRound: number;
  readonly pair: () => { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
}

const SIGNINGS: readonly Signing[] = [
  {
    algorithm: 'ES256',
    hash: 'sha256',
    goal: 0.93,
    perRound: 16,
    pair: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  },
  {
    algorithm: 'RS256',
    hash: 'sha256',
    goal: 0.9,
    perRound: 45,
    pair: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  },
  {
    algorithm: 'EdDSA',
    hash: null,
    goal: 0.97,
    perRound: 10,
    pair: () => generateKeyPairSync('ed25519'),
  },
];

interface Token {
  readonly text: string;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

function issue({ algorithm, hash }: Signing, privateKey: KeyObject, index: number): Token {
  const now = Math.floor(Date.now() / 1000);
  const header = base64url({ alg: algorithm, typ: 'at+jwt', kid: 'key-1' });
  const payload = base64url({
    iss: ISSUER,
    aud: AUDIENCE,
    sub: `service-${index}`,
    client_id: 'client-1',
    jti: `${index}-0123456789abcdef`,
    iat: now,
    exp: now + 3600,
    scope: 'orders.read orders.write',
  });
  const signed = Buffer.from(`${header}.${payload}`);
  const signature = sign(hash, signed, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  // In one piece, as it comes from a connection: Node joins the parts of a template only when somebody reads them.
  const text = Buffer.from(`${signed}.${signature.toString('base64url')}`).toString('latin1');
  // Node verifies the form of DER faster, so that is what the bare verification is given.
  return { text, signed, signature: algorithm === 'ES256' ? sign(hash, signed, privateKey) : signature };
}

interface Contestant {
  readonly name: string;
  /** Throws unless it takes every token. */
  readonly run: (tokens: readonly Token[]) => Promise<void>;
}

interface FastJwt {
  createVerifier(options: object): (token: string) => { readonly sub: string };
}

function contestants({ algorithm, hash }: Signing, publicKey: KeyObject): readonly Contestant[] {
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'key-1' };
  const validator = createValidator({
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: [algorithm],
    keys: fixedKeys([jwk], [algorithm]),
    service: 'bench',
  });
  const options = { issuer: ISSUER, audience: AUDIENCE, algorithms: [algorithm], typ: 'at+jwt' };
  const load = createRequire(join(import.meta.dirname, '../package.json'));
  const { createVerifier }: FastJwt = load('fast-jwt');
  const fastJwt = createVerifier({
    key: createPublicKey(publicKey.export({ format: 'pem', type: 'spki' })).export({
      format: 'pem',
      type: 'spki',
    }),
    algorithms: [algorithm],
    allowedIss: ISSUER,
    allowedAud: AUDIENCE,
    cache: false,
  });
  return [
    {
      name: 'crypto.verify',
      run: async (tokens) => {
        for (const { signed, signature } of tokens)
          if (!verify(hash, signed, publicKey, signature)) throw new Error('crypto.verify refuses');
      },
    },
    {
      name: '@macadam/token',
      run: async (tokens) => {
        for (const { text } of tokens) {
          const result = await validator.validate(text);
          if (!result.ok) throw new Error(`@macadam/token: ${result.detail}`);
        }
      },
    },
    {
      name: 'jose',
      run: async (tokens) => {
        for (const { text } of tokens) await jwtVerify(text, publicKey, options);
      },
    },
    {
      name: 'fast-jwt',
      run: async (tokens) => {
        for (const { text } of tokens) fastJwt(text);
      },
    },
  ];
}

/** What else the machine does can only make a round slower, so the quickest is the one that was disturbed least. */
const quickest = (values: readonly number[]) => Math.min(...values);

/** So many tokens of each turn are not counted: they find the code and tables of whoever came before in the processor's caches, and not their own. */
const WARMING = 10;

/** Microseconds a token. */
interface Spent {
  readonly wall: number;
  /** Of this process alone: it does not count the time of others on the machine. */
  readonly processor: number;
}

/** Of each contestant, by rounds: all of a round in a row, so that what else the machine does meets them alike. */
async function measure(
  all: readonly Contestant[],
  rounds: number,
  heating: number,
  next: () => readonly Token[],
) {
  const spent = new Map(all.map(({ name }) => [name, [] as Spent[]]));
  // Nobody keeps a token, so that the same ones will do until Node has compiled the code of all of them.
  const same = next();
  for (let turn = 0; turn < heating; turn++) for (const one of all) await one.run(same);
  for (let round = -2; round < rounds; round++) {
    const tokens = next();
    // Whoever comes first in a round meets a colder machine; everybody does in turn.
    for (let turn = 0; turn < all.length; turn++) {
      const one = all[(turn + Math.abs(round)) % all.length];
      await one?.run(tokens.slice(0, WARMING));
      const counted = tokens.slice(WARMING);
      const used = process.cpuUsage();
      const from = process.hrtime.bigint();
      await one?.run(counted);
      const wall = Number(process.hrtime.bigint() - from) / 1000 / counted.length;
      const { user, system } = process.cpuUsage(used);
      if (round >= 0 && one) spent.get(one.name)?.push({ wall, processor: (user + system) / counted.length });
    }
  }
  return spent;
}

async function rowsOf(signing: Signing, quick: boolean): Promise<Row[]> {
  const { publicKey, privateKey } = signing.pair();
  let index = 0;
  const perRound = quick ? 5 : signing.perRound;
  const next = () => Array.from({ length: WARMING + perRound }, () => issue(signing, privateKey, index++));
  const all = contestants(signing, publicKey);
  const spent = await measure(all, quick ? 3 : 300, quick ? 1 : 200, next);
  const perSecond = (name: string, which: keyof Spent) =>
    1e6 / quickest((spent.get(name) ?? []).map((one) => one[which]));
  const rowOf = (name: string, which: keyof Spent) =>
    row({
      id: `token-${signing.algorithm.toLowerCase()}-${name.replace(/^@macadam\//, '')}${which === 'wall' ? '' : '-processor'}`,
      what: `${name} on fresh ${signing.algorithm} tokens, beside Node's own verification of the same bytes, quickest of ${spent.get(name)?.length} rounds of ${perRound}${which === 'wall' ? '' : ', by the time of processors'}`,
      unit: 'tokens/s',
      ours: perSecond(name, which),
      peer: perSecond('crypto.verify', which),
      peerName: 'crypto.verify',
      goal: { of: 'ratio', atLeast: name === '@macadam/token' ? signing.goal : 0 },
    });
  // Who shares the machine with others reads the second.
  return [
    rowOf('@macadam/token', 'wall'),
    rowOf('@macadam/token', 'processor'),
    ...['jose', 'fast-jwt'].map((name) => rowOf(name, 'wall')),
  ];
}

export async function bench({ quick }: Size = FULL): Promise<readonly Row[]> {
  ensureInstalled();
  const rows: Row[] = [];
  for (const signing of SIGNINGS) rows.push(...(await rowsOf(signing, quick)));
  return rows;
}
