/** How else a value is written: as base64 in whatever it stands in, and in hexadecimal. */

const LEAST_ENCODED = 8;

export function formsOf(value: Buffer): Buffer[] {
  const forms = [value];
  // What was taken for Latin-1 may be UTF-8 elsewhere, and the other way round.
  const text = value.toString('latin1');
  const utf8 = Buffer.from(text);
  if (!utf8.equals(value)) forms.push(utf8, Buffer.from(value.toString('utf8'), 'latin1'));
  if (value.length < LEAST_ENCODED) return forms;
  for (let before = 0; before < 3; before++) {
    const encoded = innerBase64(value, before);
    forms.push(Buffer.from(encoded));
    const ofAddresses = encoded.replaceAll('+', '-').replaceAll('/', '_');
    if (ofAddresses !== encoded) forms.push(Buffer.from(ofAddresses));
  }
  const hex = value.toString('hex');
  forms.push(Buffer.from(hex), Buffer.from(hex.toUpperCase()));
  return forms;
}

/** The digits that are the same whatever stands around it, with `before` bytes more than a multiple of three ahead of it. */
function innerBase64(value: Buffer, before: number): string {
  const encoded = Buffer.concat([Buffer.alloc(before), value]).toString('base64');
  return encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + value.length) * 8) / 6));
}
