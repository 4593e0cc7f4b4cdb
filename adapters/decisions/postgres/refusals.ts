/** What the database refused, in words that help: its constraints by name, and what its triggers say themselves. */
import { DecisionsError } from '../port.ts';
import { codeOf, textOf } from './connection.ts';

interface Words {
  readonly field: string;
  readonly reason: string;
  readonly fix: string;
}

const two = 'the one who asks and the one who approves are two people';

const machine = 'a machine does not log in';

const CONSTRAINTS: Readonly<Record<string, Words>> = {
  exception_two_people: { field: 'approvedBy', reason: two, fix: 'have somebody else approve it' },
  standard_two_people: { field: 'approvedBy', reason: two, fix: 'have somebody else approve it' },
  role_grant_two_people: {
    field: 'person',
    reason: 'nobody gives a role to oneself',
    fix: 'have another administrator do it',
  },
  batch_dispute_judge: {
    field: 'endedBy',
    reason: 'nobody decides one’s own dispute',
    fix: 'have the owner of the standard decide it',
  },
  exception_limit: {
    field: 'until',
    reason: 'an exception ends after at most 180 days',
    fix: 'name an earlier day; it can be renewed with a new approval',
  },
  exception_future: {
    field: 'until',
    reason: 'its last day is over already',
    fix: 'name a day from today on',
  },
  exception_reason: {
    field: 'reason',
    reason: 'it has fewer than ten characters',
    fix: 'say what an auditor can follow',
  },
  exception_compensating: {
    field: 'compensating',
    reason: 'it has fewer than ten characters',
    fix: 'say what makes the failure bearable, or leave it out',
  },
  exception_selectors_limit: {
    field: 'selectors',
    reason: 'there are more than 200',
    fix: 'name fewer, or ask for several exceptions',
  },
  exception_text_limit: {
    field: 'reason',
    reason: 'a text of it has more than 10,000 characters',
    fix: 'give a shorter one, and name where the rest is found',
  },
  person_limit: {
    field: 'id',
    reason: 'it is longer than can be kept',
    fix: 'give an id of at most 200 characters, and a shorter name',
  },
  api_token_sources: { field: 'sources', reason: 'there are more than 100', fix: 'name fewer' },
  exception_selectors: { field: 'selectors', reason: 'there are none', fix: 'name at least one asset' },
  exception_one_answer: {
    field: '',
    reason: 'the exception was answered already',
    fix: 'ask for a new one',
  },
  exception_ended: {
    field: 'endReason',
    reason: 'only an approved exception ends, with a reason',
    fix: 'refuse a request that is waiting',
  },
  standard_not_backdated: {
    field: 'fromAt',
    reason: 'a standard is not in force before it is approved',
    fix: 'name a time that is still to come',
  },
  review_title: {
    field: 'title',
    reason: 'it has fewer than 3 or more than 200 characters',
    fix: 'give a title in a few words',
  },
  review_pkey: {
    field: 'number',
    reason: 'somebody froze a review meanwhile',
    fix: 'read that one, and freeze again',
  },
  review_follows: {
    field: 'previous',
    reason: 'it does not follow the newest review',
    fix: 'read the newest one, and freeze again',
  },
  target_miss_is_over: {
    field: 'due',
    reason: 'the day is not over, so that nothing was missed',
    fix: 'name the day of a target that has passed',
  },
  notice_two_people: {
    field: 'approvedBy',
    reason: 'the one who drafts and the one who approves are two people',
    fix: 'have somebody else approve it',
  },
  notice_is_approved: {
    field: 'notice',
    reason: 'it is not approved',
    fix: 'have somebody else than its author approve it first',
  },
  notice_recipient_once: {
    field: 'recipients',
    reason: 'it was sent to one of them already',
    fix: 'leave out whoever has it; `macadam case recipients` lists them',
  },
  notice_receipt_of: {
    field: 'receipts',
    reason: 'one of them is not a recipient of it',
    fix: 'name recipients as they were named when it was sent',
  },
  notice_text: {
    field: 'text',
    reason: 'it is empty or has more than 20,000 characters',
    fix: 'say it in fewer, and name where the rest is found',
  },
  target_miss_note: {
    field: 'note',
    reason: 'it has more than 2,000 characters',
    fix: 'say it in fewer',
  },
  opinion_once: {
    field: '',
    reason: 'you answered on this item already',
    fix: 'leave it: an answer is kept without a name, so that none can be changed',
  },
  batch_arrives_in_time: {
    field: 'dueOn',
    reason: 'it would arrive overdue',
    fix: 'name a day from today on',
  },
  batch_snooze_limit: {
    field: 'snoozedUntil',
    reason: 'nothing sleeps beyond its due date',
    fix: 'name a day before it, or ask for an exception',
  },
  batch_member_once: {
    field: 'members',
    reason: 'an asset is in an open batch of this standard already',
    fix: 'wait until it has left that one',
  },
  batch_member_observed: {
    field: 'observation',
    reason: 'nothing leaves without an observation that shows it',
    fix: 'name the observation',
  },
  batch_dispute_limit: {
    field: 'untilOn',
    reason: 'a dispute stops the clock for 14 days at most',
    fix: 'name a day within them',
  },
  batch_dispute_asset_pkey: {
    field: 'assets',
    reason: 'some of them were disputed in this batch already',
    fix: 'leave those out',
  },
  batch_dispute_asset_member: {
    field: 'assets',
    reason: 'some of them are no members of the batch',
    fix: 'name assets that are left in it',
  },
  batch_snoozes_limit: {
    field: 'snoozedUntil',
    reason: 'it was snoozed twice already',
    fix: 'do it, dispute it, or ask for an exception',
  },
  batch_member_fails: {
    field: 'members',
    reason: 'it is a member and not recorded as failing',
    fix: 'record both in one transaction',
  },
  handover_assets: { field: 'assets', reason: 'there are none', fix: 'name what is not yours' },
  handover_elsewhere: { field: 'toTeam', reason: 'it is the owner already', fix: 'name another team' },
  handover_step_why: { field: 'why', reason: 'it gives no reason', fix: 'say why, in a sentence' },
  batch_comment_text: {
    field: 'text',
    reason: 'it is empty or longer than 10,000 characters',
    fix: 'write between',
  },
  role_grant_role: {
    field: 'role',
    reason: 'there is no such role',
    fix: 'use reader, engineer, standard-owner, deputy-ciso, administrator or auditor',
  },
  role_grant_until: {
    field: 'until',
    reason: 'it is over already',
    fix: 'name a time that is still to come',
  },
  role_grant_once: { field: 'role', reason: 'the person has it already', fix: 'revoke it first' },
  api_token_limit: {
    field: 'expiresAt',
    reason: 'a token is good for seven days at most',
    fix: 'name a time within them',
  },
  api_token_own: {
    field: 'person',
    reason: 'a token acts in the name of its person, so nobody issues one for another person',
    fix: 'have the person do it, or issue it for a machine',
  },
  identity_of_people: { field: 'person', reason: machine, fix: 'issue a token for it' },
  session_of_people: { field: 'person', reason: machine, fix: 'issue a token for it' },
  login_link_of_people: { field: 'person', reason: machine, fix: 'issue a token for it' },
  login_link_limit: {
    field: 'expiresAt',
    reason: 'a link is good for 15 minutes at most',
    fix: 'name a time within them',
  },
  session_limit: {
    field: 'expiresAt',
    reason: 'a session lasts 24 hours at most',
    fix: 'name a time within them',
  },
  person_user_name: {
    field: 'userName',
    reason: 'somebody has that name already, whatever its case',
    fix: 'use another, or change that person',
  },
  person_group_unit: {
    field: 'unit',
    reason: 'another group stands for that unit already',
    fix: 'take it from that group first',
  },
  owner_rules_reason: {
    field: 'reason',
    reason: 'it has fewer than ten characters',
    fix: 'say what an auditor can follow',
  },
  owner_rules_days: {
    field: 'confirmFor',
    reason: 'it is not a number of days between 1 and 3650',
    fix: 'name one, such as 180',
  },
  tracker_id: {
    field: 'id',
    reason: 'it is not made of lower-case letters, digits and hyphens',
    fix: 'name it as in `acme-jira`',
  },
  tracker_secret: {
    field: 'secret',
    reason: 'it is not a reference to a secret',
    fix: 'name where it is: `env:NAME` or `file:/path`',
  },
  tracker_once: {
    field: 'team',
    reason: 'another tracker mirrors the same team’s batches',
    fix: 'end that one first',
  },
  webhook_id: {
    field: 'id',
    reason: 'it is not made of lower-case letters, digits and hyphens',
    fix: 'name it as in `deploy-desk`',
  },
  webhook_url: { field: 'url', reason: 'it is not a web address', fix: 'give an https address' },
  webhook_events: {
    field: 'events',
    reason: 'there are none, or more than 50',
    fix: 'name actions of the log, as in `batch.open` or `batch.*`',
  },
};

const REFUSED_BY_TRIGGER = 'MC001';
const NOT_AUDITED = 'MC002';
/** Connection gone, server shutting down, disk or memory full: nothing is wrong with what was asked. `ERR_` are mistakes of ours. */
const UNAVAILABLE = /^(08|53|57|58|XX|E(?!RR_)[A-Z])/;
const CONFLICT = /^40/;

/** Whether the connection broke, rather than what was asked. */
export function lost(error: unknown): boolean {
  return UNAVAILABLE.test(codeOf(error)) || /terminated|not queryable|[Cc]onnection/.test(textOf(error));
}

/** Whether the server did not answer in time: the connection is in an unknown state, and asking more over it would wait as long. */
export const isHung = (error: unknown): boolean => textOf(error) === 'Query read timeout';

/** A lock that somebody else held for too long, or a statement that took too long: asking again may help. */
const TOO_LONG: ReadonlySet<string> = new Set(['55P03', '57014']);

interface Said {
  readonly constraint?: string;
  readonly column?: string;
  readonly hint?: string;
  readonly table?: string;
  readonly detail?: string;
}

/** What PostgreSQL says of it is about types that nobody has named. */
const UNFIT = {
  reason: 'a day, a number or a text in it is none that can be kept',
  fix: 'give days as 2027-03-01, and texts of whole characters',
};

/** More than an index, a row or a value takes. */
const TOO_LARGE: ReadonlySet<string> = new Set(['54000', '54001', '54011', '54023']);
const OVERLONG = { reason: 'something in it is longer than can be kept', fix: 'give shorter ids and texts' };

const camel = (name: string) => name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

const refusedFor = (words: Words, cause: Error) =>
  new DecisionsError('refused', `${words.reason}; ${words.fix}`, { ...words, cause, objections: [words] });

/** As the error that the port promises; what it does not know stays itself. */
export function explained(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof DecisionsError) return error;
  const code = codeOf(error);
  const { constraint = '', column = '', hint = '', table = '' } = error as Said;
  const words = CONSTRAINTS[constraint];
  if (words) return refusedFor(words, error);
  const cause = { cause: error };
  if (code === REFUSED_BY_TRIGGER || code === NOT_AUDITED)
    return refusedFor({ field: camel(column), reason: error.message, fix: hint }, error);
  if (code === '42501')
    return new DecisionsError('refused', 'it is of a division that is not yours, or cannot be changed', {
      fix: 'ask somebody of that division',
      ...cause,
    });
  if (code === '23503') return new DecisionsError('missing', `what ${table} refers to does not exist`, cause);
  if (code === '23505')
    return new DecisionsError('conflict', `there is such a ${table.replaceAll('_', ' ')} already`, cause);
  if (TOO_LARGE.has(code)) return refusedFor({ ...OVERLONG, field: camel(column) }, error);
  if (code.startsWith('22')) return refusedFor({ ...UNFIT, field: camel(column) }, error);
  if (code.startsWith('23') || code === '25006')
    return new DecisionsError('refused', textOf(error), { field: camel(column), fix: hint, ...cause });
  if (CONFLICT.test(code))
    return new DecisionsError(
      'conflict',
      'somebody else changed the same at the same time; try again',
      cause,
    );
  if (TOO_LONG.has(code) || isHung(error))
    return new DecisionsError(
      'unavailable',
      'it took too long, since others change the same; try again',
      cause,
    );
  if (lost(error))
    return new DecisionsError('unavailable', `PostgreSQL cannot be reached: ${error.message}`, cause);
  return error;
}
