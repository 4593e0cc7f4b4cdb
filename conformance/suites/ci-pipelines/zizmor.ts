/** zizmor's audits as questions to our facts. Lines are compared; how an audit is graded decides who is told. */
import { updateStatements } from '@macadam/adapters/readers/dependencies/update-targets';
import { memoryTree } from '@macadam/adapters/readers/tree';
import type { Case } from '../../suite.ts';
import { type Element, lineDifference, type PipelineFacts, pipelineFacts } from './facts.ts';

interface Finding {
  readonly audit: string;
  readonly line: number;
}

interface ZizmorCase {
  readonly test: string;
  readonly input: string;
  readonly args: readonly string[];
  readonly yaml: string;
  readonly findings: readonly Finding[];
  readonly summary: string;
}

/** Who is told: `auditor` sees everything, `pedantic` less, `regular` the least. */
type Persona = 'regular' | 'pedantic' | 'auditor';

type Question = (facts: PipelineFacts, persona: Persona) => readonly number[];

const lines = (elements: readonly Element[]): readonly number[] =>
  elements.flatMap(({ line }) => (typeof line === 'number' ? [line] : []));
const weakness =
  (rule: string, told: (element: Element, persona: Persona) => boolean = () => true): Question =>
  (facts, persona) =>
    lines(facts.list('weaknesses').filter((element) => element.rule === rule && told(element, persona)));
const auditorOnly = (_: Element, persona: Persona): boolean => persona === 'auditor';

const QUESTIONS: Readonly<Record<string, Question>> = {
  'unpinned-uses': (facts) =>
    lines(facts.list('uses').filter((use) => !use.local && use.pinned === false && use.kind !== 'container')),
  'unpinned-images': (facts, persona) =>
    lines(
      facts
        .list('uses')
        .filter(({ kind, pinned }) => kind === 'container' && pinned !== true)
        .filter(
          ({ revision, pinned }) =>
            persona !== 'regular' || pinned === undefined || revision === undefined || revision === 'latest',
        ),
    ),
  'template-injection': (facts, persona) =>
    lines(
      facts
        .list('expansions')
        .filter(
          ({ controlled_by: who, expression }) =>
            persona !== 'regular' || who !== 'nobody' || isUnlisted(String(expression).toLowerCase()),
        ),
    ),
  'excessive-permissions': permissions,
  'dangerous-triggers': weakness('privileged-trigger'),
  'bot-conditions': weakness('spoofable-condition'),
  'insecure-commands': weakness(
    'insecure-commands',
    ({ stated }, persona) => stated === true || persona === 'auditor',
  ),
  'github-env': weakness('environment-file'),
  artipacked: weakness(
    'persisted-credentials',
    ({ stated }, persona) => persona === 'auditor' || stated !== true,
  ),
  'cache-poisoning': (facts) =>
    ['cache-in-release', 'cache-beside-release'].flatMap((rule) =>
      lines(facts.list('weaknesses').filter((each) => each.rule === rule && isTheirs(String(each.text)))),
    ),
  'secrets-inherit': weakness('secrets-inherited'),
  'overprovisioned-secrets': weakness('secrets-whole'),
  'secrets-outside-env': weakness('secret-outside-environment', auditorOnly),
  'self-hosted-runner': weakness('self-hosted-runner', auditorOnly),
  'unsound-condition': weakness('constant-condition'),
  'unsound-ternary': weakness('lost-ternary'),
  obfuscation: (facts, persona) => [
    ...weakness('obscured-reference')(facts, persona),
    ...weakness('constant-expression')(facts, persona),
  ],
  'unsound-contains': weakness('loose-contains'),
  'hardcoded-container-credentials': weakness('written-credentials'),
  'unredacted-secrets': weakness('secret-unmasked'),
  'adhoc-packages': weakness('unlocked-install'),
  'use-trusted-publishing': weakness('registry-token'),
  'concurrency-limits': weakness('runs-unlimited', (_, persona) => persona !== 'regular'),
  'archived-uses': weakness('archived-action'),
  'superfluous-actions': weakness(
    'replaceable-action',
    ({ stated }, persona) => stated === true || persona !== 'regular',
  ),
  'unpinned-tools': weakness('unpinned-tool'),
  'typosquat-uses': weakness('lookalike-action'),
  'github-app': weakness('broad-app-token'),
  misfeature: weakness('odd-setting', ({ stated }, persona) => stated === true || persona === 'auditor'),
  'self-repository': (facts) =>
    lines(facts.list('uses').filter(({ ref, local }) => local === true && String(ref).startsWith('./'))),
  'undocumented-permissions': (facts, persona) => (persona === 'regular' ? [] : undocumented(facts)),
  'anonymous-definition': (facts, persona) => (persona === 'regular' ? [] : anonymous(facts)),
};

/** Contexts that they list nowhere and tell everybody of; here they are known to hold no code. */
function isUnlisted(expression: string): boolean {
  return /^(vars\.|strategy\.job-index$|job\.status$|github\.(actor|workflow|event\.(action|schedule)$|event\..*(login|full_name|merge_commit_sha|workflow\.path)$))/.test(
    expression,
  );
}

/** The publishers that they know; a script, and the results of another job, are no release to them. */
const THEIR_PUBLISHERS = new Set(
  [
    'aws-actions/amazon-ecs-deploy-task-definition cloudflare/wrangler-action docker/build-push-action',
    'google-github-actions/deploy-cloudrun googleapis/release-please-action goreleaser/goreleaser-action',
    'pypa/gh-action-pypi-publish release-drafter/release-drafter rubygems/release-gem softprops/action-gh-release',
  ]
    .join(' ')
    .split(' '),
);

function isTheirs(text: string): boolean {
  // Caches that they do not know.
  if (/^(golangci\/golangci-lint-action|pnpm\/action-setup|actions\/cache\/restore) /.test(text))
    return false;
  const why = /\(([^()]*)\)$/.exec(text)?.[1] ?? '';
  return why === 'a release starts it' || THEIR_PUBLISHERS.has(why);
}

/** The workflow itself is told of once, each job that declares nothing, and each broad right. */
function permissions(facts: PipelineFacts, persona: Persona): readonly number[] {
  const jobs = facts.list('jobs');
  if (jobs.length === 0) return [];
  const role = facts.attribute('role');
  const onlyCalled = role !== undefined && 'value' in role && role.value === 'reusable-workflow';
  const explicit = jobs.every(({ token }) => token === 'job');
  const declared = /^permissions\s*:/m.test(facts.text);
  // What a single job, a called workflow or only explicit jobs inherit is a matter of style.
  const minor = jobs.length === 1 || onlyCalled || explicit;
  const top = (found: readonly number[]): readonly number[] => (minor && persona === 'regular' ? [] : found);
  const broad = (at: string, grant: Element): boolean =>
    grant.declared_at === at && (grant.scope === '*' || (at === 'workflow' && grant.level === 'write'));
  return [
    ...top(declared ? [] : [firstLine(facts.text)]),
    ...lines(
      jobs.filter(
        ({ token, uses }) =>
          token === 'undeclared' && (!onlyCalled || uses !== undefined || persona !== 'regular'),
      ),
    ),
    ...top(lines(facts.list('grants').filter((grant) => broad('workflow', grant)))),
    ...lines(facts.list('grants').filter((grant) => broad('job', grant))),
  ];
}

/** The first right of each declaration that no comment explains; reading `contents` needs none. */
function undocumented(facts: PipelineFacts): readonly number[] {
  const blocks = Map.groupBy(facts.list('grants'), ({ job, declared_at: at }) => `${at} ${job ?? ''}`);
  return [...blocks.values()].flatMap((grants) =>
    lines(
      grants
        .filter(
          ({ scope, level, comment }) =>
            comment === undefined && scope !== '*' && !(scope === 'contents' && level === 'read'),
        )
        .slice(0, 1),
    ),
  );
}

function anonymous(facts: PipelineFacts): readonly number[] {
  const name = facts.attribute('name');
  const unnamed = name !== undefined && 'absent' in name ? [firstLine(facts.text)] : [];
  return [
    ...unnamed,
    ...lines(facts.list('jobs').filter((job) => job.name === undefined && job.uses === undefined)),
  ];
}

function firstLine(text: string): number {
  return text.split('\n').findIndex((line) => /^[^\s#-]/.test(line)) + 1;
}

/** Audits whose findings in a step span the whole step. */
const WHOLE_STEP = new Set([
  'use-trusted-publishing',
  'adhoc-packages',
  'superfluous-actions',
  'archived-uses',
]);

/** A comment `# zizmor: ignore[audit]` anywhere in what a finding spans, or on the key it stands under, takes it away. */
function isIgnored(text: readonly string[], audit: string, line: number): boolean {
  const indent = (at: number): number => /^ */.exec(text[at] ?? '')?.[0].length ?? 0;
  const says = (at: number): boolean =>
    /#.*zizmor:\s*ignore\[([^\]]*)\]/
      .exec(text[at] ?? '')?.[1]
      ?.split(',')
      .some((each) => each.trim() === audit) ?? false;
  const first = line - 1;
  let above = first - 1;
  while (above >= 0 && ((text[above] ?? '').trim() === '' || indent(above) >= indent(first))) above--;
  if (/[|>][-+]?\d?\s*(#.*)?$/.test(text[above] ?? '') && says(above)) return true;
  // What is found in a step spans all of it, its first line as well.
  let start = first;
  while (start > 0 && !/^\s*-\s/.test(text[start] ?? '') && /^\s/.test(text[start] ?? '')) start--;
  if (WHOLE_STEP.has(audit) && /^\s*-\s+name:/.test(text[start] ?? '') && says(start)) return true;
  for (let at = first; at < text.length; at++) {
    if (at > first && (text[at] ?? '').trim() !== '' && indent(at) <= indent(first)) return false;
    if (says(at)) return true;
  }
  return false;
}

function personaOf(args: readonly string[]): Persona {
  const named = args.find((arg) => arg.startsWith('--persona='))?.slice('--persona='.length);
  if (named === 'auditor' || args.includes('--auditor')) return 'auditor';
  return named === 'pedantic' || args.includes('--pedantic') || args.includes('-p') ? 'pedantic' : 'regular';
}

/** Where the file stands in a repository of its own. */
function pathOf(input: string): string {
  const name = input.split('/').at(-1) ?? input;
  if (/^action\.ya?ml$/.test(name)) return name;
  if (/^(dependabot|\.pre-commit-config)\.ya?ml$/.test(name)) return `.github/${name}`;
  return `.github/workflows/${name}`;
}

/** Findings in GitHub's own annotation format stand in the text of the run only. */
function findingsOf({ findings, summary }: ZizmorCase): readonly Finding[] {
  const annotated = [...summary.matchAll(/,line=(\d+),title=([a-z-]+)::?/g)].map((match) => ({
    audit: match[2] ?? '',
    line: Number(match[1]),
  }));
  return [...findings, ...annotated];
}

export function zizmorCases(material: { readonly cases: readonly ZizmorCase[] }): readonly Case[] {
  const seen = new Map<string, number>();
  return material.cases.map((one) => {
    const count = (seen.get(one.test) ?? 0) + 1;
    seen.set(one.test, count);
    return { id: `zizmor/${one.test}/${count}`, run: () => compare(one) };
  });
}

/** A configuration of updates is a fact of the repository: a cooldown of less than a week, and code that may run. */
async function compareUpdates(one: ZizmorCase): Promise<string | null> {
  const { update_entries: entries } = await updateStatements(memoryTree({ [pathOf(one.input)]: one.yaml }), {
    targets: [],
  });
  const list = 'value' in entries ? (entries.value as readonly Element[]) : [];
  const found = {
    'dependabot-cooldown': list
      .filter(({ cooldown_days: days }) => typeof days !== 'number' || days < 7)
      .map((each) => each.cooldown_line ?? each.line),
    'dependabot-execution': list
      .filter(({ runs_code: runs }) => runs === true)
      .map((each) => each.runs_code_line),
  };
  const theirs = findingsOf(one);
  const differences = Object.entries(found).flatMap(([audit, ours]) => {
    const expected = theirs.filter((finding) => finding.audit === audit).map(({ line }) => line);
    const found = ours.filter((line) => typeof line === 'number');
    return lineDifference(audit, found, expected) ?? [];
  });
  return differences.length === 0 ? null : differences.join('; ');
}

async function compare(one: ZizmorCase): Promise<string | null> {
  if (/(^|\/)dependabot\.ya?ml$/.test(one.input)) return compareUpdates(one);
  const [facts] = await pipelineFacts({ [pathOf(one.input)]: one.yaml });
  const theirs = findingsOf(one);
  if (/no inputs collected/.test(one.summary))
    return facts !== undefined && facts.problems.length > 0 ? null : 'they refuse the file, we read it';
  const persona = personaOf(one.args);
  const text = one.yaml.split('\n');
  const differences: string[] = [];
  for (const audit of new Set([...Object.keys(QUESTIONS), ...theirs.map((finding) => finding.audit)])) {
    const question = QUESTIONS[audit];
    const expected = theirs.filter((finding) => finding.audit === audit).map(({ line }) => line);
    if (question === undefined) {
      differences.push(`${audit} is not measured (line ${expected.join(', ')})`);
      continue;
    }
    const found = facts === undefined ? [] : question(facts, persona);
    const ours = one.args.includes('--no-ignores')
      ? found
      : found.filter((line) => !isIgnored(text, audit, line));
    const difference = lineDifference(audit, ours, expected);
    if (difference !== null) differences.push(difference);
  }
  return differences.length === 0 ? null : differences.join('; ');
}
