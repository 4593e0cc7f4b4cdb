/** A `mapping.json` that says what the columns of tables mean, as the company writes it. */
import type { z } from 'zod';
import type { ExportFile } from './answer.ts';

export const MAPPING = 'mapping.json';

/** The mapping, or why there is none, with what to do. `source` is the page of docs/sources/ that describes it. */
export function mappingIn<S extends z.ZodType>(
  files: readonly ExportFile[],
  schema: S,
  source: string,
): { readonly mapping: z.output<S> } | { readonly reason: string } {
  const described = `docs/sources/${source}.md says what it holds`;
  const file = files.find(({ path }) => path === MAPPING);
  if (file === undefined) return { reason: `holds no ${MAPPING}; ${described}` };
  let json: unknown;
  try {
    json = JSON.parse(
      Buffer.from(file.bytes)
        .toString('utf8')
        .replace(/^\uFEFF/, ''),
    );
  } catch {
    return { reason: `has a ${MAPPING} that is not whole JSON; write it again` };
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { mapping: parsed.data };
  const [issue] = parsed.error.issues;
  return {
    reason: `has a ${MAPPING} with a mistake at \`${issue?.path.join('.') ?? ''}\`: ${issue?.message ?? ''}; ${described}`,
  };
}

/** Why a table cannot be read by its mapping: the first column that it does not have. Null where all are there. */
export function columnMissing(
  table: string,
  columns: readonly string[],
  named: readonly (string | undefined)[],
): string | null {
  const missing = named.find((column) => column !== undefined && !columns.includes(column));
  return missing === undefined
    ? null
    : `${MAPPING} names the column \`${missing}\`, and ${table} has ${columns.join(', ')}; correct the mapping`;
}
