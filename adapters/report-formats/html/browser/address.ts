/**
 * A list has an address: the fragment `#standard=x&verdict=fail` says which findings it shows. Its source is also
 * sent to the browser, so it refers to nothing outside.
 */
export interface Selection {
  readonly standard?: string;
  readonly verdict?: string;
  readonly reason?: string;
  /** Empty: owned by nobody. */
  readonly owner?: string;
  readonly kind?: string;
  readonly repository?: string;
  /** Part that an asset plays in its repository: product, test … Empty: none is known. */
  readonly place?: string;
  readonly change?: string;
  /** `yes`: failures under an exception in force; `no`: the others. */
  readonly excepted?: string;
  /** Number of a blind spot, counted from 1: what it hides. */
  readonly blind?: string;
  readonly search?: string;
  readonly group?: string;
  /** Fingerprint of a finding to open. */
  readonly finding?: string;
}

export interface Address {
  readonly keys: readonly (keyof Selection)[];
  print(selection: Selection): string;
  /** Null when the fragment is no selection (a section's anchor, or nothing). */
  parse(fragment: string): Selection | null;
}

export function address(): Address {
  const keys: readonly (keyof Selection)[] = [
    'standard',
    'verdict',
    'reason',
    'owner',
    'kind',
    'repository',
    'place',
    'change',
    'excepted',
    'blind',
    'search',
    'group',
    'finding',
  ];
  const encode = (text: string): string =>
    encodeURIComponent(text.toWellFormed()).replace(/[!'()*]/g, (character) => {
      return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
    });
  return {
    keys,
    print: (selection) =>
      `#${keys
        .flatMap((key) => {
          const value = selection[key];
          return value === undefined ? [] : [`${key}=${encode(value)}`];
        })
        .join('&')}`,
    parse: (fragment) => {
      const found: { -readonly [key in keyof Selection]: Selection[key] } = {};
      for (const part of fragment.replace(/^#/, '').split('&')) {
        const split = part.indexOf('=');
        const key = keys.find((known) => known === part.slice(0, split));
        if (split < 0 || key === undefined) continue;
        try {
          found[key] = decodeURIComponent(part.slice(split + 1));
        } catch {
          // A fragment typed or cut off by hand: that part selects nothing.
        }
      }
      return Object.keys(found).length === 0 ? null : found;
    },
  };
}
