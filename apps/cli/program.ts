/** The verbs of the command line and their options; each verb is a file beside this one. */
import { Command, CommanderError } from 'commander';
import { addCatalogue } from './commands/catalogue-verbs.ts';
import { addBuild, addIngest, addTokens } from './commands/evidence-verbs.ts';
import { addFix, addGate, addMeasuring } from './commands/measuring-verbs.ts';
import { addAudit, addBackup } from './commands/record-verbs.ts';
import { addReviewVerbs } from './commands/review-verbs.ts';
import { addPublishing, addServerVerbs } from './commands/server-verbs.ts';
import { addSourceVerbs } from './commands/source-verbs.ts';
import type { End } from './commands/verbs.ts';
import { EXIT } from './exit.ts';
import { UsageError } from './terminal.ts';
import { VERSION } from './version.ts';

/** Runs one command line and gives its exit code; never ends the process itself. */
export async function run(argv: readonly string[]): Promise<number> {
  let code: number = EXIT.ok;
  const program = await build((result) => {
    code = result;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (error instanceof UsageError) {
      for (const line of error.message.split('\n')) process.stderr.write(`macadam: ${line}\n`);
      return error.exit;
    }
    throw error;
  }
}

async function build(end: End): Promise<Command> {
  const program = new Command('macadam')
    .description(
      'Measure repositories against security standards: what passes, what fails, what could not be seen.',
    )
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError('(see macadam --help)');
  // In the order in which --help lists them.
  await addMeasuring(program, end);
  addFix(program, end);
  addGate(program, end);
  addIngest(program, end);
  addTokens(program, end);
  addBuild(program, end);
  addAudit(program, end);
  addBackup(program, end);
  addWho(program, end);
  addReviewVerbs(program, end);
  addServerVerbs(program, end);
  addSourceVerbs(program, end);
  addPublishing(program, end);
  addCatalogue(program, end);
  return program;
}

function addWho(program: Command, end: End): void {
  program
    .command('who [TEXT]')
    .description(
      'whom to call about a host, address, application id, repository, purl, thumbprint or image digest',
    )
    .option('--server <URL>', 'ask a running server (default: MACADAM_SERVER, else where you logged in)')
    .option(
      '--data <DIR>',
      'ask the stores in a folder (default, without any server: those of the current folder)',
    )
    .option('--offline <FILE>', 'ask a signed export, without any server; needs --key')
    .option('--key <FILE>', 'public Ed25519 key (PEM) by which the export has to be signed')
    .option('--export <FILE>', 'write a signed export for all look-ups; needs --sign')
    .option('--sign <FILE>', 'private Ed25519 key (PEM) to sign the export with')
    .option('--json', 'as JSON')
    .action(async (text, options) =>
      end(await (await import('./commands/who.ts')).whoCommand(text, options)),
    );
}
