/** What was given, as lines of observations: an asset `credential` each, with its age, its end and its last use. */
import type { Issued } from './store.ts';

const time = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** As `assetId` of Macadam writes a part of an id. */
const escaped = (part: string): string => encodeURI(part).replaceAll(/[?#&]/g, encodeURIComponent);

function lineOf(one: Issued, host: string, now: number): object {
  const id = `broker/${one.id}`;
  return {
    kind: 'credential',
    id: ['credential', host, id].map(escaped).join('/'),
    name: `${one.sort} of ${one.subject} for ${one.repositories.join(', ')}`,
    source: 'broker',
    observedAt: time(now),
    assurance: 'effective',
    container: host,
    attributes: {
      store: { value: host },
      credential_id: { value: id },
      // What a person or a job made of a sign-in for a tool, whichever form it has.
      type: { value: 'personal_token' },
      thumbprint: { absent: true },
      state: { value: one.revokedAt === null ? 'active' : 'revoked' },
      issued_at: { value: time(one.issuedAt) },
      expires_at: { value: time(one.expiresAt) },
    },
  };
}

/** A whole collection: what ended is gone from it. */
export function credentialLines(
  issued: readonly Issued[],
  { host, now }: { readonly host: string; readonly now: number },
): string {
  const alive = issued.filter(({ expiresAt }) => expiresAt > now);
  const collection = {
    source: 'broker',
    query: `credentials of ${host} that have not ended`,
    startedAt: time(now),
    finishedAt: time(now),
    status: 'complete',
    partitions: [
      {
        kind: 'credential',
        container: host,
        containerName: host,
        format: 'broker',
        complete: true,
        seen: alive.length,
      },
    ],
    problems: [],
  };
  const lines = [{ collection }, ...alive.map((one) => ({ ...lineOf(one, host, now), format: 'broker' }))];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}
