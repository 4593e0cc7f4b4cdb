/** The policies on disk, each under the id that its author gave it, parsed once a process. */
import './wasm-bounds.ts';
import { readdirSync, readFileSync } from 'node:fs';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { ACTIONS, NOUNS } from './actions.ts';

const FOLDER = new URL('policies/', import.meta.url);
export interface Policy {
  /** Its `@id`: `nobody-grants-themselves`. */
  readonly id: string;
  readonly file: string;
  readonly effect: 'permit' | 'forbid';
  /** Why, for people; every forbid has one. */
  readonly reason: string;
  readonly text: string;
  /** Nouns that its head names, so that it can apply to no other; `all` where it names a group or nothing. */
  readonly nouns: readonly string[] | 'all';
}

export const schemaText = (): string => readFileSync(new URL('schema.cedarschema', FOLDER), 'utf8');

/** In order of file, then of place in it. Throws on a policy that cannot be read: without its rules nothing is decided. */
export function readPolicies(): readonly Policy[] {
  const files = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.cedar'))
    .sort();
  return files.flatMap((file) => {
    const parts = cedar.policySetTextToParts(readFileSync(new URL(file, FOLDER), 'utf8'));
    if (parts.type === 'failure') throw new Error(`${file}: ${described(parts.errors)}`);
    return parts.policies.map((text) => policyOf(file, text));
  });
}

function policyOf(file: string, text: string): Policy {
  const parsed = cedar.policyToJson(text);
  if (parsed.type === 'failure') throw new Error(`${file}: ${described(parsed.errors)}`);
  const { effect, annotations = {} } = parsed.json;
  const { id, reason = '' } = annotations;
  if (id === undefined) throw new Error(`${file}: a policy has no @id, so a refusal could not name it`);
  return { id, file, effect, reason, text, nouns: nounsOf(parsed.json.action) };
}

function nounsOf(head: cedar.ActionConstraint): readonly string[] | 'all' {
  const named =
    head.op === 'All' ? [] : 'entities' in head ? head.entities : 'entity' in head ? [head.entity] : [];
  const nouns = named.map((entity) => /^(.+)::/.exec('id' in entity ? entity.id : entity.__entity.id)?.[1]);
  const known = nouns.filter((noun) => noun !== undefined);
  return known.length === 0 || known.length < nouns.length ? 'all' : [...new Set(known)];
}

let read: ReadonlyMap<string, Policy> | undefined;

/**
 * By id. The first call parses them all, and the engine keeps them by noun: asking a few of them takes a third of the time of
 * asking all.
 */
export function loadedPolicies(): ReadonlyMap<string, Policy> {
  if (read !== undefined) return read;
  const policies = readPolicies();
  const byId = new Map(policies.map((policy) => [policy.id, policy]));
  if (byId.size !== policies.length) throw new Error('two policies have one @id');
  for (const noun of NOUNS) {
    const apply = policies.filter(({ nouns }) => nouns === 'all' || nouns.includes(noun));
    const answer = cedar.preparsePolicySet(policySetOf(noun), {
      staticPolicies: Object.fromEntries(apply.map(({ id, text }) => [id, text])),
    });
    if (answer.type === 'failure') throw new Error(described(answer.errors));
  }
  read = byId;
  return byId;
}

/** The name by which the engine keeps the policies of a noun. */
export const policySetOf = (noun: string): string => `macadam/${noun}`;

let groups: ReadonlyMap<string, readonly cedar.TypeAndId[]> | undefined;

/** What an action belongs to (`read`, `change`, `approval`), from the schema: it is said in one place. */
export function groupsOf(action: string): readonly cedar.TypeAndId[] {
  groups ??= readGroups();
  return groups.get(action) ?? [];
}

/** `action "A", "B" in ["read"]`: which actions, and what they belong to. */
const DECLARED = /\baction\s+("[^"]+"(?:\s*,\s*"[^"]+")*)(?:\s+in\s+\[([^\]]*)\])?/g;
const quoted = (text: string): string[] => [...text.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name);

/** Read here and not by the engine, which takes a sixth of a second of a processor to read a schema; a test holds that both read the same. */
function readGroups(): ReadonlyMap<string, readonly cedar.TypeAndId[]> {
  const declared = schemaText()
    .replaceAll(/\/\/.*/g, '')
    .matchAll(DECLARED);
  const found = new Map(
    [...declared].flatMap(([, actions = '', within = '']) =>
      quoted(actions).map(
        (action) => [action, quoted(within).map((id) => ({ type: 'Action', id }))] as const,
      ),
    ),
  );
  // A rule about all changes would say nothing of an action that belongs nowhere.
  const astray = ACTIONS.find((action) => (found.get(action)?.length ?? 0) === 0);
  if (astray !== undefined) throw new Error(`the schema does not say what ${astray} belongs to`);
  return found;
}

export const described = (errors: readonly cedar.DetailedError[]): string =>
  errors.map(({ message, help }) => (help ? `${message} (${help})` : message)).join('; ');
