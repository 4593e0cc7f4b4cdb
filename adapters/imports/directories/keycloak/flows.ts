/**
 * Whether a realm refuses a sign-in without a phishing-resistant method: every flow by which an account could get in has to ask for
 * one on every way through it. A step that is not known leaves it unknown.
 */
import type { Statement } from '@macadam/core/facts/observation';
import { isRecord } from '../answer.ts';
import { gapOf, isWhole, type Listing } from '../listing.ts';
import type { SavedLists } from '../saved-lists.ts';
import { flagOf, type Item, textOf, unobserved } from '../statement.ts';

const EXECUTIONS = '/authentication/flows/{id}/executions';

/** `held`: every way through asks for it; `open`: one does not; else why it cannot be told. */
type Asked = 'held' | 'open' | { readonly why: string };

interface Step {
  readonly name: string;
  /** Null for a flow inside of the flow. */
  readonly provider: string | null;
  readonly requirement: string;
  readonly steps: Step[];
}

const PROOFS: ReadonlySet<string> = new Set([
  'webauthn-authenticator',
  'webauthn-authenticator-passwordless',
  'auth-x509-client-username-form',
  // Nobody gets past it.
  'deny-access-authenticator',
  'direct-grant-auth-x509-client-username-form',
  // A session that began by one of the flows.
  'auth-cookie',
]);

const WEAK: ReadonlySet<string> = new Set([
  'auth-username-form',
  'auth-password-form',
  'auth-username-password-form',
  'auth-otp-form',
  'auth-recovery-authn-code-form',
  'direct-grant-validate-username',
  'direct-grant-validate-password',
  'direct-grant-validate-otp',
  'reset-credentials-choose-user',
  'reset-credential-email',
  'reset-password',
  'reset-otp',
]);

export function weakSignInBlocked(lists: SavedLists): Statement {
  const [realm] = lists.list('/realm').items;
  if (realm === undefined) return gapOf(lists.list('/realm'));
  const clients = lists.list('/clients');
  if (!isWhole(clients)) return gapOf(clients);
  const providers = lists.list('/identity-provider/instances');
  if (!isWhole(providers)) return gapOf(providers);
  const elsewhere = providers.items.filter(({ record }) => record.enabled !== false);
  const asked: Asked[] = elsewhere.length === 0 ? [] : [{ why: elsewhereWhy(elsewhere) }];
  for (const [flow, why] of flowsInUse(realm, clients))
    asked.push(flow === null ? { why } : askedBy(flow, lists));
  if (asked.includes('open')) return { value: false, assurance: 'effective' };
  const unknown = asked.find((one) => typeof one === 'object');
  return unknown === undefined ? { value: true, assurance: 'effective' } : unobserved(unknown.why);
}

const elsewhereWhy = (providers: readonly Item[]): string =>
  `accounts may sign in through ${providers.map(({ record }) => String(record.alias ?? record.providerId ?? 'another provider')).join(', ')}, and what is asked there is not told; measure that directory`;

/** Names of the flows that somebody could sign in by; null, with the reason, where a name is not known. */
function flowsInUse(realm: Item, clients: Listing): readonly (readonly [string | null, string])[] {
  const found: (readonly [string | null, string])[] = [];
  const named = (item: Item, field: string): void => {
    const flow = textOf(item, field);
    found.push('value' in flow ? [flow.value, ''] : [null, flow.why]);
  };
  named(realm, 'browserFlow');
  const forgotten = flagOf(realm, 'resetPasswordAllowed');
  if (!('value' in forgotten)) found.push([null, forgotten.why]);
  else if (forgotten.value) named(realm, 'resetCredentialsFlow');
  const live = clients.items.filter(({ record }) => record.enabled !== false && record.bearerOnly !== true);
  if (live.some(({ record }) => record.directAccessGrantsEnabled !== false)) named(realm, 'directGrantFlow');
  for (const { record, file } of live) {
    const { authenticationFlowBindingOverrides: own, attributes } = record;
    if (isRecord(own) && Object.values(own).some((flow) => typeof flow === 'string' && flow !== ''))
      found.push([
        null,
        `the client ${String(record.clientId)} in ${file} has flows of its own, which are not read; look at them`,
      ]);
    if (isRecord(attributes) && attributes['oidc.ciba.grant.enabled'] === 'true')
      found.push([
        null,
        `the client ${String(record.clientId)} in ${file} signs people in on another device, and what is asked there is not told`,
      ]);
  }
  return found;
}

function askedBy(flow: string, lists: SavedLists): Asked {
  const listing = lists.of(EXECUTIONS, encodeURIComponent(flow));
  const plain = lists.of(EXECUTIONS, flow);
  const found = isWhole(listing) ? listing : plain;
  if (!isWhole(found)) return { why: gapOf(found).why };
  const root: Step = { name: flow, provider: null, requirement: 'REQUIRED', steps: [] };
  const above: Step[] = [root];
  for (const { record } of found.items) {
    const level = typeof record.level === 'number' ? record.level : 0;
    const step: Step = {
      name: String(record.displayName ?? record.providerId ?? '?'),
      provider: record.authenticationFlow === true ? null : String(record.providerId ?? ''),
      requirement: String(record.requirement ?? ''),
      steps: [],
    };
    above[level]?.steps.push(step);
    above[level + 1] = step;
  }
  return askedOn(root, flow);
}

function askedOn(step: Step, flow: string): Asked {
  if (step.provider !== null) {
    if (PROOFS.has(step.provider)) return 'held';
    if (WEAK.has(step.provider)) return 'open';
    // It leads to providers of sign-ins, of which there is none here: others were seen to before.
    if (step.provider === 'identity-provider-redirector') return 'held';
    return { why: `the step "${step.name}" of the flow "${flow}" is not one that this version knows` };
  }
  const required = step.steps.filter(({ requirement }) => requirement === 'REQUIRED');
  const conditional = step.steps.some(({ requirement }) => requirement === 'CONDITIONAL');
  const alternatives = step.steps.filter(({ requirement }) => requirement === 'ALTERNATIVE');
  // Beside a step that is required, alternatives are never tried.
  if (required.length > 0) {
    const parts = required.map((one) => askedOn(one, flow));
    if (parts.includes('held')) return 'held';
    return parts.find((one) => typeof one === 'object') ?? 'open';
  }
  if (conditional)
    return { why: `the flow "${flow}" has a part of which every step may be skipped; look at it` };
  const ways = alternatives.map((one) => askedOn(one, flow));
  if (ways.includes('open')) return 'open';
  const unknown = ways.find((one) => typeof one === 'object');
  if (unknown !== undefined) return unknown;
  return ways.length > 0 ? 'held' : { why: `the flow "${flow}" has a part without a step; look at it` };
}
