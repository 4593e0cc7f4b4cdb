/** Any bytes as a core dump: cleaned or refused with a reason, as many bytes as before, and never more work than the file is long. */
import { findSecrets } from '@macadam/secrets';
import { cleaned, DumpError } from '../../../paved/dumps/index.ts';
import { elfOf, startedWith } from '../../../testing/dumps/elf.ts';
import { PLANTED } from '../../../testing/dumps/planted.ts';
import type { Target } from '../target.ts';

const { notes, segment } = startedWith(
  ['program', '--password', PLANTED.parameter],
  [`GREETING=${PLANTED.environment}`],
);
const text = Buffer.from(`\0{"token":"${PLANTED.heap}"}\0\0-----BEGIN PRIVATE KEY-----\n`);

/** A value in the header and the first entry of its table, which stay what they are. */
const inHeader = elfOf([segment, { address: 0x1000, content: text }], notes);
inHeader.write(PLANTED.heap, 58);

export const target: Target = {
  seeds: () => [
    inHeader,
    elfOf([segment, { address: 0x1000, content: text }], notes),
    elfOf([
      { address: 0x1000 + text.length, content: Buffer.from(text.toString(), 'utf16le') },
      { address: 0x1000, content: text },
    ]),
  ],
  words: ['\x7fELF', 'CORE', '\xff\xff', '\0\0\0\0\0\0\0\0', '0\x82\x02\x01\0', PLANTED.heap],
  fuzz: (_text, bytes) => {
    const read = (into: Uint8Array, position: number) => {
      if (position < 0 || position + into.length > bytes.length)
        throw new Error('what is not there was read');
      into.set(bytes.subarray(position, position + into.length));
    };
    try {
      const after = cleaned({ size: bytes.length, read }, findSecrets);
      if (after.bytes.size !== bytes.length) throw new Error('it has another length');
      const whole = Buffer.alloc(bytes.length);
      after.bytes.read(whole, 0);
      if (!whole.subarray(0, 64).equals(bytes.subarray(0, 64))) throw new Error('its header is another one');
    } catch (error) {
      if (!(error instanceof DumpError)) throw error;
    }
  },
};
