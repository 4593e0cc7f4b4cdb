/** `macadam forecast`: when a standard reaches its target, if what happened so far goes on. */
import { percentDown } from '@macadam/adapters/report-formats/figures';
import { EXIT } from '../exit.ts';
import { type ServerOptions, serverFor } from '../server.ts';
import { deliverAnswer } from '../terminal.ts';
import { recordText } from './listing.ts';

export interface ForecastOptions extends ServerOptions {
  readonly json?: boolean;
  readonly share?: string;
  readonly by?: string;
}

interface Answer {
  readonly id: string;
  readonly target: number;
  readonly by: string;
  readonly weeks: number;
  readonly outcome: 'met' | 'expected' | 'never' | 'cannot-tell';
  readonly likely: string | null;
  readonly cautious: string | null;
  readonly chance: number | null;
  readonly why: 'nothing-in-scope' | 'too-few-steps' | 'too-much-unknown' | null;
  readonly atRisk: boolean | null;
  /** Left out by servers of before. */
  readonly pace?: {
    readonly ended: number;
    readonly began: number;
    readonly settlesAt: number | null;
  } | null;
}

const WHY = {
  'nothing-in-scope': 'nothing is in its scope',
  'too-few-steps': 'fewer than six weeks were observed',
  'too-much-unknown': 'what is unknown is more than the target leaves open; see what its sources cannot see',
};

function outcomeText({ outcome, likely, cautious, chance, why, weeks, pace, target }: Answer): string {
  if (outcome === 'met') return 'the target is met';
  if (outcome === 'cannot-tell') return `cannot tell: ${why === null ? '' : WHY[why]}`;
  const observed = `by what ${weeks} weeks showed`;
  const settlesAt = pace?.settlesAt ?? null;
  const settles =
    settlesAt === null || settlesAt >= target
      ? ''
      : `, so the share settles at about ${percentDown(settlesAt)}`;
  if (outcome === 'never')
    return `never at this pace, ${observed}${pace ? ` (each week ${pace.ended} failures end and ${pace.began} begin${settles})` : ''}: ${Math.round((chance ?? 0) * 100)} of 100 futures reach it within five years`;
  return `${likely} as likely as not; ${cautious ?? 'no day'} with 85 of 100, ${observed}`;
}

/** Exits 1 where the promised day is at risk, 3 where nothing can be told. */
export async function forecastStandard(id: string, options: ForecastOptions): Promise<number> {
  const { share, by } = options;
  const answer = await serverFor(options).get<Answer>(`standards/${encodeURIComponent(id)}/forecast`, {
    share,
    by,
  });
  const text = recordText(answer.id, [
    ['target', `${Math.round(answer.target * 1000) / 10} % by ${answer.by}`],
    ['forecast', outcomeText(answer)],
    ['at risk', answer.atRisk === null ? 'cannot tell' : answer.atRisk ? 'yes' : 'no'],
  ]);
  deliverAnswer(options, answer, text);
  if (answer.atRisk === null) return EXIT.unjudged;
  return answer.atRisk ? EXIT.fails : EXIT.ok;
}
