/** One entry of a directory, with the values that it shows. */

export interface LdapEntry {
  readonly dn: string;
  /** Names in lower case, without options; `objectguid` as its usual text. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** Lists of which only a part came (`member;range=0-1499`), by name. */
  readonly partial: ReadonlySet<string>;
}

export const first = ({ values }: LdapEntry, name: string): string | null => values.get(name)?.[0] ?? null;
export const all = ({ values }: LdapEntry, name: string): readonly string[] => values.get(name) ?? [];

export const isOf = (entry: LdapEntry, objectClass: string): boolean =>
  all(entry, 'objectclass').some((one) => one.toLowerCase() === objectClass);

/** The id that no renaming changes; null where the entry does not show one. */
export const idOfEntry = (entry: LdapEntry): string | null =>
  first(entry, 'objectguid') ?? first(entry, 'entryuuid')?.toLowerCase() ?? null;

/** A name as another spelling of it has it too: case, and spaces around `,` and `=`, do not count. */
export const dnKey = (dn: string): string =>
  dn
    .trim()
    .toLowerCase()
    .replaceAll(/(?<!\s)\s*([,=+])\s*/g, '$1');

/** Generalized time (RFC 4517), or the ticks of Active Directory since 1601; null for what is neither. */
export function timeOfEntry(entry: LdapEntry, name: string): string | null {
  const text = first(entry, name);
  if (text === null) return null;
  if (/^\d{17,19}$/.test(text)) return ofTicks(text);
  const [, year, month, day, hour, minute = '00', second = '00', zone] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)?(\d\d)?(?:[.,]\d+)?(Z|[+-]\d{4})$/.exec(text) ?? [];
  if (year === undefined) return null;
  const offset = zone === 'Z' ? 'Z' : `${zone?.slice(0, 3)}:${zone?.slice(3)}`;
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}

const EPOCH_TICKS = 116_444_736_000_000_000n;

function ofTicks(text: string): string | null {
  const ms = Number((BigInt(text) - EPOCH_TICKS) / 10_000n);
  return ms <= 0 || ms > 8.64e15 ? null : new Date(ms).toISOString();
}

/** A GUID as Active Directory writes it: the first three parts are the other way round in its bytes. */
export function guidOf(bytes: Uint8Array): string | null {
  if (bytes.length !== 16) return null;
  const hex = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]
    .map((at) => (bytes[at] ?? 0).toString(16).padStart(2, '0'))
    .join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
