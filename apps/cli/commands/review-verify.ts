/** `macadam review verify`: a frozen review held against itself, with its file alone: no server, no store, no network. */
import { readFileSync } from 'node:fs';
import { counted } from '@macadam/adapters/report-formats/figures';
import { visible } from '@macadam/adapters/report-formats/text';
import { TAKEN_AS_GIVEN, type VerifiedReview, verifyReview } from '@macadam/core/figures/review-verify';
import { certificatesIn } from '@macadam/core/figures/timestamp';
import { EXIT } from '../exit.ts';
import { deliverAnswer, UsageError } from '../terminal.ts';

export interface ReviewVerifyOptions {
  readonly key?: string;
  readonly previous?: string;
  readonly authorities?: string;
  readonly json?: boolean;
}

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`\`${file}\` cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** Exits 1 where anything was changed, and 3 where all holds and nobody vouches for the key that signed it. */
export function verifyCommand(file: string, options: ReviewVerifyOptions): number {
  const { key, previous, authorities } = options;
  if (key !== undefined && !/^[0-9a-f]{64}$/.test(key))
    throw new UsageError(
      `--key: \`${visible(key)}\` is not the name of a key; give the 64 digits that \`review show\` names, from somebody whom you trust`,
    );
  const verified = verifyReview(bytesOf(file), {
    trustedKey: key,
    ...(authorities !== undefined && { authorities: trustedIn(authorities) }),
    ...(previous !== undefined && { previous: bytesOf(previous) }),
  });
  deliverAnswer(options, verified, textOf(file, verified));
  if (verified.verdict !== 'holds') return EXIT.fails;
  return verified.signature === 'trusted' ? EXIT.ok : EXIT.unjudged;
}

function trustedIn(file: string): readonly string[] {
  try {
    return certificatesIn(bytesOf(file).toString());
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(`--authorities: \`${visible(file)}\`: ${error.message}`);
  }
}

const said = (value: unknown): string => visible(JSON.stringify(value) ?? 'nothing');

function textOf(file: string, verified: VerifiedReview): string {
  const { verdict, faults, differing, figures, standards, assets, digest } = verified;
  if (verdict === 'damaged') return `${visible(file)} does not hold: ${visible(faults.join('; '))}`;
  const lines = differing.map(
    ({ standard, field, written, derived }) =>
      `${visible(standard)}: ${visible(field)} is ${said(written)} in the review, and ${said(derived)} by its facts`,
  );
  const summary = `${counted(figures, 'figure')} of ${counted(standards, 'standard')} derived again from ${counted(assets, 'asset')}`;
  const result =
    verdict === 'holds'
      ? `every byte and every figure holds: ${summary}`
      : `${counted(differing.length, 'figure')} of it ${differing.length === 1 ? 'differs' : 'differ'}: ${summary}`;
  return [
    ...lines,
    ...faults.map(visible),
    result,
    `seal ${digest}, ${signedBy(verified)}`,
    stampedBy(verified),
    `taken as given: ${TAKEN_AS_GIVEN.join('; ')}`,
  ].join('\n');
}

function stampedBy({ timestamp }: VerifiedReview): string {
  if (timestamp === null) return 'no timestamp: nobody outside says when it was there';
  const { at, authority, trusted } = timestamp;
  const by = `there at ${at.toISOString()}, by the timestamp of ${visible(authority)}`;
  return trusted
    ? by
    : `${by}; give --authorities with certificates that you trust, to hold it against those`;
}

function signedBy({ key, signature }: VerifiedReview): string {
  if (signature === 'none')
    return 'not signed: whoever has the file could have made it; ask the server that it came from';
  return signature === 'trusted'
    ? `signed with the trusted key ${key}`
    : `signed with the key ${key}; give --key with the name that you trust, to hold it against that`;
}
