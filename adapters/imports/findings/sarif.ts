/** SARIF 2.1.0 (OASIS standard): each run is a collection of its tool, each result an observation. */

import type { Problem } from '@macadam/core/facts/observation';
import type { FileDiagnostic } from '@macadam/core/text/diagnostic';
import { z } from 'zod';
import {
  readSarifLog,
  type SarifLevel,
  type SarifProblem,
  type SarifResult,
} from '../../report-formats/sarif/read.ts';
import { type Batch, issuesIn, jsonOf, mistakeIn, type ParsedFile, type Read } from './batch.ts';
import { observationsOf, sourceOf, type ToolResult } from './tool-result.ts';
import { writtenTimeSchema } from './written-time.ts';

/** What the reader of results leaves out: who ran when, on what. Sections 3.14, 3.20 and 3.23 of the standard. */
const logSchema = z.looseObject({
  version: z.literal('2.1.0', 'the version is not 2.1.0; convert it first'),
  runs: z.array(
    z.looseObject({
      tool: z.looseObject({
        driver: z.looseObject({
          name: z.string(),
          version: z.string().optional(),
          semanticVersion: z.string().optional(),
        }),
      }),
      invocations: z
        .array(
          z.looseObject({
            startTimeUtc: writtenTimeSchema.optional(),
            endTimeUtc: writtenTimeSchema.optional(),
          }),
        )
        .default([]),
      versionControlProvenance: z
        .array(z.looseObject({ repositoryUri: z.string().optional(), revisionId: z.string().optional() }))
        .default([]),
      automationDetails: z.looseObject({ id: z.string().optional() }).optional(),
    }),
  ),
});
type RunAround = z.infer<typeof logSchema>['runs'][number];

const SEVERITIES: Readonly<Record<SarifLevel, ToolResult['severity']>> = {
  error: 'high',
  warning: 'medium',
  note: 'low',
  none: undefined,
};

export function readSarifPaper(paper: ParsedFile): Read {
  const parsed = jsonOf(paper);
  if ('mistakes' in parsed) return parsed;
  const log = logSchema.safeParse(parsed.json);
  if (!log.success) return { mistakes: issuesIn(paper, log.error) };
  const batches: Batch[] = [];
  let unjudged = 0;
  const mistakes: FileDiagnostic[] = [];
  for (const [index, run] of log.data.runs.entries()) {
    const reading = readSarifLog({ version: '2.1.0', runs: [run] });
    if ('problem' in reading) {
      mistakes.push(mistakeIn(paper, ['runs', index], `${reading.problem}; write it again with the tool`));
      continue;
    }
    const invalid = reading.problems.filter(({ code }) => code === 'result-invalid');
    for (const { message } of invalid)
      mistakes.push(mistakeIn(paper, ['runs', index, 'results'], `${message}; fix it or leave it out`));
    const judged = reading.results.filter(({ gone, kind }) => !gone || kind === 'fail');
    unjudged += reading.results.length - judged.length;
    if (invalid.length === 0) batches.push(batchOf(run, { ...reading, results: judged }, paper));
  }
  const notes: string[] = [];
  if (unjudged > 0) notes.push(`${unjudged} results of an earlier run were not judged again in this one`);
  const times = log.data.runs.flatMap(({ invocations }) =>
    invocations.flatMap(({ startTimeUtc, endTimeUtc }) => [startTimeUtc ?? [], endTimeUtc ?? []].flat()),
  );
  if (times.some(({ zoned }) => !zoned))
    notes.push('`startTimeUtc` and `endTimeUtc` have no time zone; they were read as UTC, by their names');
  return mistakes.length > 0 ? { mistakes } : { batches, notes };
}

/**
 * What a run looked for and did not find again is no failure any more. It is the tool's pass, and not a thing that is gone:
 * a log enumerates nothing, so nothing could take away the failure that was observed; and a tool's pass is no pass of ours.
 */
function outcomeOf({ gone, kind }: SarifResult): ToolResult['outcome'] {
  if (gone) return 'pass';
  return kind === 'notApplicable' ? 'not-applicable' : kind;
}

function batchOf(
  run: RunAround,
  {
    results,
    problems,
  }: { readonly results: readonly SarifResult[]; readonly problems: readonly SarifProblem[] },
  paper: ParsedFile,
): Batch {
  const { driver } = run.tool;
  const [invocation] = run.invocations;
  const [provenance] = run.versionControlProvenance;
  const takenAt = (invocation?.endTimeUtc ?? invocation?.startTimeUtc)?.at;
  const source = sourceOf(driver.name);
  // Where nothing tells results apart they are numbered in their order: those that are there come first.
  const inOrder = [...results.filter(({ gone }) => !gone), ...results.filter(({ gone }) => gone)];
  const toolResults = inOrder.map(
    (result): ToolResult => ({
      tool: driver.name,
      toolVersion: driver.semanticVersion ?? driver.version,
      // A result that names no rule is one of the tool as a whole.
      rule: result.rule ?? '-',
      subject: provenance?.repositoryUri ?? paper.subject,
      fingerprint: result.fingerprint ?? undefined,
      outcome: outcomeOf(result),
      suppressed: result.suppressed,
      severity: outcomeOf(result) === 'fail' ? SEVERITIES[result.level] : undefined,
      message: result.message,
      path: result.location?.path ?? result.location?.uri,
      line: result.location?.line,
      column: result.location?.column,
      takenAt,
    }),
  );
  const at = takenAt ?? paper.takenAt.at.toISOString();
  const said = problems.map(({ code, message }): Problem => ({ code, cause: 'incomplete', message }));
  const revision = provenance?.revisionId;
  return {
    collection: {
      source,
      query: [paper.file, run.automationDetails?.id, revision].filter(Boolean).join(' '),
      startedAt: invocation?.startTimeUtc?.at ?? at,
      finishedAt: at,
      status: said.length > 0 ? 'incomplete' : 'complete',
      // A log does not say what it would have listed, so nothing is gone because it is not in it.
      partitions: [],
      problems: said,
    },
    observations: observationsOf(toolResults, source, paper),
  };
}
