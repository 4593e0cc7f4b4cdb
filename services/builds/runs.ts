/** Runs of a release workflow as its code host lists them: what was built, whether it left evidence or not. */
import { z } from 'zod';

const pageSchema = z.object({
  total_count: z.int().min(0),
  workflow_runs: z.array(
    z.object({
      html_url: z.url({ protocol: /^https$/ }),
      run_attempt: z.int().positive(),
      status: z.string().nullable(),
      conclusion: z.string().nullable(),
      updated_at: z.iso.datetime({ offset: true }),
      repository: z.object({ full_name: z.string() }),
    }),
  ),
});

export interface BuildRun {
  /** As provenance names it: address and attempt. */
  readonly invocation: string;
  /** Host of the address. */
  readonly system: string;
  readonly repository: string;
  /** RFC 3339. */
  readonly finishedAt: string;
}

/**
 * The successful runs in a saved answer of `GET /repos/{owner}/{repo}/actions/workflows/{id}/runs`: one page, or all of them in an array. `wrong` says what
 * is missing, with what to do: a part of the runs would make the share of those with evidence one of nothing.
 */
export function runsIn(text: string): { readonly runs: readonly BuildRun[] } | { readonly wrong: string } {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return { wrong: `is not one JSON document; save it by ${SAVING}` };
  }
  const parsed = z
    .array(pageSchema)
    .min(1)
    .safeParse(Array.isArray(json) ? json : [json]);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return {
      wrong: `is not a list of workflow runs: \`${issue?.path.join('.')}\` ${issue?.message}; save it by ${SAVING}`,
    };
  }
  const all = parsed.data.flatMap((page) => page.workflow_runs);
  const distinct = new Map(all.map((run) => [run.html_url, run]));
  const total = Math.max(...parsed.data.map((page) => page.total_count));
  if (distinct.size < total)
    return { wrong: `holds ${distinct.size} of ${total} runs; save all pages by ${SAVING}` };
  const runs = [...distinct.values()]
    .filter(({ status, conclusion }) => status === 'completed' && conclusion === 'success')
    .map((run) => ({
      invocation: `${run.html_url}/attempts/${run.run_attempt}`,
      system: new URL(run.html_url).host,
      repository: run.repository.full_name,
      finishedAt: new Date(run.updated_at).toISOString(),
    }));
  return { runs };
}

const SAVING = '`gh api --paginate --slurp repos/OWNER/REPO/actions/workflows/FILE/runs`';
