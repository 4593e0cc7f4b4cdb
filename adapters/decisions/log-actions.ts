/** What the log calls what is done: `noun.verb`. Whoever is told of decisions names these. */
const LOG_VERBS: Readonly<Record<string, readonly string[]>> = {
  access: ['shut-out', 'recover', 'turned-away'],
  backup: ['make', 'restore'],
  batch: [
    'open',
    'leave',
    'close',
    'claim',
    'unclaim',
    'snooze',
    'comment',
    'check-again',
    'dispute',
    'settle-dispute',
    'pause',
    'resume',
  ],
  exception: ['request', 'approve', 'refuse', 'end'],
  fact: ['receive', 'ingest', 'correct'],
  fault: ['open', 'change', 'close'],
  group: ['put', 'members'],
  handover: ['begin', 'asked', 'accepted', 'refused', 'decided', 'withdrawn'],
  identity: ['link'],
  link: ['make', 'use'],
  notice: ['draft', 'approve', 'send', 'receipt'],
  organisation: [
    'import',
    'created',
    'moved',
    'renamed',
    'merged',
    'contacts',
    'joined',
    'left',
    'accountable',
    'ended',
  ],
  owner: ['accept', 'assign', 'confirm', 'leave', 'release', 'rules'],
  person: ['put', 'import'],
  review: ['freeze'],
  role: ['grant', 'revoke'],
  session: ['start', 'end'],
  simulation: ['begin', 'end'],
  standard: ['propose', 'approve', 'miss', 'opinion'],
  token: ['issue', 'revoke'],
  tracker: ['put'],
  webhook: ['put', 'rotate', 'reveal', 'disable'],
  work: ['pass', 'fail', 'forget', 'rehome'],
};

export const LOG_ACTIONS: ReadonlySet<string> = new Set(
  Object.entries(LOG_VERBS).flatMap(([noun, verbs]) => verbs.map((verb) => `${noun}.${verb}`)),
);

/** Everything that an endpoint may name: `*`, `batch.*`, `batch.open`. */
export const LOG_EVENTS: ReadonlySet<string> = new Set([
  '*',
  ...Object.keys(LOG_VERBS).map((noun) => `${noun}.*`),
  ...LOG_ACTIONS,
]);
