/** Who may sign with which key. Format: ssh-keygen(1), ALLOWED SIGNERS. */
import { isCertificate } from './ssh-key.ts';

interface Signer {
  readonly principals: readonly string[];
  readonly key: Buffer;
  readonly authority: boolean;
  readonly namespaces: readonly string[] | undefined;
  readonly after: Moment | undefined;
  readonly before: Moment | undefined;
}

/** A time without `Z` is local to whoever verifies; it is known to 14 hours, the widest offset there is. */
interface Moment {
  readonly earliest: number;
  readonly latest: number;
}

export interface AllowedSigners {
  readonly signers: readonly Signer[];
  /** Lines, counted from 1, that are not understood: OpenSSH would refuse the file there. */
  readonly malformed: readonly number[];
}

const OFFSET = 14 * 3_600_000;
/** Options, if any, and the key: `a="x",b ssh-ed25519 AAAA… comment`. */
const REST =
  /^(?:((?:[a-z-]+(?:="[^"]*")?)(?:,[a-z-]+(?:="[^"]*")?)*)[ \t]+)?((?:sk-)?(?:ssh|ecdsa)-[\w@.-]+)[ \t]+([A-Za-z0-9+/=]+)/;
const LINE = /^("[^"]*"|[^ \t]+)[ \t]+(.*)$/;
const KNOWN = ['cert-authority', 'namespaces', 'valid-after', 'valid-before'];

export function parseAllowedSigners(text: string): AllowedSigners {
  const signers: Signer[] = [];
  const malformed: number[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const signer = parseLine(line.trim());
    if (signer) signers.push(signer);
    else malformed.push(index + 1);
  }
  return { signers, malformed };
}

function parseLine(line: string): Signer | undefined {
  const [, principals = '', tail = ''] = LINE.exec(line) ?? [];
  const [, optionText = '', type, base64 = ''] = REST.exec(tail) ?? [];
  if (type === undefined) return undefined;
  const options = new Map(
    [...optionText.matchAll(/([a-z-]+)(?:="([^"]*)")?/g)].map(([, name = '', value]) => [name, value]),
  );
  if ([...options.keys()].some((name) => !KNOWN.includes(name))) return undefined;
  const after = moment(options.get('valid-after'));
  const before = moment(options.get('valid-before'));
  if (after === null || before === null) return undefined;
  return {
    principals: principals.replaceAll('"', '').split(','),
    key: Buffer.from(base64, 'base64'),
    authority: options.has('cert-authority'),
    namespaces: options.get('namespaces')?.split(','),
    after,
    before,
  };
}

/** `YYYYMMDD[HHMM[SS]][Z]`; null for anything else. */
function moment(text: string | undefined): Moment | undefined | null {
  if (text === undefined) return undefined;
  const found = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(Z?)$/.exec(text);
  if (!found) return null;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = found
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const time = Date.UTC(year, month - 1, day, hour, minute, second);
  const slack = found[7] === 'Z' ? 0 : OFFSET;
  return { earliest: time - slack, latest: time + slack };
}

/** `*` and `?`, in linear time: a pattern that could backtrack is never made. */
export function matchesPattern(pattern: string, text: string): boolean {
  let [p, t, star, mark] = [0, 0, -1, 0];
  while (t < text.length) {
    if (p < pattern.length && pattern[p] !== '*' && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (pattern[p] === '*') {
      star = p++;
      mark = t;
    } else if (star >= 0) {
      p = star + 1;
      t = ++mark;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** Patterns are alternatives; one with `!` that matches refuses. */
function isPrincipal(principals: readonly string[], address: string): boolean {
  const matching = principals.filter((pattern) => matchesPattern(pattern.replace(/^!/, ''), address));
  return matching.length > 0 && matching.every((pattern) => !pattern.startsWith('!'));
}

/** Whether the file lets this address sign commits with this key at this time, or why that is not decided. */
export function isAllowed(
  allowed: AllowedSigners,
  signature: { publicKey: Buffer; keyType: string },
  address: string,
  at: Date,
): boolean | { readonly undecided: string } {
  if (isCertificate(signature.keyType)) {
    return { undecided: 'it was made with an SSH certificate; list the key itself as an allowed signer' };
  }
  let open = false;
  for (const signer of allowed.signers) {
    if (signer.authority || !signer.key.equals(signature.publicKey)) continue;
    if (!isPrincipal(signer.principals, address)) continue;
    if (signer.namespaces && !signer.namespaces.some((pattern) => matchesPattern(pattern, 'git'))) continue;
    const time = at.getTime();
    if (signer.after && time < signer.after.earliest) continue;
    if (signer.before && time >= signer.before.latest) continue;
    if ((!signer.after || time >= signer.after.latest) && (!signer.before || time < signer.before.earliest))
      return true;
    open = true;
  }
  if (open)
    return { undecided: 'its time is within hours of a bound without `Z`; add the `Z` to that bound' };
  const [line] = allowed.malformed;
  return line === undefined
    ? false
    : { undecided: `line ${line} of the allowed signers is not understood; fix it` };
}
