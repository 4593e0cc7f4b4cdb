/** The verbs of the command line and their options; each verb is a file beside this one. */
import { Command, CommanderError } from 'commander';
import { addCatalogue } from './commands/catalogue-verbs.ts';
import { addBuild, addIngest, addTokens } from './commands/evidence-verbs.ts';
import { addFix, addGate, addMeasuring } from './commands/measuring-verbs.ts';
import { addAudit, addBackup } from './commands/record-verbs.ts';
import { addReviewVerbs } from './commands/review-verbs.ts';
import { addPublishing, addServerVerbs } from './commands/server-verbs.ts';
import { addSourceVerbs } from './commands/source-verbs.ts';
import type { Does } from './commands/verbs.ts';
import { EXIT } from './exit.ts';
import { UsageError } from './terminal.ts';
import { VERSION } from './version.ts';

/** Runs one command line and gives its exit code; never ends the process itself. */
export async function run(argv: readonly string[]): Promise<number> {
  let code: number = EXIT.ok;
  const program = await build((load) => async (...typed) => {
    const verb = await load();
    // Last comes the command itself, which no verb takes.
    code = await verb(...(typed.slice(0, -1) as Parameters<typeof verb>));
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

async function build(does: Does): Promise<Command> {
  const program = new Command('macadam')
    .description(
      'Measure repositories against security standards: what passes, what fails, what could not be seen.',
    )
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError('(see macadam --help)');
  // In the order in which --help lists them.
  await addMeasuring(program, does);
  addFix(program, does);
  addGate(program, does);
  addIngest(program, does);
  addTokens(program, does);
  addBuild(program, does);
  addAudit(program, does);
  addBackup(program, does);
  addWho(program, does);
  addReviewVerbs(program, does);
  addServerVerbs(program, does);
  addSourceVerbs(program, does);
  addPublishing(program, does);
  addCatalogue(program, does);
  return program;
}

function addWho(program: Command, does: Does): void {
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
    .action(does(async () => (await import('./commands/who.ts')).whoCommand));
}
