/** What leaders saw and decided: reviews are frozen and shown by a server, and verified by their file alone. */
import type { Command } from 'commander';
import { type Does, SERVER } from './verbs.ts';

export function addReviewVerbs(program: Command, does: Does): void {
  const review = program.command('review').description('what leaders saw and decided, frozen');
  review
    .command('list', { isDefault: true })
    .description('reviews, the newest first')
    .option(...SERVER)
    .option('--json', 'every one, as JSON')
    .option('--csv', 'every one, as CSV')
    .option('--limit <N>', 'so many (default: 100 as a table)')
    .action(does(async () => (await import('./review.ts')).listReviews));
  review
    .command('show <NUMBER>')
    .description('figures, decisions and actions of one; with --out the file that was frozen')
    .option(...SERVER)
    .option('--out <FILE>', 'write the file that `review verify` verifies')
    .option('--json', 'as JSON')
    .action(does(async () => (await import('./review.ts')).showReview));
  review
    .command('freeze')
    .description('freeze the figures of the newest measurement, with what was decided')
    .option(...SERVER)
    .requiredOption('--title <TEXT>', 'what it is called, such as "Week 48"')
    .option('--minutes <FILE>', 'JSON: attendance, decisions, actions, and outcomes of earlier actions')
    .option('--json', 'as JSON')
    .action(does(async () => (await import('./review.ts')).freezeReview));
  review
    .command('verify <FILE>')
    .description('hold a review against itself: every byte against its seal, every figure against its facts')
    .option('--key <DIGEST>', 'SHA-256 of the public key that is trusted, as `review show` names it')
    .option('--authorities <FILE>', 'certificates (PEM), one of which has to vouch for its timestamp')
    .option('--previous <FILE>', 'the review before it, which its changes are counted from')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Exit codes: 0 all holds, signed with the trusted key; 1 something was changed; 2 usage; 3 all holds, and nobody vouches for the key.`,
    )
    .action(does(async () => (await import('./review-verify.ts')).verifyCommand));
  review
    .command('agenda')
    .description('what the next review is about, from what changed, and which are due (exits 1 then)')
    .option(...SERVER)
    .option('--program <TITLE>', 'of this program: what changed since its last one')
    .option('--json', 'as JSON')
    .action(does(async () => (await import('./review-agenda.ts')).showAgenda));
  review
    .command('schedule')
    .description('which reviews come again, of which unit, who freezes them, and when the next is due')
    .option(...SERVER)
    .option('--json', 'as JSON')
    .action(does(async () => (await import('./review-agenda.ts')).showSchedule));
  review
    .command('council')
    .description('who is accountable for each division and function, and which division has nobody')
    .option(...SERVER)
    .option('--json', 'every one, as JSON')
    .option('--csv', 'every one, as CSV')
    .option('--limit <N>', 'so many (default: 100 as a table)')
    .action(does(async () => (await import('./review.ts')).listCouncil));
  review
    .command('export <FILE>')
    .description('a frozen review as a document to send, from its file (`review show NUMBER --out FILE`)')
    .option(
      '--format <FORMAT>',
      'html, pptx (slides), or pdf: tagged, printed by a Chromium of this machine',
      'html',
    )
    .option('--out <FILE>', 'write there (HTML: default stdout)')
    .action(does(async () => (await import('./review-export.ts')).exportReview));
  program
    .command('framework [ID]')
    .description('what outside bodies ask (CSRB, NIST, CIS), and where each requirement stands today')
    .option(...SERVER)
    .option('--json', 'as JSON')
    .action(does(async () => (await import('./framework.ts')).showFramework));
}
