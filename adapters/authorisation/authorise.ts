/** May a caller do it? Cedar decides, by the policies in `policies/`; this puts the question and says which rule answered. */
import './wasm-bounds.ts';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import type { Role } from '../decisions/access.ts';
import type { DecisionPrincipal } from '../decisions/port.ts';
import { type Action, coveringScopes, EVERYTHING, isAction } from './actions.ts';
import { type Caller, principalOf } from './caller.ts';
import { described, groupsOf, loadedPolicies, policySetOf } from './policies.ts';

/** What an action is done to. Only what the policies ask about; the rest of a record is none of their business. */
export interface Resource {
  /** Empty for a list, or for what does not exist yet. */
  readonly id: string;
  /** Whose record it is; empty: of the whole company, or of no division. */
  readonly division: string;
  /** The team that answers for it. */
  readonly team?: string;
  /** The standard that it is about. */
  readonly standard?: string;
  /** Who asked for it, wrote it, or whom it is about: segregation of duties and one's own things rest on this. */
  readonly person?: string | undefined;
}

/** Of the whole company, and no record of its own. */
export const COMPANY: Resource = { id: '', division: '' };

export interface Authorisation {
  readonly allowed: boolean;
  /** Ids of the policies that decided; empty when nothing permits it. */
  readonly policies: readonly string[];
  /** For people: which rule, and what would be needed. */
  readonly reason: string;
}

/** The sets of the schema, by role. */
const HELD = {
  reader: 'readerOf',
  engineer: 'engineerOf',
  'standard-owner': 'standardOwnerOf',
  'deputy-ciso': 'deputyCisoOf',
  administrator: 'administratorOf',
  auditor: 'auditorOf',
} as const satisfies Record<Role, string>;
export const ROLES = Object.keys(HELD) as readonly Role[];

const COMPANY_ENTITY = { type: 'Division', id: '' };

/** Never throws over a question: what cannot be decided is not allowed, with the cause. */
export function authorise(caller: Caller, action: string, resource: Resource): Authorisation {
  if (!isAction(action))
    return { allowed: false, policies: [], reason: `there is no action ${action}, so nobody may do it` };
  const { allowed, policies, cause } = decide(caller, action, resource);
  if (allowed) return { allowed, policies, reason: `allowed by ${policies.join(', ')}` };
  if (cause !== undefined) return { allowed, policies, reason: `it could not be decided: ${cause}` };
  const known = loadedPolicies();
  if (policies.length > 0)
    return { allowed, policies, reason: policies.map((id) => `${known.get(id)?.reason} (${id})`).join('; ') };
  return {
    allowed,
    policies,
    // What is lacking takes twenty more questions to the policies, and most who are told no only leave a button out.
    get reason() {
      return lacking(caller, action, resource);
    },
  };
}

/**
 * As whom the store is asked for what an action reads: only with the divisions in which the caller may do it, so that a list
 * holds what the policies permit and row-level security does the filtering. A caller who may do it nowhere sees no division.
 */
export function principalFor(caller: Caller, action: Action): DecisionPrincipal {
  const may = (division: string) => decide(caller, action, { id: '', division }).allowed;
  const { id, divisions } = principalOf(caller);
  if (may('')) return { id, divisions: 'all' };
  return { id, divisions: divisions === 'all' ? [] : divisions.filter(may) };
}

/** May a caller do it in any division at all? For lists, which `principalFor` then narrows. */
export function authoriseAnywhere(caller: Caller, action: Action): Authorisation {
  const inDivision = (division: string) => authorise(caller, action, { id: '', division });
  const inCompany = inDivision('');
  if (inCompany.allowed) return inCompany;
  for (const division of new Set(caller.roles.map((role) => role.division))) {
    const found = division === '' ? inCompany : inDivision(division);
    if (found.allowed) return found;
  }
  return inCompany;
}

/** Reads the policies, which takes half a second of a process: the first who asks would wait for it. Throws where one cannot be read. */
export function prepareAuthorisation(): void {
  loadedPolicies();
  groupsOf('');
}

interface Decided {
  readonly allowed: boolean;
  readonly policies: readonly string[];
  readonly cause?: string;
}

/** A page asks some fifty questions for its links and buttons, which are those of the page before it: the engine takes half a millisecond for each. */
const KEPT = 2000;
/** What is longer is of a name that somebody made up, and asked once. */
const LONGEST_QUESTION = 2000;
const answers = new Map<string, Decided>();

/** An answer rests on nothing but the question and the policies, which stay as they are as long as the process does. */
function decide(caller: Caller, action: Action, resource: Resource): Decided {
  const { person, via, roles, scopes, teams, standards } = caller;
  const { id, division, team, standard, person: whose } = resource;
  const question = JSON.stringify([
    ...[person, via, roles, scopes, teams, standards],
    ...[action, id, division, team, standard, whose],
  ]);
  const held = answers.get(question);
  const decided = held ?? askedOfEngine(caller, action, resource);
  if (decided.cause !== undefined || question.length > LONGEST_QUESTION) return decided;
  answers.delete(question);
  answers.set(question, decided);
  const [oldest] = answers.keys();
  if (answers.size > KEPT && oldest !== undefined) answers.delete(oldest);
  return decided;
}

function askedOfEngine(caller: Caller, action: Action, resource: Resource): Decided {
  loadedPolicies();
  const [noun = ''] = action.split('::');
  const principal = { type: 'Person', id: caller.person };
  const asked = { type: noun, id: resource.id };
  const division = { type: 'Division', id: resource.division };
  const answer = cedar.statefulIsAuthorized({
    principal,
    action: { type: 'Action', id: action },
    resource: asked,
    context: { covering: [...coveringScopes(action)] },
    preparsedPolicySetId: policySetOf(noun),
    entities: [
      { uid: principal, attrs: attributesOf(caller), parents: [] },
      { uid: asked, attrs: subjectOf(resource), parents: [division] },
      ...(resource.division === '' ? [] : [{ uid: division, attrs: {}, parents: [COMPANY_ENTITY] }]),
      { uid: COMPANY_ENTITY, attrs: {}, parents: [] },
      { uid: { type: 'Action', id: action }, attrs: {}, parents: [...groupsOf(action)] },
    ],
  });
  if (answer.type === 'failure') return { allowed: false, policies: [], cause: described(answer.errors) };
  const { decision, diagnostics } = answer.response;
  const [failed] = diagnostics.errors;
  // A policy that errs counts for nothing, and it may have been the one that forbids.
  if (failed)
    return {
      allowed: false,
      policies: [failed.policyId],
      cause: `${failed.policyId}: ${failed.error.message}`,
    };
  return { allowed: decision === 'allow', policies: [...diagnostics.reason].sort() };
}

function attributesOf({ person, via, roles, scopes, teams, standards }: Caller) {
  const held = Object.entries(HELD).map(([role, set]) => [
    set,
    roles
      .filter((one) => one.role === role)
      .map((one) => ({ __entity: { type: 'Division', id: one.division } })),
  ]);
  return {
    person,
    via,
    scopes: scopes === 'all' ? [EVERYTHING] : [...scopes],
    teams: [...teams],
    standards: [...standards],
    ...Object.fromEntries(held),
  };
}

const subjectOf = ({ team, standard, person }: Resource) => ({
  ...(team !== undefined && { team }),
  ...(standard !== undefined && { standard }),
  ...(person !== undefined && { person }),
});

/** The rule that is missing, in terms of what somebody could be given. */
function lacking(caller: Caller, action: Action, resource: Resource): string {
  const where = resource.division === '' ? 'the whole company' : `division ${resource.division}`;
  const withRole = (role: Role) => ({
    ...caller,
    roles: [...caller.roles, { role, division: resource.division }],
  });
  const { team, standard } = resource;
  const allowing = (who: (role: Role) => Caller) =>
    ROLES.filter((role) => decide(who(role), action, resource).allowed).join(' or ');
  const enough = allowing(withRole);
  if (enough) return `${action} takes the role ${enough} for ${where}`;
  // Most records have a team and a standard, and a rule asks for one of them.
  const parts = [
    ...(team === undefined ? [] : [{ said: `being of team ${team}`, belongs: { teams: [team] } }]),
    ...(standard === undefined
      ? []
      : [{ said: `owning standard ${standard}`, belongs: { standards: [standard] } }]),
  ];
  for (const { said, belongs } of parts)
    if (decide({ ...caller, ...belongs }, action, resource).allowed) return `${action} takes ${said}`;
  for (const { said, belongs } of parts) {
    const both = allowing((role) => ({ ...withRole(role), ...belongs }));
    if (both) return `${action} takes the role ${both} for ${where}, and ${said}`;
  }
  return `no policy permits ${action} for ${where} to somebody who calls by a ${caller.via}`;
}
