/** The verbs that a running server answers: work, exceptions, owners, and logging in to it. */
import { AUDIENCES, NOTICE_TEMPLATES } from '@macadam/core/advisories/incident-notices';
import { MISS_REASONS } from '@macadam/core/figures/missed';
import type { Command } from 'commander';
import type { ExceptionOptions } from './exception.ts';
import type { HandOverOptions } from './hand-over.ts';
import { type Does, SERVER } from './verbs.ts';
import type { WorkOptions } from './work.ts';

const HELP = `
Exit codes: 0 done; 1 a rule, a right or the state of things says no; 2 usage, or nobody is logged in; 3 the server could not
be reached or could not tell.`;

const verb = (group: Command, usage: string, description: string): Command =>
  group
    .command(usage)
    .description(description)
    .option(...SERVER)
    .option('--json', 'as JSON')
    .addHelpText('after', HELP);

const listing = (group: Command, usage: string, description: string, more: { isDefault?: boolean } = {}) =>
  group
    .command(usage, more)
    .description(description)
    .option(...SERVER)
    .option('--json', 'every one, as JSON')
    .option('--csv', 'every one, as CSV')
    .option('--limit <N>', 'so many (default: 100 as a table)')
    .addHelpText('after', HELP);

export function addServerVerbs(program: Command, does: Does): void {
  program
    .command('login')
    .description('keep a server and a token for it; the token is read from stdin, or from MACADAM_TOKEN')
    .option('--server <URL>', 'the server (default: MACADAM_SERVER)')
    .action(does(async () => (await import('./login.ts')).login));
  program
    .command('logout')
    .description('remove what `login` kept')
    .action(does(async () => (await import('./login.ts')).logout));
  addWork(program.command('work').description('what owners have to do'), does);
  addHandOvers(program.command('hand-over').description('assets that are another team’s'), does);
  addExceptions(program.command('exception').description('permission to fail for a while'), does);
  verb(program, 'forecast <STANDARD>', 'when a standard reaches its target, if what happened so far goes on')
    .option('--share <SHARE>', 'another target than that of the standard: 0 to 1')
    .option('--by <DAY>', 'another day than that of the standard')
    .action(does(async () => (await import('./forecast.ts')).forecastStandard));
  verb(program, 'progress [UNIT]', 'how a team, a division or the company stands, and what moved that')
    .option('--from <TIME>', 'since this scan (default: a week before)')
    .option('--to <TIME>', 'until this scan (default: the newest)')
    .option('--known', 'include late data: as it is known now, not as it was published then')
    .action(does(async () => (await import('./progress-verbs.ts')).showProgress));
  addOwners(program.command('owner').description('whose an asset is'), does);
  addFacts(
    program.command('facts').description('what was collected, and what only a person can say of it'),
    does,
  );
}

export function addPublishing(program: Command, does: Does): void {
  verb(program, 'oscal <assessment-results|poam>', 'where standards stand, as an OSCAL 1.2.1 document')
    .option('--framework <ID>', 'the requirements of this framework (default: each standard by itself)')
    .option('--review <NUMBER>', 'of a frozen review (default: as it stands)')
    .option('--out <FILE>', 'write there instead of to stdout')
    .action(does(async () => (await import('./oscal.ts')).writeOscal));
  verb(program, 'campaign [ID]', 'where campaigns stand by standard and wave, and what to do first')
    .option(
      '--weigh <TERM=NUMBER...>',
      'weigh a term of the sequence otherwise: critical, high, medium, low, exposed, exploited, reach',
    )
    .action(does(async () => (await import('./campaign.ts')).showCampaign));
  const target = program.command('target').description('what standards promise, and what was missed');
  listing(target, 'list', 'targets, those that are missed or at risk first', { isDefault: true })
    .option('--signal <SIGNAL>', 'missed, at-risk, cannot-tell or kept')
    .action(does(async () => (await import('./target.ts')).listTargets));
  verb(target, 'explain <STANDARD>', 'say why its target was missed, as an owner of the standard')
    .requiredOption('--reason <CODE>', MISS_REASONS.join(', '))
    .option('--note <TEXT>', 'what happened')
    .option('--due <DAY>', 'the day of the target (default: that of the standard)')
    .action(does(async () => (await import('./target.ts')).explainMiss));
  const cases = program
    .command('case')
    .description('what is published of vulnerability cases, and who is told of incidents');
  verb(cases, 'export <CASE>', 'one as a CSAF 2.0 advisory or a CVE record; CASE is the id of its asset')
    .requiredOption('--format <FORMAT>', 'csaf or cve')
    .requiredOption('--title <TEXT>', 'in a line')
    .requiredOption('--summary <TEXT>', 'what somebody could do with it')
    .requiredOption('--publisher <NAME>', 'whoever publishes it')
    .requiredOption('--namespace <URL>', 'a URL that the publisher controls')
    .option('--cvss <VECTOR>', 'CVSS 3.0 or 3.1; the scores follow from it')
    .option('--reference <URL>', 'where people read more; a CVE record needs one')
    .option('--assigner <UUID>', 'numbering authority of a CVE record')
    .option('--assigner-name <NAME>', 'its short name')
    .option('--out <FILE>', 'write there instead of to stdout')
    .action(does(async () => (await import('./case.ts')).exportCase));
  cases
    .command('check <FILE>')
    .description('hold a CSAF 2.0 document against the mandatory tests of its specification (`-`: stdin)')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExit codes: 0 every test holds; 1 one does not; 2 usage, or it is not JSON.')
    .action(does(async () => (await import('./case.ts')).checkAdvisory));
  addDesk(cases, does);
}

/** Verbs of `case` about incidents. */
function addDesk(cases: Command, does: Does): void {
  const desk = () => import('./case-desk.ts');
  verb(
    cases,
    'desk <INCIDENT>',
    'notices of an incident, who is reached, and each time against its limit; INCIDENT is the id of its asset',
  ).action(does(async () => (await desk()).showDesk));
  listing(cases, 'desks', 'every incident, open ones first, with what lacks next and until when').action(
    does(async () => (await desk()).listDesks),
  );
  verb(cases, 'draft <INCIDENT>', 'a notice from a template, or with your text')
    .requiredOption('--audience <AUDIENCE>', AUDIENCES.join(', '))
    .requiredOption('--template <TEMPLATE>', NOTICE_TEMPLATES.join(', '))
    .option('--text <FILE>', 'the text (`-`: stdin); left out: that of the template, to be filled in')
    .action(does(async () => (await desk()).draftNotice));
  verb(cases, 'approve <NOTICE>', 'a notice that somebody else drafted, as a person who is logged in').action(
    does(async () => (await desk()).approveNotice),
  );
  verb(cases, 'send <NOTICE>', 'an approved notice: a link for each recipient, as CSV, shown this once')
    .requiredOption('--recipients <FILE>', 'a recipient a line (`-`: stdin)')
    .option('--out <FILE>', 'write there instead of to stdout')
    .action(does(async () => (await desk()).sendNotice));
  verb(cases, 'receipts <NOTICE>', 'record what a mail server says of recipients')
    .option('--delivered <FILE>', 'those whose mail arrived, a recipient a line')
    .option('--failed <FILE>', 'those whose mail did not')
    .action(does(async () => (await desk()).recordReceipts));
  listing(cases, 'recipients <NOTICE>', 'each recipient of a notice, with what is known').action(
    does(async () => (await desk()).listRecipients),
  );
}

/** A verb of `standards`. */
export function addRollout(standards: Command, does: Does): void {
  verb(standards, 'rollout <STANDARD>', 'where each ring stands, and what a step would do to each owner')
    .option('--to <STEP>', 'a step that is considered: observe, warn, enforce (default: the next announced)')
    .option('--ring <RING>', 'of this ring, by name or number (default: of whoever is in none)')
    .option('--on <DAY>', 'from that day on (default: today)')
    .action(does(async () => (await import('./rollout.ts')).showRollout));
}

/** Verbs of `standards` that say what they did. */
export function addEffects(standards: Command, does: Does): void {
  listing(standards, 'toil [STANDARD]', 'what standards cost the people who obey them').action(
    does(async () => (await import('./progress-verbs.ts')).listToil),
  );
  listing(standards, 'cohort <STANDARD>', 'what happened to those that it wants eliminated')
    .option('--from <TIME>', 'since this scan (default: the one before)')
    .option('--to <TIME>', 'until this scan (default: the newest)')
    .action(does(async () => (await import('./progress-verbs.ts')).listCohort));
  verb(standards, 'amounts <STANDARD>', 'what it counts (tokens, tenants, cases) by team, and why that moved')
    .option('--from <TIME>', 'since this scan (default: the one before)')
    .option('--to <TIME>', 'until this scan (default: the newest)')
    .option('--team <ID>', 'of this team alone')
    .action(does(async () => (await import('./progress-verbs.ts')).showAmounts));
}

function addFacts(facts: Command, does: Does): void {
  const data = ['--data <DIR>', 'folder of the stores, where no server runs on it'] as const;
  facts
    .command('list', { isDefault: true })
    .description('collections that are incomplete, and why: some wait for a person')
    .option(...data)
    .option('--all', 'complete ones, too')
    .action(does(async () => (await import('./correct.ts')).listCollections));
  const verbs = [
    ['confirm', 'confirm <COLLECTION>', 'say that what a collection misses is gone'],
    ['retract', 'retract <COLLECTION>', 'withdraw a collection: nothing that it says counts'],
    ['retire-source', 'retire-source <SOURCE>', 'withdraw what a source said that is not asked any more'],
    ['retract-after', 'retract-after <TIME>', 'take back what was written for later, under a wrong clock'],
    ['retire-asset', 'retire-asset <ASSET>', 'say that an asset is gone, until somebody sees it again'],
  ] as const;
  for (const [what, usage, description] of verbs)
    facts
      .command(usage)
      .description(description)
      .option(...SERVER)
      .option(...data)
      .requiredOption('--reason <TEXT>', 'why, for whoever asks later')
      .addHelpText('after', HELP)
      .action(does(async () => (await import('./correct.ts')).correctFacts.bind(null, what)));
}

function addWork(work: Command, does: Does): void {
  const act = (
    usage: string,
    description: string,
    of: (verbs: typeof import('./work.ts')) => (id: string, options: WorkOptions) => Promise<number>,
  ) => verb(work, usage, description).action(does(async () => of(await import('./work.ts'))));
  const seeing = (command: Command) =>
    command.option('--seen <VERSION>', 'only if it still is as `work show` showed it');
  const choosing = (command: Command) =>
    command.option('--asset <ID...>', 'these assets of it').option('--all', 'all that are left');

  listing(work, 'list', 'work items, those that are open unless told otherwise', { isDefault: true })
    .option('--team <ID>', 'of this team')
    .option('--standard <ID>', 'of this standard')
    .option('--mine', 'of your teams')
    .option('--overdue', 'whose last day is over')
    .option('--closed', 'those that are closed')
    .action(does(async () => (await import('./work.ts')).listWork));
  act(
    'show <ID>',
    'what is left of one, where one change fixes several, and what was said',
    (verbs) => verbs.showWork,
  );
  seeing(act('claim <ID>', 'take one on', (verbs) => verbs.claimWork));
  seeing(act('release <ID>', 'give one back', (verbs) => verbs.releaseWork));
  seeing(act('snooze <ID>', 'silence its reminders', (verbs) => verbs.snoozeWork)).requiredOption(
    '--until <DAY>',
    'until that day, before it is due',
  );
  seeing(verb(work, 'comment <ID> <TEXT>', 'say something about one')).action(
    does(async () => (await import('./work.ts')).commentWork),
  );
  seeing(
    choosing(
      act(
        'dispute <ID>',
        'say that verdicts are false; pauses their deadlines',
        (verbs) => verbs.disputeWork,
      ),
    ),
  ).requiredOption('--why <TEXT>', 'what is so instead');
  act(
    'settle <ID>',
    'decide a dispute, as owner of the standard; where a token may not, do it in a browser',
    (verbs) => verbs.settleWork,
  )
    .requiredOption('--asset <ID...>', 'an asset of it')
    .requiredOption('--why <TEXT>', 'why')
    .option('--upheld', 'the verdict was false')
    .option('--rejected', 'the verdict stands');
  choosing(
    act(
      'hand-over <ID>',
      'say that assets are another team’s, which has to accept',
      (verbs) => verbs.handOverWork,
    ),
  )
    .requiredOption('--to <TEAM>', 'whose they are')
    .requiredOption('--why <TEXT>', 'why they are');
  choosing(act('check-again <ID>', 'have assets checked again', (verbs) => verbs.checkWorkAgain));
}

function addHandOvers(handOver: Command, does: Does): void {
  const act = (
    usage: string,
    description: string,
    of: (
      verbs: typeof import('./hand-over.ts'),
    ) => (number: string, options: HandOverOptions) => Promise<number>,
  ) =>
    verb(handOver, `${usage} <NUMBER>`, description).action(
      does(async () => of(await import('./hand-over.ts'))),
    );
  const saying = (command: Command) =>
    command
      .requiredOption('--why <TEXT>', 'why')
      .option('--seen <VERSION>', 'only if it still is as `hand-over show` showed it');

  listing(handOver, 'list', 'hand-overs', { isDefault: true })
    .option('--from <TEAM>', 'of what this team has')
    .option('--to <TEAM>', 'that this team is to answer')
    .option('--state <STATE>', 'asked, returned, deputy, done or withdrawn')
    .action(does(async () => (await import('./hand-over.ts')).listHandOvers));
  act('show', 'one, with what everybody said', (verbs) => verbs.showHandOver);
  saying(act('accept', 'they are yours', (verbs) => verbs.acceptHandOver));
  saying(act('refuse', 'they are not yours', (verbs) => verbs.refuseHandOver)).option(
    '--to <TEAM>',
    'whose they are',
  );
  saying(act('ask', 'ask another team after a refusal', (verbs) => verbs.askHandOverAgain)).requiredOption(
    '--to <TEAM>',
    'which',
  );
  saying(act('withdraw', 'keep them', (verbs) => verbs.withdrawHandOver));
  saying(
    act(
      'decide',
      'say whose they are, as deputy CISO; where a token may not, do it in a browser',
      (verbs) => verbs.decideHandOver,
    ),
  ).requiredOption(...(['--to <TEAM>', 'whose'] as const));
}

function addExceptions(exception: Command, does: Does): void {
  const act = (
    usage: string,
    description: string,
    of: (
      verbs: typeof import('./exception.ts'),
    ) => (id: string, options: ExceptionOptions) => Promise<number>,
  ) => verb(exception, usage, description).action(does(async () => of(await import('./exception.ts'))));

  listing(exception, 'list', 'exceptions', { isDefault: true })
    .option('--standard <ID>', 'of this standard')
    .option('--waiting', 'that nobody has answered')
    .option('--in-force [DAY]', 'that hold on that day (default: today)')
    .action(does(async () => (await import('./exception.ts')).listExceptions));
  act('show <ID>', 'one, with what was accepted of which asset', (verbs) => verbs.showException);
  verb(exception, 'request', 'ask for one')
    .requiredOption('--standard <ID>', 'of which standard')
    .requiredOption('--asset <SELECTOR...>', 'ids of assets, `*` for any part; they freeze at approval')
    .requiredOption('--why <TEXT>', 'why it cannot be met')
    .requiredOption('--compensating <TEXT>', 'what makes up for it meanwhile')
    .requiredOption('--until <DAY>', 'its last day, at most 180 days from now')
    .option('--team <ID>', 'team that asks (default: yours, if it is one)')
    .action(does(async () => (await import('./exception.ts')).requestException));
  act(
    'approve <ID>',
    'approve one; where a token may not, do it in a browser',
    (verbs) => verbs.approveException,
  ).requiredOption(...(['--proof <TEXT>', 'where an auditor finds the decision'] as const));
  act('refuse <ID>', 'refuse one', (verbs) => verbs.refuseException);
  act('end <ID>', 'end one early', (verbs) => verbs.endException).requiredOption(
    '--why <TEXT>',
    'why it is over',
  );
  act('renew <ID>', 'ask for another after it', (verbs) => verbs.renewException)
    .requiredOption('--until <DAY>', 'the last day of the new one')
    .option('--why <TEXT>', 'why it still cannot be met (default: as before)')
    .option('--compensating <TEXT>', 'what makes up for it (default: as before)')
    .option('--team <ID>', 'team that asks (default: yours, if it is one)');
}

function addOwners(owner: Command, does: Does): void {
  verb(
    owner,
    'show <ASSET>',
    'whose an asset is, and how each rule fared; exits 1 where it is nobody’s',
  ).action(does(async () => (await import('./owner.ts')).showOwner));
  verb(owner, 'decide <ASSET...>', 'say whose assets are, all or none (`-`: ids on stdin)')
    .option('--assign <TEAM>', 'they are this team’s')
    .option('--confirm', 'they are whose they are said to be')
    .option('--release', 'they are not whose they were said to be')
    .requiredOption('--why <TEXT>', 'why')
    .action(does(async () => (await import('./owner.ts')).decideOwner));
  listing(owner, 'queue', 'what nobody owns, with whom the facts point to')
    .option('--kind <KIND>', 'of this kind')
    .option('--prefix <TEXT>', 'ids that begin so')
    .action(does(async () => (await import('./owner.ts')).listUnowned));
}
