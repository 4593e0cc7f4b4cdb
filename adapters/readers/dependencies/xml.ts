/** Just enough XML for project files and Gradle's verification metadata. */

export interface Element {
  readonly attributes: ReadonlyMap<string, string>;
  /** Text between the tags; empty for an element without content. */
  readonly inside: string;
  readonly line: number;
}

/**
 * Elements of one name in an XML text, comments left out. Not an XML parser: project files hold these elements flat,
 * and nothing else of the file is needed. Linear in the length of the text.
 */
export function elements(source: string, name: string): Element[] {
  const found: Element[] = [];
  const opening = `<${name}`;
  let line = 1;
  let counted = 0;
  for (let at = source.indexOf('<'); at >= 0; at = source.indexOf('<', at + 1)) {
    if (source.startsWith('<!--', at)) {
      const end = source.indexOf('-->', at);
      if (end < 0) break;
      at = end;
      continue;
    }
    if (!source.startsWith(opening, at) || !/[\s/>]/.test(source.charAt(at + opening.length))) continue;
    const end = source.indexOf('>', at);
    if (end < 0) break;
    for (
      let next = source.indexOf('\n', counted);
      next >= 0 && next < at;
      next = source.indexOf('\n', counted)
    ) {
      line += 1;
      counted = next + 1;
    }
    const tag = source.slice(at + opening.length, end);
    const attributes = new Map<string, string>();
    for (const [, key = '', double, single] of tag
      .slice(0, 5000)
      .matchAll(/([\w:.]{1,60})\s?=\s?(?:"([^"]*)"|'([^']*)')/g)) {
      attributes.set(key.toLowerCase(), double ?? single ?? '');
    }
    let inside = '';
    if (!tag.endsWith('/')) {
      const close = source.indexOf('</', end);
      const stop = source.slice(end + 1, end + 5000).indexOf(`</${name}>`);
      inside = close < 0 || stop < 0 ? '' : source.slice(end + 1, end + 1 + stop);
    }
    found.push({ attributes, inside, line });
    at = end;
  }
  return found;
}
