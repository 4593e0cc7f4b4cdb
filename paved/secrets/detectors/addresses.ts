/** User names with passwords: in addresses, in connection strings, beside each other, on command lines. */
import type { Confidence, Detector, Reading } from '../detector.ts';
import { entropy } from '../entropy.ts';
import { isExample, isPlaceholder, isReference, isStock, judge } from '../judge.ts';
import { wordShare } from '../words.ts';

const LONGEST = 400;
/** Passwords that documentation uses; beside a user name of the same sort they are nobody's. */
const STOCK_PASSWORD =
  /^(?:(?:my|your|the|user|db)?[-_]?(?:password|passwd|passwort|pass|pwd|secret|token|key)|p|pw|changeme|\*+|x+|\.+|hidden|redacted)$/i;
const STOCK_USER =
  /^(?:(?:my|your|db)?[-_]?user(?:name|_name)?|name|login|u|foo|bar|me|alice|bob|john|jdoe|git|dbuser|admin|root|postgres|guest)$/i;

/** `scheme://user:password@host`: the password. */
function readAddress(text: string, start: number, end: number): Reading | null {
  // The authority ends at the first `/`, `?`, `#`, blank or quote, but a password may hold an `@`.
  let at = -1;
  let colon = -1;
  let i = end;
  for (const stop = Math.min(text.length, end + LONGEST); i < stop; i++) {
    const char = text.charAt(i);
    if (/[\s/"'`<>\\,|]/.test(char) || (char === '?' && at !== -1) || char === '#') break;
    if (char === ':' && colon === -1 && at === -1) colon = i;
    if (char === '@') at = i;
    if (char > '~') break;
  }
  if (at === -1 || colon === -1 || colon > at) return i > end ? { resume: i } : null;
  const scheme = /[A-Za-z][A-Za-z0-9+.-]{0,30}$/.exec(text.slice(Math.max(0, start - 32), start))?.[0];
  const user = text.slice(end, colon);
  const password = text.slice(colon + 1, at);
  const host = text.slice(at + 1, i);
  if (scheme === undefined || password === '' || !/^[\w[(.]/.test(host)) return { resume: i };
  if (
    isReference(password) ||
    isReference(user) ||
    /^[{$<%*]|[{}<>]|\*{3}|\$\w*$/.test(password) ||
    /[{}$<]/.test(user)
  )
    return { resume: i };
  const confidence = addressed(user, password, host);
  return confidence === null
    ? { resume: i }
    : { resume: i, candidate: { start: colon + 1, end: at, confidence } };
}

/** Hosts that documentation and tests use, and this machine. */
const NOWHERE =
  /(?:^|[.@])(?:(?:my|some|your)[.-]?)?(?:example|domain|host|hostname|server|proxy|site|company|corp|acme|foo|bar)(?:\.(?:com|org|net|io|dev|example|local))?(?:[:/]|$)|^(?:localhost|127\.|0\.0\.0\.0|\[::1\]|db|database|postgres|mysql|redis|mongo|mongodb|rabbitmq|host\.docker\.internal)(?:[:/]|$)|\.(?:test|example|invalid|localhost)(?:[:/]|$)/i;

function addressed(user: string, password: string, host: string): Confidence | null {
  // An expression that matches addresses holds none.
  if (/\[\[?[:^]|\][+*]|\\[dSw][+*]/.test(user + password)) return null;
  if (/^(?:x-oauth-basic|x-token-auth|oauth2?)$/.test(password)) return null;
  // `user:pass@example.com` teaches the form; `username:password` is not even a value.
  if (
    /^(?:user_?name|your\w*|<.*|user|dbuser|admin)$/i.test(user) &&
    /^(?:my|your)?[-_]?(?:password|passwd|pwd)$/i.test(password)
  )
    return null;
  if (password.length < 4 || PLACE.test(user + password)) return null;
  if (/^(.)\1*$/.test(password) || user.toLowerCase() === password.toLowerCase()) return null;
  if (
    /^(?:user_?name|user|test|foo|myuser)$/i.test(user) &&
    /^(?:localhost|127\.0\.0\.1)/.test(host) &&
    STOCK_PASSWORD.test(password)
  )
    return null;
  if (STOCK_PASSWORD.test(password) || isStock(password)) return user === '' ? null : 'low';
  if (isPlaceholder(password)) return null;
  if (/^[A-Za-z_-]+$/.test(password) && wordShare(password) >= 0.6) return 'low';
  if (NOWHERE.test(host) || isExample(password) || (STOCK_USER.test(user) && password.length < 8))
    return 'low';
  return password.length >= 8 && entropy(password) >= 2.5 && /\d/.test(password) ? 'high' : 'medium';
}

/** Shouted by templates: `YOUR_PASSWORD`, `REPLACE_WITH_PASSWORD`. */
const PLACE = /YOUR_|_HERE|PLACEHOLDER|CHANGE_?ME|REPLACE_|<|\.\.\./i;

/** A pair is shown by code that reads it, and by documentation; a value is something else. */
function isValue(secret: string): boolean {
  if (isReference(secret) || isPlaceholder(secret)) return false;
  return !/[{}$<>()\s]|^%|\.\.\.|[^\x21-\x7e]/.test(secret) && !STOCK_PASSWORD.test(secret);
}

/** A password that stands where only one can: sure enough when nobody would choose it as an example. */
function assess(secret: string): Confidence | null {
  return judge(secret, 'password') === null && isStock(secret) ? null : (judge(secret, 'password') ?? 'low');
}

export const ADDRESSES: readonly Detector[] = [
  {
    id: 'address-password',
    title: 'Password in an address',
    keywords: ['://'],
    confidence: 'medium',
    generic: true,
    read: readAddress,
  },
  {
    id: 'connection-password',
    title: 'Password in a connection string',
    keywords: ['password=', 'pwd=', 'password =', 'pwd ='],
    pattern:
      '(?i:server|data source|host|hostname|provider|driver|uid|user id|user|initial catalog|dsn|addr)\\s?=[^\\n]{0,}?[;,\\s"(](?i:password|pwd)\\s?=\\s?["\']?([^;"\'\\s)&,]{3,80})',
    before: 400,
    reach: 120,
    confidence: 'low',
    edges: 'none',
    accept: isValue,
  },
  {
    id: 'netrc-password',
    title: 'Password in a .netrc',
    keywords: ['machine '],
    pattern: 'machine\\s+[\\w.:-]{3,100}\\s+login\\s+\\S{1,80}\\s+password\\s+(\\S{3,200})',
    reach: 420,
    confidence: 'high',
    edges: 'none',
    accept: isValue,
    assess: (secret) => (isStock(secret) ? 'low' : assess(secret)),
  },
  {
    id: 'user-with-password',
    title: 'Password beside a user name',
    keywords: ['user'],
    follows: /(?:name)?["']?\s{0,4}(?:=>|:=|[=:])\s{0,4}["']/iy,
    pattern:
      '(?i:user(?:name)?)["\']?\\s{0,4}(?:=>|:=|[=:])\\s{0,4}["\'][^"\'\\n]{1,80}["\'][^\\n]{0,60}(?:\\s*\\n\\s*(?:#|//)[^\\n]{0,120}){0,3}[,;\\s]\\s{0,8}[$\\w.]{0,20}(?i:passw(?:or)?d|pass|pwd)["\']?\\s{0,4}(?:=>|:=|[=:])\\s{0,4}(?:"([^"\\s]{4,80})"|\'([^\'\\s]{4,80})\')',
    reach: 420,
    confidence: 'low',
    edges: 'none',
    generic: true,
    accept: isValue,
    assess: (secret) => (isStock(secret) ? null : assess(secret)),
  },
  {
    id: 'psexec-password',
    title: 'Password on a PsExec command line',
    keywords: ['psexec'],
    pattern: '(?i:psexec)(?:\\.exe)?\\s[^\\n]{0,120}?-u\\s+\\S{1,80}\\s+-p\\s+([^\\s$%"\']{3,80})',
    reach: 320,
    confidence: 'low',
    edges: 'none',
    accept: isValue,
  },
  {
    id: 'command-password',
    title: 'User name and password on a command line',
    keywords: ['curl ', 'wget ', 'mysql', '--password', 'sshpass'],
    pattern:
      '(?i:curl)(?:\\s[^\\n]{0,200}?)?\\s(?:-u|--user)\\s{0,2}[=]?["\']?[\\w.@+-]{1,60}:([^\\s"\'$<{]{6,120})|--password[= ]["\']?([^\\s"\'$<{-][^\\s"\'$<{]{5,80})|sshpass\\s+-p\\s{0,2}["\']?([^\\s"\'$<{]{4,80})',
    reach: 420,
    confidence: 'low',
    edges: 'none',
    accept: isValue,
    assess: (secret) => (isStock(secret) ? null : assess(secret)),
  },
  {
    id: 'environment-password',
    title: 'Password in an environment file',
    keywords: ['_pass=', '_password=', '_passwd=', '_pwd=', 'pgpassword=', '_pass:', '_secret='],
    pattern:
      '(?:^|[\\s#"\'])[A-Z0-9_]{0,60}(?:_PASS|_PASSWORD|_PASSWD|_PWD|PGPASSWORD)=["\']?([^\\s"\'$<{%(][^\\s"\'$<{(]{3,100})',
    before: 64,
    reach: 120,
    confidence: 'low',
    edges: 'none',
    generic: true,
    assess,
    accept: (secret) => isValue(secret) && !/^(?:process|os|env|config|settings)\b/.test(secret),
  },
];
