/** Decisions of rules as GitHub tells of them, for the fake. */

export interface FakeSuite {
  readonly id: number;
  /** Null where the account is gone. */
  readonly by: string | null;
  readonly at: string;
  readonly commit: string;
  readonly branch: string;
  readonly result: 'pass' | 'fail' | 'bypass';
  readonly evaluations: readonly {
    readonly rule: string;
    readonly enforcement: 'active' | 'evaluate' | 'deleted ruleset';
    readonly result: 'pass' | 'fail';
  }[];
}

interface Of {
  readonly id: number;
  readonly name: string;
}

const BEFORE = '893f768e172fb1bc9c5d6f3dd48557e45f14e01d';

export function suitesAnswer(repository: Of, suites: readonly FakeSuite[], asked: URLSearchParams) {
  const result = asked.get('rule_suite_result');
  return suites
    .filter((suite) => (asked.get('ref') ?? `refs/heads/${suite.branch}`) === `refs/heads/${suite.branch}`)
    .filter((suite) => result === null || suite.result === result)
    .map((suite) => listed(repository, suite));
}

export function suiteAnswer(repository: Of, suite: FakeSuite) {
  return {
    ...listed(repository, suite),
    rule_evaluations: suite.evaluations.map(({ rule, enforcement, result }) => ({
      rule_source: { type: 'ruleset', id: 5, name: 'ruleset 5' },
      enforcement,
      result,
      rule_type: rule,
      details: result === 'fail' ? 'It is not allowed.' : null,
    })),
  };
}

function listed({ id: repository_id, name }: Of, { id, by, at, commit, branch, result }: FakeSuite) {
  return {
    id,
    ...(by === null ? {} : { actor_id: 7, actor_name: by }),
    before_sha: BEFORE,
    after_sha: commit,
    ref: `refs/heads/${branch}`,
    repository_id,
    repository_name: name,
    pushed_at: at,
    result,
  };
}
