/** Policies of AWS, as far as they are worked out here. */
import { isRecord, type Json, recordIn } from '../answer.ts';
import { decodedText } from '../api.ts';
import type { FederatedTrust } from '../federated-trust.ts';

export type Statements = readonly Json[];

/** A policy as a record, or as the text in which the API gives it; null for what is none. */
export function statementsIn(policy: unknown): Statements | null {
  let document = policy;
  if (typeof policy === 'string') {
    try {
      document = JSON.parse(policy.trimStart().startsWith('{') ? policy : decodedText(policy));
    } catch {
      return null;
    }
  }
  if (!isRecord(document)) return null;
  const statements = Array.isArray(document.Statement) ? document.Statement : [document.Statement];
  return statements.every((one) => isRecord(one) && isStatement(one)) ? statements : null;
}

/** A statement of a policy of a resource says whom it is about; one that does not say what it does is none. */
function isStatement({ Effect, Principal, NotPrincipal }: Json): boolean {
  const whom = Principal ?? NotPrincipal;
  return (Effect === 'Allow' || Effect === 'Deny') && (typeof whom === 'string' || isRecord(whom));
}

export const textsIn = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string');

export interface Trust {
  /** Accounts that it names. */
  readonly accounts: ReadonlySet<string>;
  /** Whether it names everybody, on no condition. */
  readonly everybody: boolean;
  /** Services of AWS that take the role on by themselves. */
  readonly services: readonly string[];
  /** Issuers whose word it takes. */
  readonly issuers: readonly string[];
  /** What was not worked out, in words; null where all was. */
  readonly open: string | null;
}

const EVERYBODY = '*';

/** Who may take a role on, by its trust policy. What denies only takes away, and is left out. */
export function trustIn(statements: Statements): Trust {
  const accounts = new Set<string>();
  const services = new Set<string>();
  const issuers = new Set<string>();
  let everybody = false;
  let open: string | null = null;
  for (const { Effect, Principal, NotPrincipal, Condition } of statements) {
    if (Effect !== 'Allow') continue;
    if (NotPrincipal !== undefined) open = 'it names who may not take it on, and so everybody else';
    const named = Principal === EVERYBODY ? { AWS: EVERYBODY } : Principal;
    if (!isRecord(named)) continue;
    for (const one of textsIn(named.AWS)) {
      const account = /^(?:arn:[\w-]+:(?:iam|sts)::)?(\d{12})(?::|$)/.exec(one)?.[1];
      if (account !== undefined) accounts.add(account);
      else if (one === EVERYBODY && isRecord(Condition) && Object.keys(Condition).length > 0)
        open = 'it names everybody on a condition, which is not worked out';
      else if (one === EVERYBODY) everybody = true;
    }
    for (const one of textsIn(named.Service)) services.add(one);
    for (const one of textsIn(named.Federated)) issuers.add(one);
  }
  return { accounts, everybody, services: [...services], issuers: [...issuers], open };
}

const PROVIDER = /:oidc-provider\/(.+)$/;
const ASKS_SUBJECT = /^(?:For(?:Any|All)Values?:)?String(Equals|EqualsIgnoreCase|Like)(?:IfExists)?$/i;

/** Whose word about which workloads a trust policy takes. A statement that denies can only narrow that. */
export function federatedTrusts(statements: Statements): readonly FederatedTrust[] {
  const denies = statements.some(({ Effect }) => Effect === 'Deny');
  return statements.flatMap(({ Effect, Principal, Condition }) => {
    if (Effect !== 'Allow' || !isRecord(Principal)) return [];
    return textsIn(Principal.Federated).flatMap((provider): readonly FederatedTrust[] => {
      const issuer = PROVIDER.exec(provider)?.[1];
      if (issuer === undefined) return [];
      const { subjects, isPattern, others } = subjectsIn(recordIn(Condition), issuer);
      const also =
        others.length > 0
          ? `it asks for ${others.join(' and ')}`
          : denies
            ? 'its policy denies something'
            : null;
      return subjects === null
        ? [{ issuer, subject: null, isPattern: true, also }]
        : subjects.map((subject) => ({ issuer, subject, isPattern, also }));
    });
  });
}

/** The subjects that a condition names, and what else it asks of the token. Exact names are narrower than patterns. */
function subjectsIn(condition: Json, issuer: string) {
  let subjects: readonly string[] | null = null;
  let isPattern = true;
  const others: string[] = [];
  for (const [operator, keys] of Object.entries(condition)) {
    if (!isRecord(keys)) continue;
    const [, how] = ASKS_SUBJECT.exec(operator) ?? [];
    for (const [key, values] of Object.entries(keys)) {
      const name = key.toLowerCase();
      if (name === `${issuer.toLowerCase()}:aud`) continue;
      if (name !== `${issuer.toLowerCase()}:sub` || how === undefined) {
        others.push(`\`${key}\``);
        continue;
      }
      const exact = how.toLowerCase() !== 'like';
      if (subjects !== null && !exact) continue;
      subjects = textsIn(values);
      isPattern = !exact;
    }
  }
  return { subjects, isPattern, others };
}

/** Keys by which a bucket can tell where a request comes from. */
const NETWORK_KEYS: ReadonlySet<string> = new Set([
  'aws:sourcevpce',
  'aws:sourcevpc',
  'aws:sourceip',
  'aws:vpcsourceip',
]);

/** The operators that hold for whatever is not named. */
const UNLESS =
  /^(?:ForAllValues:)?(?:StringNotEquals|StringNotEqualsIgnoreCase|StringNotLike|NotIpAddress)(?:IfExists)?$/i;

/**
 * Whether a bucket's policy denies everything to everybody, save from networks that it names: one statement, whose only condition that is.
 * `ForAllValues` holds where the key is missing, and `StringNotEquals` too, so both deny what comes from nowhere that is named.
 */
export function deniesOtherNetworks(statements: Statements, bucket: string): boolean {
  return statements.some(({ Effect, Principal, Action, Resource, Condition }) => {
    if (Effect !== 'Deny' || !isRecord(Condition)) return false;
    const all =
      Principal === EVERYBODY || (isRecord(Principal) && textsIn(Principal.AWS).includes(EVERYBODY));
    const every = textsIn(Action).some((one) => one === EVERYBODY || one.toLowerCase() === 's3:*');
    const objects = textsIn(Resource).some(
      (one) => one === EVERYBODY || one.endsWith(`:::${bucket}/*`) || one.endsWith(`:::${bucket}*`),
    );
    return all && every && objects && namesNetworksAlone(Condition);
  });
}

function namesNetworksAlone(condition: Json): boolean {
  const operators = Object.entries(condition);
  if (operators.length !== 1) return false;
  return operators.every(([operator, keys]) => {
    if (!UNLESS.test(operator) || !isRecord(keys)) return false;
    const named = Object.entries(keys);
    return (
      named.length > 0 &&
      named.every(([key, values]) => NETWORK_KEYS.has(key.toLowerCase()) && coverSome(textsIn(values)))
    );
  });
}

/** A list that leaves everybody out of the denial denies nobody. */
function coverSome(values: readonly string[]): boolean {
  const wide = values.filter((value) => {
    const length = /\/(\d+)$/.exec(value)?.[1];
    return value === EVERYBODY || (length !== undefined && Number(length) < 8);
  });
  return values.length > 0 && wide.length === 0;
}

/** Operators that hold for every principal that is not named. */
const UNLESS_ONE = /^(?:ArnNotEquals|ArnNotLike|StringNotEquals|StringNotLike)$/i;

/** The principals that a bucket's policy leaves out when it denies everybody to read an object; null where it denies nobody, or leaves out a pattern. */
export function readersLeftOut(statements: Statements, bucket: string): readonly string[] | null {
  for (const { Effect, Principal, Action, Resource, Condition } of statements) {
    if (Effect !== 'Deny' || !isRecord(Condition)) continue;
    const all =
      Principal === EVERYBODY || (isRecord(Principal) && textsIn(Principal.AWS).includes(EVERYBODY));
    const reads = textsIn(Action).some((one) => ['*', 's3:*', 's3:getobject*'].includes(one.toLowerCase()));
    const objects = textsIn(Resource).some((one) => one === EVERYBODY || one.endsWith(`:::${bucket}/*`));
    const [operator, ...more] = Object.entries(Condition);
    if (!all || !reads || !objects || operator === undefined || more.length > 0) continue;
    const [how, keys] = operator;
    const [key, ...others] = isRecord(keys) ? Object.entries(keys) : [];
    if (!UNLESS_ONE.test(how) || key === undefined || others.length > 0) continue;
    const named = textsIn(key[1]);
    if (
      key[0].toLowerCase() === 'aws:principalarn' &&
      named.length > 0 &&
      !named.some((one) => /[*?]/.test(one))
    )
      return named;
  }
  return null;
}
