import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { Attack } from '../attack.ts';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

export const attack: Attack = {
  finding: 'A log-in that was begun with `to=/.//evil` led to another site',
  run: async (start) => {
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    const server = await start({
      words: ['--origin', origin, '--port', String(port)],
      env: { MACADAM_OIDC_ISSUER: 'https://id.invalid', MACADAM_OIDC_CLIENT_ID: 'x' },
      logIn: false,
    });
    for (const to of [
      '/.//evil.example',
      '/a/..//evil.example',
      '//evil.example',
      '/\\evil.example',
      '/./%5Cevil.example',
    ])
      for (const { text } of [await server.ask(`/login?to=${encodeURIComponent(to)}`, { token: '' })]) {
        const led = /\/login\/openid\?([^"]+)/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? '';
        const target = new URLSearchParams(led).get('to') ?? '';
        assert.equal(new URL(target, origin).origin, origin, `${to} leads to ${target}`);
      }
  },
};
