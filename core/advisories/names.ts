/** Names that others define: package URLs and language tags. */

const PURL_TYPE = /^[a-z][a-z0-9.+-]*$/i;

/** By the package URL specification: a type and a name at least, and qualifiers that have keys. */
export function isPackageUrl(text: string): boolean {
  if (!/^pkg:/i.test(text)) return false;
  const [withQualifiers = '', ...subpath] = text.slice(4).replace(/^\/+/, '').split('#');
  const [path = '', ...qualifiers] = withQualifiers.split('?');
  if (subpath.length > 1 || qualifiers.length > 1 || /[\s<>"{}|\\^`]/.test(text)) return false;
  const slash = path.indexOf('/');
  if (slash < 0 || !PURL_TYPE.test(path.slice(0, slash))) return false;
  const rest = path.slice(slash + 1);
  // A scope is written as `%40scope`, so that the last `@` begins the version, also where it is not encoded.
  const at = rest.lastIndexOf('@');
  const hasVersion = at > rest.lastIndexOf('/');
  const named = (hasVersion ? rest.slice(0, at) : rest).replace(/(?<!\/)\/+$/, '');
  const name = named.slice(named.lastIndexOf('/') + 1);
  if (name === '' || (hasVersion && at === rest.length - 1)) return false;
  if ([named, ...qualifiers, ...subpath].some((part) => !isEncoded(part))) return false;
  return (qualifiers[0] ?? '')
    .split('&')
    .every((one) => qualifiers.length === 0 || /^[a-z][a-z0-9._-]*=/i.test(one));
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Tags that were registered whole, before there were subtags. */
const GRANDFATHERED =
  /^(i-(ami|bnn|default|enochian|hak|klingon|lux|mingo|navajo|pwn|tao|tay|tsu)|cel-gaulish|en-gb-oed|no-(bok|nyn)|sgn-(be-fr|be-nl|ch-de)|zh-(guoyu|hakka|min|min-nan|xiang)|art-lojban)$/i;

/**
 * Whether a text is a language tag of BCP 47 whose language is registered: those of two letters are all known here; of those of
 * three letters there are thousands, and any is taken; longer ones were never registered.
 */
export function isLanguage(text: string): boolean {
  if (GRANDFATHERED.test(text) || /^x(-[a-z0-9]{1,8})+$/i.test(text)) return true;
  try {
    const { language, region } = new Intl.Locale(text);
    const known = (type: 'language' | 'region', code: string) =>
      new Intl.DisplayNames(['en'], { type, fallback: 'none' }).of(code) !== undefined;
    if (language.length > 3 || (language.length === 2 && !known('language', language))) return false;
    return (
      region === undefined ||
      /^\d/.test(region) ||
      /^(AA|Q[M-Z]|X[A-Z]|ZZ)$/.test(region) ||
      known('region', region)
    );
  } catch {
    return false;
  }
}
