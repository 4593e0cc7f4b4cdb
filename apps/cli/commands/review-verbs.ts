/** What leaders saw and decided: reviews are frozen and shown by a server, and verified by their file alone. */
import type { Command } from 'commander';
import type { ServerOptions } from '../server.ts';
import type { ListingOptions } from './listing.ts';
import type { FreezeOptions, ReviewShowOptions } from './review.ts';
import type { AgendaOptions } from './review-agenda.ts';
import type { ReviewExportOptions } from './review-export.ts';
import type { ReviewVerifyOptions } from './review-verify.ts';

const SERVER = ['--server <URL>', 'the server (default: MACADAM_SERVER, else where you logged in)'] as const;

export function addReviewVerbs(program: Command, end: (code: number) => void): void {
  const review = program.command('review').description('what leaders saw and decided, frozen');
  review
    .command('list', { isDefault: true })
    .description('reviews, the newest first')
    .option(...SERVER)
    .option('--json', 'every one, as JSON')
    .option('--csv', 'every one, as CSV')
    .option('--limit <N>', 'so many (default: 100 as a table)')
    .action(async (options: ServerOptions & ListingOptions) =>
      end(await (await import('./review.ts')).listReviews(options)),
    );
  review
    .command('show <NUMBER>')
    .description('figures, decisions and actions of one; with --out the file that was frozen')
    .option(...SERVER)
    .option('--out <FILE>', 'write the file that `review verify` verifies')
    .option('--json', 'as JSON')
    .action(async (number: string, options: ReviewShowOptions) =>
      end(await (await import('./review.ts')).showReview(number, options)),
    );
  review
    .command('freeze')
    .description('freeze the figures of the newest measurement, with what was decided')
    .option(...SERVER)
    .requiredOption('--title <TEXT>', 'what it is called, such as "Week 48"')
    .option('--minutes <FILE>', 'JSON: attendance, decisions, actions, and outcomes of earlier actions')
    .option('--json', 'as JSON')
    .action(async (options: FreezeOptions) => end(await (await import('./review.ts')).freezeReview(options)));
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
    .action(async (file: string, options: ReviewVerifyOptions) =>
      end((await import('./review-verify.ts')).verifyCommand(file, options)),
    );
  review
    .command('agenda')
    .description('what the next review is about, from what changed, and which are due (exits 1 then)')
    .option(...SERVER)
    .option('--program <TITLE>', 'of this program: what changed since its last one')
    .option('--json', 'as JSON')
    .action(async (options: AgendaOptions) =>
      end(await (await import('./review-agenda.ts')).showAgenda(options)),
    );
  review
    .command('schedule')
    .description('which reviews come again, of which unit, who freezes them, and when the next is due')
    .option(...SERVER)
    .option('--json', 'as JSON')
    .action(async (options: AgendaOptions) =>
      end(await (await import('./review-agenda.ts')).showSchedule(options)),
    );
  review
    .command('council')
    .description('who is accountable for each division and function, and which division has nobody')
    .option(...SERVER)
    .option('--json', 'every one, as JSON')
    .option('--csv', 'every one, as CSV')
    .option('--limit <N>', 'so many (default: 100 as a table)')
    .action(async (options: ServerOptions & ListingOptions) =>
      end(await (await import('./review.ts')).listCouncil(options)),
    );
  review
    .command('export <FILE>')
    .description('a frozen review as a document to send, from its file (`review show NUMBER --out FILE`)')
    .option(
      '--format <FORMAT>',
      'html, pptx (slides), or pdf: tagged, printed by a Chromium of this machine',
      'html',
    )
    .option('--out <FILE>', 'write there (HTML: default stdout)')
    .action(async (file: string, options: ReviewExportOptions) =>
      end((await import('./review-export.ts')).exportReview(file, options)),
    );
  program
    .command('framework [ID]')
    .description('what outside bodies ask (CSRB, NIST, CIS), and where each requirement stands today')
    .option(...SERVER)
    .option('--json', 'as JSON')
    .action(async (id: string | undefined, options: ServerOptions & { readonly json?: boolean }) =>
      end(await (await import('./framework.ts')).showFramework(id, options)),
    );
}
