/** moto: a service that answers as AWS does, started and ended by whoever asks it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { until } from '@macadam/testing/until';

const folder = join(import.meta.dirname, '../..');
const home = join(folder, 'node_modules/.moto-python');
const python = join(home, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');

/** Null where moto is there, or could be had. */
export function lacksMoto(): string | null {
  const works = () => spawnSync(python, ['-c', 'import moto.server']).status === 0;
  if (existsSync(python) && works()) return null;
  const made = spawnSync('python3', ['-m', 'venv', home], { encoding: 'utf8' });
  if (made.status !== 0) return `python3 with venv (${made.error?.message ?? made.stderr.trim()})`;
  const requirements = join(folder, 'moto-requirements.txt');
  const got = spawnSync(python, ['-m', 'pip', 'install', '--quiet', '-r', requirements], {
    encoding: 'utf8',
  });
  return got.status === 0 && works() ? null : `moto (${got.stderr.trim().split('\n').at(-1)})`;
}

export interface Service {
  readonly endpoint: string;
  readonly stop: () => void;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Once it answers. It ends with this process, however that ends. */
export async function startMoto(port: number): Promise<Service> {
  const child: ChildProcess = spawn(python, ['-m', 'moto.server', '-p', String(port)], { stdio: 'ignore' });
  process.once('exit', () => child.kill('SIGKILL'));
  const endpoint = `http://127.0.0.1:${port}`;
  await until('moto answers', async () => (await fetch(endpoint).catch(() => null)) !== null);
  return { endpoint, stop: () => void child.kill('SIGKILL') };
}
