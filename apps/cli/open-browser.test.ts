import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openBrowser, openerOf } from './open-browser.ts';

const address = 'https://macadam.example/settings?token=command-line&x=$(id)';

test('a browser is opened where somebody can see it, without a shell between', () => {
  assert.deepEqual(openerOf(address, { platform: 'linux', env: { DISPLAY: ':0' } }), ['xdg-open', [address]]);
  assert.equal(openerOf(address, { platform: 'linux', env: {} }), null);
  assert.equal(openerOf(address, { platform: 'linux', env: { DISPLAY: ':10', SSH_CONNECTION: '1' } }), null);
  assert.deepEqual(openerOf(address, { platform: 'darwin', env: {} }), ['open', [address]]);
  assert.deepEqual(openerOf(address, { platform: 'win32', env: {} })?.[1].at(-1), address);
});

test('what the environment names as browser is given the address as it is; one that is not there is said', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-browser-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [program, seen] = [join(folder, 'browser'), join(folder, 'seen')];
  writeFileSync(program, `#!/bin/sh\nprintf '%s' "$1" > ${seen}.part && mv ${seen}.part ${seen}\n`, {
    mode: 0o755,
  });
  assert.equal(await openBrowser(address, { platform: 'linux', env: { BROWSER: program } }), true);
  while (!existsSync(seen)) await new Promise((wait) => setTimeout(wait, 20));
  assert.equal(readFileSync(seen, 'utf8'), address);
  assert.equal(
    await openBrowser(address, { platform: 'linux', env: { BROWSER: join(folder, 'none') } }),
    false,
  );
});
