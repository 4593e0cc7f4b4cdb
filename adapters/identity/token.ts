/**
 * API tokens: `mcd_`, 30 characters of base 62, and six that check them. The format is GitHub's (Behind GitHub's new authentication
 * token formats, 2021): a scanner tells a real one without asking us, so push protection can refuse it without false alarms.
 */
import { crc32 } from 'node:zlib';
import { isScope } from '../authorisation/actions.ts';
import type { TokenRecord } from '../decisions/access.ts';
import { DecisionsError, type DecisionTransaction } from '../decisions/port.ts';
import { after, HOUR } from './part.ts';
import { digestOf, type Random } from './secret.ts';

export const TOKEN_PREFIX = 'mcd_';
export const TOKEN_HOURS = 7 * 24;
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 176 random bits fill 30 digits. */
const BYTES = 22;
const BODY = 30;
const CHECK = 6;
const TOKEN = new RegExp(`^${TOKEN_PREFIX}[0-9A-Za-z]{${BODY + CHECK}}$`);

export function newToken(random: Random): string {
  const body = base62(BigInt(`0x${random(BYTES).toString('hex')}`), BODY);
  return TOKEN_PREFIX + body + base62(BigInt(crc32(body)), CHECK);
}

/** Whether a text can be a token of ours at all: a typing error costs no look into the store. */
export function isToken(text: string): boolean {
  if (!TOKEN.test(text)) return false;
  const body = text.slice(TOKEN_PREFIX.length, -CHECK);
  return base62(BigInt(crc32(body)), CHECK) === text.slice(-CHECK);
}

function base62(number: bigint, length: number): string {
  let digits = '';
  for (let rest = number; rest > 0n; rest /= 62n) digits = BASE62.charAt(Number(rest % 62n)) + digits;
  return digits.padStart(length, '0');
}

export interface IssuedToken {
  /** Shown once: nobody can read it again. */
  readonly token: string;
  readonly record: TokenRecord;
}

/** In the transaction of whoever issues it. `hours` at most 168. */
export async function issueToken(
  tx: DecisionTransaction,
  random: Random,
  asked: Pick<TokenRecord, 'person' | 'name' | 'scopes'> &
    Partial<Pick<TokenRecord, 'sources'>> & { readonly hours: number },
): Promise<IssuedToken> {
  const wrong = asked.scopes.find((scope) => !isScope(scope));
  if (wrong !== undefined)
    throw new DecisionsError('refused', `there is no scope ${wrong}`, {
      field: 'scopes',
      fix: 'name actions, as WorkItem::read, or all of a noun or verb, as WorkItem::* or *::read',
    });
  const token = newToken(random);
  const record = await tx.access.issueToken({
    id: random(9).toString('base64url'),
    person: asked.person,
    name: asked.name,
    scopes: asked.scopes,
    sources: asked.sources ?? [],
    digest: digestOf(token),
    expiresAt: after(tx.at, asked.hours * HOUR),
  });
  return { token, record };
}
