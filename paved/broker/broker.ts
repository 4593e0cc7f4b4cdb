/** Turns a login into a credential for named repositories that lives hours, answers whether one is good now, and takes it back. */
import { hash, randomBytes } from 'node:crypto';
import { authorities, certificate, revocationList } from './certificate.ts';
import { covers, type GitRequest, isRepositoryName } from './names.ts';
import { credentialLines } from './observations.ts';
import type { Signer } from './signer.ts';
import { sshPublicKey } from './ssh-wire.ts';
import type { Access, BrokerStore, Issued } from './store.ts';

type Claims = Readonly<Record<string, unknown>>;

/** Says whether a login is one. `createValidator` of @macadam/token fits it. */
export interface LoginCheck {
  readonly validate: (
    token: string,
  ) => Promise<
    { readonly ok: true; readonly claims: Claims } | { readonly ok: false; readonly reason: string }
  >;
}

/** Who gets what. The first rule that fits the login and covers all that it asks for decides. */
export interface Rule {
  /** Claims of the login and the values that each may have, to the letter; at least one. */
  readonly when: Readonly<Record<string, string | readonly string[]>>;
  /** `acme/shop`, or `acme/*` for all below it. */
  readonly repositories: readonly string[];
  readonly access: Access;
  /** Seconds that a credential by this rule may live. */
  readonly longest: number;
}

export interface BrokerOptions {
  readonly login: LoginCheck;
  readonly rules: readonly Rule[];
  readonly store: BrokerStore;
  readonly signer: Signer;
  /** Host of the repositories: what observations call the store of these credentials. */
  readonly host: string;
  /** The command on the SSH server that runs what a certificate allows, for example `macadam-broker serve --root /srv/git`. */
  readonly serve: string;
  /** Accounts of the SSH server; `git` by default. */
  readonly accounts?: readonly string[];
  /** Seconds that a server's clock may be behind: 0 to 300, 60 by default. A certificate is good from so long before. */
  readonly skew?: number;
  /** Milliseconds since 1970; the machine's clock by default. */
  readonly clock?: () => number;
}

export interface Request {
  readonly repositories: readonly string[];
  readonly access: Access;
  /** Seconds; an hour by default, or less where the rule gives less. */
  readonly life?: number;
}

export type RefusedReason =
  | 'login-refused'
  | 'login-used-before'
  | 'not-allowed'
  | 'too-long'
  | 'name-wrong'
  | 'key-wrong';

export interface Refused {
  readonly ok: false;
  readonly reason: RefusedReason;
  /** What to do, for whoever asked. */
  readonly why: string;
}

interface Given {
  readonly ok: true;
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export type Checked =
  | { readonly ok: true; readonly subject: string; readonly expiresAt: number }
  | {
      readonly ok: false;
      readonly reason: 'unknown' | 'ended' | 'revoked' | 'other-repository' | 'read-only';
    };

export interface Broker {
  readonly token: (
    login: string,
    request: Request,
  ) => Promise<Refused | (Given & { readonly token: string })>;
  /** `publicKey`: the line of a file `id_ed25519.pub`. */
  readonly certificate: (
    login: string,
    publicKey: string,
    request: Request,
  ) => Promise<Refused | (Given & { readonly certificate: string })>;
  /** Whether a token is good for this now. */
  readonly check: (token: string, request: GitRequest) => Checked;
  /** Takes back one, all of a subject, or everything; gives how many were in force. */
  readonly revoke: (by: { readonly id: number } | { readonly subject: string } | 'everything') => number;
  /** The file for `RevokedKeys` of sshd, which reads it at each connection. */
  readonly revocationList: () => Buffer;
  /** The file for `TrustedUserCAKeys`. */
  readonly authorities: () => string;
  /** Lines for `macadam ingest`: each credential that has not ended, with its age, end and last use. */
  readonly observations: () => string;
}

/** No credential lives longer. */
const LONGEST = 7 * 86_400;
const HOUR = 3_600;
const PREFIX = 'macb_';

const digestOf = (text: string): string => hash('sha256', text, 'hex');

/** Throws a RangeError for a rule or bound that is none, when the service starts. */
export function createBroker(options: BrokerOptions): Broker {
  const {
    login,
    rules,
    store,
    signer,
    host,
    serve,
    accounts = ['git'],
    skew = 60,
    clock = Date.now,
  } = options;
  if (!(skew >= 0 && skew <= 300)) throw new RangeError(`skew is ${skew}; give 0 to 300 seconds`);
  rules.forEach(requireRule);

  /** Who asks and until when they may have it; no credential is made here. */
  async function allowed(token: string, request: Request) {
    const { repositories, access } = request;
    const wrong = repositories.find((name) => !isRepositoryName(name));
    if (wrong !== undefined || repositories.length === 0 || repositories.length > 100)
      return refuse(
        'name-wrong',
        `name 1 to 100 repositories as \`owner/name\`; ${wrong ?? repositories.length} is none`,
      );
    const checked = await login.validate(token);
    if (!checked.ok)
      return refuse('login-refused', `the login is not good (${checked.reason}); sign in again`);
    const { claims } = checked;
    const { sub, exp } = claims;
    if (typeof sub !== 'string' || sub === '' || typeof exp !== 'number')
      return refuse(
        'login-refused',
        'the login does not say whose it is, or has no end; ask whoever runs the login',
      );
    const rule = rules.find((one) => fits(one, claims) && coversAll(one, request));
    if (rule === undefined)
      return refuse(
        'not-allowed',
        `no rule gives ${sub} ${access} access to ${repositories.join(', ')}; ask its owners`,
      );
    const life = request.life ?? Math.min(HOUR, rule.longest);
    if (!(life >= 60 && life <= rule.longest))
      return refuse('too-long', `${life} seconds were asked for; this rule gives 60 to ${rule.longest}`);
    const now = clock();
    return {
      ok: true,
      subject: sub,
      issuedAt: now,
      expiresAt: now + life * 1000,
      until: exp * 1000 + 300_000,
    } as const;
  }

  type Allowed = Extract<Awaited<ReturnType<typeof allowed>>, { readonly ok: true }>;

  function written({
    sort,
    digest,
    token,
    who,
    request,
  }: {
    readonly sort: Issued['sort'];
    readonly digest: string;
    readonly token: string;
    readonly who: Allowed;
    readonly request: Request;
  }) {
    const { subject, issuedAt, expiresAt, until } = who;
    const { repositories, access } = request;
    const wanted = { sort, digest, subject, repositories, access, issuedAt, expiresAt };
    return store.add(wanted, { digest: digestOf(token), until });
  }

  return {
    async token(token, request) {
      const who = await allowed(token, request);
      if (!who.ok) return who;
      const secret = `${PREFIX}${randomBytes(32).toString('base64url')}`;
      const id = written({ sort: 'token', digest: digestOf(secret), token, who, request });
      return id === false ? USED : { ok: true, id, token: secret, expiresAt: who.expiresAt };
    },
    async certificate(token, publicKey, request) {
      const key = sshPublicKey(publicKey);
      if (key === null)
        return refuse(
          'key-wrong',
          'give the line of a file like id_ed25519.pub: Ed25519 or ECDSA, in a file or in hardware',
        );
      const who = await allowed(token, request);
      if (!who.ok) return who;
      const id = written({ sort: 'certificate', digest: '', token, who, request });
      if (id === false) return USED;
      const { subject, issuedAt, expiresAt } = who;
      const line = await certificate(
        {
          key,
          serial: id,
          keyId: keyIdOf(subject, id),
          principals: accounts,
          validAfter: Math.floor(issuedAt / 1000) - skew,
          validBefore: Math.floor(expiresAt / 1000),
          forceCommand: [serve, request.access, ...request.repositories].join(' '),
          nonce: randomBytes(32),
        },
        signer,
      );
      return { ok: true, id, certificate: line, expiresAt };
    },
    check(token, { repository, access }) {
      const found = token.startsWith(PREFIX) && token.length < 100 ? store.byDigest(digestOf(token)) : null;
      if (found === null) return { ok: false, reason: 'unknown' };
      const now = clock();
      if (found.revokedAt !== null) return { ok: false, reason: 'revoked' };
      if (found.expiresAt <= now) return { ok: false, reason: 'ended' };
      store.used(found.id, now);
      if (!found.repositories.includes(repository)) return { ok: false, reason: 'other-repository' };
      if (access === 'write' && found.access !== 'write') return { ok: false, reason: 'read-only' };
      return { ok: true, subject: found.subject, expiresAt: found.expiresAt };
    },
    revoke: (by) => store.revoke(by, clock()),
    revocationList: () => {
      const now = clock();
      return revocationList(signer, store.revokedSerials(now), { version: now, at: Math.floor(now / 1000) });
    },
    authorities: () => authorities(signer),
    observations: () => credentialLines(store.all(), { host, now: clock() }),
  };
}

const refuse = (reason: RefusedReason, why: string): Refused => ({ ok: false, reason, why });

const USED: Refused = refuse(
  'login-used-before',
  'this login was used before, by you or somebody else; sign in again',
);

function requireRule({ when, repositories, longest, access }: Rule, index: number): void {
  const at = `rules[${index}]`;
  if (Object.keys(when).length === 0)
    throw new RangeError(`${at}.when is empty, which is everybody; name a claim`);
  const wrong = repositories.find((name) => !isRepositoryName(name.replace(/\/\*$/, '/any')));
  if (wrong !== undefined || repositories.length === 0)
    throw new RangeError(
      `${at}.repositories: \`${wrong ?? ''}\` is no repository; give \`owner/name\` or \`owner/*\``,
    );
  if (!(longest >= 60 && longest <= LONGEST))
    throw new RangeError(`${at}.longest is ${longest}; give 60 seconds to ${LONGEST} (seven days)`);
  if (access !== 'read' && access !== 'write')
    throw new RangeError(`${at}.access is ${access}; give read or write`);
}

/** A claim that holds several values fits by one of them. */
function fits({ when }: Rule, claims: Claims): boolean {
  return Object.entries(when).every(([name, values]) => {
    const allowedValues = typeof values === 'string' ? [values] : values;
    const claim = Object.hasOwn(claims, name) ? claims[name] : undefined;
    return [claim].flat().some((one) => typeof one === 'string' && allowedValues.includes(one));
  });
}

const coversAll = (rule: Rule, { repositories, access }: Request): boolean =>
  (access === 'read' || rule.access === 'write') &&
  repositories.every((name) => rule.repositories.some((pattern) => covers(pattern, name)));

/** Stands in the log of the server: no line of it can be begun by a name. */
const keyIdOf = (subject: string, id: number): string =>
  `${subject.replaceAll(/[^\w.@:/-]/g, '_').slice(0, 200)} ${id}`;
