/** `macadam source`: sets up what is measured besides folders: says what it needs, tries it, and keeps where its credential is. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { discoverSources } from '@macadam/adapters/discover';
import type { CredentialNeed, Source } from '@macadam/adapters/sources/port';
import { didYouMean } from '@macadam/core/text/suggestion';
import {
  askOf,
  type ConfiguredSource,
  configuredIn,
  keepConfigured,
  keyBeside,
  SourcesError,
} from '@macadam/services/sources/configured';
import { type SealingKey, sealed } from '@macadam/services/sources/credentials';
import { checkSource, needsOf, type SourceCheck } from '@macadam/services/sources/source-check';
import { EXIT } from '../exit.ts';
import { cacheDirectory } from '../request.ts';
import { deliver, progressLine, UsageError } from '../terminal.ts';

export interface SourceOptions {
  readonly file?: string;
  readonly quiet?: boolean;
}

export interface AddOptions extends SourceOptions {
  readonly name?: string;
  readonly option?: readonly string[];
  readonly credential?: readonly string[];
  readonly untested?: boolean;
}

const fileOf = ({ file }: SourceOptions): string => {
  const { MACADAM_SOURCES: named, XDG_CONFIG_HOME: config } = process.env;
  return resolve(file ?? (named || join(config || join(homedir(), '.config'), 'macadam', 'sources.json')));
};

/** What is wrong with the file is the reader's to mend, like anything that they typed. */
async function said<T>(ask: () => T | Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof SourcesError || error instanceof TypeError) throw new UsageError(error.message);
    throw error;
  }
}

export async function addSource(
  id: string,
  targets: readonly string[],
  options: AddOptions,
): Promise<number> {
  const known = await discoverSources();
  const source = sourceIn(known, id);
  const file = fileOf(options);
  const key = keyBeside(file, process.env);
  const before = await said(() => configuredIn(file));
  const name = options.name ?? id;
  if (before.some((one) => one.name === name))
    throw new UsageError(
      `--name: there is a source \`${name}\` already; give this one another name, or remove that`,
    );
  const given = optionsOf(source, options.option ?? []);
  process.stdout.write(await needsText(source, targets));
  const needed = (source.credentials ?? []).filter(
    ({ unlessOption }) => unlessOption === undefined || given[unlessOption] === undefined,
  );
  const credentials = await credentialsOf(needed, options.credential ?? [], key);
  const one: ConfiguredSource = {
    name,
    source: id,
    targets: [...targets],
    options: given,
    credentials,
  };
  if (options.untested !== true) {
    const found = await said(() => tryOut(one, { known, key, quiet: options.quiet === true }));
    deliver(checkText(one, found));
    if (found.status === 'failed') {
      process.stdout.write('Nothing was kept. Fix it, or keep it as it is with --untested.\n');
      return EXIT.usage;
    }
  }
  keepConfigured(file, [...before, one]);
  deliver(
    `Kept as \`${name}\` in ${file}. A server that is started with \`--sources ${file}\` measures it from its next measurement on.`,
  );
  return EXIT.ok;
}

function sourceIn(known: readonly Source[], id: string): Source {
  const others = known.filter((one) => one.id !== 'git');
  const found = others.find((one) => one.id === id);
  if (found !== undefined) return found;
  const ids = others.map((one) => one.id);
  throw new UsageError(`there is no source \`${id}\`${didYouMean(id, ids)}; there are ${ids.join(', ')}`);
}

async function needsText(source: Source, targets: readonly string[]): Promise<string> {
  const described = (await source.described?.()) ?? null;
  const lines = [`${source.id} ${targets.join(' ')} is only read, never changed.`];
  if (described !== null) {
    lines.push('', 'The least that it needs, and what for:');
    for (const { permission, reads } of needsOf(described)) {
      lines.push(`  ${permission}`);
      for (const { path, gives } of reads) lines.push(`      ${path}: ${gives}`);
    }
  }
  const credentials = source.credentials ?? [];
  if (credentials.length > 0) {
    lines.push('', 'It is asked with:');
    for (const { name, description } of credentials) lines.push(`  ${name}  ${description}`);
  }
  return `${lines.join('\n')}\n\n`;
}

function optionsOf(source: Source, given: readonly string[]): Record<string, string> {
  const names = source.options.map(({ name }) => name);
  return Object.fromEntries(
    given.map((text) => {
      const [, name = '', value = ''] = /^([^=]+)=([\s\S]+)$/.exec(text) ?? [];
      if (!names.includes(name))
        throw new UsageError(
          `--option: \`${text}\` is not NAME=VALUE with a name of ${source.id}${didYouMean(name, names)}; there are ${names.join(', ') || 'none'}`,
        );
      return [name, value] as const;
    }),
  );
}

/** Where each credential is: as it was said, else in the environment under its own name. */
async function credentialsOf(
  needs: readonly CredentialNeed[],
  given: readonly string[],
  key: SealingKey,
): Promise<Record<string, string>> {
  const told = new Map<string, string>();
  for (const text of given) {
    const [, name = '', where = ''] = /^([^=]+)=(ask|env:.+|file:.+)$/.exec(text) ?? [];
    // What stands behind `=` may be the secret itself, so it is not shown.
    if (!needs.some((one) => one.name === name))
      throw new UsageError(
        `--credential: give NAME=env:VARIABLE, NAME=file:PATH or NAME=ask, with a NAME of ${needs.map((one) => one.name).join(', ')}; a value is never typed here, since others see command lines`,
      );
    told.set(name, where);
  }
  const found: Record<string, string> = {};
  const missing = needs.filter(
    ({ name, optional }) => optional !== true && !told.has(name) && !process.env[name],
  );
  if (missing.length > 0)
    throw new UsageError(
      missing
        .map(({ name }) => `say where ${name} is: --credential ${name}=env:VARIABLE, =file:PATH or =ask`)
        .join('\n'),
    );
  const answers = [...told.values()].includes('ask') ? answersFrom() : null;
  for (const { name, description, optional } of needs) {
    if (optional === true && !told.has(name) && !process.env[name]) continue;
    const where = told.get(name) ?? `env:${name}`;
    found[name] =
      where === 'ask' && answers !== null
        ? sealed(await answers.next(`${name} (${description}): `), name, key)
        : where;
  }
  answers?.close();
  return found;
}

/** Lines that somebody types, without showing them, or pipes in. */
function answersFrom(): { readonly next: (question: string) => Promise<string>; readonly close: () => void } {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({
    input: process.stdin,
    output: silent,
    terminal: process.stdin.isTTY === true,
  });
  const typed = lines[Symbol.asyncIterator]();
  return {
    next: async (question) => {
      if (process.stdin.isTTY) process.stderr.write(question);
      const { value, done } = await typed.next();
      if (process.stdin.isTTY) process.stderr.write('\n');
      const text = done ? '' : String(value).trim();
      if (text === '') throw new UsageError(`nothing was given for ${question.trim().replace(/:$/, '')}`);
      return text;
    },
    close: () => lines.close(),
  };
}

interface Trying {
  readonly known: readonly Source[];
  readonly key: SealingKey;
  readonly quiet: boolean;
}

async function tryOut(one: ConfiguredSource, { known, key, quiet }: Trying): Promise<SourceCheck> {
  const ask = await askOf(one, { known, environment: process.env, key });
  const line = progressLine(quiet);
  try {
    return await checkSource(
      ask,
      { view: 'head', excludes: [], parameters: {}, cacheDirectory: cacheDirectory(), now: () => new Date() },
      (progress) => line.show(one.source, progress),
    );
  } finally {
    line.clear();
  }
}

function checkText(one: ConfiguredSource, found: SourceCheck): string {
  const seen = [...found.seen].map(([kind, count]) => `${count} ${kind}`).join(', ');
  const lines = [seen === '' ? `\`${one.name}\` showed nothing.` : `\`${one.name}\` showed ${seen}.`];
  for (const { message, remedy } of found.problems) lines.push(`  ${message}${remedy ? `; ${remedy}` : ''}`);
  for (const { permission, attributes } of found.missing)
    lines.push(
      `Missing: ${permission}. Without it stays unknown: ${attributes.join(', ') || 'whether a list is whole'}.`,
    );
  if (found.open.length > 0) {
    lines.push('Not known of all that were seen:');
    for (const { attribute, known, of, why } of found.open)
      lines.push(`  ${attribute}: known of ${known} of ${of}; ${why}`);
  }
  return lines.join('\n');
}

export async function listSources(options: SourceOptions): Promise<number> {
  const file = fileOf(options);
  const all = await said(() => configuredIn(file));
  if (all.length === 0) deliver(`There is no source in ${file}. \`macadam source add\` sets one up.`);
  for (const { name, source, targets, credentials } of all) {
    const where = Object.entries(credentials).map(
      ([variable, reference]) => `${variable} ${reference.startsWith('sealed:') ? 'sealed' : reference}`,
    );
    deliver(`${name}  ${source} ${targets.join(' ')}  ${where.join(', ')}`.trimEnd());
  }
  return EXIT.ok;
}

async function named(
  name: string,
  file: string,
): Promise<{ readonly one: ConfiguredSource; readonly all: readonly ConfiguredSource[] }> {
  const all = await said(() => configuredIn(file));
  const one = all.find((each) => each.name === name);
  if (one !== undefined) return { one, all };
  const names = all.map((each) => each.name);
  throw new UsageError(`there is no source \`${name}\` in ${file}${didYouMean(name, names)}`);
}

export async function testSource(name: string, options: SourceOptions): Promise<number> {
  const file = fileOf(options);
  const { one } = await named(name, file);
  const known = await discoverSources();
  const found = await said(() =>
    tryOut(one, { known, key: keyBeside(file, process.env), quiet: options.quiet === true }),
  );
  deliver(checkText(one, found));
  return found.status === 'complete' ? EXIT.ok : found.status === 'failed' ? EXIT.usage : EXIT.unjudged;
}

export async function removeSource(name: string, options: SourceOptions): Promise<number> {
  const file = fileOf(options);
  const { all } = await named(name, file);
  keepConfigured(
    file,
    all.filter((each) => each.name !== name),
  );
  deliver(
    `Removed \`${name}\` from ${file}. What it saw stays known until it is too old; its credential may still be good: end it where it was made.`,
  );
  return EXIT.ok;
}
