/** Where browsers report what broke the policy of a page: it is counted in the log. */
import { bounded } from '../http/bounds.ts';
import { brokenPart, POLICY_REPORTS } from '../http/policy-reports.ts';
import { open } from '../http/route.ts';

/** Fields of a report; browsers send a dozen. */
const MOST = 100;

export const routes = [
  open({
    method: 'POST',
    path: POLICY_REPORTS,
    summary: 'Take the word of a browser that a page broke its policy',
    media: 'text/plain',
    body: bounded(MOST),
    does: ({ body, parts, address }) => {
      parts.turnedAway(`the policy of a page: ${brokenPart(body)}`, address);
      return { status: 204 };
    },
  }),
];
