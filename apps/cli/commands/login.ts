/** `macadam login` and `logout`: which server the other commands ask, and as whom. No password exists, so none is asked for. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { visible } from '@macadam/adapters/report-formats/text';
import { EXIT } from '../exit.ts';
import { openBrowser } from '../open-browser.ts';
import { type ServerOptions, serverAt, serverUrl } from '../server.ts';
import { forgetLogin, loginFile, storeLogin } from '../stored-login.ts';
import { UsageError } from '../terminal.ts';

interface Me {
  readonly person: string;
  readonly name: string;
  readonly roles: readonly { readonly role: string; readonly division: string }[];
  readonly scopes: 'all' | readonly string[];
}

/** Stores nothing that the server does not take. */
export async function login({ server }: ServerOptions): Promise<number> {
  const { MACADAM_SERVER, MACADAM_TOKEN } = process.env;
  const named = server ?? MACADAM_SERVER;
  if (!named) throw new UsageError('--server: it is missing; write it like https://macadam.example');
  const url = serverUrl(named, '--server');
  const token = MACADAM_TOKEN || (await askToken(url));
  if (token === '') throw new UsageError('there was no token; give it on stdin, or set MACADAM_TOKEN');
  const me = await serverAt(url, token).get<Me>('me');
  const file = storeLogin(process.env, { server: url.href, token });
  const roles = me.roles.map(({ role, division }) => (division === '' ? role : `${role} of ${division}`));
  const scopes = me.scopes === 'all' ? 'everything that you may' : me.scopes.join(', ');
  process.stderr.write(
    [
      `macadam: logged in to ${url.href} as ${visible(me.name)} (${visible(me.person)})`,
      `macadam: ${visible(roles.join(', ') || 'no role')}; the token is for ${visible(scopes)}`,
      `macadam: kept in ${file}; \`macadam logout\` removes it`,
      '',
    ].join('\n'),
  );
  return EXIT.ok;
}

export function logout(): number {
  const gone = forgetLogin(process.env);
  process.stderr.write(
    gone
      ? `macadam: ${loginFile(process.env)} is removed; until its end the token is good elsewhere, unless it is revoked\n`
      : 'macadam: nobody was logged in\n',
  );
  return EXIT.ok;
}

/** One line of stdin; at a terminal, after saying where a token comes from, and without showing it. */
async function askToken(url: URL): Promise<string> {
  const { stdin, stderr } = process;
  if (stdin.isTTY) {
    const page = new URL('settings?token=command-line', url).href;
    const opened = await openBrowser(page, { platform: process.platform, env: process.env });
    stderr.write(
      opened
        ? `Your browser shows ${page}: make a token there, and copy it.\n`
        : `Open ${page} in a browser, make a token there, and copy it.\n`,
    );
    stderr.write('Token (it is not shown): ');
  }
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: silent, terminal: stdin.isTTY });
  try {
    for await (const line of lines) return line.trim();
    return '';
  } finally {
    lines.close();
    if (stdin.isTTY) stderr.write('\n');
  }
}
