/** Scripts that publish or deploy by a command that is known, on platforms that name what a job runs. */
import type { Scalar } from './document.ts';
import type { ProductionJob } from './facts.ts';
import { commandIn } from './github/publishers.ts';

/** What the first such command makes of its job; null where none of its scripts has one. */
export function releasedBy(job: string, scripts: readonly Scalar[]): ProductionJob | null {
  for (const { text, line, col } of scripts) {
    const command = commandIn(text);
    if (command === undefined) continue;
    const what = `runs \`${command.replace(/\s+/g, ' ').trim().slice(0, 60)}\``;
    return { job, what, certain: true, line, col };
  }
  return null;
}
