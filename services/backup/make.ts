/**
 * A backup of both stores while they are in use. Decisions name facts by the number of a batch, and ticks of the history
 * count the exceptions of their moment: so facts stand still while a snapshot of the decisions is begun and the
 * engine's files are linked, which takes moments; what takes time, the copying, comes after. Neither is ahead of the other.
 */
import { open } from 'node:fs/promises';
import type { AuditAnchor } from '@macadam/adapters/decisions/port';
import { logHead } from '@macadam/adapters/decisions/postgres/log';
import { type DecisionsShape, rowsIn, shapeOf } from '@macadam/adapters/decisions/postgres/rows';
import { type OwnerSession, openVisit } from '@macadam/adapters/decisions/postgres/visit';
import type { Frozen } from '@macadam/adapters/facts/clickhouse/frozen';
import type { Stores } from '@macadam/adapters/facts/open';
import { BackupError, PART_BYTES, type Part } from './archive.ts';
import { type Contents, contentsPart, entryOf } from './contents.ts';

export interface BackupRequest {
  /** Directory or URL; it may be in use by this process or another. */
  readonly decisions: string;
  /** Null: decisions alone. */
  readonly stores: Pick<Stores, 'frozen'> | null;
  readonly release: string;
  readonly now: () => Date;
}

/** The parts, the contents last. Rejects with `BackupError`, `DecisionsError` and as the engine does. */
export async function* backup({ decisions, stores, release, now }: BackupRequest): AsyncGenerator<Part> {
  const visit = await openVisit(decisions, now());
  let frozen: Frozen | null = null;
  try {
    const { session } = visit;
    const madeAt = now().toISOString();
    const begun = async (freeze: () => Promise<Frozen | null>) => {
      const before = await begin(session);
      frozen = await freeze();
      return { ...before, facts: frozen };
    };
    const { shape, log, facts } = stores ? await stores.frozen(begun) : await begun(async () => null);
    if (stores && facts === null)
      throw new BackupError(
        'the facts are on a ClickHouse server, whose own BACKUP copies them; ask for the decisions alone',
      );
    const parts: Contents['parts'] = [];
    const rows: Record<string, number> = {};
    for (const table of Object.keys(shape.tables)) {
      rows[table] = 0;
      let number = 0;
      for await (const texts of rowsIn(session, table)) {
        rows[table] += texts.length;
        for (const bytes of chunksOf(texts)) {
          const part = { name: `decisions/${table}/${counted(number++)}`, bytes };
          parts.push(entryOf(part));
          yield part;
        }
      }
    }
    await session.query('rollback');
    for (const { path, from } of facts?.files ?? []) {
      for await (const part of chunksIn(`facts/${path.replaceAll('\\', '/')}`, from)) {
        parts.push(entryOf(part));
        yield part;
      }
    }
    yield contentsPart({
      format: 'macadam.backup/1',
      release,
      madeAt,
      parts,
      decisions: {
        migrations: [...shape.migrations],
        sequences: shape.sequences,
        rows,
        log,
        tables: Object.fromEntries(Object.entries(shape.tables).map(([table, own]) => [table, [...own]])),
      },
      facts: facts && { engine: facts.engine, rows: facts.rows },
    });
  } finally {
    (frozen as Frozen | null)?.release();
    await visit.close();
  }
}

async function begin(
  session: OwnerSession,
): Promise<{ readonly shape: DecisionsShape; readonly log: AuditAnchor }> {
  await session.query('begin isolation level repeatable read read only');
  return { shape: await shapeOf(session), log: await logHead(session) };
}

/** Rows as lines, each a JSON text, cut where a part is full: a row may be larger than any part. */
function* chunksOf(texts: readonly string[]): Generator<Buffer> {
  let pieces: Buffer[] = [];
  let length = 0;
  for (const text of texts) {
    for (let rest = Buffer.from(`${JSON.stringify(text)}\n`); rest.length > 0; ) {
      const piece = rest.subarray(0, ROWS_BYTES - length);
      pieces.push(piece);
      length += piece.length;
      rest = rest.subarray(piece.length);
      if (length < ROWS_BYTES) continue;
      yield Buffer.concat(pieces);
      [pieces, length] = [[], 0];
    }
  }
  if (length > 0) yield Buffer.concat(pieces);
}
/** Bytes of a part with rows. */
const ROWS_BYTES = PART_BYTES / 4;

/** So that the order of names is the order of parts. */
const counted = (number: number) => String(number).padStart(6, '0');

/** `name@000000` …; an empty file is one empty part. */
async function* chunksIn(name: string, from: string): AsyncGenerator<Part> {
  const file = await open(from);
  try {
    const { size } = await file.stat();
    for (let at = 0, number = 0; at < size || number === 0; number += 1) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(PART_BYTES, size - at)), {
        position: at,
      });
      if (bytesRead === 0 && size > 0) throw new BackupError(`${from} became shorter while it was read`);
      at += bytesRead;
      yield { name: `${name}@${counted(number)}`, bytes: buffer.subarray(0, bytesRead) };
    }
  } finally {
    await file.close();
  }
}
