/** What leaders saw and decided: reviews are frozen and shown by a server, and verified by their file alone. */
import type { Command } from 'commander';
import type { ReviewVerifyOptions } from './review-verify.ts';

export function addReviewVerbs(program: Command, end: (code: number) => void): void {
  const review = program.command('review').description('what leaders saw and decided, frozen');
  review
    .command('verify <FILE>')
    .description('hold a review against itself: every byte against its seal, every figure against its facts')
    .option('--key <DIGEST>', 'SHA-256 of the public key that is trusted, as `review show` names it')
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
}
