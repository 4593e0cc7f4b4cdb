/** The verbs that measure and mend where the files are: scan, explain, fix and gate. */
import { discoverSources, formatIds } from '@macadam/adapters/discover';
import type { Command } from 'commander';
import { again, type Does } from './verbs.ts';

export async function addMeasuring(program: Command, does: Does): Promise<void> {
  const sources = await discoverSources();
  const measuring = (command: Command): Command => {
    for (const source of sources.filter(({ id }) => id !== 'git')) {
      command.option(`--${source.id} <${source.target}...>`, source.description);
      for (const option of source.options) {
        command.option(`--${source.id}-${option.name} <${option.value}>`, option.description);
      }
    }
    return command
      .option('--standard <ID>', 'only this standard; may be given again', again)
      .option('--quiet', 'no progress');
  };

  measuring(program.command('scan [PATH...]'))
    .description('measure folders of git repositories (default: the current folder)')
    .option('--format <FORMAT>', formatIds().join(', '), 'table')
    .option('--out <FILE>', 'write there instead of to stdout')
    .option('--pillar <ID>', 'only standards of this pillar; may be given again', again)
    .option('--as-of <DATE>', 'who would fail on that day: today or later')
    .option('--staged', 'read the index instead of HEAD')
    .option('--worktree', 'read the files instead of HEAD')
    .option('--baseline <FILE>', 'an earlier scan as JSON: only new failures count')
    .option('--strict', 'exit 3 on anything unknown')
    .option('--soft-fail', 'exit 0 whatever is found')
    .addHelpText('after', EXIT_HELP)
    .action(does(async () => (await import('./scan.ts')).scan));

  measuring(program.command('explain <STANDARD|FINDING> [PATH...]'))
    .description('what a standard asks and why, or what one finding rests on and how to fix it')
    .action(does(async () => (await import('./explain.ts')).explain));
}

export function addFix(program: Command, does: Does): void {
  program
    .command('fix [PATH...]')
    .description('fix what can be fixed, many standards at once; prints the patch')
    .option('--standard <ID>', 'only this standard; may be given again', again)
    .option('--dry-run', 'only print the patch')
    .option('--force', 'also change files with uncommitted changes')
    .option(
      '--resolve [COMMITS]',
      'commits for pinning: `owner/repo@ref=commit`, or a JSON file of such; with neither, ask the host',
      (given: string, earlier: unknown) => [...(Array.isArray(earlier) ? earlier : []), given],
    )
    .option('--own-fixes', 'also run fixes of the catalogue folders that macadam.yaml names')
    .option(
      '--pull-requests',
      'propose at GitHub instead: one pull request a repository, kept in step, closed when done, never again what was declined',
    )
    .option('--api <URL>', 'of an Enterprise Server, for --pull-requests (default: that of github.com)')
    .action(does(async () => (await import('./fix.ts')).fixCommand));
}

export function addGate(program: Command, does: Does): void {
  program
    .command('gate [FILE]')
    .description('judge one asset or change before it exists, given as JSON or YAML (`-`: stdin)')
    .requiredOption('--kind <KIND>', 'what it is')
    .option('--standard <ID>', 'only this standard, whatever its rollout; may be given again', again)
    .option('--param <[STANDARD.]NAME=VALUE>', 'another value of a parameter; may be given again', again)
    .option('--name <NAME>', 'what it is called')
    .option('--as-of <DATE>', 'judged as of that day: today or later')
    .option('--format <FORMAT>', 'table, json', 'table')
    .option('--out <FILE>', 'write there instead of to stdout')
    .option('--strict', 'exit 3 on anything undecided')
    .option(
      '--certificates <FILE>',
      'FILE is a certificate, key or store; this says which places lie in which boundary, as for scan',
    )
    .option('--boundary <NAME>', 'where that would be registered')
    .option('--password-env <NAME>', 'environment variable with its password')
    .option(
      '--server <URL>',
      'ask it for approved exceptions (default: MACADAM_SERVER, else where you logged in, else none)',
    )
    .addHelpText('after', GATE_HELP)
    .action(does(async () => (await import('./gate.ts')).gate));
}

const GATE_HELP = `
A plain value is so now; {absent: true}: there is none; {unobserved: forbidden, why: …}: nobody could look; what is left
out is undecided. Whole observations may be given, one JSON object a line.
Exit codes: 0 it may go on; 1 a failure is blocked; 2 usage or broken input; 3 no failure is blocked, but something
undecided is, or has to be asked about (--strict: anything undecided).`;

const EXIT_HELP = `
Exit codes: 0 nothing fails; 1 something fails; 2 usage or broken input; 3 nothing fails, but something
that a source of this run could have judged was not (--strict: anything at all).`;
