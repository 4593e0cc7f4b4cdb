/**
 * What a company leaves out centrally: paths that are not looked at until a day that is stated, for a reason, approved by
 * somebody other than the owner. Leaving out is not looking: what it covers is unknown, is counted, and neither passes nor is fixed.
 */
import { z } from 'zod';
import { latestDay, MAX_DAYS } from './exception.ts';

const person = z.string().min(2, 'the login of a person');

export const centralExclusionSchema = z.strictObject({
  /** Paths below the estate's folder, as `excludes` writes them: `shop/legacy/**`. */
  paths: z.array(z.string().min(1)).min(1),
  reason: z.string().min(10, 'at least ten characters that an auditor can follow'),
  /** Who asked for it: whose code it is. */
  owner: person,
  approver: person,
  /** Last day on which it holds, UTC. */
  until: z.iso.date('a date such as 2027-03-01'),
});

export type CentralExclusion = z.infer<typeof centralExclusionSchema>;

/** Logins of the people who work here; null where nobody says who does. */
export type People = readonly string[] | null;

/** Whether it holds at an instant; it ends by itself. */
export const leavesOutAt = ({ until }: CentralExclusion, at: Date): boolean =>
  at.getTime() < Date.parse(`${until}T00:00:00Z`) + 86_400_000;

const login = (text: string) => text.replace(/^@/, '').toLowerCase();

/** What is wrong with one, and in which field; null where it may stand. */
export function centralExclusionMistake(
  { owner, approver, until }: CentralExclusion,
  people: People,
  now: Date,
): { readonly field: 'approver' | 'until'; readonly reason: string } | null {
  const latest = latestDay(now);
  if (until > latest)
    return { field: 'until', reason: `is after ${latest}: leaving out ends after at most ${MAX_DAYS} days` };
  const known = people?.map(login);
  if (known !== undefined && !known.includes(login(approver)))
    return { field: 'approver', reason: `\`${approver}\` is nobody who works here, as the org file says` };
  if (login(owner) === login(approver) && known?.length !== 1)
    return {
      field: 'approver',
      reason:
        known === undefined
          ? `\`${approver}\` is the owner; name somebody else, or an \`org\` file that shows that there is nobody else`
          : `\`${approver}\` is the owner; somebody else approves`,
    };
  return null;
}

/** In words, which every output shows; a count of files follows it. */
export const centralExclusionSaid = ({ until, approver, reason }: CentralExclusion): string =>
  `left out until ${until} by ${approver}: ${reason}`;
