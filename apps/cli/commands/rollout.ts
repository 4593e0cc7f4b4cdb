/** `macadam standards rollout`: where each ring of a standard stands, and what a step would do before anybody takes it. */
import type { BlastRadius, RingStanding } from '@macadam/services/progress/rollout';
import { EXIT } from '../exit.ts';
import { type ServerOptions, serverFor } from '../server.ts';
import { deliverAnswer } from '../terminal.ts';
import { counted, recordText, tableText } from './listing.ts';

export interface RolloutOptions extends ServerOptions {
  readonly to?: string;
  readonly ring?: string;
  readonly on?: string;
  readonly json?: boolean;
}

interface Answer {
  readonly id: string;
  readonly at: string;
  readonly rings: readonly RingStanding[];
  readonly next: (BlastRadius & { readonly write: string }) | null;
  readonly versions: readonly {
    readonly from: string;
    readonly tightened: number;
    readonly relaxed: number;
  }[];
}

export async function showRollout(id: string, options: RolloutOptions): Promise<number> {
  const { to, ring, on } = options;
  const answer = await serverFor(options).get<Answer>(`standards/${encodeURIComponent(id)}/rollout`, {
    to,
    ring,
    on,
  });
  deliverAnswer(options, answer, textOf(answer, on !== undefined || to !== undefined));
  return EXIT.ok;
}

const nameOf = (ring: string | null): string => ring ?? 'everybody else';

function textOf({ id, at, rings, next, versions }: Answer, asked: boolean): string {
  const standing = rings.map(({ ring, step, warn, enforce, owners, assets }, index) => {
    const days = [warn && `warns from ${warn}`, enforce && `enforced from ${enforce}`].filter(Boolean);
    const whom = ring === null ? '' : ` (${[...owners, ...assets].join(', ')})`;
    const name = ring === null ? nameOf(ring) : `${index + 1} ${ring}`;
    return [name, [`${step}${whom}`, ...days].join('; ')] as const;
  });
  const parts = [recordText(`${id}, by the scan of ${at.slice(0, 16).replace('T', ' ')}`, standing)];
  if (next === null) parts.push('No step is announced; --to, --ring and --on say what one would do.');
  else parts.push(...stepText(next, asked));
  const [newest, before] = versions;
  if (newest !== undefined && before !== undefined)
    parts.push(
      `The definition changed on ${newest.from.slice(0, 10)}: ${counted(newest.tightened, 'asset')} judged worse by it, ${newest.relaxed} better; no owner did that.`,
    );
  return parts.join('\n\n');
}

type Owner = BlastRadius['owners'][number];

function stepText(next: NonNullable<Answer['next']>, asked: boolean): readonly string[] {
  const { to, on, owners, notJudgedThen, write } = next;
  const head = `${asked ? 'If' : 'Announced:'} ${nameOf(next.ring)} goes to ${to} on ${on}`;
  const sum = (name: Exclude<keyof Owner, 'team' | 'division'>) =>
    owners.reduce((total, one) => total + one[name], 0);
  const said = [
    `${counted(owners.length, 'owner')}, ${counted(sum('assets'), 'asset')}`,
    `${sum('work')} with new work`,
    `${sum('blocked')} stopped at the gate`,
    `${sum('unknownStopped')} unknown stopped or asked about`,
    `${sum('newlyFailing')} newly failing`,
    `${sum('excepted')} excepted`,
    ...(sum('released') > 0 ? [`${sum('released')} to be done no more`] : []),
  ];
  const column = (title: string, name: Exclude<keyof Owner, 'team' | 'division'>) => ({
    title,
    of: (row: Owner) => String(row[name]),
  });
  const table = tableText(
    { items: owners, more: false },
    [
      { title: 'owner', of: ({ team, division }) => (division === null ? team : `${team} (${division})`) },
      column('assets', 'assets'),
      column('new work', 'work'),
      column('stopped', 'blocked'),
      column('unknown stopped', 'unknownStopped'),
      column('newly failing', 'newlyFailing'),
      column('excepted', 'excepted'),
    ],
    'owner is reached',
    process.stdout.columns,
  );
  return [
    `${head}: ${said.join(', ')}.`,
    ...(notJudgedThen === null ? [] : [`Who would newly fail then is not counted: ${notJudgedThen}.`]),
    table,
    ...(asked ? [`To take the step, write into macadam.yaml:\n${write.trimEnd()}`] : []),
  ];
}
