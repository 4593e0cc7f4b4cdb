/** Notices about an incident: texts to begin from, who was reached and how that is known, and each time against its limit. Pure. */

export const AUDIENCES = ['customers', 'victims', 'authorities', 'public'] as const;
export type Audience = (typeof AUDIENCES)[number];

export const NOTICE_TEMPLATES = ['first', 'update', 'correction', 'closing'] as const;
export type NoticeTemplate = (typeof NOTICE_TEMPLATES)[number];

/** `opened`: the recipient pressed the button behind their own link. The others are what a mail server says. */
export const RECEIPTS = ['opened', 'delivered', 'failed'] as const;
export type Receipt = (typeof RECEIPTS)[number];

/** What people have to fill in before anybody can approve a text. */
export const BLANK = /\[\[[^\]\n]*\]\]/;

const OPENINGS: Readonly<Record<Audience, string>> = {
  customers: 'You get this because you use a service that is touched by a security incident.',
  victims:
    'You get this because data or an account of yours was touched by a security incident. This is what we know, and what you can do.',
  authorities: 'We notify you of a security incident. What is not known yet is marked as such.',
  public: 'There is a security incident that touches customers of ours. This is what we know.',
};

const BODIES: Readonly<Record<NoticeTemplate, readonly string[]>> = {
  first: [
    'What happened: [[in two sentences, and only what is certain]]',
    'Since when: it was declared on {declared}. [[when it began, or that it is not known]]',
    'What of yours is touched: [[data, accounts, services; or that it is not known]]',
    'What you can do now: [[steps, or that there is nothing to do]]',
    'What we do: [[in two sentences]]',
    'You hear from us again by {next}, also when there is nothing new.',
  ],
  update: [
    'What is new: [[or that nothing is]]',
    'What holds still: [[what was said before and is so]]',
    'What you can do now: [[steps, or that there is nothing to do]]',
    'You hear from us again by {next}, also when there is nothing new.',
  ],
  correction: [
    'On [[day]] we said: [[the sentence that was wrong]]',
    'That is not so. What is so: [[what is certain now]]',
    'What changes for you: [[steps, or that nothing does]]',
  ],
  closing: [
    'The incident is over since {closed}.',
    'What happened, and why: [[root cause]]',
    'What of yours was touched, finally: [[data, accounts, services]]',
    'What we changed, so that it does not come back: [[with days]]',
  ],
};

/** What is known of an incident; times are RFC 3339, null where they are absent or not known. */
export interface IncidentFacts {
  readonly id: string;
  readonly name: string;
  readonly declaredAt: string | null;
  readonly closedAt: string | null;
  /** Whether customers are touched; null: nobody knows. */
  readonly touchesCustomers: boolean | null;
  /** When the tracker says that they were told, by whichever way; one at most is the first, and one the last. */
  readonly toldAt: readonly string[];
}

/** Limits of the standard, in milliseconds. */
export interface NoticeLimits {
  readonly first: number;
  readonly rhythm: number;
}

/** A text to begin from. What only people know stands in double brackets, and no text with one of them is approved. */
export function noticeText(
  { template, audience }: { readonly template: NoticeTemplate; readonly audience: Audience },
  incident: IncidentFacts,
  { now, limits }: { readonly now: Date; readonly limits: NoticeLimits },
): string {
  const day = (time: string | null) => (time === null ? '[[day]]' : time.slice(0, 10));
  const next = new Date(now.getTime() + limits.rhythm).toISOString().slice(0, 10);
  const body = BODIES[template].map((line) =>
    line
      .replaceAll('{declared}', day(incident.declaredAt))
      .replaceAll('{closed}', day(incident.closedAt))
      .replaceAll('{next}', next),
  );
  return [`Incident ${incident.name}`, OPENINGS[audience], ...body].join('\n\n');
}

export interface SentNotice {
  readonly audience: Audience;
  readonly template: NoticeTemplate;
  /** Null: it was not sent. */
  readonly sentAt: string | null;
}

export const TIME_STATES = ['kept', 'late', 'due', 'overdue', 'cannot-tell'] as const;

export interface TimeAgainstLimit {
  readonly what: string;
  /** Since when it counts, and until when it has to be; null where that is not known. */
  readonly from: string | null;
  readonly by: string | null;
  /** When it was; null: it was not yet. */
  readonly at: string | null;
  /** `due`: it was not yet, and there is still time. */
  readonly state: (typeof TIME_STATES)[number];
}

/** How an incident stands as a whole, and what lacks next. */
export interface IncidentStatus {
  /** `not-touched`: nobody has to be told. `late`: nothing lacks now, and a time was not kept. */
  readonly state: TimeAgainstLimit['state'] | 'not-touched';
  /** What has to be done next; null: nothing. */
  readonly lacks: string | null;
  /** Until when, RFC 3339; null where nothing lacks or nobody knows since when. */
  readonly by: string | null;
}

/** What is overdue comes first, then what cannot be told, then what is due; of several the one that has to be done first. */
export function statusOf(times: readonly TimeAgainstLimit[]): IncidentStatus {
  for (const state of ['overdue', 'cannot-tell', 'due'] as const) {
    const [first] = times
      .filter((one) => one.state === state)
      .toSorted((a, b) => Date.parse(a.by ?? '') - Date.parse(b.by ?? ''));
    if (first === undefined) continue;
    const lacks =
      state === 'cannot-tell'
        ? `to find out when it was declared, and whether customers are touched`
        : first.what;
    return { state, lacks, by: first.by };
  }
  if (times.length === 0) return { state: 'not-touched', lacks: null, by: null };
  const late = times.some(({ state }) => state === 'late');
  return { state: late ? 'late' : 'kept', lacks: null, by: null };
}

/** Whoever is touched: their notices count for the standard. */
const TOUCHED: ReadonlySet<Audience> = new Set(['customers', 'victims']);

/** Each time of an incident against its limit; none where no customer is touched. What the tracker knows of is a notice like any other. */
export function timesOf(
  incident: IncidentFacts,
  notices: readonly SentNotice[],
  { now, limits }: { readonly now: Date; readonly limits: NoticeLimits },
): readonly TimeAgainstLimit[] {
  if (incident.touchesCustomers === false) return [];
  const sent: readonly { readonly at: string; readonly template: NoticeTemplate }[] = notices
    .filter(({ audience }) => TOUCHED.has(audience))
    .flatMap(({ sentAt, template }) => (sentAt === null ? [] : [{ at: sentAt, template }]))
    .concat(incident.toldAt.map((at) => ({ at, template: 'update' as const })))
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const first = sent[0]?.at ?? null;
  const last = sent.at(-1)?.at ?? null;
  const found = [
    against(
      'first notice to those who are touched',
      // Nobody knows whether anybody has to be told: then only a notice that was sent can be held against anything.
      incident.touchesCustomers === null && first === null ? null : incident.declaredAt,
      first,
      { now, limit: limits.first },
    ),
  ];
  for (const [index, { at }] of sent.slice(0, -1).entries())
    found.push(against('next notice', at, sent[index + 1]?.at ?? null, { now, limit: limits.rhythm }));
  if (last !== null && incident.closedAt === null)
    found.push(against('next notice', last, null, { now, limit: limits.rhythm }));
  if (incident.closedAt !== null) {
    const closing = sent.find(({ template }) => template === 'closing')?.at ?? null;
    found.push(against('closing notice', incident.closedAt, closing, { now, limit: limits.rhythm }));
  }
  return found;
}

function against(
  what: string,
  from: string | null,
  at: string | null,
  { now, limit }: { readonly now: Date; readonly limit: number },
): TimeAgainstLimit {
  if (from === null) return { what, from, by: null, at, state: 'cannot-tell' };
  const end = Date.parse(from) + limit;
  const by = new Date(end).toISOString();
  if (at !== null) return { what, from, by, at, state: Date.parse(at) <= end ? 'kept' : 'late' };
  return { what, from, by, at, state: now.getTime() <= end ? 'due' : 'overdue' };
}

export interface Reached {
  readonly recipients: number;
  /** With proof: they opened their own link. */
  readonly opened: number;
  /** By the word of a mail server alone. */
  readonly delivered: number;
  readonly failed: number;
  /** Nobody knows whether they have it. */
  readonly notKnown: number;
}

/** Each recipient once, by the strongest that is known: opened, then the newest word of a mail server. */
export function reachedBy(newest: readonly (Receipt | null)[]): Reached {
  const count = (wanted: Receipt | null) => newest.filter((one) => one === wanted).length;
  return {
    recipients: newest.length,
    opened: count('opened'),
    delivered: count('delivered'),
    failed: count('failed'),
    notKnown: count(null),
  };
}
