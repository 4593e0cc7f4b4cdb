/**
 * How large anything may be that somebody writes, in one place: what is larger is refused where it comes in, so that whatever is kept can
 * be listed, logged, indexed, copied and put back.
 */
export const BOUNDS = {
  /** UTF-8 bytes of an asset's id: an index of the decisions takes 2,704 for all of its columns. */
  assetId: 1000,
  /** Characters of any other id or name. */
  id: 200,
  /** Characters of a text that people write: a reason, a comment. */
  text: 10_000,
  /** Assets, or other items, that are named at once. */
  items: 10_000,
  /** Selectors of an exception: each is held against everything that fails. */
  selectors: 200,
  /** Bytes of a document that is held whole while it is read. */
  document: 32 * 2 ** 20,
  /** Bytes of observations by line, which are read as they come. */
  lines: 2 ** 30,
} as const;

/** Whether an asset's id is short enough to be kept. Most are so short that their bytes need not be counted. */
export const isShortId = (id: string): boolean =>
  id.length * 3 <= BOUNDS.assetId || utf8Bytes(id) <= BOUNDS.assetId;

function utf8Bytes(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}
