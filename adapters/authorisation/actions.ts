/** Everything that can be asked for, and how a scope of a token names it. The policies' schema lists the same; a test compares. */

const VERBS = {
  WorkItem: ['read', 'claim', 'snooze', 'dispute', 'comment', 'settle'],
  HandOver: ['read', 'ask', 'answer', 'decide'],
  Exception: ['read', 'request', 'approve', 'refuse', 'end'],
  Standard: ['read', 'propose', 'approve'],
  Organisation: ['read', 'change', 'import'],
  Owner: ['read', 'decide'],
  Access: [
    'readRoles',
    'readTokens',
    'readSessions',
    'grant',
    'revoke',
    'issueToken',
    'revokeToken',
    'endSession',
  ],
  Audit: ['read', 'sample'],
  Tracker: ['read', 'change'],
  Webhook: ['read', 'change'],
  Figure: ['read', 'measure', 'report'],
  Review: ['read', 'freeze'],
  Notice: ['read', 'draft', 'approve', 'send'],
  Fact: ['read', 'ingest', 'correct'],
  Backup: ['make'],
} as const;

type Nouns = typeof VERBS;
export type Noun = keyof Nouns;
/** `Exception::approve` */
export type Action = { [N in Noun]: `${N}::${Nouns[N][number]}` }[Noun];

export const NOUNS = Object.keys(VERBS) as readonly Noun[];
export const ACTIONS: readonly Action[] = Object.entries(VERBS).flatMap(([noun, verbs]) =>
  verbs.map((verb) => `${noun}::${verb}` as Action),
);

const KNOWN: ReadonlySet<string> = new Set(ACTIONS);
export const isAction = (text: string): text is Action => KNOWN.has(text);

const NOUN_WORDS: Readonly<Record<Noun, string>> = {
  WorkItem: 'work items',
  HandOver: 'hand-overs',
  Exception: 'exceptions',
  Standard: 'standards',
  Organisation: 'the organisation',
  Owner: 'owners',
  Access: 'access',
  Audit: 'the audit log',
  Tracker: 'trackers',
  Webhook: 'webhooks',
  Figure: 'figures',
  Review: 'reviews',
  Notice: 'notices',
  Fact: 'facts',
  Backup: 'backups',
};

/** `Audit::read` in a sentence: `read the audit log`. What is given and taken in `Access` is named by its verb: `issue token`. */
export function actionWords(action: Action): string {
  const [noun = '', verb = ''] = action.split('::');
  const said = verb.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return noun === 'Access' ? `${said} (access)` : `${said} ${NOUN_WORDS[noun as Noun]}`;
}

/** Covers every action. */
export const EVERYTHING = '*::*';

/** The scopes that cover an action: `WorkItem::read`, `WorkItem::*`, `*::read`. */
export function coveringScopes(action: Action): readonly string[] {
  const [noun = '', verb = ''] = action.split('::');
  return [action, `${noun}::*`, `*::${verb}`];
}

/** Whether a scope covers anything, so that a misspelt one is noticed when a token is made and not when it fails. */
export function isScope(scope: string): boolean {
  return scope === EVERYTHING || ACTIONS.some((action) => coveringScopes(action).includes(scope));
}
