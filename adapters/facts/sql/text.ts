/** Names of our own (kinds, standards, reasons, steps) in the text of a query, where binding them would need a name for each. */
export const quotedText = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** An array of such names. */
export const texts = (all: readonly string[]): string =>
  all.length === 0 ? "CAST([], 'Array(String)')" : `[${all.map(quotedText).join(', ')}]`;
