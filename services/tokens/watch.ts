/**
 * Compares what services accepted with what issuers made while both come in, says what nobody made, and tries itself: into the reports of each service a
 * forgery is put now and then, of which only a sealed record tells, so nothing on the way can treat it differently.
 */
import { hash } from 'node:crypto';
import type { AcceptedLine, JoinLine } from '@macadam/adapters/imports/findings/token-lines';
import { readTokenLine } from '@macadam/adapters/imports/findings/token-lines';
import { createIssuanceJoin, type ForgedToken, type JoinSettings } from '@macadam/core/tokens/issuance-join';

/** A forgery that was injected. From the seal nobody learns the token; who has the token can see that it is this one. */
export interface SealedForgery {
  readonly schema: 'macadam.sealed-forgery/1';
  readonly service: string;
  readonly issuer: string;
  readonly at: number;
  readonly salt: string;
  readonly seal: string;
}

/** That the alert of an injected forgery came: written once it did. */
export interface OpenedSeal {
  readonly schema: 'macadam.opened-seal/1';
  readonly seal: string;
  readonly foundAt: number;
}

export interface ForgeryAlert extends ForgedToken {
  readonly schema: 'macadam.forged-token/1';
}

export interface WatchSettings extends JoinSettings {
  /** Milliseconds from one injected forgery to the next, for each service and issuer. */
  readonly injectEvery: number;
  /** Milliseconds after which an injected forgery without an alert is missed. */
  readonly alertWithin: number;
}

export interface WatchPorts {
  /** Records of earlier runs. */
  readonly records: readonly (SealedForgery | OpenedSeal)[];
  /** Keeps a record for later runs. */
  readonly onRecord: (record: SealedForgery | OpenedSeal) => void;
  readonly onAlert: (alert: ForgeryAlert) => void;
  /** 32 bytes that nobody can guess, in base64url. */
  readonly random: () => string;
}

export interface TokenWatch {
  /** Takes one line; returns what is wrong with it, or null. */
  readonly take: (line: string) => string | null;
  /** Lets time pass where no line came. Milliseconds since 1970. */
  readonly advance: (now: number) => void;
  /** What came of it since the last call, by service and issuer. */
  readonly summary: (now: number) => readonly JoinLine[];
}

const SECOND = 1000;
/** Alerts of which it is remembered that they were given; beyond, one token may be told twice. */
const MOST_TOLD = 100_000;

const sealOf = (salt: string, token: string): string => hash('sha256', `${salt}.${token}`, 'base64url');

const pairOf = ({ service, issuer }: { readonly service: string; readonly issuer: string }) =>
  JSON.stringify([service, issuer]);

export function createTokenWatch(settings: WatchSettings, ports: WatchPorts): TokenWatch {
  const join = createIssuanceJoin(settings);
  const sealed = Map.groupBy(
    ports.records.filter((one) => one.schema === 'macadam.sealed-forgery/1'),
    pairOf,
  );
  const foundAt = new Map(
    ports.records
      .filter((one) => one.schema === 'macadam.opened-seal/1')
      .map(({ seal, foundAt: at }) => [seal, at] as const),
  );
  const told = new Set<string>();
  let latest = 0;
  let advancedAt = 0;

  function newest(pair: string): SealedForgery | undefined {
    return sealed.get(pair)?.reduce((one, other) => (other.at > one.at ? other : one));
  }

  /** The report as it came, with a forgery in it where one is due. */
  function withForgery(report: AcceptedLine): AcceptedLine {
    const [key] = Object.keys(report.tokens);
    const pair = pairOf(report);
    const last = newest(pair);
    // A service that accepted nothing shows nothing; and a forgery needs a key that somebody holds.
    if (key === undefined || (last !== undefined && report.to - last.at < settings.injectEvery))
      return report;
    const { service, issuer, to } = report;
    const [token, salt] = [ports.random(), ports.random()];
    const seal = sealOf(salt, token);
    const record: SealedForgery = { schema: 'macadam.sealed-forgery/1', service, issuer, at: to, salt, seal };
    sealed.set(pair, [...(sealed.get(pair) ?? []), record]);
    ports.onRecord(record);
    const own = report.tokens[key] ?? [];
    return { ...report, tokens: { ...report.tokens, [key]: [...own, token] } };
  }

  function tell(found: ForgedToken): void {
    const name = `${pairOf(found)} ${found.token}`;
    if (told.has(name)) return;
    if (told.size === MOST_TOLD) told.clear();
    told.add(name);
    ports.onAlert({ schema: 'macadam.forged-token/1', ...found });
    for (const { salt, seal } of sealed.get(pairOf(found)) ?? [])
      if (sealOf(salt, found.token) === seal && !foundAt.has(seal)) {
        foundAt.set(seal, found.foundAt);
        ports.onRecord({ schema: 'macadam.opened-seal/1', seal, foundAt: found.foundAt });
      }
  }

  function advance(now: number): void {
    advancedAt = now;
    for (const found of join.advance(now)) tell(found);
  }

  /** The newest injected forgery of which it is known what came of it. */
  function injectedOf(pair: string, now: number): JoinLine['injected'] {
    const due = (sealed.get(pair) ?? [])
      .filter(({ seal, at }) => foundAt.has(seal) || now - at > settings.alertWithin)
      .toSorted((one, other) => other.at - one.at);
    const [last] = due;
    return last === undefined ? null : { at: last.at, foundAt: foundAt.get(last.seal) ?? null };
  }

  return {
    take(text) {
      const line = readTokenLine(text);
      if ('wrong' in line) return line.wrong;
      if (line.schema === 'macadam.tokens-issued/1')
        join.issued({ ...line, longestLife: line.longestLife * SECOND });
      else join.accepted(withForgery(line));
      latest = Math.max(latest, line.to);
      if (latest - advancedAt >= SECOND) advance(latest);
      return null;
    },
    advance,
    summary: (now) =>
      join.take().map(({ service, issuer, from, to, explained, forged, cannotTell }) => ({
        schema: 'macadam.token-join/1',
        service,
        issuer,
        from,
        to,
        explained,
        forged,
        cannotTell: { ...cannotTell },
        injected: injectedOf(pairOf({ service, issuer }), now),
      })),
  };
}
