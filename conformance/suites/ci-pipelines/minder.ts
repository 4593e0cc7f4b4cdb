/** Minder's rule types that our facts of pipelines can answer; the others belong to other kinds and sources. */
import type { Case } from '../../suite.ts';
import { type PipelineFacts, pipelineFacts } from './facts.ts';

interface MinderTest {
  readonly file: string;
  readonly name: string;
  readonly expect: 'pass' | 'fail' | 'skip';
  readonly git?: { readonly repo_base: string };
}

export interface MinderMaterial {
  readonly tests: readonly MinderTest[];
  readonly testdata: Readonly<Record<string, string>>;
}

const uses =
  (repository: string) =>
  (facts: readonly PipelineFacts[]): boolean =>
    facts.some((each) =>
      each.list('uses').some((use) => String(use.repository).toLowerCase() === repository),
    );

/** Rule type → whether the repository meets it. */
const RULES: Readonly<Record<string, (facts: readonly PipelineFacts[]) => boolean>> = {
  actions_check_pinned_tags: (facts) =>
    facts.every((each) => each.list('uses').every((use) => use.local === true || use.pinned === true)),
  'golangci-lint_github_action': uses('golangci/golangci-lint-action'),
  trufflehog_github_action: uses('trufflesecurity/trufflehog'),
  codeql_enabled: uses('github/codeql-action'),
  'osps-br-01-01': (facts) =>
    facts.every(
      (each) =>
        each.list('untrusted_checkouts').length === 0 &&
        each.list('expansions').every(({ controlled_by: who }) => who !== 'anyone'),
    ),
};

export function minderCases({ tests, testdata }: MinderMaterial): readonly Case[] {
  return tests.map((test) => ({
    id: `minder/${test.file}/${test.name}`,
    run: async () => {
      const rule = (test.file.split('/').at(-1) ?? '').replace(
        /\.(no-datasource-)?test\.yaml$|\.no-datasource-test\.yaml$/,
        '',
      );
      const meets = RULES[rule];
      if (meets === undefined) return `${rule} asks nothing of a pipeline`;
      const base = `${test.file.replace(/\.test\.yaml$/, '.testdata')}/${test.git?.repo_base ?? ''}/`;
      const files = Object.fromEntries(
        Object.entries(testdata)
          .filter(([path]) => path.startsWith(base))
          .map(([path, text]) => [path.slice(base.length), text]),
      );
      const found = meets(await pipelineFacts(files)) ? 'pass' : 'fail';
      return found === test.expect ? null : `we say ${found}, they say ${test.expect}`;
    },
  }));
}
