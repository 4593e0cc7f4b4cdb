/**
 * A campaign: some standards, for some owners, in waves, until a day. It pools no assets of different standards into one share: each
 * standard has its own interval in the campaign's scope. What to do first is suggested, with the reason. Pure.
 */
import { z } from 'zod';
import type { ContainersListed } from '../facts/enumeration.ts';
import { selects } from '../verdicts/exception.ts';
import type { Figures } from './accounting.ts';
import type { Exploitation } from './known-exploited.ts';
import { type Share, share, type Tally } from './share.ts';
import { type Outlook, type StatusOfTarget, statusOf, targetSchema } from './target.ts';

const id = z
  .string()
  .regex(/^[a-z][a-z0-9-]*$/, 'lower-case letters, digits and dashes, beginning with a letter');
const owners = z.array(z.string().min(1).max(200)).max(500);
const weight = z.number().min(0).max(1000);
const factor = z.number().min(1).max(1000);

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
    /** How much the other terms of the suggested sequence count where nothing else is said. */
    factors: z
      .strictObject({
        /** By so many a failure counts where all failing assets are exposed; 1: exposure counts for nothing. */
        exposed: factor.optional(),
        /** The same where vulnerabilities are known to be exploited whose weakness the standard answers. */
        exploited: factor.optional(),
        /** How much ten times as many failing assets add; 0: how many counts for nothing. */
        reach: z.number().min(0).max(10).optional(),
      })
      .optional(),
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

const CAMPAIGN_WEIGHTS = { critical: 8, high: 4, medium: 2, low: 1 } as const;
const CAMPAIGN_FACTORS = { exposed: 2, exploited: 2, reach: 1 } as const;

/** What the terms of a sequence count. */
export interface CampaignSettings {
  readonly weights: Readonly<Record<keyof typeof CAMPAIGN_WEIGHTS, number>>;
  readonly factors: Readonly<Record<keyof typeof CAMPAIGN_FACTORS, number>>;
}

/** As the campaign states them. */
export const campaignSettings = ({ weights, factors = {} }: Campaign): CampaignSettings => ({
  weights: weights ?? CAMPAIGN_WEIGHTS,
  factors: {
    exposed: factors.exposed ?? CAMPAIGN_FACTORS.exposed,
    exploited: factors.exploited ?? CAMPAIGN_FACTORS.exploited,
    reach: factors.reach ?? CAMPAIGN_FACTORS.reach,
  },
});

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
  /** How long its fixes took so far, by the middle of all standards: 2 is twice as long; null where too few were seen. */
  readonly observedEffort: number | null;
  /** Null where no catalogue of known exploited vulnerabilities is configured. */
  readonly exploitation: Exploitation | null;
  /** Team → failing assets that are exposed, and those of which nobody can tell; null where nothing in the facts of the kind says. */
  readonly exposed: ReadonlyMap<string, { readonly exposed: number; readonly unknown: number }> | null;
  /** Of the whole standard towards the campaign's target; null where the scope is a part, whose pace nobody knows. */
  readonly forecast: Outlook | null;
  /** How many containers may hold such assets, and how many were listed whole; null where no source lists any. */
  readonly containers: ContainersListed | null;
}

export interface CampaignFigures
  extends StatusOfTarget,
    Omit<Tally, 'notApplicable'>,
    Pick<Share, 'atLeast' | 'atMost'> {}

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

/** Every term of a step's score, so that anybody can do the sum again. */
export interface StepTerms {
  readonly severity: { readonly name: CampaignStandard['severity']; readonly weight: number };
  /** `exposed` null: nothing in the facts of the kind says so. `unknown` are of the failing, too. */
  readonly exposure: {
    readonly exposed: number | null;
    readonly unknown: number;
    readonly of: number;
    readonly factor: number;
  };
  readonly reach: { readonly failing: number; readonly factor: number };
  /** `known` null: no catalogue is configured. */
  readonly exploitation: {
    readonly known: number | null;
    readonly of: number;
    readonly by: readonly string[];
    readonly factor: number;
  };
  /** `observed`: how long fixes took, by the middle of all standards; null: too few were seen, and the stated minutes count. */
  readonly effort: {
    readonly statedMinutes: number;
    readonly observed: number | null;
    readonly minutes: number;
  };
}

export interface CampaignStep {
  readonly standard: string;
  readonly team: string;
  /** Not excepted. */
  readonly failing: number;
  /** The product of the weight and the three factors, by the minutes of a fix. */
  readonly score: number;
  readonly terms: StepTerms;
  readonly why: string;
}

const includes = (selectors: readonly string[], named: readonly string[]): boolean =>
  selectors.some((one) => named.some((owner) => selects(one, owner)));

/** Whether a campaign is about what these own. */
export const isInScope = ({ owners: scope }: Campaign, { owners }: Pick<CampaignCount, 'owners'>): boolean =>
  scope.length === 0 || (owners !== null && includes(scope, owners));

/** The place of the wave that they are in; −1 for none. */
export const waveOf = ({ waves }: Campaign, { owners }: Pick<CampaignCount, 'owners'>): number =>
  waves.findIndex((wave) => owners !== null && includes(wave.owners, owners));

export function campaignProgress(
  campaign: Campaign,
  {
    at,
    counts,
    standards,
    settings = campaignSettings(campaign),
  }: {
    readonly at: Date;
    readonly counts: readonly CampaignCount[];
    readonly standards: readonly CampaignStandard[];
    /** In place of what the campaign states. */
    readonly settings?: CampaignSettings | undefined;
  },
): CampaignProgress {
  const { waves, target } = campaign;
  const own = counts.filter(({ standard }) => campaign.standards.includes(standard));
  const whole = campaign.owners.length === 0;
  const inScope = own.filter((one) => isInScope(campaign, one));
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
          inScope.filter((count) => waveOf(campaign, count) === index),
          one,
          by,
        ),
      })),
    })),
    sequence: sequenceOf(inScope, standards, settings),
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
  settings: CampaignSettings,
): readonly CampaignStep[] {
  const byId = new Map(standards.map((one) => [one.standard, one]));
  return counts
    .flatMap((count): CampaignStep[] => {
      const { standard, team, fail, excepted } = count;
      const own = byId.get(standard);
      const failing = fail - excepted;
      if (own === undefined || failing === 0) return [];
      const terms = termsOf(own, count, settings);
      const { severity, exposure, reach, exploitation, effort } = terms;
      const score = (severity.weight * exposure.factor * reach.factor * exploitation.factor) / effort.minutes;
      return [{ standard, team, failing, score, terms, why: whyOf(terms) }];
    })
    .sort(
      (a, b) =>
        b.score - a.score ||
        b.failing - a.failing ||
        (`${a.standard} ${a.team}` < `${b.standard} ${b.team}` ? -1 : 1),
    );
}

/** Fixes that took a quarter or four times as long say no more than that. */
const LEAST_EFFORT = 0.25;
const MOST_EFFORT = 4;

function termsOf(
  own: CampaignStandard,
  { team, fail, excepted }: CampaignCount,
  { weights, factors }: CampaignSettings,
): StepTerms {
  const failing = fail - excepted;
  const seen = own.exposed === null ? null : (own.exposed.get(team) ?? { exposed: 0, unknown: 0 });
  const { exploitation, observedEffort: observed } = own;
  // A fix that is stated to take nothing still takes somebody's attention.
  const stated = Math.max(1, own.ownerMinutes);
  const ratio = observed === null ? 1 : Math.min(MOST_EFFORT, Math.max(LEAST_EFFORT, observed));
  return {
    severity: { name: own.severity, weight: weights[own.severity] },
    exposure: {
      exposed: seen === null ? null : seen.exposed,
      unknown: seen?.unknown ?? 0,
      of: fail,
      factor: seen === null ? 1 : 1 + (factors.exposed - 1) * Math.min(1, seen.exposed / fail),
    },
    reach: { failing, factor: 1 + factors.reach * Math.log10(failing) },
    exploitation: {
      known: exploitation?.known ?? null,
      of: exploitation?.of ?? 0,
      by: exploitation?.by ?? [],
      factor: exploitation !== null && exploitation.known > 0 ? factors.exploited : 1,
    },
    effort: { statedMinutes: stated, observed, minutes: stated * ratio },
  };
}

const rounded = (number: number): string => String(Math.round(number * 100) / 100);

/** The sum in words, each term with its number. */
function whyOf({ severity, exposure, reach, exploitation, effort }: StepTerms): string {
  const exposed =
    exposure.exposed === null
      ? 'exposure not known of this kind (1)'
      : `${exposure.exposed} of ${exposure.of} exposed${exposure.unknown > 0 ? `, ${exposure.unknown} cannot tell` : ''} (${rounded(exposure.factor)})`;
  const exploited =
    exploitation.known === null
      ? 'no catalogue of exploited vulnerabilities (1)'
      : exploitation.known === 0
        ? 'none known to be exploited (1)'
        : `${exploitation.known} of ${exploitation.of} exploited vulnerabilities, by ${exploitation.by.slice(0, 3).join(', ')} (${rounded(exploitation.factor)})`;
  const observed =
    effort.observed === null
      ? `${rounded(effort.minutes)} minutes a fix, as stated`
      : `${rounded(effort.minutes)} minutes a fix: ${effort.statedMinutes} stated, fixes took ${rounded(effort.observed)} times the usual`;
  return `${severity.name} (${severity.weight}) × ${exposed} × ${reach.failing} failing (${rounded(reach.factor)}) × ${exploited} / ${observed}`;
}
