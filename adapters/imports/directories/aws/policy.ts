/** Policies of AWS, as far as they are worked out here. */
import { isRecord, type Json } from '../answer.ts';
import { decodedText } from '../api.ts';

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
  return statements.every(isRecord) ? statements : null;
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
