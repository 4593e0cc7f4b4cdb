/**
 * Whether a value that stands where a secret would stand is one. Only what cannot be a secret is refused (`null`):
 * a reference to where the secret really is, a placeholder, an identifier, words of the program. What merely reads
 * like an example is kept as `low`, because a password that looks like one is still a password.
 */
import type { Confidence } from './detector.ts';
import { entropy } from './entropy.ts';
import { wordShare } from './words.ts';

/** What the name says: a thing people choose, or a thing machines make. */
export type Sort = 'password' | 'token';

const STAND_INS = new Set(
  `password passwd passphrase pass pwd secret secrets token tokens key apikey api_key api-key private public access
  none null nil true false undefined empty default string text value username user admin-password test testing
  password_here secret_here token_here mypassword my_password my-password my_secret my-secret mysecret your_password
  yourpassword not-set notset unset unknown required optional disabled enabled bearer basic hidden masked redacted
  n/a tbd todo fixme changeme change_me change-me changeit placeholder userpassword`.split(/\s+/),
);
/** Anywhere in a value these say that a person has to put the real thing there. */
const PLACEHOLDER =
  /example|place[_-]?holder|change[_-]?(?:me|this|it)|(?:^|[^a-z])your(?:own)?[_ -]|^your[a-z]|_here$|-here$|replace[_ -]?(?:me|this|with)|^to[_ ]be[_ ]|insert[_ -]|dummy|redacted|masked|<[a-z]|\.\.\.|…|x{5,}|\*{3,}|#{3,}|_{4,}|-{6,}|todo|fixme|foobar|lorem|not[_-]?a[_-]?(?:real|secret|password)|(?:in|un)secure[_-](?:key|secret|password)/i;
/** References and expressions: the secret is somewhere else. */
const REFERENCE =
  /\$\{|\$\(|\$\[|\{\{|#\{|%\{|<%|^\$[A-Za-z_]|^\$\d$|^%[A-Za-z_]\w*%$|^@\w+[.(]|^\{.*\}$|^\[.*\]$|^<.*>$|^!\w|^&\w|^\*[a-z]|^arn:|^(?:process|os|sys|self|this|config|settings|env|ENV|secrets|vars|params|props|data|var|local|module|each|System|Environment|credentials)[.[]|^(?:file|vault|ssm|op|keyring|projects|secretref|secret|awssm|gcpsm|keychain|pass|bws|infisical|doppler|ref|env):[/]{0,2}[A-Za-z_]|^projects\/|^secretmanager|^encrypted:|^ENC\[|^\{cipher\}|^\(\)|\(\)$|%[sdv]\b|^%s|^\{\d*\}|^\$\$|^__\w+__$/;
/** The alphabet, digits and rows of the keyboard, both ways. */
const SEQUENCES = [
  'abcdefghijklmnopqrstuvwxyz',
  'zyxwvutsrqponmlkjihgfedcba',
  '01234567890123456789',
  '98765432109876543210',
  'qwertyuiop',
  'asdfghjkl',
];
const UUID = /^\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?$/i;
const UUIDS = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
/** Dates and times run together, as tools put them into names that have to be new. */
const TIMESTAMP = /^(?:19|20)\d\d[01]\d[0-3]\d\d*$/;
const DATE = /^(?:19|20)\d\d-[01]\d-[0-3]\d(?:[T _]|$)/;
/** Ids that begin with the second in which they were made: 12 bytes in hexadecimal, of 2009 to 2035. */
const OBJECT_ID = /^(?:[a-z]{1,8}[_-])*(?:4[a-f]|5|6|7[0-9a])[0-9a-f]{22,23}$/;
const VERSION = /^[\^~>=<v ]*\d+\.\d+(?:\.[\dx*]+)*(?:[-+.][\w.]+)?$/;
const FILE =
  /^[\w./\\@-]+\.(?:js|mjs|cjs|ts|tsx|jsx|json|ya?ml|toml|ini|conf|config|properties|html?|css|scss|png|jpe?g|svg|gif|pem|crt|cer|der|key|pub|p12|pfx|jks|keystore|kdbx|txt|md|xml|csv|py|rb|go|rs|java|kt|cs|php|sh|sql|lock|log|zip|gz|tar|com|io|org|net|dev|local|internal)$/i;

/** True for text that stands for a value which the reader of it has to fill in. */
export function isPlaceholder(value: string): boolean {
  return STAND_INS.has(value.toLowerCase()) || PLACEHOLDER.test(value) || /^(.)\1*$/.test(value);
}

/** True for a token whose drawn part was filled in by hand: `xoxb-xxxxxxxx`, `AKIA…EXAMPLE`, `T00000000/B00000000`. */
export function isFiller(token: string): boolean {
  const drawn = token.replace(/^\w+:\/\/[^/]*\//, '');
  return PLACEHOLDER.test(drawn) || /([x0*.#])\1{7,}/i.test(drawn);
}

/** True for text that says where a value comes from. */
export function isReference(value: string): boolean {
  return REFERENCE.test(value);
}

/** True when eight characters or more of it run along the alphabet, the digits or the keyboard, or hardly vary. */
export function isExample(value: string): boolean {
  const lower = value.toLowerCase();
  if (new Set(lower).size < Math.min(6, value.length / 2)) return true;
  const runs = SEQUENCES.some((sequence) => {
    for (let i = 0; i + 6 <= sequence.length; i++) if (lower.includes(sequence.slice(i, i + 6))) return true;
    return false;
  });
  return runs || countsInPairs(lower) || /test|fake|sample|demo|abc123|12345|deadbeef/.test(lower);
}

/**
 * `a1b2c3d4e5`, `q1w2e3r4t5`: letters and digits by turns, where one or the other counts on. By turns alone is no mark of a hand: 3 of 100
 * random values of 64 hexadecimal digits hold five such pairs.
 */
function countsInPairs(lower: string): boolean {
  for (const [run] of lower.matchAll(/(?:[a-z]\d){5,}/g)) {
    const rows = [run.replaceAll(/\d/g, ''), run.replaceAll(/[a-z]/g, '')];
    for (let i = 0; i + 5 <= run.length / 2; i++)
      if (rows.some((row) => SEQUENCES.some((sequence) => sequence.includes(row.slice(i, i + 5)))))
        return true;
  }
  return false;
}

/** Words that people write for "a password" in any spelling, and what they put around them. */
const STOCK_WORDS =
  /^(?:my|your|the|this|is|a|an|very|super|top|strong|really|some|any|new|old|bad|wrong|correct|plain|simple|secure|insecure|user|admin|root|test|testing|demo|dev|local|db|database|host|postgres|postgresql|mysql|mongo|mongodb|redis|rabbitmq|guest|foo|bar|baz|qux|hello|world|secret|secrets|password|passwd|passwort|passphrase|pass|phrase|word|pwd|pw|token|key|api|auth|login|letmein|welcome|changeme|change|me|hunter|sesame|open|value|string|text|env|proxy|leaky|from|url|in|for|of|and|not|real|fake|dummy)*$/;
const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
};

/** True for `p@ssw0rd`, `s3cr3t`, `hunter2`, `my-secret-token` and what else stands for a password where none is meant. */
export function isStock(value: string): boolean {
  const plain = decoded(value).toLowerCase();
  const letters = plain.replaceAll(/[013457@$]/g, (char) => LEET[char] ?? char).replaceAll(/[^a-z]/g, '');
  const bare = plain.replaceAll(/[^a-z]/g, '');
  if (letters.length < 3 && bare.length < 3) return !/[a-z]/i.test(value) && isExample(value);
  return STOCK_WORDS.test(letters) || (bare.length >= 3 && STOCK_WORDS.test(bare));
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** How sure we are that `value` is a password or a machine-made token, or null when it is neither. */
export function judge(value: string, sort: Sort): Confidence | null {
  if (isReference(value) || isPlaceholder(value)) return null;
  return sort === 'password' ? judgePassword(value) : judgeToken(value);
}

/** A password in base64 is as strong as what it stands for. */
function judgePassword(value: string): Confidence | null {
  const judged = judgePlainPassword(value);
  if (judged !== 'medium' || !/^(?=.{8,200}$)[A-Za-z0-9+/]+={0,2}$/.test(value)) return judged;
  const plain = Buffer.from(value, 'base64').toString('latin1').trim();
  return /^[\x20-\x7e]+$/.test(plain) && judgePlainPassword(plain) !== 'medium' ? 'low' : judged;
}

function judgePlainPassword(value: string): Confidence | null {
  if (value.length < 4 || value.length > 128) return null;
  if (/^(?:https?|file):\/\//.test(value) || /^(?:\.{0,2}|~)\//.test(value)) return null;
  if (VERSION.test(value) || UUID.test(value) || DATE.test(value)) return null;
  // Prose, labels and translations: several words, other scripts, one word that only begins with a capital.
  if (/\s|[^\x21-\x7e]/.test(value) || /^[A-Z][a-z]+[.:!?]?$/.test(value)) return null;
  if (/pass(?:word|wd|phrase)?|secret|token|credential/i.test(value) && !/\d/.test(value)) {
    return /^[a-z]{10,}$/.test(value) ? 'low' : null;
  }
  if (readsAsName(value)) return /\d/.test(value) || /^[a-z]+$/.test(value) ? 'low' : null;
  const sorts = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((sort) => sort.test(value)).length;
  const strong = value.length >= 8 && sorts >= 3 && entropy(value) >= 2.8;
  if (value.length >= 16 && randomness(value) === 'medium') return 'medium';
  return strong && !isExample(value) && !isStock(value) ? 'medium' : 'low';
}

/** Several words joined as programs join them: `PrefPinCode1`, `ssl_ca_cert_File`, `Palavra-chave`. */
function readsAsName(value: string): boolean {
  if (!/^[A-Za-z_][\w.-]*$/.test(value)) return false;
  const pieces = value.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g) ?? [];
  return pieces.length > 1 && wordShare(value) >= (pieces.length > 3 ? 0.5 : 0.7);
}

function judgeToken(value: string): Confidence | null {
  if (value.length < 16 || value.length > 1_000 || /[^\x21-\x7e]|[()[\]{}<>"'`\\,;|]/.test(value))
    return null;
  if (/:\/\/|^\.{0,2}\/\w+\/|^~\/|^urn:/i.test(value) || FILE.test(value)) return null;
  if (VERSION.test(value) || DATE.test(value) || isObjectId(value)) return null;
  // An identifier, alone or with words around it, names something; it opens nothing.
  if (UUID.test(value)) return null;
  const bare = value.replaceAll(UUIDS, '');
  if (bare !== value && arePlain(bare)) return null;
  const judged = randomness(value);
  return judged === 'medium' && isEncodedText(value) ? 'low' : judged;
}

/** `frk_tt_68407ae5274a64092c305104`: words in front of an id that begins with the time. */
function isObjectId(value: string): boolean {
  return /[_-]/.test(value) && /[_-][0-9a-f]{24}$/.test(value) && OBJECT_ID.test(value);
}

/** Text of people in base64: a machine's bytes are hardly ever all printable. */
function isEncodedText(value: string): boolean {
  if (!/^[A-Za-z0-9+/]{12,}={0,2}$/.test(value)) return false;
  const plain = Buffer.from(value, 'base64').toString('latin1');
  if (/[^\x20-\x7e]/.test(plain)) return false;
  const password = plain.slice(plain.indexOf(':') + 1);
  return isStock(password) || wordShare(plain) >= 0.4 || isExample(password);
}

/** Whether no part between separators was drawn by a machine: words, short numbers and times, few words with a number. */
function arePlain(value: string): boolean {
  const parts = value.split(/[-_./:]/).filter((part) => part !== '');
  const numbered = parts.filter((part) => /^[a-z]{1,6}\d{1,3}$/.test(part)).length;
  const plain = parts.filter(
    (part) =>
      /^(?:\d{1,4}|v\d+|[A-Za-z]{1,3})$/.test(part) ||
      TIMESTAMP.test(part) ||
      (/^[A-Za-z]+$/.test(part) && wordShare(part) >= 0.5),
  ).length;
  return plain + numbered === parts.length && numbered <= parts.length / 3;
}

/** Machine-made text mixes digits with letters throughout; names and sentences do not. */
export function randomness(value: string): Confidence | null {
  const digits = value.match(/\d/g)?.length ?? 0;
  const letters = value.match(/[A-Za-z]/g)?.length ?? 0;
  const bits = entropy(value);
  if (letters === 0 || /^(.+?)\1+$/.test(value.slice(0, 200)))
    return bits >= 2.8 && digits >= 16 ? 'low' : null;
  // Hexadecimal digits spell words by chance.
  const words = /^[0-9a-f]+$/i.test(value) ? 0 : wordShare(value);
  if (words >= 0.55) return null;
  if (/[-_./:]/.test(value) && arePlain(value)) return null;
  if (digits < 2) {
    // Letters alone: only if they follow each other as in no word.
    const changes = value.match(/[a-z](?=[A-Z])|[A-Z](?=[a-z])/g)?.length ?? 0;
    if (value.length >= 16 && bits >= 3.3 && changes >= value.length / 4 && words < 0.35 && !isExample(value))
      return 'medium';
    return isExample(value) && bits >= 3.5 && /^[\w-]+$/.test(value) ? 'low' : null;
  }
  if (bits < 3) return bits >= 2.3 && value.length >= 24 ? 'low' : null;
  return isExample(value) || words >= 0.42 ? 'low' : 'medium';
}
