/** Who administers single repositories by a grant of their own, and not as an owner or through a team: of fifty repositories at once. */
import type { Observation, Unobserved } from '@macadam/core/facts/observation';
import { z } from 'zod';
import { graphql, nodesIn } from '../../connector/graphql.ts';
import { unobservedBy } from '../../connector/outcome.ts';
import { PERMISSIONS } from '../../imports/directories/github/permissions.ts';
import type { ListedRepository } from './account.ts';
import { type Listed, listedIn } from './listing.ts';
import { observed, type PeopleInput } from './people.ts';

/** Repositories of one question, and people of each. */
const AT_ONCE = 50;
const MOST_PEOPLE = 100;

const QUERY = `query($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Repository { id collaborators(first: ${MOST_PEOPLE}, affiliation: DIRECT) {
    pageInfo { hasNextPage }
    edges { node { databaseId login } permissionSources { permission source { __typename } } }
  } } }
}`;

const collaboratorSchema = z.object({
  node: z.object({ databaseId: z.int().positive(), login: z.string() }),
  permissionSources: z.array(
    z.object({ permission: z.string(), source: z.object({ __typename: z.string() }) }),
  ),
});
const repositorySchema = z.object({
  id: z.string(),
  collaborators: z.object({
    pageInfo: z.object({ hasNextPage: z.boolean() }),
    edges: z.array(collaboratorSchema),
  }),
});

/** Nothing of a person's own account, whose repositories are that person's; nothing without a token, to whom GraphQL answers nothing. */
export async function repositoryAdmins(
  input: PeopleInput,
  repositories: readonly ListedRepository[],
  unlisted: Unobserved | undefined,
): Promise<readonly Listed[]> {
  const { connector, host, account, credential } = input;
  if (account.type !== 'organisation' || credential === undefined) return [];
  const observations: Observation[] = [];
  const gaps: Unobserved[] = unlisted === undefined ? [] : [unlisted];
  for (let start = 0; start < repositories.length; start += AT_ONCE) {
    const part = repositories.slice(start, start + AT_ONCE);
    const answer = await graphql(connector, host.graphql, QUERY, { ids: part.map(({ node_id }) => node_id) });
    if (answer.outcome !== 'ok') {
      gaps.push(unobservedBy(answer, WHAT, PERMISSIONS.collaborators));
      // Whoever may not ask about fifty of them need not ask about the others.
      if (answer.outcome === 'forbidden') break;
      continue;
    }
    const read = new Map(
      nodesIn(answer.data).flatMap((node) => {
        const parsed = repositorySchema.safeParse(node);
        return parsed.success ? [[parsed.data.id, parsed.data.collaborators] as const] : [];
      }),
    );
    for (const repository of part) {
      const people = read.get(repository.node_id);
      if (people === undefined) gaps.push(HIDDEN);
      else if (people.pageInfo.hasNextPage) gaps.push(MANY);
      for (const { node, permissionSources } of people?.edges ?? [])
        if (permissionSources.some(isOwnGrant)) observations.push(adminOf(input, repository, node));
    }
  }
  return [
    listedIn(
      {
        kind: 'privileged-assignment',
        container: `${host.name}/${account.login}`,
        containerName: account.login,
        format: 'repository',
      },
      observations,
      gaps[0],
    ),
  ];
}

const WHAT = 'who administers single repositories';
const HIDDEN: Unobserved = {
  unobserved: 'forbidden',
  why: `the token may not see ${WHAT}: it needs ${PERMISSIONS.collaborators}`,
};
const MANY: Unobserved = {
  unobserved: 'incomplete',
  why: `the first ${MOST_PEOPLE} people of each repository were asked for, and some have more`,
};

/** Owners have it from the organisation, members of a team from the team. */
const isOwnGrant = ({
  permission,
  source,
}: z.infer<typeof collaboratorSchema>['permissionSources'][number]): boolean =>
  permission === 'ADMIN' && source.__typename === 'Repository';

function adminOf(
  input: PeopleInput,
  { id, full_name }: ListedRepository,
  { databaseId, login }: { readonly databaseId: number; readonly login: string },
): Observation {
  const resource = `${input.host.name}/repositories/${id}`;
  const principal = String(databaseId);
  return observed(input, {
    kind: 'privileged-assignment',
    key: [resource, principal, 'Admin'],
    name: `Admin of ${full_name}: ${login}`,
    format: 'repository',
    attributes: {
      resource: { value: resource },
      principal: { value: principal },
      role: { value: 'Admin' },
      // Programs are added as apps, and stand in no such list.
      principal_kind: { value: 'person' },
      holders: { value: [], complete: true },
      mode: { value: 'standing' },
      ends_at: { absent: true },
    },
  });
}
