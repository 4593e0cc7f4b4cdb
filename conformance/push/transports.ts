/** Real git over the ways that people push: a folder, `git http-backend` behind a web server, and OpenSSH on a high port. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { git, type Scene } from './scene.ts';

export const TRANSPORTS = ['folder', 'http', 'ssh'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** Changes where the scene is pushed to. Throws where the transport is not to be had on this machine, with what is missing. */
export async function servedOver(
  over: Transport,
  scene: Scene,
  folder: string,
): Promise<{ readonly close: () => Promise<void> }> {
  if (over === 'http') return await overHttp(scene);
  if (over === 'ssh') return await overSsh(scene, folder);
  return { close: async () => {} };
}

async function overHttp(scene: Scene) {
  git(scene.server, ['config', 'http.receivepack', 'true']);
  const server = createServer((request, response) => gitBackend(dirname(scene.server), request, response));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  scene.address = `http://127.0.0.1:${port}/server.git`;
  return {
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((closed) => server.close(() => closed()));
    },
  };
}

/** `git http-backend` over the repositories below `root`. CGI: the head of the answer is lines before an empty one. */
export function gitBackend(root: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      PATH_INFO: pathname,
      QUERY_STRING: searchParams.toString(),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'],
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
      REMOTE_USER: 'ada',
      REMOTE_ADDR: '127.0.0.1',
    },
  });
  request.pipe(child.stdin);
  child.stdin.on('error', () => {});
  let head = Buffer.alloc(0);
  let begun = false;
  child.stdout.on('data', (bytes: Buffer) => {
    if (begun) return void response.write(bytes);
    head = Buffer.concat([head, bytes]);
    const end = head.indexOf('\r\n\r\n');
    if (end === -1) return;
    begun = true;
    for (const line of head.toString('latin1', 0, end).split('\r\n')) {
      const [name = '', value = ''] = line.split(/: (.*)/s);
      if (name.toLowerCase() === 'status') response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.write(head.subarray(end + 4));
  });
  child.on('close', () => response.end());
}

/** Of the Debian package `openssh-server`, installed or taken apart into a folder that `MACADAM_SSHD` names. */
const SSHD = ['/usr/sbin/sshd', '/usr/bin/sshd'];

export function findSshd(): string | null {
  return [process.env.MACADAM_SSHD ?? '', ...SSHD].find((path) => path !== '' && existsSync(path)) ?? null;
}

export interface SshServer {
  readonly port: number;
  /** Whom it lets in. */
  readonly person: string;
  /** Folder of its keys; `person` in it is the key of who calls. */
  readonly keys: string;
  readonly close: () => Promise<void>;
}

/** A real sshd on a free port, with more settings than those that every test has. Throws where there is none on this machine. */
export async function sshServer(
  folder: string,
  settings: (keys: string) => readonly string[],
): Promise<SshServer> {
  const program = findSshd();
  if (program === null)
    throw new Error('there is no sshd: install openssh-server, or name the program in MACADAM_SSHD');
  const keys = join(folder, 'ssh');
  mkdirSync(keys, { mode: 0o700 });
  for (const name of ['host', 'person'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(keys, name)]);
  const port = await freePort();
  const usual = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(keys, 'host')}`,
    `PidFile ${join(keys, 'pid')}`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
  ];
  writeFileSync(join(keys, 'config'), `${[...usual, ...settings(keys)].join('\n')}\n`);
  const person = personOf();
  if (person.id !== null) execFileSync('chown', ['-R', `${person.id}:${person.group}`, folder]);
  const daemon = spawn(program, ['-D', '-e', '-f', join(keys, 'config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: '/',
    ...(person.id === null ? {} : { uid: person.id, gid: person.group }),
  });
  let said = '';
  daemon.stderr.on('data', (bytes) => (said += bytes));
  const ended = new Promise<void>((end) => daemon.on('close', () => end()));
  for (let tries = 0; !(await answers(port)); tries++) {
    if (daemon.exitCode !== null || tries > 600) throw new Error(`sshd did not start: ${said}`);
    await wait(100);
  }
  return {
    port,
    person: person.name,
    keys,
    close: async () => {
      daemon.kill();
      await ended;
    },
  };
}

/** For `GIT_SSH_COMMAND`: nothing of the machine's own settings. */
export function sshCommand(key: string): string {
  const options = [
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'LogLevel=ERROR',
    'IdentitiesOnly=yes',
  ];
  return `ssh -F none -i '${key}' ${options.map((one) => `-o ${one}`).join(' ')}`;
}

async function overSsh(scene: Scene, folder: string) {
  const { port, person, keys, close } = await sshServer(folder, (at) => {
    writeFileSync(join(at, 'authorized'), readFileSync(join(at, 'person.pub')), { mode: 0o600 });
    return [`AuthorizedKeysFile ${join(at, 'authorized')}`];
  });
  scene.address = `ssh://${person}@127.0.0.1:${port}${scene.server}`;
  scene.pushEnvironment = { GIT_SSH_COMMAND: sshCommand(join(keys, 'person')) };
  return { close };
}

interface Person {
  readonly name: string;
  readonly id: number | null;
  readonly group: number;
}

/** A daemon without privileges lets in its own user only. Root's would want more of the machine, so it runs as somebody else's. */
export function personOf(): Person {
  if (process.getuid?.() !== 0) return { name: userInfo().username, id: null, group: 0 };
  const [name = '', , id, group] =
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .find(([, , number, , , , shell = '']) => Number(number) > 0 && /\/(?:ba|da|z)?sh$/.test(shell)) ?? [];
  if (name === '') throw new Error('root alone has a shell here: run it as somebody else');
  return { name, id: Number(id), group: Number(group) };
}

function freePort(): Promise<number> {
  const server = createTcpServer();
  return new Promise((found) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => found(port));
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      answer(true);
    });
    socket.on('error', () => answer(false));
  });
}
