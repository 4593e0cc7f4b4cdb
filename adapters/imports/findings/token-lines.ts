/** Lines that issuers and services write about tokens: what was made, what was accepted, and what came of comparing the two. */
import { written } from '@macadam/core/text/unfit';
import { z } from 'zod';

export const lineName: z.ZodString = z.string().min(1).max(1000);
/** Milliseconds since 1970, up to the year 9999. */
export const lineInstant: z.ZodInt = z.int().min(0).max(253_402_300_799_999);
const count = z.int().min(0);
const digests = z.array(z.string().max(100)).max(5_000_000);
const stretch = { issuer: lineName, from: lineInstant, to: lineInstant };

const issuedSchema = z.object({
  schema: z.literal('macadam.tokens-issued/1'),
  /** Seconds. */
  longestLife: z.int().min(1).max(31_536_000),
  tokens: digests,
  ...stretch,
});
const acceptedSchema = z.object({
  schema: z.literal('macadam.tokens-accepted/1'),
  service: lineName,
  tokens: z.record(z.string().max(1000), digests),
  dropped: count.default(0),
  ...stretch,
});
export type IssuedLine = z.infer<typeof issuedSchema>;
export type AcceptedLine = z.infer<typeof acceptedSchema>;

/** What `macadam tokens watch` says of one service and issuer. */
export const joinSchema = z.object({
  schema: z.literal('macadam.token-join/1'),
  service: lineName,
  /** Accepted tokens that were looked up at the issuer: it had made them, or not. */
  explained: count,
  forged: count,
  /** Accepted tokens of which nobody can say. */
  cannotTell: z.record(z.string(), count),
  /** The newest forgery that was injected here and is due: when, and when its alert came; null where none came. */
  injected: z.object({ at: lineInstant, foundAt: lineInstant.nullable() }).nullable(),
  ...stretch,
});
export type JoinLine = z.infer<typeof joinSchema>;

const tokenLine = z
  .discriminatedUnion('schema', [issuedSchema, acceptedSchema])
  .refine(({ from, to }) => from <= to, { path: ['to'], message: 'is before `from`' });

/** One line, or what is wrong with it, field first. */
export function readTokenLine(text: string): IssuedLine | AcceptedLine | { readonly wrong: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { wrong: 'is not JSON' };
  }
  const read = tokenLine.safeParse(json);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const field = issue?.path.join('.') ?? '';
  return { wrong: `\`${field}\`: ${issue === undefined ? '' : written(issue)}` };
}
