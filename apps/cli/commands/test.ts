/** `macadam test`: the laws of the catalogue, and the examples of every standard. */

import { join } from 'node:path';
import { didYouMean } from '@macadam/core/text/suggestion';
import { laws } from '@macadam/services/catalogue/laws';
import { type Catalogue, loadCatalogue } from '@macadam/services/catalogue/load';
import { estateMistakes } from '@macadam/services/measure/mistakes';
import { readEstate } from '@macadam/services/measure/read';
import { EXIT } from '../exit.ts';
import { cacheDirectory, catalogueRoot } from '../request.ts';
import { complain, UsageError } from '../terminal.ts';

export async function testCatalogue(ids: readonly string[]): Promise<number> {
  const catalogue = loadHere();
  const known = catalogue.standards.map(({ id }) => id);
  for (const id of ids) {
    if (!known.includes(id))
      throw new UsageError(
        `there is no standard \`${id}\`${didYouMean(id, known) || '; `macadam catalogue` lists them'}`,
      );
  }
  complain(catalogue.mistakes);
  let passed = 0;
  let failed = catalogue.mistakes.length;
  for (const standard of catalogue.standards.filter(({ id }) => ids.length === 0 || ids.includes(id))) {
    const results = await laws(standard, catalogue.kinds);
    const broken = results.filter((result) => result.broken !== null);
    passed += results.length - broken.length;
    failed += broken.length;
    process.stdout.write(
      `${broken.length === 0 ? 'ok  ' : 'FAIL'} ${standard.id} (${results.length} laws)\n`,
    );
    for (const { law, broken: why } of broken) process.stdout.write(`     ${law}: ${why}\n`);
  }
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed === 0 ? EXIT.ok : EXIT.fails;
}

/** The built-in catalogue and the folders that macadam.yaml of the current folder names. */
export function loadHere(): Catalogue {
  const estate = readEstate('.', new Date());
  if ('mistakes' in estate) {
    complain(estate.mistakes);
    throw new UsageError('macadam.yaml cannot be used');
  }
  const own = estate.estate.catalogue.map((name) => join(estate.folder, name));
  const catalogue = loadCatalogue([catalogueRoot(), ...own], estate.estate.parameters, cacheDirectory());
  const mistakes = estateMistakes(estate, catalogue);
  if (mistakes.length > 0) {
    complain([...catalogue.mistakes, ...mistakes]);
    throw new UsageError('macadam.yaml cannot be used');
  }
  return catalogue;
}
