/** Shows a page in the browser of whoever sits at the terminal. */
import { spawn } from 'node:child_process';

export interface Desk {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The program that opens an address, and what it is given; null where nobody can be looking, as over a remote shell. */
export function openerOf(
  address: string,
  { platform, env }: Desk,
): readonly [string, readonly string[]] | null {
  if (env.BROWSER) return [env.BROWSER, [address]];
  if (platform === 'darwin') return ['open', [address]];
  // Not through a shell, which would read the address.
  if (platform === 'win32') return ['rundll32', ['url.dll,FileProtocolHandler', address]];
  const seen = env.DISPLAY || env.WAYLAND_DISPLAY;
  return seen && !env.SSH_CONNECTION ? ['xdg-open', [address]] : null;
}

/** Whether one was started. Throws nothing: whoever has none is told the address. */
export function openBrowser(address: string, desk: Desk): Promise<boolean> {
  const opener = openerOf(address, desk);
  if (opener === null) return Promise.resolve(false);
  const [program, given] = opener;
  return new Promise((done) => {
    const child = spawn(program, given, { stdio: 'ignore', detached: true });
    child.once('error', () => done(false));
    child.once('spawn', () => {
      child.unref();
      done(true);
    });
  });
}
