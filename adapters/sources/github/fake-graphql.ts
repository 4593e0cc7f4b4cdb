/** The two queries that the source asks, answered from the fake's state: a parser of GraphQL would prove no more. */
import type { FakeState, FakeToken } from './fake.ts';
import type { FakeRepository } from './fake-answers.ts';

export interface Query {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

export function answerQuery(
  state: FakeState,
  visible: readonly FakeRepository[],
  { query, variables }: Query,
  token: FakeToken | undefined,
): unknown {
  const { ids, name } = variables;
  if (Array.isArray(ids)) {
    const errors: unknown[] = [];
    const nodes = ids.map((id, index) => {
      const repository = visible.find((each) => `R_${each.id}` === id);
      if (repository === undefined) {
        errors.push({
          type: 'NOT_FOUND',
          path: ['nodes', index],
          message: `Could not resolve to a node with the global id of '${id}'`,
        });
        return null;
      }
      if (query.includes('collaborators('))
        return { id, collaborators: token?.admin === true ? peopleOf(state, repository) : null };
      const target = { oid: state.heads[repository.name] };
      const defaultBranchRef = repository.branch === undefined ? null : { name: repository.branch, target };
      const environments = { totalCount: repository.environments?.length ?? 0 };
      return {
        id,
        isEmpty: repository.branch === undefined,
        defaultBranchRef,
        environments,
        hasVulnerabilityAlertsEnabled: token?.admin === true && repository.vulnerabilities !== undefined,
      };
    });
    return { data: { nodes }, ...(errors.length > 0 && { errors }) };
  }
  const repository = visible.find((each) => each.name === name);
  if (repository === undefined) {
    return {
      data: { repository: null },
      errors: [{ type: 'NOT_FOUND', path: ['repository'], message: 'Could not resolve to a Repository' }],
    };
  }
  const commits = [...query.matchAll(/(c[0-9a-f]+): object\(oid: "([0-9a-f]+)"\)/g)].map(
    ([, alias = '', oid = '']) => {
      const known = Object.hasOwn(state.signatures, oid);
      const associatedPullRequests = { nodes: state.pullRequests[oid] ?? [] };
      return [alias, known ? { signature: state.signatures[oid], associatedPullRequests } : null];
    },
  );
  return { data: { repository: Object.fromEntries(commits) } };
}

/** Owners have everything by the organisation. */
function peopleOf({ people }: FakeState, { collaborators = [] }: FakeRepository): object {
  const edge = (id: number, login: string, permission: string, __typename: string) => ({
    node: { databaseId: id, login },
    permissionSources: [{ permission, source: { __typename } }],
  });
  return {
    pageInfo: { hasNextPage: false },
    edges: [
      ...people
        .filter(({ role }) => role === 'admin')
        .map(({ id, login }) => edge(id, login, 'ADMIN', 'Organization')),
      ...collaborators.map(({ id, login, permission, by }) => edge(id, login, permission, by)),
    ],
  };
}
