/** A hook that asks a process which stays: the same answers, and none of them by a process that is gone, hangs up or lies. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { shareCompiled } from '@macadam/testing/paved/compiled';
import { madeCertificate } from '@macadam/testing/self-signed';
import { samples } from '../samples.ts';
import { bytesFrom } from './bytes.ts';
import { fillFromBuffer } from './git.ts';
import type { Asked, AskedElsewhere } from './hook.ts';
import { install } from './install.ts';
import { serveMachines } from './other-machines.ts';
import { parcelIn } from './parcel.ts';
import { questionIn, type Resident, serve } from './resident.ts';
import { newToken } from './tokens.ts';

const token = samples('resident')['github-token'] as string;
const program = join(import.meta.dirname, 'main.ts');

/** Nothing of the person who runs the tests. */
const environment = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_COMMITTER_NAME: 'A',
  GIT_COMMITTER_EMAIL: 'a@example.com',
};

const shared = mkdtempSync(join(tmpdir(), 'macadam shared-'));
const socket = join(shared, 'own', 'socket');
const file = (name: string, text: string) => {
  writeFileSync(join(shared, name), text, { mode: 0o600 });
  return join(shared, name);
};
const certified = madeCertificate();
const ofService = {
  certificate: file('certificate', certified.certificate),
  key: file('key', certified.key),
  tokens: file('tokens', ''),
};
let resident: Resident;
let service: Awaited<ReturnType<typeof serveMachines>>;

/** Both are begun once: each of their workers searches a push of the package's own source before it answers. */
before(async () => {
  mkdirSync(dirname(socket));
  const dead = spawn(process.execPath, [
    '-e',
    `require('net').createServer().listen(${JSON.stringify(socket)}, () => process.kill(process.pid, 'SIGKILL'))`,
  ]);
  await new Promise((ended) => dead.on('close', ended));
  assert.ok(existsSync(socket));
  resident = await serve(socket, 2);
  service = await serveMachines({ host: '127.0.0.1', port: 0, workers: 1, ...ofService });
});
after(async () => {
  await resident.close();
  await service.close();
  rmSync(shared, { recursive: true, force: true });
});

/** What a hook of one git server needs to ask the service, which knows it by a token of its own. */
function askedBy(server: string) {
  const token = file(`token of ${server}`, newToken(server, ofService.tokens));
  const authority = ofService.certificate;
  return { service: `https://127.0.0.1:${service.port}/push`, token, authority };
}

function scene(t: TestContext, asked: Asked = { socket }) {
  const folder = mkdtempSync(join(tmpdir(), 'macadam resident-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [server, clone] = [join(folder, 'server.git'), join(folder, 'clone')];
  execFileSync('git', ['init', '-q', '-b', 'main', clone]);
  const git = (...parameters: string[]) =>
    new Promise<{ status: number | null; said: string }>((done) => {
      const child = spawn('git', parameters, { cwd: clone, env: environment });
      let said = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (said += bytes));
      child.on('close', (status) => done({ status, said }));
    });
  const commit = async (path: string, text: string | Buffer) => {
    mkdirSync(dirname(join(clone, path)), { recursive: true });
    writeFileSync(join(clone, path), text);
    await git('add', '-A');
    const { status, said } = await git('commit', '-qm', 'Change it');
    assert.equal(status, 0, said);
  };
  const alone = join(folder, 'searched-alone');
  /** Writes its hook, which may be there already. */
  const guard = (at: string, by: Asked) => {
    const policy = { bypass: 'reason', onFailure: 'refuse' } as const;
    install({ folder: at, hook: 'pre-receive', program, policy, asked: by });
    // What the hook would start to search itself, so that it is seen whether it did.
    const hook = join(at, 'hooks/pre-receive');
    writeFileSync(
      hook,
      readFileSync(hook, 'utf8').replace('\nsearch() {\n', `\nsearch() {\n  : > '${alone}'\n`),
      { mode: 0o755 },
    );
  };
  const makeServer = (at: string) => {
    execFileSync('git', ['init', '-q', '--bare', at]);
    guard(at, asked);
    shareCompiled(at);
  };
  makeServer(server);
  const searchedAlone = () => {
    const seen = existsSync(alone);
    rmSync(alone, { force: true });
    return seen;
  };
  const pushTo = (at: string, ...parameters: string[]) => git('push', '-q', ...parameters, at, 'main');
  const push = (...parameters: string[]) => pushTo(server, ...parameters);
  return { folder, server, makeServer, guard, clone, git, commit, push, pushTo, searchedAlone };
}

test('a resident answers as the hook does, and the hook does not search as well', async (t) => {
  const { server, git, commit, push, searchedAlone } = scene(t);
  // Of so many different characters that a table of codes comes before the first of them.
  const long = readFileSync(join(import.meta.dirname, '../find.ts'));
  await commit('a.txt', long);
  const clean = await push();
  assert.deepEqual([clean, searchedAlone()], [{ status: 0, said: '' }, false]);
  await commit('deploy.env', `A=1\nTOKEN=${token}\n`);
  const holding = (await git('rev-parse', 'HEAD')).said.trim();
  await commit('deploy.env', 'A=1\n');
  const { status, said } = await push();
  assert.equal(status, 1);
  for (const part of ['deploy.env:2', '[github-token]', `commit ${holding}`])
    assert.ok(said.includes(part), `${part} is missing in ${said}`);
  assert.ok(!said.includes(token));
  const let_in = await push('-o', 'macadam.bypass=it is the key of a sandbox');
  assert.equal(let_in.status, 0, let_in.said);
  const [, line = ''] = readFileSync(join(server, 'macadam/push-protection.ndjson'), 'utf8')
    .trim()
    .split('\n');
  assert.equal(JSON.parse(line).attributes.repository.value, 'server');
  assert.equal(searchedAlone(), false);
});

test('one resident is behind several servers, and none is told anything of another', async (t) => {
  const { folder, server, makeServer, commit, push, pushTo, searchedAlone } = scene(t);
  const second = join(folder, 'second', 'of two.git');
  makeServer(second);
  await commit('a.env', `TOKEN=${token}\n`);
  const [one, two] = await Promise.all([push(), pushTo(second)]);
  assert.deepEqual([one.status, two.status], [1, 1]);
  assert.match(two.said, /a\.env:1/);
  const reason = 'it is the key of a sandbox';
  assert.equal((await pushTo(second, '-o', `macadam.bypass=${reason}`)).status, 0);
  assert.equal(existsSync(join(server, 'macadam/push-protection.ndjson')), false);
  const log = readFileSync(join(second, 'macadam/push-protection.ndjson'), 'utf8');
  assert.ok(log.includes(reason) && log.includes('"of two"'), log);
  // What one server holds by now is news to the other.
  await commit('a.env', `TOKEN=${token}\nB=1\n`);
  assert.deepEqual([(await push()).status, (await pushTo(second)).status], [1, 0]);
  assert.equal(searchedAlone(), false);
});

test('what came as a pack, as an object that nothing needs or under another name is searched by a resident too', async (t) => {
  const { server, clone, git, commit, push, searchedAlone } = scene(t);
  execFileSync('git', ['--git-dir', server, 'config', 'receive.unpackLimit', '1']);
  await commit('yarn.lock', 'nothing\n');
  assert.equal((await push()).status, 0);
  await commit('b.env', `TOKEN=${token}\n`);
  assert.match((await push()).said, /b\.env:1/);
  await git('reset', '-q', '--hard', 'HEAD^');
  execFileSync('git', ['--git-dir', server, 'config', 'receive.unpackLimit', '1000']);
  const digest = `secret_key: "${'4f9d0c2b7e61a853'.repeat(3)}8d17ca60b2f4935e"\n`;
  await commit('yarn.lock', digest);
  assert.equal((await push()).status, 0, 'a digest in a lock file is none');
  // In one folder, which comes before both of them.
  const other = digest.replace('4f9d', '51c6');
  writeFileSync(join(clone, 'z.yaml'), other);
  await commit('yarn.lock', other);
  assert.match((await push()).said, /z\.yaml:1/);
  // In a folder that comes behind another lock file, and before both of its own.
  await git('reset', '-q', '--hard', 'HEAD^');
  mkdirSync(join(clone, 'b'));
  for (const name of ['b/yarn.lock', 'b/z.yaml']) writeFileSync(join(clone, name), other);
  await commit('a/yarn.lock', digest.replace('4f9d', '62d7'));
  assert.match((await push()).said, /z\.yaml:1/);
  assert.equal(searchedAlone(), false);
});

test('a hook whose resident is gone, dies, fails or says something else searches itself', async (t) => {
  const folder = mkdtempSync(join(shared, 'own-'));
  const socket = join(folder, 'socket');
  const { commit, push, searchedAlone } = scene(t, { socket });
  await commit('a.txt', 'hello\n');
  assert.equal((await push()).status, 0, 'no socket');
  assert.equal(searchedAlone(), true);
  await commit('a.env', `TOKEN=${token}\n`);
  const ways: Readonly<Record<string, Parameters<typeof createServer>[1]>> = {
    'hangs up': (request) => void request.socket.destroy(),
    'is cut off': (_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('\naccepted\n', () => response.destroy());
    },
    'has failed': (_, response) => void response.writeHead(500).end('\naccepted\n'),
    'says something else': (_, response) => void response.end('\naccepted, surely\n'),
    'says nothing': (_, response) => void response.end(),
  };
  for (const [way, answer] of Object.entries(ways)) {
    const server = createServer((request, response) => {
      request.resume();
      request.on('end', () => answer?.(request as never, response as never));
    });
    await new Promise<void>((listening) => server.listen(socket, listening));
    const { status, said } = await push();
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
    assert.equal(status, 1, `a resident that ${way}: ${said}`);
    assert.match(said, /a\.env:1/, way);
    assert.equal(searchedAlone(), true, way);
  }
});

test('a socket of another user is not asked', async (t) => {
  const socket = join(mkdtempSync(join(shared, 'own-')), 'socket');
  const { commit, push, searchedAlone } = scene(t, { socket });
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.end('\naccepted\n'));
  });
  await new Promise<void>((listening) => server.listen(socket, listening));
  t.after(() => new Promise((closed) => server.close(closed)));
  await commit('a.env', `TOKEN=${token}\n`);
  // Only root can give it away; everybody else sees here that such an answer lets all in, which is why the owner counts.
  if (process.getuid?.() === 0) chownSync(socket, 65_534, 65_534);
  const { status } = await push();
  const isAsked = process.getuid?.() !== 0;
  assert.deepEqual([status === 0, searchedAlone()], [isAsked, !isAsked]);
});

test('a socket that a dead process left is taken, and one that answers is not', async () => {
  // Ours is at the place of such a one.
  assert.equal(statSync(socket).mode & 0o777, 0o600);
  await assert.rejects(serve(socket, 1), /another process answers/);
});

test('a service of another machine says that a push is clean, and of every other the hook says what it is', async (t) => {
  const { server, clone, git, commit, push, searchedAlone } = scene(t, askedBy('git-1'));
  const setting = (limit: string) =>
    execFileSync('git', ['--git-dir', server, 'config', 'receive.unpackLimit', limit]);
  const clean = async (what: string, ...parameters: string[]) => {
    const { status, said } = await push(...parameters);
    assert.deepEqual([status, said, searchedAlone()], [0, '', false], what);
  };
  await commit('a.txt', 'hello\n');
  await commit('a.txt', readFileSync(join(import.meta.dirname, '../find.ts')));
  await clean('files of their own');
  setting('1');
  await commit('b/c.txt', Buffer.alloc(300_000, 'what the order of the page is\n'));
  await commit('b/c.txt', Buffer.alloc(300_001, 'what the order of the page is\n'));
  await clean('a pack with a difference to what is there');
  await git('tag', '-a', 'v1', '-m', 'A release');
  await clean('a tag', '--tags');
  await git('push', '-q', server, ':refs/tags/v1');
  assert.equal(searchedAlone(), false, 'nothing that is new');
  for (const limit of ['1', '1000']) {
    setting(limit);
    await commit('deploy.env', `A=${limit}\nTOKEN=${token}\n`);
    const { status, said } = await push();
    assert.equal(status, 1);
    assert.match(said, /deploy\.env:2 .*commit [0-9a-f]{40}/s);
    assert.equal(searchedAlone(), true);
    await git('reset', '-q', '--hard', 'HEAD^');
  }
  // Their folder comes before both: as a lock file alone it would be clean.
  const digest = `secret_key: "${'4f9d0c2b7e61a853'.repeat(3)}8d17ca60b2f4935e"\n`;
  writeFileSync(join(clone, 'z.yaml'), digest);
  await commit('yarn.lock', digest);
  assert.match((await push()).said, /z\.yaml:1/);
});

test('a hook whose service is gone, does not know it, is another one, or of another version searches itself', async (t) => {
  const { tokens } = ofService;
  const asked = askedBy('git-2');
  const liar = createTlsServer({ cert: certified.certificate, key: certified.key }, (request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(500).end('accepted\n'));
  });
  await new Promise<void>((listening) => liar.listen(0, '127.0.0.1', listening));
  t.after(() => new Promise((closed) => liar.close(closed)));
  const { port } = liar.address() as AddressInfo;
  const ways: Readonly<Record<string, AskedElsewhere>> = {
    'is gone': { ...asked, service: 'https://127.0.0.1:1/push' },
    'is one that nobody vouches for': { ...asked, authority: file('other', madeCertificate().certificate) },
    'does not know the token': { ...asked, token: file('unknown', 'authorization: Bearer of-nobody\n') },
    'has failed': { ...asked, service: `https://127.0.0.1:${port}/push` },
  };
  const { server, guard, git, commit, push, searchedAlone } = scene(t, asked);
  await commit('a.txt', 'hello\n');
  await commit('a.env', `TOKEN=${token}\n`);
  for (const [way, each] of Object.entries(ways)) {
    guard(server, each);
    assert.match((await push()).said, /a\.env:1/, way);
    assert.equal(searchedAlone(), true, way);
  }
  await git('reset', '-q', '--hard', 'HEAD^');
  guard(server, asked);
  const hook = join(server, 'hooks/pre-receive');
  const written = readFileSync(hook, 'utf8');
  writeFileSync(hook, written.replace(/macadam-version: [^']+/, 'macadam-version: 0.0.0'));
  await commit('a.txt', '1\n');
  assert.deepEqual([(await push()).status, searchedAlone()], [0, true], 'another version');
  // What is sent without its end is not taken for the whole.
  writeFileSync(hook, written.replace(/^ {2}printf '%s\\n' end\n/m, ''));
  await commit('a.txt', '2\n');
  assert.deepEqual([(await push()).status, searchedAlone()], [0, true], 'cut off');
  writeFileSync(hook, written);
  await commit('a.txt', '3\n');
  assert.deepEqual([(await push()).status, searchedAlone()], [0, false]);
  writeFileSync(tokens, '# git-2 is no more\n');
  await commit('a.txt', '4\n');
  assert.deepEqual([(await push()).status, searchedAlone()], [0, true], 'its token was taken out');
  assert.throws(() => newToken('git-2 ', tokens), /is no name/);
  assert.match(newToken('git-2', tokens), /^authorization: Bearer [\w-]{43}\n$/);
  assert.throws(() => newToken('git-2', tokens), /has `git-2` already/);
  chmodSync(asked.token, 0o644);
  assert.throws(() => guard(server, asked), /can be read by others/);
});

test('of a push of another machine nothing is written but files of a quarantine, and nothing is taken that did not come whole', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'macadam parcel-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const name = '5b'.repeat(20);
  const archive = (path: string, ...options: string[]) => {
    const sent = mkdtempSync(join(folder, 'sent-'));
    mkdirSync(dirname(join(sent, path)), { recursive: true });
    writeFileSync(join(sent, path), 'an object');
    return execFileSync('tar', ['-cf', '-', '-C', sent, ...options, '.']);
  };
  const parcel = (files: Buffer, end = 'end\n') =>
    Buffer.concat([
      Buffer.from(`${name} ${'6c'.repeat(20)} refs/heads/main\n\n${name} a b\n..end\nfiles\n`),
      files,
      Buffer.from(end),
    ]);
  const opened = (bytes: Buffer) => {
    const into = mkdtempSync(join(folder, 'laid-'));
    const { incoming } = parcelIn(bytesFrom(fillFromBuffer(bytes)), into);
    return { into, brought: [...incoming.brought()], updates: incoming.updates() };
  };
  const object = `${name.slice(0, 2)}/${name.slice(2)}`;
  const whole = parcel(archive(object));
  const { into, brought, updates } = opened(whole);
  assert.deepEqual([brought, updates[0]?.reference], [[name], 'refs/heads/main']);
  assert.equal(readFileSync(join(into, 'quarantine', object), 'utf8'), 'an object');
  for (let length = 0; length < whole.length; length += length > 300 ? 512 : 1)
    assert.throws(() => opened(whole.subarray(0, length)), Error, `${length} bytes`);
  for (const path of ['info/alternates', 'pack/x.pack', '5b/../x', `${object}.x`])
    assert.throws(() => opened(parcel(archive(path))), /is no file of a quarantine/, path);
  const out = ['--transform', `s,./${object},../../${name},`, '-P'];
  assert.throws(() => opened(parcel(archive(object, ...out))), /is no file of a quarantine/);
  const links = mkdtempSync(join(folder, 'links-'));
  symlinkSync(folder, join(links, '5b'));
  const linked = execFileSync('tar', ['-cf', '-', '-C', links, '.']);
  assert.throws(() => opened(parcel(linked)), /something of the type "2"/);
});

test('a process that could search no push says why instead of starting, and leaves nothing', async () => {
  const folder = mkdtempSync(join(shared, 'no git-'));
  const socket = join(folder, 'socket');
  const { PATH, TMPDIR } = process.env;
  const temporary = join(folder, 'temporary');
  mkdirSync(temporary);
  Object.assign(process.env, { PATH: folder, TMPDIR: temporary });
  try {
    await assert.rejects(serve(socket, 1), /git cannot be run/);
  } finally {
    process.env.PATH = PATH;
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
  assert.deepEqual(readdirSync(temporary), []);
  assert.equal(existsSync(socket), false);
});

test('a process that cannot listen ends its workers, so that it ends itself', async () => {
  const workers = () =>
    (process.report.getReport() as { readonly workers: readonly object[] }).workers.length;
  const before = workers();
  assert.ok(before > 0);
  const taken = { host: '127.0.0.1', port: service.port, workers: 1, ...ofService };
  await assert.rejects(serveMachines(taken), { code: 'EADDRINUSE' });
  assert.equal(workers(), before);
});

test('a question is read whole or not at all', () => {
  const whole = ['--log=l', '', '/srv/a.git', 'A=1\n2', 'B=', '', '0 1 refs/heads/main\n'];
  assert.deepEqual(questionIn(whole.join('\0')), {
    words: ['--log=l'],
    folder: '/srv/a.git',
    environment: { A: '1\n2', B: '' },
    updates: '0 1 refs/heads/main\n',
  });
  for (let parts = 0; parts < whole.length; parts++)
    assert.throws(() => questionIn(whole.slice(0, parts).join('\0')), /not one of a hook of this version/);
});
