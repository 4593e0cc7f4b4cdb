/**
 * Any bytes as a pack with its index: an object is what its id says or git is asked, nothing throws, and no pack makes the
 * reader unpack more than it was allowed, whatever sizes, differences and circles it claims.
 *
 * An input is the length of the pack (four bytes), the pack and the index.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isObject } from '@macadam/adapters/readers/git/objects';
import { openObjectFiles } from '@macadam/adapters/readers/git/packs';
import {
  blobId,
  difference,
  type PackEntry,
  type PackFile,
  packFile,
} from '../../../testing/readers/pack-file.ts';
import type { Target } from '../target.ts';

const MOST = 64 * 2 ** 10;
const text = Buffer.from('a line of a file that changes a little\n'.repeat(40));
const other = Buffer.concat([text.subarray(0, 1000), Buffer.from('and another end')]);
const changed = difference({ base: text.length, to: other.length, length: 1000, text: 'and another end' });
const honest: readonly PackEntry[] = [
  { kind: 3, content: text },
  { kind: 3, content: Buffer.alloc(0) },
  { kind: 1, content: Buffer.from('tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n'), oid: 'aa'.repeat(20) },
];
const HONEST = [blobId(text), blobId(other), blobId(Buffer.alloc(0))];
const [one, two] = ['11'.repeat(20), '22'.repeat(20)];

/** Of what the seeds hold, and what nobody has. */
const ASKED = [...HONEST, one, two, 'aa'.repeat(20), 'ff'.repeat(20)];

function seeds(): readonly PackFile[] {
  const plain = packFile(honest);
  const back = plain.pack.length - 20 - (plain.offsets[0] ?? 0);
  return [
    packFile([...honest, { kind: 6, content: changed, back, oid: blobId(other) }]),
    packFile([...honest, { kind: 7, content: changed, base: blobId(text), oid: blobId(other) }]),
    // Each a difference from the other, and one from itself.
    packFile([
      { kind: 7, content: changed, base: two, oid: one },
      { kind: 7, content: changed, base: one, oid: two },
    ]),
    packFile([{ kind: 7, content: changed, base: one, oid: one }]),
    // Sizes that nothing has.
    packFile([{ kind: 3, content: text, claimed: 2 ** 50, oid: one }]),
    packFile([{ kind: 3, content: text, claimed: MOST - 1, oid: one }]),
    packFile([
      ...honest,
      {
        kind: 7,
        content: difference({ base: text.length, to: 2 ** 40, length: 1000, text: '' }),
        base: blobId(text),
        oid: two,
      },
    ]),
    // A bomb: few bytes that unpack to many more than they say.
    packFile([{ kind: 3, content: Buffer.alloc(2 ** 20), claimed: 100, oid: one }]),
    // Each makes more of the one before it.
    packFile(
      Array.from({ length: 80 }, (_, step): PackEntry => {
        const oid = (step + 16).toString(16).padStart(2, '0').repeat(20);
        const base = (step + 15).toString(16).padStart(2, '0').repeat(20);
        if (step === 0) return { kind: 3, content: text, oid };
        const grown = difference({ base: text.length, to: text.length, length: text.length, text: '' });
        return { kind: 7, content: grown, base, oid };
      }),
    ),
  ];
}

const input = ({ pack, index }: PackFile): Uint8Array => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(pack.length);
  return Buffer.concat([length, pack, index]);
};

let folder: string | undefined;
function place(): string {
  if (folder !== undefined) return folder;
  const made = mkdtempSync(join(tmpdir(), 'macadam-fuzz-pack-'));
  process.on('exit', () => rmSync(made, { recursive: true, force: true }));
  folder = made;
  return made;
}

export const target: Target = {
  seeds: () => seeds().map(input),
  words: [
    'PACK',
    '\u00ff',
    '\u0000\u0000\u0000\u0002',
    ...ASKED.map((oid) => Buffer.from(oid, 'hex').toString('latin1')),
  ],
  fuzz: (_, bytes) => {
    const whole = Buffer.from(bytes);
    const length = whole.length < 4 ? 0 : whole.readUInt32BE(0);
    const pack = join(place(), 'a.pack');
    writeFileSync(pack, whole.subarray(4, 4 + length));
    writeFileSync(pack.replace(/pack$/, 'idx'), whole.subarray(4 + length));
    const reader = openObjectFiles({ packs: [pack], loose: new Map() }, MOST);
    for (const limit of [MOST, 100]) {
      for (const oid of ASKED) {
        reader.about(oid);
        const found = reader.read(oid, limit);
        if (found === undefined) continue;
        if (found.size !== found.content.length || found.size > limit)
          throw new Error(`${oid} has ${found.content.length} bytes, says ${found.size}, may have ${limit}`);
        // Read again it is the same: nothing that is held was written over.
        const again = reader.read(oid, limit);
        if (again === undefined || !again.content.equals(found.content) || again.type !== found.type)
          throw new Error(`${oid} is another the second time`);
        // What is believed is what was packed.
        if (HONEST.includes(oid) && isObject(oid, found) && found.type !== 'blob')
          throw new Error(`${oid} is a ${found.type}`);
      }
    }
    reader.close();
  },
};
