/** Exports of chats and documents: what is found in each form, and what each file that cannot be read leaves unknown. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, deflateRawSync } from 'node:zlib';
import { readPostedTexts } from './read.ts';

// Put together at run time, so that no scanner takes it for a token.
const TOKEN = ['ghp', 'R8mQv2Xc5Zt7Lk1Nw4Bp9Hs3Gd6Fj0ZC8aJt'].join('_');
const PASSWORD = ['tq7Rb', 'Zw2Lk9', 'Xv4Mp'].join('');

function read(files: Readonly<Record<string, string | Buffer>>, subject: string | null = 'chat.example') {
  return readPostedTexts({
    folder: 'export',
    files: Object.entries(files).map(([path, body]) => ({ path, bytes: Buffer.from(body) })),
    subject,
    takenAt: new Date('2026-11-01T00:00:00Z'),
    receivedAt: new Date('2026-11-02T00:00:00Z'),
  });
}

interface Found {
  readonly where: string;
  readonly preview: string;
}

function found(files: Readonly<Record<string, string | Buffer>>): readonly (readonly Found[])[] {
  const result = read(files);
  assert.ok('batch' in result);
  assert.deepEqual(result.batch.collection.problems, []);
  return result.batch.observations.map(({ attributes: { secrets } }) => {
    assert.ok(secrets !== undefined && 'value' in secrets && secrets.complete === true);
    return secrets.value as unknown as readonly Found[];
  });
}

/** A ZIP archive of one compressed part. */
function archive(name: string, text: string): Buffer {
  const packed = deflateRawSync(text);
  const header = (size: number, signature: number) => {
    const bytes = Buffer.alloc(size);
    bytes.writeUInt32LE(signature);
    return bytes;
  };
  const local = header(30, 0x04034b50);
  local.writeUInt16LE(8, 8);
  local.writeUInt32LE(crc32(text), 14);
  local.writeUInt32LE(packed.length, 18);
  local.writeUInt16LE(name.length, 26);
  const central = header(46, 0x02014b50);
  central.writeUInt16LE(8, 10);
  central.writeUInt32LE(packed.length, 20);
  central.writeUInt16LE(name.length, 28);
  const end = header(22, 0x06054b50);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(local.length + name.length + packed.length, 16);
  return Buffer.concat([local, Buffer.from(name), packed, central, Buffer.from(name), end]);
}

test('a value is found in every form, with where it stands, and is never in what comes out', () => {
  const forms = {
    'general/2026-10-01.json': JSON.stringify([
      { text: 'hello' },
      { user: 'ada', text: `use ${TOKEN} for now` },
    ]),
    'list.csv': `who,what\nada,"token ${TOKEN}"\n`,
    'page.html': `<p>Use <b>${TOKEN.slice(0, 9)}</b>${TOKEN.slice(9)} for now</p>`,
    'plain.txt': `first\nuse ${TOKEN}\n`,
    'note.docx': archive(
      'word/document.xml',
      `<w:p><w:r><w:t>use ${TOKEN.slice(0, 9)}</w:t></w:r><w:r><w:t>${TOKEN.slice(9)}</w:t></w:r></w:p>`,
    ),
  };
  const all = found(forms);
  assert.deepEqual(
    all.map((one) => one.map(({ where }) => where)),
    [['/1/text'], ['line 2'], ['line 1'], ['line 2'], ['word/document.xml']],
  );
  assert.ok(!JSON.stringify(read(forms)).includes(TOKEN.slice(4, 20)));
});

test('a key of the export names its value, and plain talk holds nothing', () => {
  const [named, talk] = found({
    'a.json': JSON.stringify({ messages: [{ fields: { password: PASSWORD } }] }),
    'b.json': JSON.stringify([
      { client_msg_id: '0a1b2c3d-0000-4000-8000-00000000aaaa', text: 'is the password still the old one?' },
    ]),
  });
  assert.deepEqual(
    named?.map(({ where }) => where),
    ['/messages/0/fields/password'],
  );
  assert.deepEqual(talk, []);
});

test('what cannot be read leaves the export incomplete and is named; the others are searched', () => {
  for (const [path, body] of [
    ['broken.json', '[{"text": "half'],
    ['picture.txt', Buffer.from([0xff, 0xd8, 0xff, 0xe0])],
    ['locked.docx', Buffer.from('not an archive')],
    ['cut.docx', archive('word/document.xml', '<w:t>text</w:t>').subarray(20)],
  ] as const) {
    const result = read({ [path]: body, 'good.txt': 'nothing here' });
    assert.ok('batch' in result);
    const { collection, observations } = result.batch;
    assert.equal(observations.length, 1, path);
    assert.equal(collection.partitions[0]?.complete, false, path);
    assert.match(collection.problems[0]?.message ?? '', new RegExp(path), path);
  }
});

test('an export that nobody names is refused, since two of them would be one', () => {
  const result = read({ 'a.txt': 'x' }, null);
  assert.ok('mistakes' in result);
  assert.match(result.mistakes[0]?.reason ?? '', /name it by `--subject`/);
});
