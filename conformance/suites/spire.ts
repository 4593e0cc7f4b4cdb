/**
 * SPIRE on the other side, by the code of its server and its agent: its JWT-SVIDs are validated by `@macadam/token` with the bundle that it publishes, and ours
 * (`@macadam/issuer` on `@macadam/keys`) by its agent's validation with ours. Both through changes of keys: by its packages alone, where any key and any time can be
 * tried, and by its two programs, which attest, federate and serve the workload API as they do elsewhere.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWorkloadIssuer, developmentSigner, fileIssuanceLog } from '../../paved/issuer/index.ts';
import { createSigner, fileLedger, softwareStore } from '../../paved/keys/index.ts';
import { createValidator, publishedKeys } from '../../paved/token/index.ts';
import type { Case, Suite } from '../suite.ts';
import { DOMAIN, ISSUER, lacksSpire, type Spire, startSpire } from './spire/process.ts';
import {
  eventually,
  fetchTrusting,
  lacksPrograms,
  makeServingCertificate,
  type SpirePrograms,
  startPrograms,
} from './spire/programs.ts';

const OURS = 'macadam.example';
const OUR_ID = `spiffe://${OURS}/shop/orders`;
const THEIR_ID = `spiffe://${DOMAIN}/shop/orders`;
const AUDIENCE = 'https://payments.example.com';
const OTHER_AUDIENCE = 'https://mail.example.com';
const MINUTE = 60_000;
const policy = { publishFor: MINUTE, activeFor: 10 * MINUTE, acceptFor: 6 * MINUTE };

const same = (got: unknown, wanted: unknown) =>
  JSON.stringify(got) === JSON.stringify(wanted)
    ? null
    : `${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`;

/** With another signature, which is one in form. */
const forgedFrom = (token: string) => {
  const at = token.lastIndexOf('.') + 10;
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
};

/** Validates as a service does that is given the address of SPIRE's bundle. */
function validatorOf(spire: Spire, clock: () => number, audience = AUDIENCE) {
  const answer: typeof fetch = async () => new Response(await spire.bundle());
  const url = `${ISSUER}/bundle`;
  const keys = publishedKeys({ url, algorithms: ['ES256'], cooldown: 1, fetch: answer });
  const validator = createValidator({
    issuer: ISSUER,
    audience,
    algorithms: ['ES256'],
    keys,
    service: 'payments',
    type: 'JWT',
    clock,
  });
  const read = async (token: string) => {
    const result = await validator.validate(token);
    return result.ok ? result.claims.sub : result.reason;
  };
  return { keys, read };
}

async function theirsAreRead(spire: Spire): Promise<string | null> {
  const token = await spire.sign('/shop/orders', AUDIENCE);
  let now = Date.now();
  const { keys, read } = validatorOf(spire, () => now);
  const first = await read(token);
  const elsewhere = await validatorOf(spire, () => now, OTHER_AUDIENCE).read(token);
  const forged = await read(forgedFrom(token));
  now += 6 * MINUTE;
  const late = await read(token);
  return (
    same([first, elsewhere, forged, late], [THEIR_ID, 'audience-wrong', 'signature-wrong', 'expired']) ??
    // The bundle has the authority of X.509 too, which signs no token.
    (keys.problems().some((line) => /its use is not sig/.test(line))
      ? null
      : `the key for X.509 was taken for one of tokens: ${keys.problems()}`)
  );
}

async function theirKeyChanges(spire: Spire): Promise<string | null> {
  let now = Date.now();
  const { read } = validatorOf(spire, () => now);
  const before = await spire.sign('/shop/orders', AUDIENCE);
  const first = await read(before);
  await spire.change();
  const after = await spire.sign('/shop/orders', AUDIENCE);
  const atOnce = await read(after);
  now += 2_000;
  // Its id is not known, so the bundle is asked for again, as soon as that may be.
  const soon = await read(after);
  return same([first, atOnce, soon, await read(before)], [THEIR_ID, 'key-unknown', THEIR_ID, THEIR_ID]);
}

function ourIssuer(folder: string) {
  const state = { now: Date.now() };
  const ledger = fileLedger(join(folder, 'ring.db'));
  const store = softwareStore(join(folder, 'keys'));
  const signer = createSigner({ store, ledger, algorithm: 'ES256', policy, clock: () => state.now });
  const options = {
    trustDomain: OURS,
    issuer: 'https://macadam.example',
    log: fileIssuanceLog(join(folder, 'log.db')),
    attest: async (proof: string) => ({ subject: proof, expires: Date.now() / 1000 + 3600 }),
    workloads: { orders: { path: '/shop/orders', audiences: [AUDIENCE] } },
  };
  const issuer = createWorkloadIssuer({ ...options, signer });
  const thief = createWorkloadIssuer({ ...options, signer: developmentSigner() });
  const issue = async (by = issuer) => {
    const result = await by.issue('orders', AUDIENCE);
    if (!result.ok) throw new Error(result.detail);
    return result.token;
  };
  return {
    state,
    signer,
    bundle: issuer.bundle,
    callback: issuer.callback,
    issue,
    stolen: () => issue(thief),
  };
}

type OurIssuer = ReturnType<typeof ourIssuer>;

async function oursAreRead(spire: Spire, ours: OurIssuer): Promise<string | null> {
  const token = await ours.issue();
  const bundle = ours.bundle();
  const asked = (changed: object) =>
    spire.validate({ domain: OURS, bundle, audience: AUDIENCE, token, ...changed });
  return same(
    [
      await asked({}),
      await asked({ audience: OTHER_AUDIENCE }),
      await asked({ token: forgedFrom(token) }),
      await asked({ token: await ours.stolen() }),
      await asked({ domain: 'other.example' }),
    ],
    [OUR_ID, 'refused', 'refused', 'refused', 'refused'],
  );
}

async function ourKeyChanges(spire: Spire, ours: OurIssuer): Promise<string | null> {
  const asked = (token: string, bundle: string) =>
    spire.validate({ domain: OURS, bundle, audience: AUDIENCE, token });
  const before = await ours.issue();
  const old = ours.bundle();
  ours.state.now += policy.activeFor;
  await ours.signer.rotate();
  const after = await ours.issue();
  // The next key was in the bundle before it signed: nobody has to fetch anything.
  const announced = await asked(after, old);
  const [key = ''] = ours.signer.ring().flatMap(({ id, state }) => (state === 'active' ? [id] : []));
  await ours.signer.withdraw(key, 'tried here');
  const bundle = ours.bundle();
  const next = await ours.issue();
  return same(
    [announced, await asked(after, bundle), await asked(next, bundle), await asked(before, bundle)],
    [OUR_ID, 'refused', OUR_ID, OUR_ID],
  );
}

/** Our bundle where SPIRE's server asks for it, and SPIRE's two programs beside it. */
async function startBoth(folder: string) {
  mkdirSync(join(folder, 'ours'), { recursive: true });
  const ours = ourIssuer(join(folder, 'ours'));
  await ours.signer.rotate();
  const tls = makeServingCertificate(folder);
  const [key, cert] = [readFileSync(tls.key), readFileSync(tls.certificate)];
  const server = createServer({ key, cert }, ours.callback());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const spire = await startPrograms(folder, tls, {
    domain: OURS,
    bundleUrl: `https://127.0.0.1:${port}/bundle`,
  });
  const stop = () => {
    spire.stop();
    server.close();
    server.closeAllConnections();
  };
  return { ours, spire, fetch: fetchTrusting(tls), stop };
}

type Both = Awaited<ReturnType<typeof startBoth>>;

async function theirProgramIsRead({ spire, fetch }: Both): Promise<string | null> {
  const keys = publishedKeys({ url: spire.bundleUrl, algorithms: ['ES256'], cooldown: 1, fetch });
  const read = async (token: string, audience = AUDIENCE) => {
    const options = { issuer: ISSUER, audience, keys, service: 'payments', type: 'JWT' } as const;
    const result = await createValidator({ ...options, algorithms: ['ES256'] }).validate(token);
    return result.ok ? result.claims.sub : result.reason;
  };
  const before = await spire.fetchToken(AUDIENCE);
  const first = await read(before);
  const elsewhere = await read(before, OTHER_AUDIENCE);
  const forged = await read(forgedFrom(before));
  await spire.changeKey();
  // For another audience: the agent keeps the tokens that it has.
  const after = await spire.fetchToken(OTHER_AUDIENCE);
  const changed = keyIdOf(before) !== keyIdOf(after);
  const next = await eventually(async () => {
    const answer = await read(after, OTHER_AUDIENCE);
    if (answer === 'key-unknown') throw new Error('the new key is not asked for yet');
    return answer;
  });
  return same(
    [first, elsewhere, forged, changed, next, await read(before)],
    [THEIR_ID, 'audience-wrong', 'signature-wrong', true, THEIR_ID, THEIR_ID],
  );
}

const keyIdOf = (token: string): unknown =>
  JSON.parse(Buffer.from(token.split('.', 1)[0] ?? '', 'base64url').toString()).kid;

/** What the agent says, once it has the bundle that its server was told to ask for. */
async function saidOnce(spire: SpirePrograms, token: string, wanted: string): Promise<string> {
  await spire.refresh();
  return eventually(async () => {
    const said = await spire.validate(AUDIENCE, token);
    if (said !== wanted) throw new Error(`the agent says ${said}`);
    return said;
  });
}

async function theirProgramReads({ ours, spire }: Both): Promise<string | null> {
  const token = await ours.issue();
  const first = await saidOnce(spire, token, OUR_ID);
  const wrong = [
    await spire.validate(OTHER_AUDIENCE, token),
    await spire.validate(AUDIENCE, forgedFrom(token)),
    await spire.validate(AUDIENCE, await ours.stolen()),
  ];
  ours.state.now += policy.activeFor;
  await ours.signer.rotate();
  // The next key was in the bundle before it signed, so the agent has it already.
  const announced = await spire.validate(AUDIENCE, await ours.issue());
  const [key = ''] = ours.signer.ring().flatMap(({ id, state }) => (state === 'active' ? [id] : []));
  const taken = await ours.issue();
  await ours.signer.withdraw(key, 'tried here');
  const gone = await saidOnce(spire, taken, 'refused');
  return same(
    [first, ...wrong, announced, gone, await saidOnce(spire, await ours.issue(), OUR_ID)],
    [OUR_ID, 'refused', 'refused', 'refused', OUR_ID, 'refused', OUR_ID],
  );
}

export const suite: Suite = {
  name: 'spire',
  proves:
    "workload tokens of SPIRE's server and agent are validated here and ours by its agent, through changes of keys",
  vectors: [],
  lacks: () => lacksSpire() ?? lacksPrograms(),
  runsPeer: true,
  load: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'macadam-spire-'));
    const spire = startSpire();
    const ours = ourIssuer(folder);
    await ours.signer.rotate();
    const both = await startBoth(join(folder, 'programs'));
    const end = () => {
      spire.stop();
      both.stop();
      rmSync(folder, { recursive: true, force: true });
    };
    const cases: readonly Case[] = [
      { id: "SPIRE's token by its bundle", run: () => theirsAreRead(spire) },
      { id: 'SPIRE changes its key', run: () => theirKeyChanges(spire) },
      { id: "our token by SPIRE's validation", run: () => oursAreRead(spire, ours) },
      { id: 'we change our key, and take one out', run: () => ourKeyChanges(spire, ours) },
      {
        id: "a token of SPIRE's agent, by the bundle of its server, whose key changes",
        run: () => theirProgramIsRead(both),
      },
      {
        id: "our tokens by SPIRE's agent, by a federated bundle, whose keys change",
        run: () => theirProgramReads(both).finally(end),
      },
    ];
    return cases;
  },
};
