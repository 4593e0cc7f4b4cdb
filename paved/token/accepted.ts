/** Which tokens were accepted, by what their issuer knows them by: so that somebody can ask the issuer whether it made them. */
import { hash } from 'node:crypto';

/** Tokens accepted in a stretch of time. It holds digests alone: no token, no claim, no person. */
export interface AcceptedReport {
  readonly schema: 'macadam.tokens-accepted/1';
  readonly service: string;
  readonly issuer: string;
  /** Milliseconds since 1970; each report begins where the one before ended. */
  readonly from: number;
  readonly to: number;
  /** SHA-256 of header and payload with the dot between, in base64url, by the `kid` that verified them; '' for a key without one. */
  readonly tokens: Readonly<Record<string, readonly string[]>>;
  /** Tokens that were accepted and are not in `tokens`, because more came than are kept between two reports. */
  readonly dropped: number;
}

/** Tokens that are kept between two reports: a minute of 10,000 a second. */
const MOST = 600_000;

/** Counts in memory. `nowMs`: when it begins. */
export function createAcceptedLog(service: string, issuer: string, nowMs: number) {
  let from = nowMs;
  let tokens = new Map<string, string[]>();
  let kept = 0;
  let dropped = 0;
  return {
    add(signed: string, keyId: string | undefined): void {
      if (kept === MOST) {
        dropped++;
        return;
      }
      kept++;
      const own = tokens.get(keyId ?? '');
      const digest = hash('sha256', signed, 'base64url');
      if (own === undefined) tokens.set(keyId ?? '', [digest]);
      else own.push(digest);
    },
    /** What came since the last call. */
    take(to: number): AcceptedReport {
      const report: AcceptedReport = {
        schema: 'macadam.tokens-accepted/1',
        service,
        issuer,
        from,
        to,
        tokens: Object.fromEntries(tokens),
        dropped,
      };
      from = to;
      tokens = new Map();
      kept = 0;
      dropped = 0;
      return report;
    },
  };
}
