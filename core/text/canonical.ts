/** The one text of plain data: keys sorted, no spaces. Two values are the same exactly when their texts are. */
export function canonical(value: unknown): string {
  // The engine's own writer is several times faster, and data that was canonical once comes in order.
  return inOrder(value) ? (JSON.stringify(value) ?? 'null') : written(value);
}

/** What JSON writes as it is between quotes. */
const PLAIN = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/;
const quoted = (text: string) => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text));

function written(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(written).join(',')}]`;
  const record = value as Readonly<Record<string, unknown>>;
  let text = '';
  for (const key of sortedKeys(record)) {
    const field = record[key];
    if (field !== undefined) text += `${text === '' ? '' : ','}${quoted(key)}:${written(field)}`;
  }
  return `{${text}}`;
}

function sortedKeys(record: object): readonly string[] {
  const keys = Object.keys(record);
  for (let index = 1; index < keys.length; index += 1) {
    // Most objects are in order, and sorting costs more than all the rest.
    if ((keys[index] ?? '') < (keys[index - 1] ?? '')) return keys.sort();
  }
  return keys;
}

/** Whether the keys of every object in it are sorted already. */
function inOrder(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object' && !inOrder(item)) return false;
    return true;
  }
  let last = '';
  for (const key in value) {
    if (key < last) return false;
    last = key;
    const field: unknown = (value as Readonly<Record<string, unknown>>)[key];
    if (typeof field === 'object' && !inOrder(field)) return false;
  }
  return typeof (value as { toJSON?: unknown }).toJSON !== 'function';
}
