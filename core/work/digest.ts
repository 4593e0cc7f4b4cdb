/**
 * What each person is told in the one mail of a week: what is overdue, what is due soon, what is new, and which exceptions
 * end. Pure. An item stands in one part only, and who has nothing gets no mail.
 */

import { accountableFor, heirOf, type OrgTree, peopleOf } from '../org/org.ts';
import { ascending } from '../text/order.ts';
import type { Exception } from '../verdicts/exception.ts';
import { noticesOf } from './approval.ts';
import { MS_OF_DAY } from './batch.ts';

/** An open batch, as far as a digest tells of it. */
export interface DigestItem {
  readonly batch: string;
  readonly standard: string;
  /** A team. */
  readonly owner: string;
  readonly openedAt: string;
  /** The earliest last day of what is left, with what disputes and exceptions added. */
  readonly due: string;
  readonly claimedBy: string | null;
  readonly snoozedUntil: string | null;
}

export interface ExceptionEnding {
  readonly exception: string;
  readonly standard: string;
  readonly reason: string;
  /** Its last day. */
  readonly until: string;
}

export interface WeeklyDigest {
  readonly person: string;
  readonly overdue: readonly DigestItem[];
  readonly soon: readonly DigestItem[];
  readonly fresh: readonly DigestItem[];
  readonly ending: readonly ExceptionEnding[];
}

export interface DigestInput {
  /** The Monday, as a day. */
  readonly week: string;
  readonly now: Date;
  readonly tree: OrgTree;
  readonly items: readonly DigestItem[];
  readonly exceptions: readonly Exception[];
}

export interface WeeklyDigests {
  /** By person. */
  readonly digests: readonly WeeklyDigest[];
  /** Batches and exceptions of which there was nobody to tell. */
  readonly untold: readonly string[];
}

/** The Monday of an instant's week (ISO 8601), UTC. */
export function weekOf(now: Date): string {
  const day = (now.getUTCDay() + 6) % 7;
  return new Date(now.getTime() - day * MS_OF_DAY).toISOString().slice(0, 10);
}

type Part = 'overdue' | 'soon' | 'fresh';

interface Gathered {
  readonly overdue: DigestItem[];
  readonly soon: DigestItem[];
  readonly fresh: DigestItem[];
  readonly ending: ExceptionEnding[];
}

export function digestsOf({ week, now, tree, items, exceptions }: DigestInput): WeeklyDigests {
  const told = new Map<string, Gathered>();
  const untold: string[] = [];
  const tell = (people: readonly string[], what: string, add: (to: Gathered) => void) => {
    if (people.length === 0) untold.push(what);
    for (const person of new Set(people)) {
      const own = told.get(person) ?? { overdue: [], soon: [], fresh: [], ending: [] };
      told.set(person, own);
      add(own);
    }
  };
  for (const item of items) {
    const part = partOf(item, week, now);
    if (part) tell(whomToTell(tree, item, part), item.batch, (own) => own[part].push(item));
  }
  for (const { exception } of endingIn(exceptions, week)) {
    const { id = '', standard, reason, until, requester = '' } = exception;
    const people = tree.people.has(requester) ? [requester] : [];
    tell(people, id, (own) => own.ending.push({ exception: id, standard, reason, until }));
  }
  const digests = [...told]
    .sort(([a], [b]) => ascending(a, b))
    .map(([person, { overdue, soon, fresh, ending }]) => ({
      person,
      overdue: byDue(overdue),
      soon: byDue(soon),
      fresh: byDue(fresh),
      ending,
    }));
  return { digests, untold };
}

const byDue = (items: readonly DigestItem[]) =>
  items.toSorted((a, b) => ascending(a.due, b.due) || ascending(a.batch, b.batch));

/** What is due before the digest after the next one is told while there is a week to do it. */
const SOON_DAYS = 14;

function partOf({ due, openedAt, snoozedUntil }: DigestItem, week: string, now: Date): Part | null {
  const today = now.toISOString().slice(0, 10);
  // What is overdue is told although somebody sleeps over it.
  if (due < today) return 'overdue';
  if (snoozedUntil !== null && snoozedUntil >= today) return null;
  if (due < dayFrom(week, SOON_DAYS)) return 'soon';
  const opened = openedAt.slice(0, 10);
  return opened >= dayFrom(week, -7) && opened < week ? 'fresh' : null;
}

/** Whoever took it on; else all of the team. What is overdue is everybody's. A team without people has who answers for it. */
function whomToTell(tree: OrgTree, { owner, claimedBy }: DigestItem, part: Part): readonly string[] {
  if (part !== 'overdue' && claimedBy !== null && tree.people.has(claimedBy)) return [claimedBy];
  const team = heirOf(tree, owner);
  const people = team === null ? [] : peopleOf(tree, team).map(({ id }) => id);
  if (people.length > 0) return people;
  const [accountable] = accountableFor(tree, { owner: team });
  return accountable ? [accountable.person] : [];
}

/** Told ahead, so that one that ends on Thursday is not told of on Monday after; each once, though several notices fall due. */
function endingIn(exceptions: readonly Exception[], week: string) {
  const from = new Date(`${week}T00:00:00Z`);
  const notices = noticesOf(exceptions, from, new Date(from.getTime() + 7 * MS_OF_DAY));
  const seen = new Set<Exception>();
  return notices.filter(({ exception }) => !seen.has(exception) && seen.add(exception));
}

const dayFrom = (day: string, days: number) =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * MS_OF_DAY).toISOString().slice(0, 10);
