/** The policies on disk, each under the id that its author gave it, parsed once a process. */
import { readdirSync, readFileSync } from 'node:fs';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';

const FOLDER = new URL('policies/', import.meta.url);
/** The engine keeps parsed policies by a name. */
export const POLICIES_NAME = 'macadam';

export interface Policy {
  /** Its `@id`: `nobody-grants-themselves`. */
  readonly id: string;
  readonly file: string;
  readonly effect: 'permit' | 'forbid';
  /** Why, for people; every forbid has one. */
  readonly reason: string;
  readonly text: string;
}

export const schemaText = (): string => readFileSync(new URL('schema.cedarschema', FOLDER), 'utf8');

/** In order of file, then of place in it. Throws on a policy that cannot be read: without its rules nothing is decided. */
export function readPolicies(): readonly Policy[] {
  const files = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.cedar'))
    .sort();
  return files.flatMap((file) => {
    const parts = cedar.policySetTextToParts(readFileSync(new URL(file, FOLDER), 'utf8'));
    if (parts.type === 'failure') throw new Error(`${file}: ${told(parts.errors)}`);
    return parts.policies.map((text) => policyOf(file, text));
  });
}

function policyOf(file: string, text: string): Policy {
  const parsed = cedar.policyToJson(text);
  if (parsed.type === 'failure') throw new Error(`${file}: ${told(parsed.errors)}`);
  const { effect, annotations = {} } = parsed.json;
  const { id, reason = '' } = annotations;
  if (id === undefined) throw new Error(`${file}: a policy has no @id, so a refusal could not name it`);
  return { id, file, effect, reason, text };
}

let read: ReadonlyMap<string, Policy> | undefined;

/** By id. The first call parses them all. */
export function loadedPolicies(): ReadonlyMap<string, Policy> {
  if (read !== undefined) return read;
  const policies = readPolicies();
  const byId = new Map(policies.map((policy) => [policy.id, policy]));
  if (byId.size !== policies.length) throw new Error('two policies have one @id');
  const answer = cedar.preparsePolicySet(POLICIES_NAME, {
    staticPolicies: Object.fromEntries(policies.map(({ id, text }) => [id, text])),
  });
  if (answer.type === 'failure') throw new Error(told(answer.errors));
  read = byId;
  return byId;
}

let groups: ReadonlyMap<string, readonly cedar.TypeAndId[]> | undefined;

/** What an action belongs to (`read`, `change`, `approval`), from the schema: it is said in one place. */
export function groupsOf(action: string): readonly cedar.TypeAndId[] {
  groups ??= readGroups();
  return groups.get(action) ?? [];
}

function readGroups(): ReadonlyMap<string, readonly cedar.TypeAndId[]> {
  const parsed = cedar.schemaToJson(schemaText());
  if (parsed.type === 'failure') throw new Error(told(parsed.errors));
  return new Map(
    Object.entries(parsed.json['']?.actions ?? {}).map(([id, { memberOf = [] }]) => [
      id,
      memberOf.map((group) => ({ type: 'Action', id: group.id })),
    ]),
  );
}

export const told = (errors: readonly cedar.DetailedError[]): string =>
  errors.map(({ message, help }) => (help ? `${message} (${help})` : message)).join('; ');
