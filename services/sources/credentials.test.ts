/** Credentials of sources: found where they are, sealed and opened, and never quoted. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { credentialOf, sealed } from './credentials.ts';

const folder = mkdtempSync(join(tmpdir(), 'macadam-sealed-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const key = { file: join(folder, 'keys', 'sources.key') };
const SECRET = 'a secret of a source';

const opened = (reference: string, name = 'ENTRA_TOKEN', from = key) =>
  credentialOf(reference, { name, environment: { GIVEN: SECRET }, key: from });

test('what is sealed is AES-256-GCM with a nonce of its own; changed, moved or under another key it is refused', async () => {
  const one = sealed(SECRET, 'ENTRA_TOKEN', key);
  const bytes = Buffer.from(one.slice('sealed:'.length), 'base64url');
  assert.equal(bytes.length, 12 + Buffer.byteLength(SECRET) + 16, 'nonce, text and tag');
  assert.notEqual(sealed(SECRET, 'ENTRA_TOKEN', key), one, 'the same secret is never the same twice');
  assert.equal(statSync(key.file).mode & 0o777, 0o600);
  assert.deepEqual(await opened(one), { secret: SECRET });
  const refused = async (answer: ReturnType<typeof opened>) => {
    const found = await answer;
    assert.ok('problem' in found && !found.problem.includes(SECRET));
    return found.problem;
  };
  for (const at of [0, 13, bytes.length - 1]) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    assert.match(await refused(opened(`sealed:${changed.toString('base64url')}`)), /cannot be opened/);
  }
  assert.match(await refused(opened('sealed:')), /cannot be opened/);
  assert.match(await refused(opened(one, 'GITHUB_TOKEN')), /cannot be opened/);
  const other = { file: join(folder, 'other.key') };
  assert.match(
    await refused(opened(one, 'ENTRA_TOKEN', other)),
    /other\.key that it is sealed with is not there/,
  );
  sealed('x', 'X', other);
  assert.match(await refused(opened(one, 'ENTRA_TOKEN', other)), /cannot be opened/);
  writeFileSync(other.file, 'no key');
  assert.match(await refused(opened(one, 'ENTRA_TOKEN', other)), /cannot be opened/);
});

test('a credential is found in the environment or in a file, and what is not there is named', async () => {
  writeFileSync(join(folder, 'token'), `${SECRET}\n`);
  assert.deepEqual(await opened(`file:${join(folder, 'token')}`), { secret: SECRET });
  assert.deepEqual(await opened('env:GIVEN'), { secret: SECRET });
  assert.deepEqual(await opened('env:GONE'), { problem: 'the environment has no GONE' });
});
