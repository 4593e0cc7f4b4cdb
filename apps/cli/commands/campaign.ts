/** `macadam campaign`: where campaigns stand, and what to do first. Exits 1 where a standard of one is off track. */

import { interval, percentDown } from '@macadam/adapters/report-formats/figures';
import { visible } from '@macadam/adapters/report-formats/text';
import type { CampaignStep } from '@macadam/core/figures/campaign';
import { EXIT } from '../exit.ts';
import { type ServerOptions, serverFor } from '../server.ts';
import { deliverAnswer, UsageError } from '../terminal.ts';
import { counted, recordText, tableText } from './listing.ts';

interface Figures {
  readonly standard: string;
  readonly pass: number;
  readonly fail: number;
  readonly unknown: number;
  readonly atLeast: number | null;
  readonly atMost: number | null;
  readonly status: string;
  readonly cause: string | null;
}

interface Answer {
  readonly title: string;
  readonly target: { readonly share: number; readonly by: string };
  readonly standards: readonly (Figures & { readonly label: string })[];
  readonly waves: readonly {
    readonly name: string;
    readonly by: string;
    readonly standards: readonly Figures[];
  }[];
  readonly sequence: readonly Pick<CampaignStep, 'standard' | 'team' | 'failing' | 'why'>[];
  readonly unowned: number;
  readonly missing: readonly string[];
}

interface Row {
  readonly campaign: string;
  readonly title: string;
  readonly target: { readonly share: number; readonly by: string };
}

export interface CampaignOptions extends ServerOptions {
  readonly json?: boolean;
  readonly weigh?: readonly string[];
}

/** `exposed=3`: a term of the sequence, and what it counts. */
function weighed(given: readonly string[]): Record<string, string> {
  const pairs = given.map((one) => {
    const [name = '', value, ...more] = one.split('=');
    if (!TERMS.includes(name) || value === undefined || more.length > 0 || !(Number(value) >= 0))
      throw new UsageError(
        `--weigh: \`${visible(one)}\` is not a term with a number; write it as exposed=3, of ${TERMS.join(', ')}`,
      );
    return [name, value] as const;
  });
  return Object.fromEntries(pairs);
}

const TERMS = ['critical', 'high', 'medium', 'low', 'exposed', 'exploited', 'reach'];

const promise = ({ share, by }: Answer['target']) => `${percentDown(share)} by ${by}`;

export async function showCampaign(id: string | undefined, options: CampaignOptions): Promise<number> {
  const server = serverFor(options);
  if (id === undefined) {
    const { items } = await server.list<Row>('campaigns', {}, 1000);
    const rows = items.map(
      ({ campaign, title, target }) => [campaign, `${title}: ${promise(target)}`] as const,
    );
    const text = items.length === 0 ? 'no campaigns' : recordText('campaigns', rows);
    deliverAnswer(options, items, text);
    return EXIT.ok;
  }
  const asked = weighed(options.weigh ?? []);
  const answer = await server.get<Answer>(`campaigns/${encodeURIComponent(id)}`, asked);
  deliverAnswer(options, answer, textOf(answer));
  return answer.standards.some(({ status }) => status === 'off-track') ? EXIT.fails : EXIT.ok;
}

const statusText = ({ status, cause }: Figures): string =>
  `${status.replaceAll('-', ' ')}${cause === null ? '' : `, ${cause.replaceAll('-', ' ')}`}`;

function figuresText(one: Figures): string {
  if (one.atLeast === null || one.atMost === null) return `${statusText(one)}: nothing in scope`;
  return `${statusText(one)}: ${interval(one.atLeast, one.atMost)}; ${one.fail} failing, ${one.unknown} unknown`;
}

function textOf({ title, target, standards, waves, sequence, unowned, missing }: Answer): string {
  const parts = [
    recordText(
      `${title}: ${promise(target)}`,
      standards.map((one) => [one.standard, figuresText(one)] as const),
    ),
    ...waves.map(({ name, by, standards: own }) =>
      recordText(
        `wave ${name}, by ${by}`,
        own.map((one) => [one.standard, figuresText(one)] as const),
      ),
    ),
  ];
  if (unowned > 0)
    parts.push(
      `Of ${counted(unowned, 'asset')} nobody can tell whether they are in scope: nobody owns them.`,
    );
  if (missing.length > 0) parts.push(`Not in force here: ${missing.join(', ')}.`);
  const first = { items: sequence.slice(0, 10), more: sequence.length > 10 };
  if (sequence.length > 0)
    parts.push(
      `First, what takes most risk away by a minute of work:\n${tableText(
        first,
        [
          { title: 'standard', of: ({ standard }) => standard },
          { title: 'owner', of: ({ team }) => team },
          { title: 'failing', of: ({ failing }) => String(failing) },
          { title: 'why', of: ({ why }) => why },
        ],
        'steps',
        process.stdout.columns,
      )}`,
    );
  return parts.join('\n\n');
}
