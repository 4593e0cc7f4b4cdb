/**
 * What was refused before anything was decided: wrong links and tokens, requests that cannot be read, that another site sent, that were too
 * large or too many. An entry for each would let strangers fill a log that only grows. So they are counted, and one entry says how many there
 * were of each sort since the one before, and where most of them came from.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { DecisionPrincipal, Decisions } from '@macadam/adapters/decisions/port';

/** A sort of refusal, in the words of the log. */
export type TurnedAwaySort =
  | 'a link or an answer of a provider that logs nobody in'
  | 'a token or a session of nobody'
  | 'not permitted'
  | 'a request that cannot be read'
  | 'too large'
  | 'too slow'
  | 'another name of the server'
  | 'a rule'
  | 'too many'
  | 'an event of a host without the signature of its source'
  | `the policy of a page: ${string}`;

/** One answer, as far as it says why somebody was refused. */
export interface Answered {
  readonly status: number;
  /** Without what stands behind `?`. */
  readonly path: string;
  /** Whether it came with a token or a session. */
  readonly credential: boolean;
}

const LOG_IN = '/login/';
const BY_STATUS: Readonly<Record<number, TurnedAwaySort>> = {
  400: 'a request that cannot be read',
  403: 'not permitted',
  405: 'a request that cannot be read',
  408: 'too slow',
  413: 'too large',
  414: 'too large',
  415: 'a request that cannot be read',
  421: 'another name of the server',
  422: 'a rule',
  429: 'too many',
  431: 'too large',
};

/** Null of what is no refusal: nobody is refused who has only not logged in yet. */
export function turnedAwaySort({ status, path, credential }: Answered): TurnedAwaySort | null {
  if (status === 401) return credential ? 'a token or a session of nobody' : null;
  if (status === 403 && path.startsWith(LOG_IN))
    return 'a link or an answer of a provider that logs nobody in';
  return BY_STATUS[status] ?? null;
}

/** In the log this is who counted. */
export const DOOR: DecisionPrincipal = { id: 'machine:door', divisions: 'all' };
export const TURNED_AWAY = 'access.turned-away';

const EVERY_MS = 600_000;
/** Addresses that are counted apart; those of more are counted together. */
const MOST_ADDRESSES = 1000;
/** Of these the entry names so many. */
const NAMED_ADDRESSES = 10;
/** How long the end of a process waits for the last entry. */
const LAST_MS = 2000;

export interface Door {
  /** `address`: from where it came, where that is known. */
  refused(sort: TurnedAwaySort, address: string | undefined): void;
  /** Writes down what was counted since the last entry, if anything was. */
  close(): Promise<void>;
}

export interface DoorOptions {
  readonly decisions: Pick<Decisions, 'transaction'>;
  readonly now: () => Date;
  /** Told where the entry could not be written; it is tried again with the next one. */
  readonly failed: (error: unknown) => void;
  readonly everyMs?: number;
}

interface Counted {
  readonly since: Date;
  readonly sorts: Map<TurnedAwaySort, number>;
  readonly addresses: Map<string, number>;
  /** From addresses beyond those that are counted apart, or from none that is known. */
  elsewhere: number;
}

export function doorOf({ decisions, now, failed, everyMs = EVERY_MS }: DoorOptions): Door {
  let counted: Counted | null = null;
  let timer: NodeJS.Timeout | null = null;

  const count = (sort: TurnedAwaySort, address: string | undefined) => {
    counted ??= { since: now(), sorts: new Map(), addresses: new Map(), elsewhere: 0 };
    counted.sorts.set(sort, (counted.sorts.get(sort) ?? 0) + 1);
    const { addresses } = counted;
    if (address === undefined || (addresses.size >= MOST_ADDRESSES && !addresses.has(address)))
      counted.elsewhere += 1;
    else addresses.set(address, (addresses.get(address) ?? 0) + 1);
    timer ??= setTimeout(() => void write(), everyMs).unref();
  };

  const write = async () => {
    if (timer) clearTimeout(timer);
    timer = null;
    const told = counted;
    counted = null;
    if (told === null) return;
    try {
      await decisions.transaction(DOOR, async (tx) =>
        tx.audit({ action: TURNED_AWAY, subject: 'server', detail: detailOf(told, now()) }),
      );
    } catch (error) {
      counted = both(told, counted);
      timer ??= setTimeout(() => void write(), everyMs).unref();
      failed(error);
    }
  };

  return {
    refused: (sort, address) => count(sort, address),
    close: async () => {
      const late = new AbortController();
      await Promise.race([write(), pause(LAST_MS, undefined, { signal: late.signal }).catch(() => {})]);
      late.abort();
      if (timer) clearTimeout(timer);
    },
  };
}

function detailOf({ since, sorts, addresses, elsewhere }: Counted, until: Date) {
  const most = [...addresses].sort(([, one], [, other]) => other - one).slice(0, NAMED_ADDRESSES);
  return {
    since: since.toISOString(),
    until: until.toISOString(),
    refused: Object.fromEntries(sorts),
    addresses: addresses.size,
    most: most.map(([address, count]) => ({ address, count })),
    elsewhere,
  };
}

/** What could not be written, with what was counted meanwhile. */
function both(before: Counted, after: Counted | null): Counted {
  if (after === null) return before;
  for (const [sort, times] of after.sorts) before.sorts.set(sort, (before.sorts.get(sort) ?? 0) + times);
  before.elsewhere += after.elsewhere;
  for (const [address, times] of after.addresses) {
    if (before.addresses.size < MOST_ADDRESSES || before.addresses.has(address))
      before.addresses.set(address, (before.addresses.get(address) ?? 0) + times);
    else before.elsewhere += times;
  }
  return before;
}
