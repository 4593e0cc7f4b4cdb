import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isInvalid, parseYaml } from '../document.ts';
import { type Guard, guardOf } from './guards.ts';
import { workflowOf } from './workflow.ts';

/** Of the last step of the last job. `jobs` stand before it. */
function guard(condition: string, on = 'pull_request_target', step = '', jobs = ''): Guard | undefined {
  const text = `on: [${on}]\njobs:\n${jobs}  last:\n    if: ${condition}\n${jobs === '' ? '' : '    needs: first\n'}    steps:\n      - run: make\n${step}`;
  const document = parseYaml(text);
  assert.ok(!isInvalid(document));
  const workflow = workflowOf(document);
  assert.ok(!('message' in workflow));
  const job = workflow.jobs.at(-1);
  assert.ok(job !== undefined);
  const [only] = job.steps;
  assert.ok(only !== undefined);
  return guardOf({ workflow, job, step: only });
}

const HEAD = 'github.event.pull_request.head.repo';

test('a condition lets in writers, what they merged, what one of them asked for, or anybody', () => {
  const expected: Readonly<Record<string, Guard | undefined>> = {
    [`${HEAD}.full_name == github.repository`]: 'writers',
    [`github.repository == ${HEAD}.full_name && x`]: 'writers',
    [`${HEAD}.owner.login == 'acme'`]: 'writers',
    [`${HEAD}.id == github.event.pull_request.base.repo.id`]: 'writers',
    [`${HEAD}.fork == false`]: 'writers',
    [`\${{ !${HEAD}.fork }}`]: 'writers',
    [`${HEAD}.fork != true || github.event_name == 'push'`]: 'writers',
    [`\${{ !(${HEAD}.full_name != github.repository || x) }}`]: 'writers',
    "github.event.pull_request.user.login == 'dependabot[bot]'": 'writers',
    "github.event.pull_request.author_association == 'MEMBER'": 'writers',
    'github.event.pull_request.merged': 'accepted',
    'always() && github.event.pull_request.merged == true': 'accepted',
    [`github.event.pull_request.merged || ${HEAD}.fork == false`]: 'accepted',
    "contains(github.event.pull_request.labels.*.name, 'safe')": 'asked',
    "github.event.label.name == 'safe'": 'asked',
    "startsWith(github.event.label.name, 'safe')": 'asked',
    [`github.event.label.name == 'safe' && ${HEAD}.fork == false`]: 'writers',
    x: undefined,
    [`${HEAD}.full_name != github.repository`]: undefined,
    [`${HEAD}.full_name == github.repository || x`]: undefined,
    [`${HEAD}.full_name == github.head_ref`]: undefined,
    [`${HEAD}.fork`]: undefined,
    '${{ !github.event.pull_request.merged }}': undefined,
    "contains(github.event.pull_request.title, 'safe')": undefined,
    "github.event.pull_request.author_association == 'CONTRIBUTOR'": undefined,
    "github.actor == 'dependabot[bot]'": undefined,
    "github.event.pull_request.head.ref == 'main'": undefined,
    '${{ a': undefined,
  };
  for (const [condition, one] of Object.entries(expected))
    assert.equal(guard(`>-\n      ${condition}`), one, condition);
});

test('what an event does not carry guards nothing: nothing is false', () => {
  const inComments = (condition: string) => guard(`>-\n      ${condition}`, 'issue_comment');
  assert.equal(inComments(`${HEAD}.fork == false`), undefined);
  assert.equal(inComments(`\${{ !${HEAD}.fork }}`), undefined);
  assert.equal(inComments(`${HEAD}.full_name == github.repository`), 'writers');
  const list = `contains(fromJSON('["OWNER", "MEMBER"]'), github.event.comment.author_association)`;
  assert.equal(inComments(list), 'asked');
  assert.equal(inComments(list.replace('MEMBER', 'NONE')), undefined);
  const afterRun = (condition: string) => guard(`>-\n      ${condition}`, 'workflow_run');
  assert.equal(afterRun("github.event.workflow_run.event == 'push'"), 'writers');
  assert.equal(afterRun("github.event.workflow_run.event == 'pull_request'"), undefined);
  assert.equal(afterRun("github.event.workflow_run.head_branch == 'main'"), undefined);
  assert.equal(afterRun('github.event.workflow_run.head_repository.fork == false'), 'writers');
});

test('a step, and a job without which this one does not run, guard as well', () => {
  const own = `${HEAD}.fork == false`;
  assert.equal(guard('x', 'pull_request_target', `        if: ${own}\n`), 'writers');
  const first = `  first:\n    if: ${own}\n    steps: []\n  other:\n    steps: []\n`;
  assert.equal(guard('x', 'pull_request_target', '', first), 'writers');
  assert.equal(guard('always()', 'pull_request_target', '', first), undefined);
});
