/**
 * Where a host says that something changed there. It comes from anybody, so it is signed with a secret of the source; and what it says is never taken for what is
 * so: it names what is read again.
 */
import { anId, bounded } from '../http/bounds.ts';
import { HttpProblem } from '../http/problem.ts';
import { open } from '../http/route.ts';

/** A push has up to 2,048 commits, and lists files of each. */
const MOST = 20_000;
/** A description of a release or a message of a commit is as long as somebody likes. */
const LONGEST = 1_000_000;

export const routes = [
  open({
    method: 'POST',
    path: '/webhooks/:source',
    summary: 'Take the word of a host that something changed there, signed with the secret of the source',
    media: 'text/plain',
    params: { source: anId },
    body: bounded(MOST, LONGEST),
    raw: true,
    does: async ({ params, headers, raw, body, parts, address }) => {
      const source = String(params.source);
      const found = (await parts.told?.of(source)) ?? null;
      const event = { headers, raw, body };
      if (found === null || !found.events.isSigned(event, found.secret)) {
        parts.turnedAway('an event of a host without the signature of its source', address);
        throw new HttpProblem(401, 'it is not signed with the secret of a source of this name', [
          {
            field: 'path',
            reason: 'there is no such source, it has no secret for events, or the signature is another',
            fix: 'give the source the secret that the host signs with (docs/sources), or correct the address',
          },
        ]);
      }
      if (!/^application\/json\b/.test(String(headers['content-type'] ?? '')))
        throw new HttpProblem(415, 'events are taken as JSON', [
          { field: 'Content-Type', reason: 'it is a form', fix: 'choose `application/json` at the host' },
        ]);
      parts.told?.tell(source, found.events.names(event));
      return { status: 202 };
    },
  }),
];
