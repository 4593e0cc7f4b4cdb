/** The verbs that take what others saw, and hold it against what they know: ingest, tokens and build. */
import type { Command } from 'commander';
import { again, type Does } from './verbs.ts';

export function addIngest(program: Command, does: Does): void {
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
    .option(
      '--as <FORMAT>',
      'ndjson, sarif, ocsf, cyclonedx, token-reports or key-reports (default: seen by the content)',
    )
    .option(
      '--format <FORMAT>',
      'the same; for a folder of answers saved from a directory: entra, okta, google, gitlab, aws, vpc-flow-logs, aws-config, steampipe, azure, kubernetes, keycloak, hr, cmdb, academy, deployments, priorities, detections, log-store, osquery, token-clients; for an export of a chat or of documents: posted-texts',
    )
    .option('--subject <NAME>', 'what the results are about, where they do not say')
    .option(
      '--taken-at <TIME>',
      'when they were taken, where they do not say (default: when the file was written)',
    )
    .option('--dry-run', 'say what would be taken, and take nothing')
    .option('--json', 'the summary as JSON')
    .action(does(async () => (await import('./ingest.ts')).ingestCommand));
}

export function addTokens(program: Command, does: Does): void {
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
    .action(does(async () => (await import('./tokens.ts')).watchTokens));
}

export function addBuild(program: Command, does: Does): void {
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
    .option(
      '--running <FILE>',
      'pods of a cluster, as kubectl lists them: each image that no build shows is found; may be given again',
      again,
    )
    .option('--released-to <ENVIRONMENT>', 'where the artefacts are released: production, government …')
    .option('--out <FILE>', 'write the builds there, for `macadam ingest` and `macadam gate --kind build`')
    .option('--vsa <FILE>', 'write verification summaries of what passed there; needs --sign and --verifier')
    .option('--sign <FILE>', 'private key (PEM) to sign summaries with')
    .option('--verifier <URI>', 'who verified, as summaries name it')
    .option('--json', 'as JSON')
    .addHelpText('after', BUILD_HELP)
    .action(does(async () => (await import('./build.ts')).verifyBuilds));
}

const BUILD_HELP = `
Exit codes: 0 all verified; 1 something is refused, and each field that is wrong is named; 2 usage; 3 nothing is refused, but something could not be looked at.`;
