/** The verbs of the command line and their options; each verb is a file beside this one. */
import { discoverSources, formatIds } from '@macadam/adapters/discover';
import { Command, CommanderError } from 'commander';
import { addReviewVerbs } from './commands/review-verbs.ts';
import { addEffects, addPublishing, addRollout, addServerVerbs } from './commands/server-verbs.ts';
import { addSourceVerbs } from './commands/source-verbs.ts';
import { EXIT } from './exit.ts';
import { UsageError } from './terminal.ts';
import { VERSION } from './version.ts';

/** An option that may be given again and takes one word each time: what follows is a path, and no second of it. */
const again = (given: string, earlier: readonly string[] = []): readonly string[] => [...earlier, given];

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

async function build(end: (code: number) => void): Promise<Command> {
  const sources = await discoverSources();
  const program = new Command('macadam')
    .description(
      'Measure repositories against security standards: what passes, what fails, what could not be seen.',
    )
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError('(see macadam --help)');

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
    .action(async (paths, options) => end(await (await import('./commands/scan.ts')).scan(paths, options)));

  measuring(program.command('explain <STANDARD|FINDING> [PATH...]'))
    .description('what a standard asks and why, or what one finding rests on and how to mend it')
    .action(async (what, paths, options) =>
      end(await (await import('./commands/explain.ts')).explain(what, paths, options)),
    );

  program
    .command('fix [PATH...]')
    .description('mend what can be mended, many standards at once; prints the patch')
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
    .action(async (paths, options) =>
      end(await (await import('./commands/fix.ts')).fixCommand(paths, options)),
    );

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
    .action(async (file = '-', options) =>
      end(await (await import('./commands/gate.ts')).gate(file, options)),
    );

  program
    .command('ingest [FILE]')
    .description(
      'take observations of any kind, SARIF, OCSF or CycloneDX, or answers saved from a directory, into the facts (`-`: stdin)',
    )
    .option(
      '--data <DIR>',
      'folder or ClickHouse URL of the facts (default: that of the current folder); a server that runs on it is given the file',
    )
    .option(
      '--server <URL>',
      'give it to a running server instead (default: MACADAM_SERVER); needs the token of a machine',
    )
    .option('--as <FORMAT>', 'ndjson, sarif, ocsf, cyclonedx or token-reports (default: seen by the content)')
    .option(
      '--format <FORMAT>',
      'the same; for a folder of answers saved from a directory: entra, okta, google, gitlab, aws, azure, kubernetes, keycloak, hr, cmdb, academy, deployments, priorities; for an export of a chat or of documents: posted-texts',
    )
    .option('--subject <NAME>', 'what the results are about, where they do not say')
    .option(
      '--taken-at <TIME>',
      'when they were taken, where they do not say (default: when the file was written)',
    )
    .option('--dry-run', 'say what would be taken, and take nothing')
    .option('--json', 'the summary as JSON')
    .action(async (file = '-', options) =>
      end(await (await import('./commands/ingest.ts')).ingestCommand(file, options)),
    );

  program
    .command('tokens')
    .description('find tokens that services accepted and nobody issued')
    .command('watch [FILE...]')
    .description(
      'compare accepted tokens (takeAccepted of @macadam/token) with issued ones (report of @macadam/issuer), a report a line, as they come (`-`: stdin)',
    )
    .option('--sealed <FILE>', 'records of the forgeries that were injected', 'sealed-forgeries.ndjson')
    .option('--out <FILE>', 'append alerts and counts there too, for `macadam ingest`')
    .option('--inject-every <TIME>', 'how often a forgery is injected for each service', '7d')
    .option('--alert-within <TIME>', 'after so long without its alert an injected forgery is missed', '1h')
    .option('--patience <TIME>', 'how long to wait for the word of an issuer', '15m')
    .option('--skew <TIME>', 'how much clocks may differ', '2s')
    .option('--memory <MEGABYTES>', 'for the digests of issued tokens', '512')
    .action(async (files, options) =>
      end(await (await import('./commands/tokens.ts')).watchTokens(files, options)),
    );

  program
    .command('build')
    .description('verify how artefacts were made')
    .command('verify [ATTESTATION...]')
    .description(
      'hold SLSA provenance (DSSE, Sigstore bundles) against a policy, field by field; asks nobody',
    )
    .requiredOption('--policy <FILE>', 'builders, their keys or issuers, and what each may build')
    .option('--artefact <FILE>', 'what was made; may be given again', again)
    .option(
      '--digest <SHA256>',
      'the same by its digest, `sha256:` or `sha512:` and hex; may be given again',
      again,
    )
    .option('--name <NAME>', 'of the one artefact (default: of its file)')
    .option('--source <URL>', 'repository that it has to be built from')
    .option('--ref <REF>', 'branch or tag, as `refs/tags/v1`')
    .option('--commit <ID>', 'full commit id')
    .option('--builder <ID>', 'only by this builder')
    .option('--invocation <ID>', 'only by this run')
    .option(
      '--runs <FILE>',
      'runs of a release workflow, as GitHub lists them: each without evidence is a build too; may be given again',
      again,
    )
    .option('--released-to <ENVIRONMENT>', 'where the artefacts are released: production, government …')
    .option('--out <FILE>', 'write the builds there, for `macadam ingest` and `macadam gate --kind build`')
    .option('--vsa <FILE>', 'write verification summaries of what passed there; needs --sign and --verifier')
    .option('--sign <FILE>', 'private key (PEM) to sign summaries with')
    .option('--verifier <URI>', 'who verified, as summaries name it')
    .option('--json', 'as JSON')
    .addHelpText('after', BUILD_HELP)
    .action(async (files, options) =>
      end(await (await import('./commands/build.ts')).verifyBuilds(files, options)),
    );

  const audit = program.command('audit').description('verify, export and sample the log of decisions');
  const placed = (command: Command): Command =>
    command
      .option('--data <DIR>', 'folder of the stores (default: that of the current folder)')
      .option(
        '--database <URL>',
        'PostgreSQL server of the decisions (default: DATABASE_URL, else the folder)',
      );
  placed(audit.command('verify [FILE]'))
    .description('find any entry that was changed, moved or removed, in the store or in an exported FILE')
    .option(
      '--anchor <NUMBER:DIGEST>',
      'an entry that was noted earlier, elsewhere; may be given again',
      again,
    )
    .option('--json', 'as JSON')
    .addHelpText('after', AUDIT_HELP)
    .action(async (file, options) =>
      end(await (await import('./commands/audit.ts')).verifyCommand(file, options)),
    );
  placed(audit.command('export <FILE>'))
    .description('write the whole log, an entry a line as JSON; docs/audit/verify-log.mjs verifies it alone')
    .action(async (file, options) =>
      end(await (await import('./commands/audit.ts')).exportCommand(file, options)),
    );
  placed(audit.command('sample'))
    .description('draw evidence that an outsider can derive again; docs/audit/verify-sample.mjs does')
    .requiredOption('--seed <TEXT>', 'the same seed draws the same')
    .option('--n <NUMBER>', 'of each sort at most', '10')
    .option('--out <FILE>', 'write there instead of to stdout')
    .action(async (options) => end(await (await import('./commands/audit.ts')).sampleCommand(options)));

  audit
    .command('judge <SAMPLE>')
    .description('judge the verdicts of a sample again, from its own observations and definitions')
    .option('--json', 'as JSON')
    .action(async (file, options) =>
      end(await (await import('./commands/audit.ts')).judgeCommand(file, options)),
    );

  placed(program.command('backup <FILE.tar|FOLDER>'))
    .description('copy both stores as they are at one moment, with digests')
    .option('--server <URL>', 'of a running server, which has the stores; the token is in MACADAM_TOKEN')
    .option('--decisions-only', 'leave out the facts')
    .action(async (to, options) =>
      end(await (await import('./commands/backup.ts')).backupCommand(to, options)),
    );

  program
    .command('restore <FILE.tar|FOLDER>')
    .description('put a backup into an empty folder, after all of it was held against its digests')
    .requiredOption('--data <DIR>', 'a folder that is empty, or not there')
    .option('--database <URL>', 'empty PostgreSQL database for the decisions (default: in the folder)')
    .action(async (from, options) =>
      end(await (await import('./commands/backup.ts')).restoreCommand(from, options)),
    );

  placed(program.command('recover <PERSON>'))
    .description(
      'make an administrator where none can log in any more; the server must not run, and the log says so',
    )
    .requiredOption('--reason <TEXT>', 'why nobody else can; it goes into the log')
    .action(async (person, options) =>
      end(await (await import('./commands/recover.ts')).recoverCommand(person, options)),
    );

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

  addReviewVerbs(program, end);
  addServerVerbs(program, end);
  addSourceVerbs(program, end);
  addPublishing(program, end);

  program
    .command('new <standard|kind|source|repository|service|library> <NAME>')
    .description('a scaffold whose own tests pass, or a repository that passes every standard about it')
    .option('--pillar <ID>', 'pillar of a new standard', 'engineering')
    .option('--language <LANGUAGE>', 'of a new repository: npm, python, go, java, dotnet')
    .option('--owner <OWNER>', 'of a new repository: `@organisation/team`')
    .option('--contact <ADDRESS>', 'mail address for reports of weaknesses (default: through the code host)')
    .action(async (what, name, options) =>
      end(await (await import('./commands/new.ts')).scaffold(what, name, options)),
    );

  program
    .command('test [STANDARD...]')
    .description('hold the laws and examples of the catalogue')
    .action(async (ids) => end(await (await import('./commands/test.ts')).testCatalogue(ids)));

  const standards = program.command('standards').description('work on standards');
  addRollout(standards, end);
  addEffects(standards, end);
  standards
    .command('check [ID...]')
    .description(
      'every mistake of kinds, standards, examples and frameworks in one run, and what each check costs',
    )
    .option('--json', 'as JSON')
    .action(async (ids, options) =>
      end((await import('./commands/standards.ts')).checkStandards(ids, options)),
    );

  program
    .command('catalogue')
    .description('the standards in force; or what follows from the definition of a kind')
    .option('--json', 'as JSON')
    .option('--kind <KIND>', 'only this kind')
    .option('--as <FORM>', 'of a kind: docs (the default), schema, table, types')
    .action(async (options) => end(await (await import('./commands/catalogue.ts')).catalogue(options)));

  program
    .command('sbom <PATH>')
    .description('the dependencies of one repository as CycloneDX 1.6; exits 3 when some could not be read')
    .option('--out <FILE>', 'write there instead of to stdout')
    .option('--worktree', 'read the files instead of HEAD')
    .action(async (path, options) =>
      end(await (await import('./commands/sbom.ts')).sbomCommand(path, options)),
    );

  return program;
}

const BUILD_HELP = `
Exit codes: 0 all verified; 1 something is refused, and each field that is wrong is named; 2 usage; 3 nothing is refused, but something could not be looked at.`;

const AUDIT_HELP = `
Exit codes: 0 every entry is what was written; 1 one is not; 2 usage, or there is no log to read.
A file does not know whether entries after its end were taken away: give --anchor, as it was noted elsewhere.`;

const GATE_HELP = `
A plain value is so now; {absent: true}: there is none; {unobserved: forbidden, why: …}: nobody could look; what is left
out is undecided. Whole observations may be given, one JSON object a line.
Exit codes: 0 it may go on; 1 a failure is blocked; 2 usage or broken input; 3 no failure is blocked, but something
undecided is, or has to be asked about (--strict: anything undecided).`;

const EXIT_HELP = `
Exit codes: 0 nothing fails; 1 something fails; 2 usage or broken input; 3 nothing fails, but something
that a source of this run could have judged was not (--strict: anything at all).`;
