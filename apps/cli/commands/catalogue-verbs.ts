/** The verbs of the catalogue: what is in it, what is added to it, and whether it holds. */
import type { Command } from 'commander';
import { addEffects, addRollout } from './server-verbs.ts';
import type { Does } from './verbs.ts';

export function addCatalogue(program: Command, does: Does): void {
  program
    .command('new <standard|kind|source|repository|service|library> <NAME>')
    .description('a scaffold whose own tests pass, or a repository that passes every standard about it')
    .option('--pillar <ID>', 'pillar of a new standard', 'engineering')
    .option('--language <LANGUAGE>', 'of a new repository: npm, python, go, java, dotnet')
    .option('--owner <OWNER>', 'of a new repository: `@organisation/team`')
    .option('--contact <ADDRESS>', 'mail address for reports of weaknesses (default: through the code host)')
    .action(does(async () => (await import('./new.ts')).scaffold));

  program
    .command('test [STANDARD...]')
    .description('hold the laws and examples of the catalogue')
    .action(does(async () => (await import('./test.ts')).testCatalogue));

  const standards = program.command('standards').description('work on standards');
  addRollout(standards, does);
  addEffects(standards, does);
  standards
    .command('check [ID...]')
    .description(
      'every mistake of kinds, standards, examples and frameworks in one run, and what each check costs',
    )
    .option('--json', 'as JSON')
    .action(does(async () => (await import('./standards.ts')).checkStandards));

  program
    .command('catalogue')
    .description('the standards in force; or what follows from the definition of a kind')
    .option('--json', 'as JSON')
    .option('--kind <KIND>', 'only this kind')
    .option('--as <FORM>', 'of a kind: docs (the default), schema, table, types')
    .action(does(async () => (await import('./catalogue.ts')).catalogue));

  program
    .command('sbom <PATH>')
    .description('the dependencies of one repository as CycloneDX 1.6; exits 3 when some could not be read')
    .option('--out <FILE>', 'write there instead of to stdout')
    .option('--worktree', 'read the files instead of HEAD')
    .action(does(async () => (await import('./sbom.ts')).sbomCommand));
}
