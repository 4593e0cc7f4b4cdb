import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Case, Suite } from '../suite.ts';
import { type ExpressionMaterial, expressionCases } from './ci-pipelines/expressions.ts';
import { pipelineFacts } from './ci-pipelines/facts.ts';
import { type MinderMaterial, minderCases } from './ci-pipelines/minder.ts';
import { scorecardCases } from './ci-pipelines/scorecard.ts';
import { zizmorCases } from './ci-pipelines/zizmor.ts';

const folder = 'ci-pipelines';
const names = {
  zizmor: `${folder}/zizmor-cases.json`,
  scorecard: `${folder}/scorecard-workflows.json`,
  minder: `${folder}/minder-github-tests.json`,
  expressions: `${folder}/github-expression-kat.json`,
  samples: `${folder}/github-actions-samples.json`,
};

export const suite: Suite = {
  name: 'ci-pipelines',
  proves: 'pipelines are read as zizmor, Scorecard, Minder and GitHub itself read them',
  vectors: Object.values(names),
  async load(vectors) {
    const read = async (name: string) => JSON.parse(await readFile(join(vectors, name), 'utf8'));
    return [
      ...zizmorCases(await read(names.zizmor)),
      ...scorecardCases(await read(names.scorecard)),
      ...minderCases((await read(names.minder)) as MinderMaterial),
      ...expressionCases((await read(names.expressions)) as ExpressionMaterial),
      ...sampleCases(await read(names.samples)),
    ];
  },
};

/** Files of real projects: all are understood, and those that are invalid on purpose are not. */
function sampleCases({ files }: { readonly files: Readonly<Record<string, string>> }): readonly Case[] {
  return Object.entries(files).map(([path, text]) => ({
    id: `sample/${path}`,
    run: async () => {
      const name = path.split('/').at(-1) ?? path;
      if (path.includes('sample-dependabot')) return 'a configuration of updates is no pipeline';
      const place = path.includes('sample-actions') ? 'action.yml' : `.github/workflows/${name}`;
      const [facts] = await pipelineFacts({ [place]: text });
      const understood = facts !== undefined && facts.problems.length === 0;
      if (understood !== name.includes('.invalid.')) return null;
      return understood
        ? 'we read what is invalid'
        : `we do not: ${facts?.problems[0]?.message ?? 'no pipeline'}`;
    },
  }));
}
