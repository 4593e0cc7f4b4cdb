/** What a backup says of itself: its last part, which names every other with its digest. */
import { hash } from 'node:crypto';
import { canonical } from '@macadam/core/text/canonical';
import { z } from 'zod';
import { BackupError, type Part, readArchive } from './archive.ts';
import { rowLines } from './rows.ts';

export const CONTENTS = 'backup.json';

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const contentsSchema = z.strictObject({
  format: z.literal('macadam.backup/1'),
  /** The release that made it. */
  release: z.string(),
  madeAt: z.string(),
  decisions: z.strictObject({
    migrations: z.array(z.strictObject({ name: z.string(), digest })),
    tables: z.record(z.string(), z.array(z.string())),
    sequences: z.record(z.string(), z.strictObject({ value: z.number(), called: z.boolean() })),
    rows: z.record(z.string(), z.number()),
    /** The newest entry of the audit log. */
    log: z.strictObject({ number: z.number(), digest: z.string() }),
  }),
  /** Null: none were taken along. */
  facts: z.strictObject({ engine: z.string(), rows: z.record(z.string(), z.number()) }).nullable(),
  parts: z.array(z.strictObject({ name: z.string(), bytes: z.number(), sha256: digest })),
});
export type Contents = z.infer<typeof contentsSchema>;

/** With a digest over its own canonical text. */
export const contentsPart = (contents: Contents): Part => ({
  name: CONTENTS,
  bytes: Buffer.from(
    `${JSON.stringify({ ...contents, digest: hash('sha256', canonical(contents)) }, null, 1)}\n`,
  ),
});

export const entryOf = ({ name, bytes }: Part): Contents['parts'][number] => ({
  name,
  bytes: bytes.length,
  sha256: hash('sha256', bytes),
});

/**
 * Reads everything once, as a restore does, and holds it against the digests and the number of rows of each table. Rejects with
 * `BackupError` that says what is damaged, missing or too much.
 */
export async function verifiedContents(path: string): Promise<Contents> {
  const found = new Map<string, Contents['parts'][number]>();
  const lines = rowLines(path);
  const rows = new Map<string, number>();
  let contents: Contents | null = null;
  let unread: unknown = null;
  for await (const part of readArchive(path)) {
    try {
      const own = lines.take(part);
      if (own) rows.set(own.table, (rows.get(own.table) ?? 0) + own.rows.length);
    } catch (error) {
      // What is not what was written is said before what it would have meant.
      unread ??= error;
    }
    if (part.name === CONTENTS) contents = contentsIn(path, part.bytes);
    else if (found.has(part.name)) throw new BackupError(`${path} holds ${part.name} twice`);
    else found.set(part.name, entryOf(part));
  }
  if (contents === null)
    throw new BackupError(`${path} is no whole backup: ${CONTENTS}, which is written last, is missing`);
  for (const wanted of contents.parts) {
    const own = found.get(wanted.name);
    if (own === undefined) throw new BackupError(`${path} is damaged: ${wanted.name} is missing`);
    if (own.sha256 !== wanted.sha256) throw new BackupError(`${path} is damaged: ${wanted.name} was changed`);
    found.delete(wanted.name);
  }
  const [more] = found.keys();
  if (more !== undefined) throw new BackupError(`${path} holds ${more}, which is no part of it`);
  if (unread !== null) throw unread;
  lines.end();
  for (const [table, wanted] of Object.entries(contents.decisions.rows))
    if ((rows.get(table) ?? 0) !== wanted)
      throw new BackupError(
        `${path} is damaged: ${table} has ${rows.get(table) ?? 0} rows in it, and had ${wanted}`,
      );
  return contents;
}

function contentsIn(path: string, bytes: Uint8Array): Contents {
  let given: Record<string, unknown> & { readonly digest?: unknown };
  try {
    given = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw new BackupError(`${path} is damaged: ${CONTENTS} cannot be read`, { cause });
  }
  const { digest: said, ...rest } = given;
  if (
    typeof rest.format === 'string' &&
    /^macadam\.backup\/\d+$/.test(rest.format) &&
    rest.format !== 'macadam.backup/1'
  )
    throw new BackupError(`${path} is of a newer release (${rest.format}); restore it with that one`);
  if (hash('sha256', canonical(rest)) !== said)
    throw new BackupError(`${path} is damaged: ${CONTENTS} was changed`);
  const read = contentsSchema.safeParse(rest);
  if (read.success) return read.data;
  throw new BackupError(
    `${path} is no backup that this release knows: ${read.error.issues[0]?.path.join('.')}`,
  );
}
