/** The verbs about what is kept: the log of decisions, backups, and the way back in. */
import type { Command } from 'commander';
import { again, type Does } from './verbs.ts';

const placed = (command: Command): Command =>
  command
    .option('--data <DIR>', 'folder of the stores (default: that of the current folder)')
    .option(
      '--database <URL>',
      'PostgreSQL server of the decisions (default: DATABASE_URL, else the folder)',
    );

export function addAudit(program: Command, does: Does): void {
  const audit = program.command('audit').description('verify, export and sample the log of decisions');
  placed(audit.command('verify [FILE]'))
    .description('find any entry that was changed, moved or removed, in the store or in an exported FILE')
    .option(
      '--anchor <NUMBER:DIGEST>',
      'an entry that was noted earlier, elsewhere; may be given again',
      again,
    )
    .option('--json', 'as JSON')
    .addHelpText('after', AUDIT_HELP)
    .action(does(async () => (await import('./audit.ts')).verifyCommand));
  placed(audit.command('export <FILE>'))
    .description('write the whole log, an entry a line as JSON; docs/audit/verify-log.mjs verifies it alone')
    .action(does(async () => (await import('./audit.ts')).exportCommand));
  placed(audit.command('sample'))
    .description('draw evidence that an outsider can derive again; docs/audit/verify-sample.mjs does')
    .requiredOption('--seed <TEXT>', 'the same seed draws the same')
    .option('--n <NUMBER>', 'of each sort at most', '10')
    .option('--out <FILE>', 'write there instead of to stdout')
    .action(does(async () => (await import('./audit.ts')).sampleCommand));

  audit
    .command('judge <SAMPLE>')
    .description('judge the verdicts of a sample again, from its own observations and definitions')
    .option('--json', 'as JSON')
    .action(does(async () => (await import('./audit.ts')).judgeCommand));
}

export function addBackup(program: Command, does: Does): void {
  placed(program.command('backup <FILE.tar|FOLDER>'))
    .description('copy both stores as they are at one moment, with digests')
    .option('--server <URL>', 'of a running server, which has the stores; the token is in MACADAM_TOKEN')
    .option('--decisions-only', 'leave out the facts')
    .action(does(async () => (await import('./backup.ts')).backupCommand));

  program
    .command('restore <FILE.tar|FOLDER>')
    .description('put a backup into an empty folder, after all of it was held against its digests')
    .requiredOption('--data <DIR>', 'a folder that is empty, or not there')
    .option('--database <URL>', 'empty PostgreSQL database for the decisions (default: in the folder)')
    .action(does(async () => (await import('./backup.ts')).restoreCommand));

  placed(program.command('recover <PERSON>'))
    .description(
      'make an administrator where none can log in any more; the server must not run, and the log says so',
    )
    .requiredOption('--reason <TEXT>', 'why nobody else can; it goes into the log')
    .action(does(async () => (await import('./recover.ts')).recoverCommand));
}

const AUDIT_HELP = `
Exit codes: 0 every entry is what was written; 1 one is not; 2 usage, or there is no log to read.
A file does not know whether entries after its end were taken away: give --anchor, as it was noted elsewhere.`;
