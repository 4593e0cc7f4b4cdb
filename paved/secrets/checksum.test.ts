import assert from 'node:assert/strict';
import test from 'node:test';
import { base58Check, bech32, crc32Base62 } from './checksum.ts';
import { checksummed } from './samples.ts';

test('Bech32: the valid and invalid strings of BIP 173', () => {
  for (const text of [
    'A12UEL5L',
    'an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs',
    'abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw',
  ]) {
    assert.equal(bech32(text), true, text);
  }
  for (const text of ['A12UEL5M', 'li1dgmt3', 'de1lg7wt', '10a06t8', '1qzzfhee', ''])
    assert.equal(bech32(text), false, text);
});

test('Base58Check: an address of a genesis block, and one with a letter changed', () => {
  // The leading 1 stands for a zero byte, which a key never begins with; so the version is left out by this form.
  assert.equal(base58Check('3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy'), true);
  assert.equal(base58Check('3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLz'), false);
  assert.equal(base58Check('0OIl'), false);
});

test('CRC-32 in base 62: any changed character is noticed', () => {
  const token = checksummed('x_', 'crc');
  assert.equal(crc32Base62(token), true);
  for (let i = 2; i < token.length; i++) {
    const changed = token.slice(0, i) + (token.charAt(i) === 'Q' ? 'R' : 'Q') + token.slice(i + 1);
    assert.equal(crc32Base62(changed), false, `character ${i}`);
  }
});
