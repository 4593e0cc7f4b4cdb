/** `macadam new repository|service|library`: a folder with a repository that passes from its first commit on. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { didYouMean } from '@macadam/core/text/suggestion';
import { EXIT } from '../exit.ts';
import { UsageError } from '../terminal.ts';
import { LANGUAGES, type RepositorySort } from './template/language.ts';
import { repositoryFiles } from './template/repository.ts';

export const SORTS: readonly RepositorySort[] = ['repository', 'service', 'library'];

export interface NewRepositoryOptions {
  readonly language?: string;
  readonly owner?: string;
  readonly contact?: string;
}

/** `name` is one folder, which may not be there yet: checked by the caller. */
export function newRepository(sort: RepositorySort, name: string, options: NewRepositoryOptions): number {
  const { language, owner, contact = null } = options;
  const known = Object.keys(LANGUAGES);
  if (language === undefined) throw new UsageError(`--language is missing: one of ${known.join(', ')}`);
  if (!Object.hasOwn(LANGUAGES, language))
    throw new UsageError(
      `--language: there is no \`${language}\`${didYouMean(language, known)}; there are ${known.join(', ')}`,
    );
  if (owner === undefined)
    throw new UsageError('--owner is missing: the team that owns it, as `@organisation/team`');
  if (!/^@[\w.-]+(\/[\w.-]+)?$/.test(owner))
    throw new UsageError(`--owner: \`${owner}\` is neither \`@organisation/team\` nor \`@person\``);
  if (contact !== null && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(contact))
    throw new UsageError(`--contact: \`${contact}\` is not an address of mail`);
  if (existsSync(name)) throw new UsageError(`${name} is already there; choose another name`);
  const files = repositoryFiles({ name, sort, language, owner, contact });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(name, path)), { recursive: true });
    writeFileSync(join(name, path), text);
    process.stdout.write(`${join(name, path)}\n`);
  }
  const git = spawnSync('git', ['init', '-q', '-b', 'main', name], { encoding: 'utf8' });
  if (git.status !== 0)
    throw new UsageError(`${name} is written, and git could not begin a repository there: ${git.stderr}`);
  process.stderr.write(
    `macadam: written; now commit it (signed by a key that you touch) and run \`macadam scan ${name}\`\n`,
  );
  return EXIT.ok;
}
