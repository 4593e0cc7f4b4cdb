/**
 * Where standards stand, as OSCAL 1.2.1 documents: assessment results and a plan of action with milestones. The same figures give
 * the same document, ids and all. Only what is met is satisfied: whatever cannot be told is said to be so. Pure.
 */
import { hash } from 'node:crypto';
import { type FrameworkMapping, requirementStatus } from './framework-status.ts';
import type { ReviewFigure } from './review.ts';
import { endOfDay } from './target.ts';

/** Of a review, or of this moment. */
export interface OscalStandard
  extends Pick<
    ReviewFigure,
    | 'standard'
    | 'label'
    | 'title'
    | 'pillar'
    | 'severity'
    | 'accountable'
    | 'target'
    | 'status'
    | 'statusCause'
    | 'pass'
    | 'fail'
    | 'unknown'
    | 'excepted'
    | 'atLeast'
    | 'atMost'
  > {}

export interface OscalInput {
  /** What the figures are of, such as a company or a review. */
  readonly title: string;
  /** The moment that they are of. */
  readonly at: Date;
  readonly engine: string;
  /** All of it is made up. */
  readonly simulated: boolean;
  readonly standards: readonly OscalStandard[];
  /** What an outside body asks; null: each standard is a requirement by itself. */
  readonly framework: FrameworkMapping | null;
}

const OSCAL_VERSION = '1.2.1';
const NAMESPACE = 'urn:macadam:oscal';

/** One name has one id. OSCAL takes versions 4 and 5 alone, so that it is marked as a named one. */
function uuid(...names: readonly string[]): string {
  const digest = hash('sha256', [NAMESPACE, ...names].join('\n'), 'buffer').subarray(0, 16);
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x50;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  const hex = digest.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** A token of OSCAL begins with a letter; enhancements of 800-53 are written `ac-2.1` there. */
function controlId(framework: string, requirement: string): string {
  const plain = requirement
    .trim()
    .toLowerCase()
    .replaceAll(/\((\w+)\)/g, '.$1')
    .replaceAll(/[^\p{L}\p{N}.\-_]+/gu, '-')
    .replaceAll(/^-+|(?<!-)-+$/g, '');
  return /^\p{L}/u.test(plain) ? plain : `${framework}_${plain}`;
}

const line = (text: string) => text.replaceAll(/\s+/g, ' ').trim() || '–';
const percent = (share: number | null) =>
  share === null ? 'no share' : `${Math.floor(share * 1000) / 10} %`;

function property(
  name: string,
  value: string | number | null,
): { name: string; ns: string; value: string }[] {
  return value === null ? [] : [{ name, ns: NAMESPACE, value: line(String(value)) }];
}

function sentence({ pass, fail, unknown, excepted, atLeast, atMost }: OscalStandard): string {
  const counts = `${pass} pass, ${fail} fail (${excepted} under an exception), ${unknown} cannot be told`;
  if (atLeast === null || atMost === null) return `${counts}: nothing is in scope.`;
  const most = Math.ceil(atMost * 1000) / 10;
  return `${counts}: at least ${percent(atLeast)}, at most ${most} %.`;
}

const figures = (one: OscalStandard) => [
  ...property('standard', one.standard),
  ...property('status', one.status),
  ...property('status-cause', one.statusCause),
  ...property('severity', one.severity),
  ...property('accountable', one.accountable),
  ...property('pass', one.pass),
  ...property('fail', one.fail),
  ...property('unknown', one.unknown),
  ...property('excepted', one.excepted),
  ...property('at-least', one.atLeast),
  ...property('at-most', one.atMost),
];

function metadata({ title, at, engine, simulated }: OscalInput, what: string) {
  return {
    title: line(`${what}: ${title}${simulated ? ' (all of it is made up)' : ''}`),
    'last-modified': at.toISOString(),
    version: at.toISOString(),
    'oscal-version': OSCAL_VERSION,
    props: [...property('engine', engine), ...property('simulated', String(simulated))],
  };
}

function observation(input: OscalInput, one: OscalStandard) {
  return {
    uuid: uuid(input.title, input.at.toISOString(), 'observation', one.standard),
    title: line(one.label),
    description: line(sentence(one)),
    props: figures(one),
    methods: ['TEST'],
    collected: input.at.toISOString(),
  };
}

const REASONS = {
  met: 'pass',
  'off-track': 'fail',
  'on-track': 'other',
  'cannot-tell': 'other',
  'no-target': 'other',
  'nothing-maps': 'other',
} as const;

const REMARKS = {
  met: 'Every standard that answers it is met.',
  'off-track':
    'It will not be met in time at the pace of the weeks that were observed, or its day has passed.',
  'on-track': 'It is not met yet, and will be in time at the pace of the weeks that were observed.',
  'cannot-tell': 'Nobody can tell: what is unknown decides, or too little was observed.',
  'no-target': 'No target was stated for it.',
  'nothing-maps': 'No standard answers it: it is a gap.',
} as const;

/** What is asked: the requirements of a framework, or each standard by itself. */
function asked({ framework, standards }: OscalInput) {
  const byId = new Map(standards.map((one) => [one.standard, one]));
  if (framework === null)
    return standards.map((one) => ({
      id: one.standard,
      title: one.title,
      status: one.status,
      standards: [one],
      missing: [] as string[],
    }));
  return Object.entries(framework.requirements).map(([name, ids]) => ({
    id: controlId(framework.framework, name),
    title: `${framework.title}: ${name}`,
    status: requirementStatus(ids.map((id) => byId.get(id)?.status ?? null)),
    standards: ids.flatMap((id) => byId.get(id) ?? []),
    missing: ids.filter((id) => !byId.has(id)),
  }));
}

export function assessmentResults(input: OscalInput) {
  const { at, standards, title } = input;
  const moment = at.toISOString();
  const requirements = asked(input);
  const plan = uuid(title, moment, 'plan');
  const findings = requirements.map((one) => ({
    uuid: uuid(title, moment, 'finding', one.id),
    title: line(one.title),
    description: line(
      [
        ...one.standards.map((each) => `${each.label}: ${sentence(each)}`),
        ...one.missing.map((id) => `${id}: not in force here, so nobody can tell.`),
      ].join(' ') || REMARKS['nothing-maps'],
    ),
    props: property('status', one.status),
    target: {
      type: 'objective-id',
      'target-id': one.id,
      status: {
        state: one.status === 'met' ? 'satisfied' : 'not-satisfied',
        reason: REASONS[one.status],
        remarks: REMARKS[one.status],
      },
    },
    ...(one.standards.length > 0 && {
      'related-observations': one.standards.map((each) => ({
        'observation-uuid': observation(input, each).uuid,
      })),
    }),
  }));
  return {
    'assessment-results': {
      uuid: uuid(title, moment, 'assessment-results', input.framework?.framework ?? ''),
      metadata: metadata(input, 'Assessment results'),
      'import-ap': { href: `#${plan}` },
      results: [
        {
          uuid: uuid(title, moment, 'result', input.framework?.framework ?? ''),
          title: line(input.framework?.title ?? 'Standards in force'),
          description:
            'Each requirement stands as the worst of the standards that answer it. Only what is met is satisfied; a failure under an exception is a failure.',
          start: moment,
          end: moment,
          'reviewed-controls': {
            'control-selections': [
              requirements.length === 0
                ? { 'include-all': {} }
                : { 'include-controls': unique(requirements.map(({ id }) => id)).map(control) },
            ],
          },
          ...(standards.length > 0 && { observations: standards.map((one) => observation(input, one)) }),
          ...(findings.length > 0 && { findings }),
        },
      ],
      'back-matter': {
        resources: [
          {
            uuid: plan,
            title: 'How it was assessed',
            description:
              'Every standard is judged for every asset in its scope, from facts that were collected by machines. What nobody looked at is unknown and never a pass.',
          },
        ],
      },
    },
  };
}

const unique = (ids: readonly string[]) => [...new Set(ids)];
const control = (id: string) => ({ 'control-id': id });

/** What is open: what fails, and what nobody can tell. Null where nothing is: such a plan has one item at least. */
export function planOfAction(input: OscalInput) {
  const { at, title, standards } = input;
  const moment = at.toISOString();
  const open = standards.filter(({ fail, unknown }) => fail + unknown > 0);
  if (open.length === 0) return null;
  const riskId = ({ standard }: OscalStandard) => uuid(title, moment, 'risk', standard);
  return {
    'plan-of-action-and-milestones': {
      uuid: uuid(title, moment, 'plan-of-action'),
      metadata: metadata(input, 'Plan of action and milestones'),
      'system-id': { id: line(title) },
      observations: open.map((one) => observation(input, one)),
      risks: open.map((one) => ({
        uuid: riskId(one),
        title: line(one.title),
        description: line(sentence(one)),
        statement: line(statement(one)),
        props: figures(one),
        status: 'open',
        ...(one.target !== null && { deadline: new Date(endOfDay(one.target.by)).toISOString() }),
        'related-observations': [{ 'observation-uuid': observation(input, one).uuid }],
      })),
      'poam-items': open.map((one) => ({
        uuid: uuid(title, moment, 'item', one.standard),
        title: line(one.label),
        description: line(plan(one)),
        props: figures(one),
        'related-observations': [{ 'observation-uuid': observation(input, one).uuid }],
        'related-risks': [{ 'risk-uuid': riskId(one) }],
      })),
    },
  };
}

function statement({ fail, unknown }: OscalStandard): string {
  const parts = [
    ...(fail > 0 ? [`${fail} assets fail it`] : []),
    ...(unknown > 0 ? [`of ${unknown} nobody can tell`] : []),
  ];
  return `${parts.join(', and ')}.`;
}

function plan({ target, accountable, status, fail, unknown }: OscalStandard): string {
  const promise =
    target === null
      ? 'No target was stated.'
      : `Target: ${percent(target.share)} by ${target.by}; ${status.replaceAll('-', ' ')}.`;
  const who = accountable === null ? 'Nobody is accountable.' : `Accountable: ${accountable}.`;
  const next = fail > 0 ? 'Owners fix what fails.' : `Sources have to see ${unknown} assets first.`;
  return `${promise} ${who} ${next}`;
}
