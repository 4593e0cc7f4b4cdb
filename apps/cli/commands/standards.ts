/** `macadam standards check`: every mistake of the catalogue in one run, and what each check costs. */
import { join } from 'node:path';
import { count, counted } from '@macadam/adapters/report-formats/figures';
import { describeFileDiagnostic } from '@macadam/core/text/diagnostic';
import { didYouMean } from '@macadam/core/text/suggestion';
import { checkCatalogue } from '@macadam/services/catalogue/check';
import { estateMistakes } from '@macadam/services/measure/mistakes';
import { readEstate } from '@macadam/services/measure/read';
import { EXIT } from '../exit.ts';
import { catalogueRoot } from '../request.ts';
import { complain, UsageError } from '../terminal.ts';

export function checkStandards(ids: readonly string[], { json }: { readonly json?: boolean }): number {
  const now = new Date();
  const estate = readEstate('.', now);
  if ('mistakes' in estate) {
    complain(estate.mistakes);
    return EXIT.usage;
  }
  const roots = [catalogueRoot(), ...estate.estate.catalogue.map((name) => join(estate.folder, name))];
  const found = checkCatalogue(roots, estate.estate.parameters, ids, now);
  for (const id of ids) {
    if (!found.names.includes(id))
      throw new UsageError(
        `there is no standard \`${id}\`${didYouMean(id, found.names) || '; `macadam catalogue` lists them'}`,
      );
  }
  const { checked } = found;
  const mistakes = [...found.mistakes, ...estateMistakes(estate, found.catalogue)];
  if (json) {
    const standards = checked.map(({ standard, steps, refused }) => ({ id: standard.id, steps, refused }));
    process.stdout.write(`${JSON.stringify({ standards, mistakes }, null, 2)}\n`);
    return mistakes.length === 0 ? EXIT.ok : EXIT.fails;
  }
  const width = Math.max(0, ...checked.map(({ standard }) => standard.id.length));
  for (const { standard, steps, refused } of checked) {
    const engine = refused === null ? '' : `   by closures alone: the engine refuses ${refused}`;
    process.stdout.write(`${standard.id.padEnd(width)}  ${count(steps).padStart(11)} steps${engine}\n`);
  }
  for (const mistake of mistakes) process.stdout.write(`${describeFileDiagnostic(mistake)}\n`);
  const sum = [
    counted(checked.length, 'standard'),
    counted(found.kinds, 'kind'),
    counted(found.frameworks, 'framework'),
  ];
  process.stdout.write(`${sum.join(', ')}: ${counted(mistakes.length, 'mistake')}\n`);
  return mistakes.length === 0 ? EXIT.ok : EXIT.fails;
}
