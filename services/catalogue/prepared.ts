/**
 * The documents of a catalogue as they are once read. They are prepared when the command line is packed, so that nobody
 * waits for our own YAML to be read and compiled anew on every run; run from its sources, a catalogue is kept in the cache
 * after it loaded without a mistake. A document counts as long as its text is the one that was prepared: whatever somebody
 * changes is read, checked and compiled as ever.
 */
import { hash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { codeDigest } from '@macadam/adapters/cache/code';
import { readCached, writeCached } from '@macadam/adapters/cache/file';
import { type ReadDocument, readDocument } from '@macadam/core/text/document';
import { z } from 'zod';

const PREPARED = 'catalogue.json';
const preparedSchema = z.record(z.string(), z.object({ digest: z.string(), value: z.unknown() }));

/** Path below the root → the digest of the text, and what the text says. */
export type Prepared = Readonly<Record<string, { readonly digest: string; readonly value: unknown }>>;

export function digestOf(text: string): string {
  return hash('sha256', text);
}

/** What was prepared of a catalogue; nothing where that was not done. */
export function preparedIn(root: string): Prepared {
  const path = join(root, PREPARED);
  return existsSync(path) ? preparedSchema.parse(JSON.parse(readFileSync(path, 'utf8'))) : {};
}

/** What an earlier run of the same code kept of a catalogue; nothing where there was none. */
export function cachedIn(cacheDirectory: string, root: string): Prepared {
  const cached = preparedSchema.safeParse(readCached(cachePath(cacheDirectory, root), codeDigest()));
  return cached.success ? cached.data : {};
}

export function writeCachedIn(cacheDirectory: string, root: string, prepared: Prepared): void {
  writeCached(cachePath(cacheDirectory, root), codeDigest(), prepared);
}

const cachePath = (cacheDirectory: string, root: string): string =>
  join(cacheDirectory, 'catalogue', `${hash('sha256', resolve(root)).slice(0, 16)}.json`);

export function writePrepared(root: string, prepared: Prepared): void {
  writeFileSync(join(root, PREPARED), JSON.stringify(prepared));
}

/** A document as `readDocument` reads it. Lines are looked for in the text only when somebody asks for one. */
export function recall<S extends z.ZodType>(
  value: unknown,
  text: string,
  file: string,
  schema: S,
): ReadDocument<z.output<S>> {
  let held: ReadDocument<z.output<S>> | undefined;
  const read = () => (held ??= readDocument(text, file, schema));
  return {
    value: value as z.output<S>,
    lineOf: (path) => {
      const whole = read();
      return 'value' in whole ? whole.lineOf(path) : 1;
    },
    within: (path, inside) => {
      const whole = read();
      return 'value' in whole ? whole.within(path, inside) : null;
    },
  };
}
