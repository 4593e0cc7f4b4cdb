/**
 * Sources that somebody set up (`macadam source add`), in a file of the operator's own: never in an estate, since whoever may change
 * that could then have a credential sent to an address of theirs. The file holds where a credential is, or it sealed, and never its value.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { discoverSources } from '@macadam/adapters/discover';
import type { Source } from '@macadam/adapters/sources/port';
import { didYouMean } from '@macadam/core/text/suggestion';
import { z } from 'zod';
import type { Ask } from '../measure/measure.ts';
import { credentialOf, type SealingKey } from './credentials.ts';

const entrySchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower case letters, digits and `-`'),
  source: z.string().min(1),
  targets: z.array(z.string().min(1)).min(1),
  options: z.record(z.string(), z.string()).default({}),
  credentials: z
    .record(z.string(), z.string().regex(/^(env|file|sealed):.+$/, '`env:NAME`, `file:/path` or `sealed:…`'))
    .default({}),
});

const fileSchema = z.strictObject({
  schema: z.literal('macadam.sources/1'),
  sources: z.array(entrySchema),
});

export type ConfiguredSource = z.infer<typeof entrySchema>;

/** What is wrong with the file of sources, in one sentence with what to do. */
export class SourcesError extends Error {}

/** None where there is no such file. Throws `SourcesError` for one that cannot be read. */
export function configuredIn(file: string): readonly ConfiguredSource[] {
  if (!existsSync(file)) return [];
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new SourcesError(`${file}: cannot be read (${(error as Error).message}); write it again`);
  }
  const parsed = fileSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new SourcesError(
      `${file}: \`${issue?.path.join('.') ?? ''}\`: ${issue?.message ?? ''}; correct it`,
    );
  }
  const names = parsed.data.sources.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new SourcesError(`${file}: two sources are called \`${twice}\`; rename one`);
  return parsed.data.sources;
}

/** Written whole or not at all, for its owner alone. */
export function keepConfigured(file: string, sources: readonly ConfiguredSource[]): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.partial`;
  writeFileSync(draft, `${JSON.stringify({ schema: 'macadam.sources/1', sources }, null, 2)}\n`, {
    mode: 0o600,
  });
  chmodSync(draft, 0o600);
  renameSync(draft, file);
}

export interface Resolution {
  readonly known: readonly Source[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly key: SealingKey;
}

/** What a source is asked, with its credential in an environment of its own. Throws `SourcesError` for what cannot be had. */
export async function askOf(one: ConfiguredSource, { known, environment, key }: Resolution): Promise<Ask> {
  const source = known.find(({ id }) => id === one.source);
  if (source === undefined)
    throw new SourcesError(
      `\`${one.name}\`: there is no source \`${one.source}\`${didYouMean(
        one.source,
        known.map(({ id }) => id),
      )}`,
    );
  const own: Record<string, string | undefined> = { PATH: environment.PATH };
  for (const [name, reference] of Object.entries(one.credentials)) {
    const found = await credentialOf(reference, { name, environment, key });
    if ('problem' in found) throw new SourcesError(`\`${one.name}\`: ${name}: ${found.problem}`);
    own[name] = found.secret;
  }
  return { name: one.name, source, targets: one.targets, options: one.options, environment: own };
}

/**
 * Everything that is set up in a file. What cannot be asked as it stands is among the problems, and is asked all the same without its
 * credential where its source is known: so that the source itself says what is missing, and nobody takes it for never set up.
 * Throws `SourcesError` for a file that cannot be read.
 */
export async function asksIn(
  file: string,
  environment: Resolution['environment'],
): Promise<{ readonly asks: readonly Ask[]; readonly problems: readonly string[] }> {
  const known = await discoverSources();
  const key = keyBeside(file, environment);
  const asks: Ask[] = [];
  const problems: string[] = [];
  for (const one of configuredIn(file)) {
    try {
      asks.push(await askOf(one, { known, environment, key }));
    } catch (error) {
      if (!(error instanceof SourcesError)) throw error;
      problems.push(error.message);
      const source = known.find(({ id }) => id === one.source);
      if (source !== undefined)
        asks.push({
          name: one.name,
          source,
          targets: one.targets,
          options: one.options,
          environment: { PATH: environment.PATH },
        });
    }
  }
  return { asks, problems };
}

/** The key that sealed credentials of a file are opened with. */
export const keyBeside = (file: string, environment: Resolution['environment']): SealingKey => ({
  file: environment.MACADAM_SOURCES_KEY_FILE || join(dirname(file), 'sources.key'),
});
