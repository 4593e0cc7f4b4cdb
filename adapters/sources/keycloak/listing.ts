/** Lists of Keycloak's admin API, page by page, as the answers that a reader of saved ones takes. */
import { isAnswer, PAGING_LOOP, type RequestOutcome, statusOf } from '../../connector/outcome.ts';
import { askedAnswer, isRecord, type Json, type SavedAnswer } from '../../imports/directories/answer.ts';
import { KEYCLOAK } from '../../imports/directories/keycloak/dialect.ts';
import type { Realm } from './realm.ts';

const PAGE = 500;
const MOST_PAGES = 20_000;

export interface Asked {
  /** As the reader finds it, with the query: `/users/ID/credentials`, `/events/user/ID?max=1000`. */
  readonly address: string;
  /** Below the realm, where that is another one than the address. */
  readonly path?: string;
  /** Whether it comes in pages, by `first` and `max`. */
  readonly paged?: boolean;
}

/** Rejects only when the run is aborted. */
export const answersOf = (realm: Realm, asked: Asked): Promise<readonly SavedAnswer[]> =>
  Array.fromAsync(pagesOf(realm, asked));

/** The same, page by page. */
export async function* pagesOf(realm: Realm, asked: Asked): AsyncGenerator<SavedAnswer, void> {
  const path = asked.path ?? asked.address;
  const [address = '', query = ''] = asked.address.split('?');
  const lacking = await lackingRole(realm, address);
  if (lacking !== null) {
    yield answerOf(address, query, forbidden(lacking));
    return;
  }
  if (!asked.paged) {
    yield answerOf(address, query, await realm.ask(path));
    return;
  }
  let before = '';
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const window = `first=${page * PAGE}&max=${PAGE}`;
    const outcome = await realm.ask(`${path}${path.includes('?') ? '&' : '?'}${window}`);
    yield answerOf(address, query === '' ? window : `${query}&${window}`, outcome);
    if (!isAnswer(outcome) || !Array.isArray(outcome.body) || outcome.body.length < PAGE) return;
    // A host that takes no notice of `first` would give the same page for ever.
    const begins = JSON.stringify(outcome.body[0]);
    if (begins === before) break;
    before = begins;
  }
  yield answerOf(address, '', PAGING_LOOP);
}

/** A list that a token may not see whole comes short, without a word: so the role is looked at before. */
async function lackingRole(realm: Realm, address: string): Promise<string | null> {
  const template = KEYCLOAK.resolve(address)?.template;
  const role = template === undefined ? 'no role' : KEYCLOAK.permissionOf(template);
  if (role === 'no role') return null;
  const held = await realm.roles();
  return held?.has(role) ? null : role;
}

const forbidden = (role: string): RequestOutcome => ({
  outcome: 'forbidden',
  status: 403,
  message: `the token does not say that it holds ${role}`,
});

function answerOf(address: string, query: string, outcome: RequestOutcome): SavedAnswer {
  const answer = askedAnswer(address, query);
  if (isAnswer(outcome)) return { ...answer, status: outcome.status, body: withoutSecrets(outcome.body) };
  return { ...answer, status: statusOf(outcome), body: { error: outcome.message } };
}

/** Values of secrets, and what is large and never read. */
const DROPPED: ReadonlySet<string> = new Set([
  'secret',
  'registrationAccessToken',
  'secretData',
  'credentialData',
  'userProfileMetadata',
]);

/** A client's representation holds its secret in clear: it goes no further than this. */
function withoutSecrets(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(withoutSecrets);
  return isRecord(body) ? cleaned(body) : body;
}

function cleaned(record: Json): Json {
  const kept = Object.entries(record).filter(([name]) => !DROPPED.has(name));
  return Object.fromEntries(
    kept.map(([name, value]) =>
      name === 'attributes' && isRecord(value) && 'client.secret.rotated' in value
        ? [name, { ...value, 'client.secret.rotated': 'kept' }]
        : [name, value],
    ),
  );
}
