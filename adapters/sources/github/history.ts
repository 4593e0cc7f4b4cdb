/** What only GraphQL tells in few calls: the heads of a hundred repositories at once and how many environments each has, and a hundred signatures. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isUnobserved, type Statement, type Unobserved, type Value } from '@macadam/core/facts/observation';
import { z } from 'zod';
import type { Connector } from '../../connector/connector.ts';
import { graphql, nodesIn } from '../../connector/graphql.ts';
import { unobservedBy } from '../../connector/outcome.ts';
import { PERMISSIONS } from '../../imports/directories/github/permissions.ts';

export interface BranchHead {
  readonly branch: string;
  readonly commit: string;
  /** How many environments the repository has; undefined where the host did not tell. */
  readonly environments?: number;
  /** Whether the host looks for known vulnerabilities; undefined where it did not tell. */
  readonly looks?: boolean;
}

const HEADS = `query($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Repository { id isEmpty defaultBranchRef { name target { oid } } environments(first: 1) { totalCount } hasVulnerabilityAlertsEnabled } }
}`;

const headSchema = z.object({
  id: z.string(),
  defaultBranchRef: z
    .object({ name: z.string(), target: z.object({ oid: z.string() }).nullable() })
    .nullable(),
  environments: z.object({ totalCount: z.int() }).nullish(),
  hasVulnerabilityAlertsEnabled: z.boolean().nullish(),
});

/**
 * The commit at the tip of each default branch, by node id: null for a repository without commits. What is missing
 * could not be seen, and is found out by fetching.
 */
export async function readHeads(
  connector: Connector,
  address: string,
  ids: readonly string[],
): Promise<Map<string, BranchHead | null>> {
  const heads = new Map<string, BranchHead | null>();
  for (let start = 0; start < ids.length; start += 100) {
    const answer = await graphql(connector, address, HEADS, { ids: ids.slice(start, start + 100) });
    if (answer.outcome !== 'ok') continue;
    for (const node of nodesIn(answer.data)) {
      const parsed = headSchema.safeParse(node);
      if (!parsed.success) continue;
      const { id, defaultBranchRef: ref, environments, hasVulnerabilityAlertsEnabled: looks } = parsed.data;
      if (ref === null) heads.set(id, null);
      else if (ref.target !== null)
        heads.set(id, {
          branch: ref.name,
          commit: ref.target.oid,
          ...(environments && { environments: environments.totalCount }),
          ...(looks == null ? {} : { looks }),
        });
    }
  }
  return heads;
}

const signatureSchema = z
  .object({ isValid: z.boolean(), state: z.string(), wasSignedByGitHub: z.boolean() })
  .nullable();
const login = z.object({ login: z.string() }).nullable();
export const pullRequestSchema = z.object({
  merged: z.boolean(),
  /** Undefined in what was remembered before it was asked for. */
  baseRefName: z.string().optional(),
  mergeCommit: z.object({ oid: z.string() }).nullable(),
  author: login,
  latestOpinionatedReviews: z.object({ nodes: z.array(z.object({ state: z.string(), author: login })) }),
});
/** A host that does not tell of pull requests (an older Enterprise Server, a token that may not read them) leaves them out. */
const commitSchema = z.object({
  signature: signatureSchema,
  associatedPullRequests: z.object({ nodes: z.array(pullRequestSchema) }).nullish(),
});
export type HostedCommit = z.infer<typeof commitSchema>;

export const pullRequestFields = `associatedPullRequests(first: 5) { nodes {
    merged baseRefName mergeCommit { oid } author { login }
    latestOpinionatedReviews(first: 20, writersOnly: true) { nodes { state author { login } } }
  } }`;

/** What is asked of each commit: its signature, and who approved what it is the merge of. */
const COMMIT = `... on Commit {
  signature { isValid state wasSignedByGitHub }
  ${pullRequestFields}
}`;

const commitsSchema = z.array(
  z.looseObject({ sha: z.string().regex(/^[0-9a-f]{40,64}$/), signature: z.string().optional() }),
);

interface WithVerificationInput {
  readonly commits: Statement | undefined;
  readonly connector: Connector;
  /** Of GraphQL. */
  readonly address: string;
  readonly repository: string;
  readonly memory: CommitMemory;
}

/**
 * Adds to a `commits` statement what the host knows: whether it made the commit, and whether a key that it ties to the
 * committer signed it. One call for up to a hundred commits of which it did not say so before.
 */
export async function withVerification({
  commits,
  connector,
  address,
  repository,
  memory,
}: WithVerificationInput): Promise<Statement | undefined> {
  if (commits === undefined || !('value' in commits)) return commits;
  const elements = commitsSchema.safeParse(commits.value);
  if (!elements.success || elements.data.length === 0) return commits;
  const [owner = '', name = ''] = repository.split('/');
  const known = await memory.recall();
  const verified = new Map<string, HostedCommit | Unobserved>(
    elements.data.flatMap(({ sha }) => {
      const hosted = known.get(sha);
      return hosted === undefined ? [] : [[sha, hosted] as const];
    }),
  );
  const open = elements.data.filter(({ sha }) => !verified.has(sha));
  for (let start = 0; start < open.length; start += 100) {
    const part = open.slice(start, start + 100);
    const fields = part.map(({ sha }) => `c${sha}: object(oid: "${sha}") { ${COMMIT} }`);
    const query = `query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { ${fields.join('\n')} } }`;
    const answer = await graphql(connector, address, query, { owner, name });
    const found =
      answer.outcome === 'ok'
        ? z.object({ repository: z.record(z.string(), z.unknown()) }).safeParse(answer.data)
        : undefined;
    for (const { sha } of part) {
      const parsed = commitSchema.safeParse(found?.data?.repository[`c${sha}`]);
      if (parsed.success) verified.set(sha, parsed.data);
      else if (answer.outcome !== 'ok')
        verified.set(sha, unobservedBy(answer, 'how the host verified its commits', PERMISSIONS.contents));
    }
  }
  if (open.length > 0)
    await memory.keep(
      new Map([...verified].flatMap(([sha, hosted]) => (isUnobserved(hosted) ? [] : [[sha, hosted]]))),
    );
  return {
    ...commits,
    value: elements.data.map((commit) => verify(commit as Record<string, Value>, verified.get(commit.sha))),
  };
}

/** What the host said of commits of one repository, where it will say the same again. */
export interface CommitMemory {
  readonly recall: () => Promise<ReadonlyMap<string, HostedCommit>>;
  readonly keep: (hosted: ReadonlyMap<string, HostedCommit>) => Promise<void>;
}

/**
 * A commit is named by what it is, so one without a signature never gets one. github.com keeps what it made of a signature that was good,
 * and a merge that was approved was; a server of one's own looks at the keys of the day.
 */
export function isLasting(sha: string, hosted: HostedCommit, isCloud: boolean): boolean {
  const { signature } = hosted;
  if (signature === null) return true;
  if (!isCloud || !signature.isValid || signature.state !== 'VALID') return false;
  return !signature.wasSignedByGitHub || reviewedMerge(sha, hosted) === true;
}

/** In one file, which may be lost. */
export function commitMemory(path: string, isCloud: boolean): CommitMemory {
  return {
    recall: async () => {
      const text = await readFile(path, 'utf8').catch(() => '{}');
      const parsed = z.record(z.string(), commitSchema).safeParse(jsonIn(text));
      return new Map(Object.entries(parsed.data ?? {}));
    },
    keep: async (hosted) => {
      const lasting = [...hosted].filter(([sha, one]) => isLasting(sha, one, isCloud));
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeFile(path, JSON.stringify(Object.fromEntries(lasting)), { mode: 0o600 });
    },
  };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Written half: it is asked anew.
    return null;
  }
}

/** States in which the host has not made up its mind. */
const UNDECIDED = ['UNAVAILABLE', 'GPGVERIFY_UNAVAILABLE', 'GPGVERIFY_ERROR', 'OCSP_PENDING', 'OCSP_ERROR'];

/** Pure: one commit's fields with the host's word on its signature. What the files decided already stands. */
export function verify(
  commit: Readonly<Record<string, Value>>,
  hosted: HostedCommit | Unobserved | undefined,
): Readonly<Record<string, Value>> {
  if (hosted === undefined) return commit;
  if (isUnobserved(hosted)) return isUnobserved(commit.trusted) ? { ...commit, trusted: hosted } : commit;
  const { signature } = hosted;
  const open = (field: string, value: boolean | undefined): Record<string, Value> =>
    value !== undefined && isUnobserved(commit[field]) ? { [field]: value } : {};
  if (signature === null) return { ...commit, ...open('trusted', false) };
  const { state, isValid, wasSignedByGitHub } = signature;
  return {
    ...withoutMerge(commit),
    made_by_host: wasSignedByGitHub,
    ...(wasSignedByGitHub ? { reviewed_merge: reviewedMerge(String(commit.sha), hosted) } : {}),
    ...open('trusted', UNDECIDED.includes(state) ? undefined : isValid && state === 'VALID'),
    ...open('valid', state === 'VALID' ? true : state === 'INVALID' ? false : undefined),
  };
}

/** What the files left open about the merge: the host says now whether it made the commit at all. */
function withoutMerge(commit: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(commit).filter(([field]) => field !== 'reviewed_merge'));
}

/**
 * Whether the commit is what merging a pull request made that somebody else than its author approved. Of what the editor of the host makes
 * there is no pull request; one that was merged into another branch first has another merge commit.
 */
function reviewedMerge(sha: string, { associatedPullRequests: requests }: HostedCommit): Value {
  if (requests == null)
    return {
      unobserved: 'forbidden',
      why: `the host does not show the pull request that it is the merge of: the token needs ${PERMISSIONS.pullRequests}`,
    };
  return requests.nodes.some((one) => isApproved(one, sha));
}

/** Whether it was merged as this commit, and somebody else than its author approved it. */
export function isApproved(
  {
    merged,
    mergeCommit,
    author,
    latestOpinionatedReviews: { nodes: reviews },
  }: z.infer<typeof pullRequestSchema>,
  sha: string,
): boolean {
  return (
    merged &&
    mergeCommit?.oid === sha &&
    reviews.some(
      (review) =>
        review.state === 'APPROVED' &&
        review.author !== null &&
        author !== null &&
        review.author.login !== author.login,
    )
  );
}
