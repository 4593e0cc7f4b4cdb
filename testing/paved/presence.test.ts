/** Proof of presence at a git server: real pushes of commits that a hardware key in software signed, and of what proves less. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { install } from '../../paved/secrets/push/install.ts';
import { authenticator, withSignature } from '../readers/authenticator.ts';
import { shareCompiled } from './compiled.ts';

const folder = mkdtempSync(join(tmpdir(), 'macadam presence-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const server = join(folder, 'server.git');
const clone = join(folder, 'clone');
const signers = join(folder, 'allowed signers');
const environment = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
};
const run = (parameters: readonly string[], input: string | Buffer = '', more = {}): Buffer =>
  execFileSync('git', parameters, { cwd: clone, input, env: Object.assign({}, environment, more) });
const push = (...references: readonly string[]) => {
  const { status, stderr } = spawnSync('git', ['push', '-q', server, ...references], {
    cwd: clone,
    encoding: 'utf8',
    env: environment,
  });
  return { status, stderr };
};

const ada = authenticator('sk-ssh-ed25519@openssh.com');
const bob = authenticator('sk-ecdsa-sha2-nistp256@openssh.com');
const stranger = authenticator('sk-ssh-ed25519@openssh.com');
writeFileSync(
  signers,
  `ada@example.com namespaces="git" ${ada.line}\nbob@example.com ${bob.line}\nleft@example.com valid-before="20200101Z" ${stranger.line}\n`,
);
execFileSync('git', ['init', '-q', '--bare', server]);
execFileSync('git', ['init', '-q', '-b', 'main', clone]);
execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'file-key')]);
install({
  folder: server,
  hook: 'pre-receive',
  program: join(import.meta.dirname, '../../paved/secrets/push/main.ts'),
  policy: {
    bypass: 'reason',
    onFailure: 'refuse',
    presence: { allowedSigners: signers, bots: ['bot@example.com'] },
  },
});
shareCompiled(server);

/** A new commit on nothing, in a branch of its own; what git has of it, changed by `change`. */
function made(branch: string, change: (raw: Buffer) => Buffer, committer = 'ada@example.com'): string {
  const tree = run(['mktree'], '').toString().trim();
  const name = run(['commit-tree', tree, '-m', branch], '', { GIT_COMMITTER_EMAIL: committer })
    .toString()
    .trim();
  const raw = change(run(['cat-file', 'commit', name]));
  const changed = run(['hash-object', '-t', 'commit', '-w', '--stdin'], raw).toString().trim();
  run(['update-ref', `refs/heads/${branch}`, changed]);
  return changed;
}
const signedBy = (key: typeof ada, flags?: number, namespace?: string) => (raw: Buffer) =>
  withSignature(raw, key.sign(raw, flags, namespace));

test('a commit that a hardware key signed after a touch goes in, by either sort of key', () => {
  made('touched', signedBy(ada));
  made('touched-too', signedBy(bob), 'bob@example.com');
  const { status, stderr } = push('touched', 'touched-too');
  assert.equal(status, 0, stderr);
});

test('what proves less is refused, with the commit and what it is', () => {
  const cases: readonly (readonly [string, RegExp, (raw: Buffer) => Buffer, string?])[] = [
    ['unsigned', /carries no signature/, (raw) => raw],
    ['untouched', /a hardware key that did not wait for a touch/, signedBy(ada, 0x04)],
    [
      'changed',
      /a signature that does not hold/,
      (raw) =>
        Buffer.from(
          signedBy(ada)(raw)
            .toString('latin1')
            .replace(/\nchanged\n/, '\nanother\n'),
          'latin1',
        ),
    ],
    ['elsewhere', /a signature that does not hold/, signedBy(ada, 0x01, 'file')],
    ['borrowed', /do not tie to its committer/, signedBy(bob)],
    ['unknown-key', /do not tie to its committer/, signedBy(stranger)],
    ['ended', /do not tie to its committer/, signedBy(stranger), 'left@example.com'],
    [
      'web-flow',
      /proves no touch \(OpenPGP/,
      (raw) => withSignature(raw, '-----BEGIN PGP SIGNATURE-----\n\nwsFc\n-----END PGP SIGNATURE-----'),
      'noreply@github.com',
    ],
  ];
  const commits = cases.map(([branch, , change, committer]) => made(branch, change, committer));
  const { status, stderr } = push(...cases.map(([branch]) => branch));
  assert.equal(status, 1);
  const said = stderr.replaceAll(/^remote: /gm, '').split('\n');
  for (const [index, [branch, why]] of cases.entries()) {
    const at = said.findIndex((line) => line.includes(`commit ${commits[index]}`));
    assert.match(said[at + 1] ?? '', why, branch);
  }
});

test('a key in a file is for the programs that are named, and no reason lets a person through', () => {
  const line = execFileSync('cat', [join(folder, 'file-key.pub')], { encoding: 'utf8' });
  writeFileSync(signers, `ada@example.com ${ada.line}\nada@example.com ${line}bot@example.com ${line}`);
  const byFile = (raw: Buffer) => {
    const signed = execFileSync(
      'ssh-keygen',
      ['-q', '-Y', 'sign', '-n', 'git', '-f', join(folder, 'file-key')],
      { input: raw },
    );
    return withSignature(raw, signed.toString());
  };
  made('by-file', byFile);
  const { status, stderr } = push('-o', 'macadam.bypass=the key was left at home today', 'by-file');
  assert.equal(status, 1);
  assert.match(stderr, /signed with a key in a file, which proves no touch/);
  made('by-bot', byFile, 'bot@example.com');
  assert.equal(push('by-bot').status, 0);
});

test('an unsigned commit below a signed one is refused, and so is everything where the list cannot be read', () => {
  const below = made('below', (raw) => raw);
  made('above', (raw) => {
    const parted = Buffer.from(raw.toString().replace('\nauthor', `\nparent ${below}\nauthor`));
    return signedBy(ada)(parted);
  });
  const { status, stderr } = push('above');
  assert.equal(status, 1);
  assert.match(stderr, new RegExp(`${below}.*\\n.*carries no signature`));
  rmSync(signers);
  made('later', signedBy(ada));
  const unread = push('later');
  assert.equal(unread.status, 1);
  assert.match(unread.stderr, /could not be searched|allowed signers/);
});
