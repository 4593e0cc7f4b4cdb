/** Secrets that only their name gives away: `password = "…"`, `clientSecret: …`, `API_KEY=…`. */
import type { Confidence, Detector, Reading } from '../detector.ts';
import { entropy } from '../entropy.ts';
import { isExample, judge, type Sort } from '../judge.ts';
import { beginsWithJson, hasTokenHeader, isUnsigned, judgeJwt } from '../structure.ts';
import { runBefore } from '../surroundings.ts';
import { nameAround, type Value, valueAfter, wordsOf } from '../value.ts';
import { wordShare } from '../words.ts';

/** `NOPASSWD` is a word of sudo. */
const PASSWORD =
  /^(?!nopassw(?:or)?d$)(?:.*(?:password|passwd|passphrase|passwort|passcode|pwd)s?\d*|pass|pw)$/;
/** A bare `key` says nothing: cache keys, primary keys and keyboards outnumber the secret ones. */
const KEY =
  /^(?:in|nonce|api|app|application|access|private|secret|auth|authorization|encryption|encrypt|signing|sign|master|service|client|shared|account|admin|storage|license|licence|session|hmac|jwt|cipher|crypto|aes|ssh|rsa|consumer|publish|subscription|functions?|webhook|deploy|server|user|root|token|security|host|cookie|write|ingest|integration|test|live|prod|production|dev|developer|staging)$/;
const GLUED_KEY =
  /(?:api|app|access|private|secret|auth|encryption|signing|master|client|shared|account|admin|storage|license)keys?$/;
const TOKEN =
  /^(?:.*(?:access|auth|api|bearer|refresh|session|id|bot|user|app|deploy|personal|oauth|client|secret))?tokens?$|^(?:pat|jwt|bearer)$/;
/** Tokens that mark a place, a change or a request and open nothing: `LockToken`, `nextToken`, `clientRequestToken`. */
const FLOW =
  /^(?:lock|unlock|update|creation|create|client|request|next|prev|previous|forward|backward|page|pages|paging|pagination|pager|continuation|continue|cancel|cancellation|sync|change|changes|delta|resume|cursor|position|marker|idempotency|idempotent|dedup|deduplication|csrf|xsrf|antiforgery|syntax|lexer|parser|stop|end|start|design|color|colour|theme|mint|erc|erc20|nft|lease|fencing|retry|transaction|execution|task|event|upload|separator|delimiter|punctuator|keyword|string|comment|operator|special|pad|unk|eos|bos|mask|max|min|num|total|input|output|prompt|completion|cached|reasoning|xunlock|upsert|optimistic|concurrency|version|snapshot|read|commit|checkpoint)$/;
const SECRET =
  /^(?:(?:client|app|api|shared|oauth|consumer|auth|hmac|jwt|webhook|signing)?secrets?|credentials?|creds?)$/;
/** A salt is no secret, unless a program keeps it as one and says so. */
const SALT = /^(?:auth|secure|logged|in|nonce|password|secret|cookie|session|security|hash|app|api)$/;
/** Made to be handed out, whatever else the name says. */
const HANDED_OUT =
  /^(?:public|pub|publishable|anon|anonymous|sitekey|clientside|browser|redacted|masked|blank)$/;
/** Values that a name calls made up or locked are looked at, and believed less. */
const MADE_UP =
  /^(?:test|tests|testing|fake|dummy|mock|mocked|sample|example|demo|stub|fixture|invalid|wrong|bad|expected|bogus|encrypted|sealed|ciphered|encoded)$/;
/** What such a name speaks of is not the secret itself. */
const ABOUT =
  /^(?:id|ids|name|names|type|types|url|uri|endpoint|path|file|filename|dir|length|len|size|count|limit|max|min|policy|policies|regex|pattern|hash|hashed|digest|sha|sha1|sha256|sha512|md5|checksum|integrity|label|labels|title|hint|placeholder|message|msg|error|errors|field|fields|input|form|prompt|description|text|index|version|format|prefix|suffix|header|headers|public|pub|column|row|ref|reference|expiry|expires|expiration|changed|created|modified|updated|rotated|issued|revoked|age|ttl|timeout|lifetime|date|time|at|rotation|status|state|class|selector|icon|button|reset|forgot|forgotten|confirm|confirmation|strength|validator|validation|required|enabled|disabled|visible|option|options|map|list|set|store|provider|helper|helpers|manager|generator|factory|service|function|method|callback|page|next|previous|cursor|continuation|csrf|xsrf|anti|forgery|cancellation|syntax|lexer|parser|tokenizer|contract|mint|address|symbol|tree|thumbprint|fingerprint|etag|commit|revision|uuid|guid|arn|kid|alg|algorithm|scope|grant|kind|arguments|usage|used|cost|price|budget|env|var|variable|attribute|property|mode|model|locale|lang|language|translation|screen|view|route|component|template|style|css|color|width|height|site|sitekey|publishable|publickey|keyboard|keypress|keydown|keyup|keycode|keyframes?|primary|subentry|foreign|partition|sort|cache|idempotency|dictionary|object|registry|hotkey|shortcut)$/;

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

/** True for `LockToken`, `next_token` and the like, which open nothing. */
export function isFlowToken(name: string): boolean {
  const words = wordsOf(name);
  return /^tokens?$/.test(words.at(-1) ?? '') && FLOW.test(words.at(-2) ?? '');
}

function sortOf(name: string): Sort | null {
  const words = wordsOf(name);
  // What is said last counts most: `passwordHash` is a hash, `hashPassword` is a password.
  const last = words.at(-1) ?? '';
  if (ABOUT.test(last) || words.some((word) => HANDED_OUT.test(word))) return null;
  for (let i = words.length - 1; i >= 0 && i >= words.length - 3; i--) {
    const word = words[i] ?? '';
    const before = words[i - 1] ?? '';
    if (PASSWORD.test(word)) return 'password';
    if (ABOUT.test(before) && before !== 'service' && before !== 'id' && before !== 'provider') {
      if (SECRET.test(word) || word === 'key' || /^tokens?$/.test(word)) return null;
    }
    if (/^tokens?$/.test(word) && FLOW.test(before)) return null;
    if (SECRET.test(word) || GLUED_KEY.test(word) || TOKEN.test(word)) return 'token';
    if (word === 'salt' && SALT.test(before)) return 'token';
    if (/^keys?$/.test(word) && KEY.test(before)) return 'token';
  }
  return null;
}

/** What makes a bare value none wherever it stands, seen where it begins: see `plausibleBare`. */
const BEGINS_EXPRESSION = Uint8Array.from({ length: 128 }, (_, code) =>
  /[()[\]{}$*?]/.test(String.fromCharCode(code)) ? 1 : 0,
);

function read(text: string, start: number, end: number): Reading | null {
  if (text.charAt(end) === '(') return null;
  const name = nameAround(text, start, end);
  const resume = name.end;
  const value = valueAfter(text, name.start, name.end);
  if (value === null) return { resume };
  if (value.cut === true) return { resume: value.end };
  const written = text.slice(name.start, name.end);
  // An expression, `${TOKEN}`, is the value of nothing.
  if (value.quote === '' && BEGINS_EXPRESSION[text.charCodeAt(value.start)] === 1) return { resume };
  const sort = announced(written);
  if (sort === null || /^x-amz-/i.test(written)) return { resume };
  if (runBefore(text, name.start).startsWith('arn:')) return { resume };
  const secret = withoutOptions(text.slice(value.start, value.end), value);
  const confidence = sure(secret, value, sort, written);
  if (confidence === null) return { resume };
  const stop = value.start + secret.length;
  return { resume: stop, candidate: { start: value.start, end: stop, confidence } };
}

/** Behind a bare value of a list of options the next one begins: `password=x,db=0`. */
function withoutOptions(secret: string, value: Value): string {
  return value.quote === '' ? secret.replace(/,[A-Za-z_]\w*=.*$/, '') : secret;
}

function sure(secret: string, value: Value, sort: Sort, name: string): Confidence | null {
  if (value.quote === '' && !plausibleBare(secret, value, sort, name)) return null;
  // A label repeats its name: `password: "Password"`, `PASSWORD: "user_password"`.
  const flat = secret.toLowerCase().replaceAll(/[^a-z]/g, '');
  if (flat !== '' && name.toLowerCase().replaceAll(/[^a-z]/g, '') === flat) return null;
  const words = wordsOf(name);
  if (/^e[yw][\w-]*(?:\.[\w-]*){1,4}=*$/.test(secret)) return tokenForm(secret, sort);
  const judged = phrase(secret, sort, words) ?? judge(secret, sort) ?? identifier(secret, words);
  if (value.listed === true && (sort === 'password' || judged !== 'medium')) return null;
  return judged !== null && words.some((word) => MADE_UP.test(word)) ? 'low' : judged;
}

/** What has the form of a token is judged as one, whatever the name says: cut or unsigned it opens nothing. */
function tokenForm(secret: string, sort: Sort): Confidence | null {
  if (isUnsigned(secret)) return null;
  if (hasTokenHeader(secret)) return judgeJwt(secret);
  return beginsWithJson(secret) ? judge(secret, sort) : 'low';
}

/** An identifier is a secret only where the name leaves no other reading, and even then it is looked at first. */
function identifier(secret: string, words: readonly string[]): Confidence | null {
  const certain = words.at(-1) === 'secret' || (words.at(-1) === 'key' && words.at(-2) === 'secret');
  return certain && UUID.test(secret) ? 'low' : null;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Keys of frameworks that are drawn from all printable characters: Django's, the eight of WordPress. */
function phrase(secret: string, sort: Sort, words: readonly string[]): Confidence | null {
  if (sort !== 'token' || secret.length < 40 || secret.length > 100) return null;
  if (!/^(?:key|salt)$/.test(words.at(-1) ?? '') || !/[^\w\s.:/+=-]/.test(secret)) return null;
  if (/[^\x20-\x7e]|put your unique phrase/i.test(secret) || /^(?:\$\{|\$\(|\{\{|%\()/.test(secret))
    return null;
  const sorts = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9\s]/].filter((one) => one.test(secret)).length;
  if (sorts < 3 || entropy(secret) < 4 || wordShare(secret) >= 0.4) return null;
  return /^django-insecure-/.test(secret) || !isExample(secret) ? 'medium' : 'low';
}

/** Without quotes most of what follows a name in code is an expression. */
function plausibleBare(secret: string, value: Value, sort: Sort, name: string): boolean {
  if (/^(?:0x[0-9a-fA-F]+|[\d._]+)$/.test(secret) && sort === 'password') return false;
  if (/[()[\]{}$*?]|^[-+.]|[.,:]$|->|::/.test(secret)) return false;
  const dotted = /^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+$/.test(secret) && !/^ey/.test(secret);
  if (dotted && (secret.match(/\d/g)?.length ?? 0) < 8) return false;
  if (sort === 'token') return true;
  // Words are passwords only where nothing but data can stand: NAME=value.
  if (/^[A-Za-z_]+$/.test(secret)) return value.tight && (name === name.toUpperCase() || /_/.test(secret));
  return /\d|[^\w.-]/.test(secret);
}

export const ASSIGNMENTS: readonly Detector[] = [
  {
    id: 'assigned-secret',
    title: 'Value assigned to a name that says secret',
    // `pass` stands for all words that begin with it.
    keywords: [
      'key',
      'token',
      'secret',
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
    generic: true,
    read,
  },
];
