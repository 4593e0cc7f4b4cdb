/** `macadam new`: a scaffold whose own tests pass, to be changed into what is meant. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { PILLARS } from '@macadam/core/verdicts/standard';
import { namedCatalogues, readEstate } from '@macadam/services/measure/read';
import { EXIT } from '../exit.ts';
import { complain, UsageError } from '../terminal.ts';
import { type NewRepositoryOptions, newRepository, SORTS } from './new-repository.ts';
import { kindFiles } from './template/kind.ts';
import { sourceFiles } from './template/source.ts';
import { singleStandard, standardFolder } from './template/standard.ts';
import { loadHere } from './test.ts';

export async function scaffold(
  what: string,
  name: string,
  { pillar, ...repository }: { readonly pillar: string } & NewRepositoryOptions,
): Promise<number> {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new UsageError(`\`${name}\` is not a name: lower case letters, digits and single dashes`);
  }
  const sort = SORTS.find((one) => one === what);
  if (sort !== undefined) return newRepository(sort, name, repository);
  if (!(PILLARS as readonly string[]).includes(pillar)) {
    throw new UsageError(`--pillar: there is no \`${pillar}\`; there are ${PILLARS.join(', ')}`);
  }
  const own = what === 'source' ? null : ownCatalogue();
  const files = templateOf(what, { name, pillar, single: own !== null && own !== MACADAM });
  if (what !== 'source') refuseTaken(what, name);
  const root = own ?? sourcesRoot();
  for (const path of Object.keys(files)) {
    if (existsSync(join(root, path)))
      throw new UsageError(`${join(root, path)} is already there; choose another name`);
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    process.stdout.write(`${relative('.', join(root, path))}\n`);
  }
  const next =
    what === 'standard' ? `macadam test ${name}` : what === 'kind' ? 'macadam catalogue' : 'npm test';
  process.stderr.write(`macadam: written; now run \`${next}\`, then change it into what you mean\n`);
  return EXIT.ok;
}

/** Two of one name cannot both be loaded, wherever they stand. */
function refuseTaken(what: string, name: string): void {
  const { standards, kinds } = loadHere();
  if (what === 'standard' ? standards.some(({ id }) => id === name) : kinds.has(name)) {
    throw new UsageError(`there is a ${what} \`${name}\` already; choose another name`);
  }
}

function templateOf(
  what: string,
  { name, pillar, single }: { readonly name: string; readonly pillar: string; readonly single: boolean },
): Readonly<Record<string, string>> {
  switch (what) {
    case 'standard':
      return single ? singleStandard(name, pillar) : standardFolder(name, pillar);
    case 'kind':
      return kindFiles(name);
    case 'source':
      return sourceFiles(name);
    default:
      throw new UsageError(
        `there is no \`${what}\` to make; there are standard, kind and source, repository, service and library`,
      );
  }
}

/** Macadam's own repository, where a standard is a folder with every part. */
const MACADAM = '.';

/** The first catalogue folder of macadam.yaml; in Macadam's own repository its root. */
function ownCatalogue(): string {
  makeCatalogueFolders();
  const estate = readEstate('.', new Date());
  if ('mistakes' in estate) {
    complain(estate.mistakes);
    throw new UsageError('macadam.yaml cannot be used');
  }
  const [own] = estate.estate.catalogue;
  if (own) return join(estate.folder, own);
  if (existsSync('kinds') && existsSync('standards') && existsSync('tools')) return MACADAM;
  throw new UsageError(
    'name a folder of your own in macadam.yaml first, for example `catalogue: [security]`',
  );
}

/** Folders that macadam.yaml names and that are not there yet: something is about to be written into them. */
function makeCatalogueFolders(): void {
  for (const folder of namedCatalogues('.')) mkdirSync(folder, { recursive: true });
}

function sourcesRoot(): string {
  if (existsSync(join('adapters', 'sources'))) return '.';
  throw new UsageError(
    'a source is code: run this in the root of a checkout of Macadam, where adapters/sources/ is',
  );
}
