/** The verbs of `macadam source`: what is measured besides folders, set up once and measured by a server from then on. */
import type { Command } from 'commander';
import { again, type Does } from './verbs.ts';

const HELP = `
The file holds where each credential is, or it sealed with the key in sources.key beside it (MACADAM_SOURCES_KEY_FILE: elsewhere).
Exit codes: 0 done; 2 usage, or the source showed nothing; 3 (test) it did not show everything.`;

const verb = (group: Command, usage: string, description: string): Command =>
  group
    .command(usage)
    .description(description)
    .option(
      '--file <FILE>',
      'the file of sources (default: MACADAM_SOURCES, else sources.json in your configuration folder)',
    )
    .option('--quiet', 'no progress')
    .addHelpText('after', HELP);

export function addSourceVerbs(program: Command, does: Does): void {
  const sources = program
    .command('source')
    .description('what is measured besides folders, and by which credential');
  verb(
    sources,
    'add <SOURCE> <TARGET...>',
    'say what it needs, try it, and keep it: entra, okta, google, keycloak, ldap, aws, azure, kubernetes, github, gitlab',
  )
    .option('--name <NAME>', 'what to call it (default: SOURCE)')
    .option('--option <NAME=VALUE>', 'an option of the source; may be given again', again)
    .option(
      '--credential <NAME=WHERE>',
      'env:VARIABLE, file:PATH, or `ask` to type it and keep it sealed; may be given again',
      again,
    )
    .option('--untested', 'keep it without asking it anything')
    .action(does(async () => (await import('./source.ts')).addSource));
  verb(sources, 'list', 'those that were set up').action(
    does(async () => (await import('./source.ts')).listSources),
  );
  verb(sources, 'test <NAME>', 'ask one now, and say what it does not show').action(
    does(async () => (await import('./source.ts')).testSource),
  );
  verb(sources, 'remove <NAME>', 'measure one no more').action(
    does(async () => (await import('./source.ts')).removeSource),
  );
}
