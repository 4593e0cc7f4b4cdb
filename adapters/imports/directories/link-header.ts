/** Pages by a `Link` header, as Okta and GitLab give them: without their headers, answers do not show where their list ends. */
import { nextOf } from '../../connector/pages.ts';
import type { AnswerDialect, SavedAnswer } from './answer.ts';
import { pageKey } from './listing.ts';

export function linkedNext(answer: SavedAnswer, addressOf: AnswerDialect['addressOf']): string | null {
  const next = nextOf(answer.headers.link ?? null);
  const asked = next === undefined ? null : addressOf(next);
  return asked === null ? null : pageKey(asked.address, asked.query);
}

export const linkUnknown = ({ headers }: SavedAnswer): string | null =>
  Object.keys(headers).length === 0
    ? 'does not show the header that says whether pages follow; save the answer with its headers'
    : null;
