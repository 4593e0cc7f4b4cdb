/** Reports that our own libraries write: one JSON object a line. */
import type { FileDiagnostic } from '@macadam/core/text/diagnostic';
import { written } from '@macadam/core/text/unfit';
import type { z } from 'zod';
import { jsonOf, type ParsedFile } from './batch.ts';

const MOST_MISTAKES = 100;

/** Every report of a file that has one at least; or what is wrong with its lines. `passesOver` says which are somebody else's. */
export function reportsIn<S extends z.ZodType>(
  paper: ParsedFile,
  schema: S,
  passesOver: (line: string) => boolean = () => false,
): { readonly reports: readonly z.output<S>[] } | { readonly mistakes: FileDiagnostic[] } {
  const { file } = paper;
  const reports: z.output<S>[] = [];
  const mistakes: FileDiagnostic[] = [];
  for (const [index, text] of paper.text.split('\n').entries()) {
    if (text.trim() === '' || passesOver(text)) continue;
    const place = { file, line: index + 1, column: 1 };
    const parsed = jsonOf({ ...paper, text });
    if ('mistakes' in parsed) {
      mistakes.push(...parsed.mistakes.map(({ reason }) => ({ ...place, field: '', reason })));
      continue;
    }
    const report = schema.safeParse(parsed.json);
    if (report.success) reports.push(report.data);
    else
      for (const issue of report.error.issues)
        mistakes.push({ ...place, field: issue.path.join('.'), reason: written(issue) });
  }
  if (mistakes.length > 0) return { mistakes: mistakes.slice(0, MOST_MISTAKES) };
  return reports.length > 0
    ? { reports }
    : { mistakes: [{ file, line: 1, column: 1, field: '', reason: 'holds no report' }] };
}
