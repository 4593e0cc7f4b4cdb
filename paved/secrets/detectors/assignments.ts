/** Secrets that only their name gives away: `password = "…"`, `clientSecret: …`, `API_KEY=…`. */
import type { Confidence, Detector, Reading } from '../detector.ts';
import { judge, type Sort } from '../judge.ts';
import { nameAround, type Value, valueAfter, wordsOf } from '../value.ts';

const PASSWORD = /^(?:.*(?:password|passwd|passphrase|passwort|passcode|pwd)s?\d*|pass|pw)$/;
/** A bare `key` says nothing: cache keys, primary keys and keyboards outnumber the secret ones. */
const KEY =
  /^(?:api|app|application|access|private|secret|auth|authorization|encryption|encrypt|signing|sign|master|service|client|shared|account|admin|storage|license|licence|session|hmac|jwt|cipher|crypto|aes|ssh|rsa|consumer|publish|subscription|functions?|webhook|deploy|server|user|root|token|security|host|cookie|write|ingest|integration|test|live|prod|production|dev|developer|staging)$/;
const GLUED_KEY =
  /(?:api|app|access|private|secret|auth|encryption|signing|master|client|shared|account|admin|storage|license)keys?$/;
const TOKEN =
  /(?:^|.*(?:access|auth|api|bearer|refresh|session|id|bot|user|app|deploy|personal|oauth|client|secret))tokens?$|^(?:pat|jwt|bearer)$/;
const SECRET =
  /^(?:(?:client|app|api|shared|oauth|consumer|auth|hmac|jwt|webhook|signing)?secrets?|credentials?|creds?|salt)$/;
/** What such a name speaks of is not the secret itself. */
const ABOUT =
  /^(?:id|ids|name|names|type|types|url|uri|endpoint|path|file|filename|dir|length|len|size|count|limit|max|min|policy|policies|regex|pattern|hash|hashed|digest|sha|sha1|sha256|sha512|md5|checksum|integrity|label|labels|title|hint|placeholder|message|msg|error|errors|field|fields|input|form|prompt|description|text|index|version|format|prefix|suffix|header|headers|public|pub|column|row|ref|reference|expiry|expires|expiration|ttl|timeout|lifetime|date|time|at|rotation|status|state|class|selector|icon|button|reset|forgot|forgotten|confirm|confirmation|strength|validator|validation|required|enabled|disabled|visible|option|options|map|list|set|store|provider|manager|generator|factory|service|function|method|callback|page|next|previous|cursor|continuation|csrf|xsrf|anti|forgery|cancellation|syntax|lexer|parser|tokenizer|contract|mint|address|symbol|tree|thumbprint|fingerprint|etag|commit|revision|uuid|guid|arn|kid|alg|algorithm|scope|grant|kind|arguments|usage|used|cost|price|budget|env|var|variable|attribute|property|mode|model|locale|lang|language|translation|screen|view|route|component|template|style|css|color|width|height|site|sitekey|publishable|publickey|keyboard|keypress|keydown|keyup|keycode|keyframes?|primary|foreign|partition|sort|cache|idempotency|dictionary|object|registry|hotkey|shortcut)$/;

/**
 * Names are few and come again and again: what was found out about one is kept. Short ones only, as an engine keeps a
 * longer slice by keeping all of the text that it was cut from.
 */
const names = new Map<string, Sort | null>();
const SHORT = 12;
const NAMES = 4_096;

/** The sort of secret that a name announces, or null. */
export function announced(name: string): Sort | null {
  const known = names.get(name);
  if (known !== undefined) return known;
  const sort = sortOf(name);
  if (name.length <= SHORT && names.size < NAMES) names.set(name, sort);
  return sort;
}

function sortOf(name: string): Sort | null {
  const words = wordsOf(name);
  // What is said last counts most: `passwordHash` is a hash, `hashPassword` is a password.
  const last = words.at(-1) ?? '';
  if (ABOUT.test(last)) return null;
  for (let i = words.length - 1; i >= 0 && i >= words.length - 3; i--) {
    const word = words[i] ?? '';
    const before = words[i - 1] ?? '';
    if (PASSWORD.test(word)) return 'password';
    if (ABOUT.test(before) && before !== 'service' && before !== 'id' && before !== 'provider') {
      if (SECRET.test(word) || word === 'key' || /^tokens?$/.test(word)) return null;
    }
    if (SECRET.test(word) || GLUED_KEY.test(word) || TOKEN.test(word)) return 'token';
    if (/^keys?$/.test(word) && KEY.test(before)) return 'token';
  }
  return null;
}

function read(text: string, start: number, end: number): Reading | null {
  const follows = text.charAt(end);
  if (follows === '(' || (follows === ' ' && /[a-z]/.test(text.charAt(end + 1)))) return null;
  const name = nameAround(text, start, end);
  const resume = name.end;
  const value = valueAfter(text, name.start, name.end);
  if (value === null) return { resume };
  if (value.cut === true) return { resume: value.end };
  const written = text.slice(name.start, name.end);
  const sort = announced(written);
  if (sort === null) return { resume };
  const confidence = sure(text.slice(value.start, value.end), value, sort, written);
  return confidence === null
    ? { resume }
    : { resume: value.end, candidate: { start: value.start, end: value.end, confidence } };
}

function sure(secret: string, value: Value, sort: Sort, name: string): Confidence | null {
  if (value.quote === '' && !plausibleBare(secret, value, sort, name)) return null;
  // A label repeats its name: `password: "Password"`, `PASSWORD: "user_password"`.
  const flat = secret.toLowerCase().replaceAll(/[^a-z]/g, '');
  if (flat !== '' && name.toLowerCase().replaceAll(/[^a-z]/g, '') === flat) return null;
  return judge(secret, sort);
}

/** Without quotes most of what follows a name in code is an expression. */
function plausibleBare(secret: string, value: Value, sort: Sort, name: string): boolean {
  if (/^(?:0x[0-9a-fA-F]+|[\d._]+)$/.test(secret) && sort === 'password') return false;
  if (/[()[\]{}$*?]|^[-+.]|[.,:]$|->|::/.test(secret)) return false;
  if (/^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+$/.test(secret) && !/^ey/.test(secret)) return false;
  if (sort === 'token') return true;
  // Words are passwords only where nothing but data can stand: NAME=value.
  if (/^[A-Za-z_]+$/.test(secret)) return value.tight && (name === name.toUpperCase() || /_/.test(secret));
  return /\d|[^\w.-]/.test(secret);
}

/** `SECRET 1f0c…`, `acme-token-1f0c…`, `KEY: 1f0c…`: a long random value behind such a word, however they are joined. */
const SPOKEN =
  /(?:[A-Za-z_]{0,12}["']?[ \t=:>.-]{1,7}|(?=\d))["']?([A-Za-z0-9][A-Za-z0-9_.+-]{22,400}={0,2})(?![A-Za-z0-9_.+/-])/y;

function readSpoken(text: string, start: number, end: number): Reading | null {
  SPOKEN.lastIndex = end;
  const secret = SPOKEN.exec(text)?.[1];
  if (secret === undefined) return null;
  const at = SPOKEN.lastIndex - secret.length;
  const digits = secret.match(/\d/g)?.length ?? 0;
  const letters = secret.match(/[A-Za-z]/g)?.length ?? 0;
  const before = text.slice(Math.max(0, start - 20), at);
  const likely =
    digits >= 5 &&
    letters >= 3 &&
    !/public|sha\d|hash|digest|commit|fingerprint|integrity|[/@#]$/i.test(before);
  if (!likely || judge(secret, 'token') === null) return { resume: end };
  return { resume: at + secret.length, candidate: { start: at, end: at + secret.length } };
}

export const ASSIGNMENTS: readonly Detector[] = [
  {
    id: 'assigned-secret',
    title: 'Value assigned to a name that says secret',
    keywords: [
      'key',
      'token',
      'secret',
      'passw',
      'passphrase',
      'passcode',
      'pwd',
      'pass',
      'credential',
      'creds',
      '_pat',
      'bearer',
      'jwt',
      'salt',
    ],
    confidence: 'medium',
    read,
  },
  {
    id: 'spoken-secret',
    title: 'Long random value behind a word that says secret',
    keywords: ['key', 'token', 'secret', 'private', 'access'],
    confidence: 'low',
    read: readSpoken,
  },
];
