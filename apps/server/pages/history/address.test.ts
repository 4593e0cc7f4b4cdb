import assert from 'node:assert/strict';
import test from 'node:test';
import { assetAt, mailAt, standardAt, telephoneAt } from './address.ts';

test('what people named is encoded where an address is made of it, and brings nothing along', () => {
  const named = '../x?next=//evil.example#"><script>';
  for (const address of [assetAt(named), standardAt(named)]) {
    assert.match(address, /^\/(assets|standards)\/[\w.%-]+$/);
    assert.equal(decodeURIComponent(address.split('/')[2] ?? ''), named);
  }
  assert.equal(mailAt('ann.o+x@example.org'), 'mailto:ann.o%2Bx@example.org');
  assert.equal(
    mailAt('ann@example.org?bcc=eve@evil.example&body=x'),
    'mailto:ann@example.org%3Fbcc%3Deve@evil.example%26body%3Dx',
  );
  assert.equal(telephoneAt('+49 (30) 12;ext=9'), 'tel:+4930129');
});

test('a link is of this server, of a mail or of a telephone, whatever is put in', () => {
  for (const text of ['javascript:alert(1)', 'data:text/html,x', '//evil.example', 'https://evil.example/'])
    for (const [address, begin] of [
      [assetAt(text), '/assets/'],
      [standardAt(text), '/standards/'],
      [mailAt(text), 'mailto:'],
      [telephoneAt(text), 'tel:'],
    ] as const) {
      assert.ok(address.startsWith(begin), address);
      assert.equal(new URL(address, 'https://macadam.example').origin === 'https://evil.example', false);
    }
});
