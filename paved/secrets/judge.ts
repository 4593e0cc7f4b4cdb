/**
 * Whether a value that stands where a secret would stand is one. Only what cannot be a secret is refused (`null`):
 * a reference to where the secret really is, a placeholder, a word of the program. What merely reads like an
 * example is kept as `low`, because a password that looks like one is still a password.
 */
import type { Confidence } from './detector.ts';
import { entropy } from './entropy.ts';

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
  /example|placeholder|change[_-]?(?:me|this|it)|(?:^|[^a-z])your(?:own)?[_ -]|^your[a-z]|_here$|-here$|replace[_ -]?(?:me|this|with)|^to[_ ]be[_ ]|insert[_ -]|dummy|redacted|<[a-z]|\.\.\.|…|x{5,}|\*{3,}|#{3,}|_{4,}|-{6,}|todo|fixme|foobar|lorem/i;
/** References and expressions: the secret is somewhere else. */
const REFERENCE =
  /\$\{|\$\(|\$\[|\{\{|#\{|%\{|<%|^\$[A-Za-z_]|^%[A-Za-z_]\w*%$|^@\w+\(|^\{.*\}$|^\[.*\]$|^<.*>$|^!\w|^&\w|^arn:|^(?:process|os|sys|self|this|config|settings|env|ENV|secrets|vars|params|props|data|var|local|module|each)[.[]|^(?:file|vault|ssm|op|keyring|projects):?\/|^secretmanager|^encrypted:|^ENC\[|^\{cipher\}|^\(\)|\(\)$/;
const SEQUENCES = [
  'abcdefghijklmnopqrstuvwxyz',
  'zyxwvutsrqponmlkjihgfedcba',
  '01234567890123456789',
  '98765432109876543210',
  'qwertyuiop',
  'asdfghjkl',
];
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** True for text that stands for a value which the reader of it has to fill in. */
export function isPlaceholder(value: string): boolean {
  return STAND_INS.has(value.toLowerCase()) || PLACEHOLDER.test(value) || /^(.)\1*$/.test(value);
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
  return runs || /(?:[a-z]\d){5}/.test(lower) || /test|fake|sample|demo|abc123|12345|deadbeef/.test(lower);
}

/** How sure we are that `value` is a password or a machine-made token, or null when it is neither. */
export function judge(value: string, sort: Sort): Confidence | null {
  if (isReference(value) || isPlaceholder(value)) return null;
  return sort === 'password' ? judgePassword(value) : judgeToken(value);
}

function judgePassword(value: string): Confidence | null {
  if (value.length < 4 || value.length > 128) return null;
  if (/^(?:https?|file):\/\//.test(value) || /^\.{0,2}\//.test(value)) return null;
  // Prose, labels and translations: several words, other scripts, one word that only begins with a capital.
  if (/\s|[^\x21-\x7e]/.test(value) || /^[A-Z][a-z]+[.:!?]?$/.test(value)) return null;
  if (/pass(?:word|wd|phrase)?|secret|token|credential/i.test(value) && !/\d/.test(value)) {
    return /^[a-z]{10,}$/.test(value) ? 'low' : null;
  }
  const sorts = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((sort) => sort.test(value)).length;
  if (value.length >= 8 && sorts >= 3 && entropy(value) >= 2.8 && !isExample(value)) return 'medium';
  return 'low';
}

function judgeToken(value: string): Confidence | null {
  if (value.length < 16 || value.length > 1_000 || /[^\x21-\x7e]|[()[\]{}<>"'`\\,;|]/.test(value))
    return null;
  if (
    /:\/\/|^\.{0,2}\/\w+\/|^\w+(?:\.\w+)*\.(?:js|ts|json|ya?ml|html?|css|png|pem|crt|key|txt|xml|com|io|org|net)$/i.test(
      value,
    )
  ) {
    return null;
  }
  if (UUID.test(value)) return isExample(value) ? 'low' : 'medium';
  return randomness(value);
}

/** Names in programs: cut at capitals, digits and separators, they fall into pieces as long as words. */
function readsLikeWords(value: string): boolean {
  const pieces = value.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? [];
  const letters = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return (
    pieces.length > 1 &&
    letters / pieces.length >= 3.3 &&
    !SEQUENCES.some((sequence) => value.toLowerCase().includes(sequence.slice(0, 8)))
  );
}

/** Machine-made text mixes digits with letters throughout; names and sentences do not. */
export function randomness(value: string): Confidence | null {
  const digits = value.match(/\d/g)?.length ?? 0;
  const letters = value.match(/[A-Za-z]/g)?.length ?? 0;
  const bits = entropy(value);
  if (letters === 0 || /^(.+?)\1+$/.test(value.slice(0, 200)))
    return bits >= 2.8 && digits >= 16 ? 'low' : null;
  if (digits <= value.length / 8 && readsLikeWords(value)) return null;
  if (digits < 2) {
    // Letters alone: only if the case changes too often for words.
    const changes = value.match(/[a-z](?=[A-Z])|[A-Z](?=[a-z])/g)?.length ?? 0;
    if (value.length >= 20 && bits >= 3.8 && changes >= value.length / 3 && !isExample(value))
      return 'medium';
    return isExample(value) && bits >= 3.5 && /^[\w-]+$/.test(value) ? 'low' : null;
  }
  // Words with numbers in them: `oauth-2-client-credentials-v1`.
  const parts = value.split(/[-_./:]/).filter((part) => part !== '');
  const words = parts.filter((part) => /^(?:[a-z]+|[A-Z][a-z]+|[A-Z]+|\d{1,4}|v\d+)$/.test(part)).length;
  const numbered = parts.filter((part) => /^[a-z]{1,6}\d{1,3}$/.test(part)).length;
  if (parts.length > 1 && words + numbered === parts.length && numbered <= parts.length / 3) return null;
  if (bits < 3) return bits >= 2.3 && value.length >= 24 ? 'low' : null;
  return isExample(value) ? 'low' : 'medium';
}
