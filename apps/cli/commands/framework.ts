/** `macadam framework`: what outside bodies ask, and where each requirement stands by the standards that answer it. */
import { visible } from '@macadam/adapters/report-formats/text';
import { REQUIREMENT_STATUSES, type RequirementStatus } from '@macadam/core/figures/framework-status';
import { EXIT } from '../exit.ts';
import { type ServerOptions, serverFor } from '../server.ts';
import { deliverAnswer } from '../terminal.ts';
import { recordText } from './listing.ts';

type Counts = Readonly<Record<RequirementStatus, number>>;

interface Framework {
  readonly framework: string;
  readonly title: string;
  readonly counts: Counts;
}

interface Whole extends Framework {
  readonly requirements: readonly {
    readonly requirement: string;
    readonly group: string | null;
    readonly status: RequirementStatus;
    readonly standards: readonly { readonly standard: string; readonly status: string | null }[];
  }[];
}

const countsText = (counts: Counts): string =>
  REQUIREMENT_STATUSES.flatMap((status) =>
    counts[status] > 0 ? [`${counts[status]} ${status.replaceAll('-', ' ')}`] : [],
  ).join(', ');

export async function showFramework(
  id: string | undefined,
  options: ServerOptions & { readonly json?: boolean },
): Promise<number> {
  const server = serverFor(options);
  if (id === undefined) {
    const { items } = await server.list<Framework>('frameworks', {}, 100);
    const rows = items.map(({ framework, counts }) => [framework, countsText(counts)] as const);
    deliverAnswer(options, items, recordText('frameworks', rows));
    return EXIT.ok;
  }
  const whole = await server.get<Whole>(`frameworks/${encodeURIComponent(id)}`);
  const rows = whole.requirements.map(({ requirement, group, status, standards }) => {
    const by = standards.map((one) => `${one.standard} (${one.status ?? 'not in force here'})`).join(', ');
    const name = group === null ? requirement : `${requirement} (${group})`;
    return [name, `${status.replaceAll('-', ' ')}${by === '' ? '' : `: ${by}`}`] as const;
  });
  const text = [recordText(`${visible(whole.title)}`, rows), countsText(whole.counts)].join('\n');
  deliverAnswer(options, whole, text);
  return EXIT.ok;
}
