/** zizmor's audits as questions to our facts. Lines are compared; how an audit is graded decides who is told. */
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
        .filter(({ kind, pinned }) => kind === 'container' && pinned === false)
        .filter(({ revision }) => persona !== 'regular' || revision === undefined || revision === 'latest'),
    ),
  'template-injection': (facts, persona) =>
    lines(
      facts.list('expansions').filter((each) => persona !== 'regular' || each.controlled_by !== 'nobody'),
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
    ({ stated }, persona) => persona === 'auditor' || (stated !== true && persona === 'pedantic'),
  ),
  'cache-poisoning': weakness('cache-in-release'),
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
  'self-repository': (facts) =>
    lines(facts.list('uses').filter(({ ref, local }) => local === true && String(ref).startsWith('./'))),
  'undocumented-permissions': (facts, persona) => (persona === 'regular' ? [] : undocumented(facts)),
  'anonymous-definition': (facts, persona) => (persona === 'regular' ? [] : anonymous(facts)),
};

function permissions(facts: PipelineFacts, persona: Persona): readonly number[] {
  const reusable = facts.attribute('role');
  const onlyCalled =
    reusable !== undefined &&
    'value' in reusable &&
    reusable.value === 'reusable-workflow' &&
    persona === 'regular';
  const jobs = facts.list('jobs');
  const undeclared = jobs.filter(({ token }) => token === 'undeclared');
  const found = undeclared.filter(({ uses }) => !onlyCalled || uses !== undefined);
  const whole = undeclared.length > 0 && !onlyCalled ? [firstLine(facts.text)] : [];
  const broad = facts
    .list('grants')
    .filter((grant) => grant.level === 'write' || (grant.level === 'read' && grant.scope === '*'))
    .filter((grant) => grant.declared_at === 'workflow' || grant.scope === '*')
    .filter((grant) => persona !== 'regular' || grant.declared_at === 'job' || jobs.length > 1);
  return [...whole, ...lines(found), ...lines(broad)];
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
  return [...unnamed, ...lines(facts.list('jobs').filter((job) => job.name === undefined))];
}

function firstLine(text: string): number {
  return text.split('\n').findIndex((line) => /^[^\s#-]/.test(line)) + 1;
}

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

async function compare(one: ZizmorCase): Promise<string | null> {
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
