/** Whether the owners that CODEOWNERS names exist, and are people or teams who may still approve. */
import { isUnobserved, type Statement, type Unobserved, type Value } from '@macadam/core/facts/observation';
import { z } from 'zod';
import type { Connector } from '../../connector/connector.ts';
import { isAnswer, unobservedBy } from '../../connector/outcome.ts';
import { PERMISSIONS } from '../../imports/directories/github/permissions.ts';

type State = 'active' | 'left' | 'bot' | 'missing' | Unobserved;

/** Users are looked up once a run. */
export type UserMemory = Map<string, Promise<User>>;
type User = 'person' | 'bot' | 'suspended' | 'missing' | Unobserved;

const errorsSchema = z.object({
  errors: z.array(
    z.object({
      kind: z.string(),
      line: z.int(),
      column: z.int().optional(),
      source: z.string().optional(),
      message: z.string(),
    }),
  ),
});

const ownersSchema = z.array(
  z.looseObject({ name: z.string(), line: z.int().optional(), kind: z.enum(['user', 'team', 'email']) }),
);

interface WithOwnerStatesInput {
  readonly codeowners: Statement | undefined;
  readonly connector: Connector;
  readonly repository: string;
  readonly commit: string;
  readonly memory: UserMemory;
}

/**
 * Fills `owners[].state` of a `codeowners` statement that the files gave. The host itself lists the owners that it does
 * not accept ("Unknown owner": no such account, hidden, or without write access); the rest are accounts it knows.
 */
export async function withOwnerStates({
  codeowners,
  connector,
  repository,
  commit,
  memory,
}: WithOwnerStatesInput): Promise<Statement | undefined> {
  if (codeowners === undefined || !('value' in codeowners)) return codeowners;
  const record = codeowners.value as { readonly [field: string]: Value | undefined };
  const owners = ownersSchema.safeParse(record.owners);
  if (!owners.success || owners.data.length === 0) return codeowners;
  const outcome = await connector.request({
    path: `/repos/${repository}/codeowners/errors?ref=${encodeURIComponent(commit)}`,
  });
  const refused = isAnswer(outcome)
    ? refusedOwners(outcome.body)
    : unobservedBy(outcome, 'what the host makes of its CODEOWNERS file', PERMISSIONS.contents);
  const stated: Value[] = [];
  for (const owner of owners.data) {
    const host = isUnobserved(refused) ? refused : await stateOf(owner, refused, connector, memory);
    const own = owner.state as Value | undefined;
    // What the org file says against an owner stands, whatever rights are left on the host.
    const keeps = own !== undefined && !isUnobserved(own) && (own !== 'active' || isUnobserved(host));
    const state = keeps ? own : host;
    stated.push({ ...(owner as Record<string, Value>), state });
  }
  return { ...codeowners, value: { ...record, owners: stated } };
}

interface Refused {
  readonly names: ReadonlySet<string>;
  /** Lines with an unknown owner whose name could not be read from the host's answer. */
  readonly lines: ReadonlySet<number>;
}

/** Pure: the owners that `GET /repos/{owner}/{repo}/codeowners/errors` does not know. */
export function refusedOwners(body: unknown): Refused | Unobserved {
  const parsed = errorsSchema.safeParse(body);
  if (!parsed.success)
    return {
      unobserved: 'failed',
      why: "the host's answer about CODEOWNERS has a shape that is not documented; report it",
    };
  const names = new Set<string>();
  const lines = new Set<number>();
  for (const { kind, line, column, source, message } of parsed.data.errors) {
    if (!/unknown owner/i.test(kind)) continue;
    const there =
      source !== undefined && column !== undefined ? /^\S+/.exec(source.slice(column - 1))?.[0] : undefined;
    const name = there?.includes('@') ? there : /@[\w-]+(?:\/[\w.-]*\w)?/.exec(message)?.[0];
    if (name === undefined) lines.add(line);
    else names.add(name.toLowerCase());
  }
  return { names, lines };
}

async function stateOf(
  { name, line, kind }: z.infer<typeof ownersSchema>[number],
  refused: Refused,
  connector: Connector,
  memory: UserMemory,
): Promise<State> {
  if (line !== undefined && refused.lines.has(line)) {
    return {
      unobserved: 'failed',
      why: `the host knows an owner on line ${line} no more, but not which; look at the file on the host`,
    };
  }
  const unknown = refused.names.has(name.toLowerCase());
  if (kind !== 'user') return unknown ? 'missing' : 'active';
  const login = name.replace(/^@/, '');
  const asked = memory.get(login.toLowerCase()) ?? readUser(connector, login);
  memory.set(login.toLowerCase(), asked);
  const user = await asked;
  if (isUnobserved(user)) return user;
  if (user === 'person') return unknown ? 'left' : 'active';
  return user === 'suspended' ? 'left' : user;
}

async function readUser(connector: Connector, login: string): Promise<User> {
  if (!/^[\w-]+(\[bot\])?$/.test(login)) return 'missing';
  const outcome = await connector.request({ path: `/users/${encodeURIComponent(login)}` });
  if (outcome.outcome === 'not-found') return 'missing';
  if (!isAnswer(outcome)) return unobservedBy(outcome, `the account of ${login}`, PERMISSIONS.metadata);
  const parsed = z.object({ type: z.string(), suspended_at: z.string().nullish() }).safeParse(outcome.body);
  if (!parsed.success)
    return {
      unobserved: 'failed',
      why: `the host's answer about ${login} has a shape that is not documented; report it`,
    };
  if (parsed.data.suspended_at !== undefined && parsed.data.suspended_at !== null) return 'suspended';
  return parsed.data.type === 'Bot' ? 'bot' : 'person';
}
