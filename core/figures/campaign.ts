/**
 * A campaign: some standards, for some owners, in waves, until a day. It pools no assets of different standards into one share: each
 * standard has its own interval in the campaign's scope. What to do first is suggested, with the reason. Pure.
 */
import { z } from 'zod';
import type { ContainersListed } from '../facts/enumeration.ts';
import { selects } from '../verdicts/exception.ts';
import type { Figures } from './accounting.ts';
import { share } from './share.ts';
import { type Outlook, type StatusOfTarget, statusOf, targetSchema } from './target.ts';

const id = z.string().regex(/^[a-z][a-z0-9-]*$/, 'the id of a standard');
const owners = z.array(z.string().min(1).max(200)).max(500);
const weight = z.number().min(0).max(1000);

export const campaignSchema = z
  .strictObject({
    title: z.string().min(3).max(80),
    standards: z.array(id).min(1).max(200),
    /** Teams or units by id, with all below; `*` stands for any characters. Left out: everybody. */
    owners: owners.default([]),
    target: targetSchema,
    /** Who is to be done by when: the first that selects a team is its wave. */
    waves: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(40),
          owners: owners.min(1),
          by: z.iso.date({ error: 'not a date: write it as 2027-03-01' }),
        }),
      )
      .max(20)
      .default([]),
    /** What a failure of each severity weighs where nothing else is said. */
    weights: z.strictObject({ critical: weight, high: weight, medium: weight, low: weight }).optional(),
  })
  .check(({ value: { waves, target }, issues, value }) => {
    for (const [index, { by, name }] of waves.entries())
      if (by > target.by)
        issues.push({
          code: 'custom',
          path: ['waves', index, 'by'],
          message: `wave \`${name}\` ends on ${by}, after the campaign (${target.by}): name an earlier day`,
          input: value,
        });
  });
export type Campaign = z.infer<typeof campaignSchema>;

export const CAMPAIGN_WEIGHTS = { critical: 8, high: 4, medium: 2, low: 1 } as const;

/** How one team stands under one standard. */
export interface CampaignCount extends Pick<Figures, 'pass' | 'fail' | 'unknown' | 'excepted'> {
  readonly standard: string;
  readonly team: string;
  /** The team and the units above it; null where nobody can tell. */
  readonly owners: readonly string[] | null;
}

export interface CampaignStandard {
  readonly standard: string;
  readonly label: string;
  readonly severity: keyof typeof CAMPAIGN_WEIGHTS;
  /** What a fix takes its owner, by what the standard states. */
  readonly ownerMinutes: number;
  /** Of the whole standard towards the campaign's target; null where the scope is a part, whose pace nobody knows. */
  readonly forecast: Outlook | null;
  /** How many containers may hold such assets, and how many were listed whole; null where no source lists any. */
  readonly containers: ContainersListed | null;
}

export interface CampaignFigures extends StatusOfTarget {
  readonly pass: number;
  readonly fail: number;
  readonly unknown: number;
  readonly excepted: number;
  readonly atLeast: number | null;
  readonly atMost: number | null;
}

export interface CampaignProgress {
  readonly standards: readonly (CampaignFigures & { readonly standard: string; readonly label: string })[];
  readonly waves: readonly {
    readonly name: string;
    readonly by: string;
    readonly standards: readonly (CampaignFigures & { readonly standard: string })[];
  }[];
  /** Most risk taken away by a minute of work first. */
  readonly sequence: readonly CampaignStep[];
  /** Assets of which nobody can tell whether they are in scope, because nobody owns them. */
  readonly unowned: number;
}

export interface CampaignStep {
  readonly standard: string;
  readonly team: string;
  /** Not excepted. */
  readonly failing: number;
  /** Weight of a failure by minutes of a fix. */
  readonly score: number;
  readonly why: string;
}

const includes = (selectors: readonly string[], named: readonly string[]): boolean =>
  selectors.some((one) => named.some((owner) => selects(one, owner)));

export function campaignProgress(
  campaign: Campaign,
  {
    at,
    counts,
    standards,
  }: {
    readonly at: Date;
    readonly counts: readonly CampaignCount[];
    readonly standards: readonly CampaignStandard[];
  },
): CampaignProgress {
  const { owners: scope, waves, target } = campaign;
  const own = counts.filter(({ standard }) => campaign.standards.includes(standard));
  const whole = scope.length === 0;
  const inScope = whole ? own : own.filter((one) => one.owners !== null && includes(scope, one.owners));
  const waveOf = ({ owners: named }: CampaignCount) =>
    waves.findIndex((wave) => named !== null && includes(wave.owners, named));
  const figuresOf = (all: readonly CampaignCount[], standard: CampaignStandard, by: string) =>
    figuresAt(
      all.filter((one) => one.standard === standard.standard),
      {
        at,
        target: { share: target.share, by },
        forecast: all === inScope && whole ? standard.forecast : null,
        containers: standard.containers,
      },
    );
  return {
    standards: standards.map((one) => ({
      standard: one.standard,
      label: one.label,
      ...figuresOf(inScope, one, target.by),
    })),
    waves: waves.map(({ name, by }, index) => ({
      name,
      by,
      standards: standards.map((one) => ({
        standard: one.standard,
        ...figuresOf(
          inScope.filter((count) => waveOf(count) === index),
          one,
          by,
        ),
      })),
    })),
    sequence: sequenceOf(inScope, standards, campaign.weights ?? CAMPAIGN_WEIGHTS),
    unowned: whole
      ? 0
      : own
          .filter((one) => one.owners === null)
          .reduce((sum, { pass, fail, unknown }) => sum + pass + fail + unknown, 0),
  };
}

function figuresAt(
  counts: readonly CampaignCount[],
  {
    at,
    target,
    forecast,
    containers,
  }: Pick<CampaignStandard, 'forecast' | 'containers'> & {
    readonly at: Date;
    readonly target: Campaign['target'];
  },
): CampaignFigures {
  const sum = { pass: 0, fail: 0, unknown: 0, excepted: 0 };
  for (const one of counts)
    for (const name of ['pass', 'fail', 'unknown', 'excepted'] as const) sum[name] += one[name];
  const { atLeast, atMost } = share({ ...sum, notApplicable: 0 });
  return { ...sum, atLeast, atMost, ...statusOf({ atLeast, atMost, target, at, forecast, containers }) };
}

function sequenceOf(
  counts: readonly CampaignCount[],
  standards: readonly CampaignStandard[],
  weights: Readonly<Record<CampaignStandard['severity'], number>>,
): readonly CampaignStep[] {
  const byId = new Map(standards.map((one) => [one.standard, one]));
  return counts
    .flatMap(({ standard, team, fail, excepted }): CampaignStep[] => {
      const own = byId.get(standard);
      const failing = fail - excepted;
      if (own === undefined || failing === 0) return [];
      // A fix that is stated to take nothing still takes somebody's attention.
      const minutes = Math.max(1, own.ownerMinutes);
      const score = weights[own.severity] / minutes;
      const why = `${own.severity} (weight ${weights[own.severity]}) by ${minutes} minutes a fix, ${failing} failing`;
      return [{ standard, team, failing, score, why }];
    })
    .sort(
      (a, b) =>
        b.score - a.score ||
        b.failing - a.failing ||
        (`${a.standard} ${a.team}` < `${b.standard} ${b.team}` ? -1 : 1),
    );
}
