import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isUnobserved, type Value } from '@macadam/core/facts/observation';
import {
  isAllowed,
  matchesPattern,
  parseAllowedSigners,
  parseCommit,
  parseFileSignature,
  verifyFileSignature,
} from '@macadam/secrets/signatures';
import { authenticator, withSignature } from '@macadam/testing/readers/authenticator';
import { git, NAME, text, working } from '@macadam/testing/readers/built-repository';
import fc from 'fast-check';
import { openRepository } from '../git/repository.ts';
import { isCms, parseOpenPgp } from './openpgp.ts';
import { readCommits, signatureFacts } from './read.ts';

let root = '';
before(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'macadam-commits-test-')));
});
after(() => rmSync(root, { recursive: true, force: true }));

const PAYLOAD = Buffer.from(
  `tree ${'a'.repeat(40)}\nparent ${'b'.repeat(40)}\nauthor A <a@example.com> 1780000000 +0200\ncommitter A <a@example.com> 1780000000 +0200\n\nmessage\n`,
);
const AT = new Date('2026-06-01T00:00:00Z');

function parsed(content: Buffer) {
  const commit = parseCommit(content);
  assert.ok(commit);
  return commit;
}

function why(value: Value | undefined): string {
  assert.ok(isUnobserved(value), `${JSON.stringify(value)} must be unobserved`);
  return value.why;
}

/** What OpenSSH itself says of a signature. */
function opensshAccepts(signature: string, message: Buffer, signers: string): boolean {
  writeFileSync(join(root, 'sig'), `${signature}\n`);
  writeFileSync(join(root, 'signers'), signers);
  const args = [
    '-Y',
    'verify',
    '-f',
    join(root, 'signers'),
    '-I',
    'a@example.com',
    '-n',
    'git',
    '-s',
    join(root, 'sig'),
  ];
  return spawnSync('ssh-keygen', args, { input: message }).status === 0;
}

describe('signatures of keys in files', () => {
  for (const [type, bits] of [
    ['ed25519', ''],
    ['ecdsa', '256'],
    ['ecdsa', '384'],
    ['ecdsa', '521'],
    ['rsa', '2048'],
  ] as const) {
    test(`a commit that git signed with ssh ${type} ${bits} is valid; changed, it is not`, () => {
      const folder = join(root, `${type}${bits}`);
      const key = `${folder}-key`;
      execFileSync('ssh-keygen', [
        '-q',
        '-t',
        type,
        ...(bits ? ['-b', bits] : []),
        '-N',
        '',
        '-C',
        '',
        '-f',
        key,
      ]);
      working(folder);
      git(folder, [
        '-c',
        'gpg.format=ssh',
        '-c',
        `user.signingKey=${key}`,
        'commit',
        '-q',
        '-S',
        '--allow-empty',
        '-m',
        'signed',
      ]);
      const content = git(folder, ['cat-file', 'commit', 'HEAD']);
      const signers = `a@example.com ${readFileSync(`${key}.pub`, 'utf8')}`;
      const facts = signatureFacts(parsed(content), parseAllowedSigners(signers));
      assert.deepEqual(facts, { signature: 'ssh', valid: true, made_by_host: false, trusted: true });
      const changed = Buffer.from(content.toString('latin1').replace('\n\nsigned', '\n\nsigneD'), 'latin1');
      assert.equal(signatureFacts(parsed(changed), undefined).valid, false);
      assert.match(
        why(signatureFacts(parsed(content), undefined).trusted),
        /name the allowed signers in macadam.yaml/,
      );
      assert.equal(signatureFacts(parsed(content), parseAllowedSigners('')).trusted, false);
    });
  }
});

describe('signatures of hardware keys', () => {
  for (const type of ['sk-ssh-ed25519@openssh.com', 'sk-ecdsa-sha2-nistp256@openssh.com'] as const) {
    const key = authenticator(type);
    test(`${type}: presence and verification are read, and OpenSSH agrees that it is valid`, () => {
      for (const [flags, present, verified] of [
        [0x01, true, false],
        [0x05, true, true],
        [0x00, false, false],
      ] as const) {
        const signature = key.sign(PAYLOAD, flags);
        const facts = signatureFacts(
          parsed(withSignature(PAYLOAD, signature)),
          parseAllowedSigners(`*@example.com ${key.line}`),
        );
        assert.deepEqual(facts, {
          signature: 'ssh-sk',
          valid: true,
          present,
          verified,
          made_by_host: false,
          trusted: true,
        });
        assert.equal(opensshAccepts(signature, PAYLOAD, `a@example.com ${key.line}\n`), true);
      }
    });

    test(`${type}: forged flags, another message, another namespace or another key are refused, as by OpenSSH`, () => {
      const untouched = key.sign(PAYLOAD, 0x00);
      const lines = untouched.split('\n');
      const blob = Buffer.from(lines.slice(1, -1).join(''), 'base64');
      blob[blob.length - 5] = 0x01;
      const forged = [lines[0], ...(blob.toString('base64').match(/.{1,70}/g) ?? []), lines.at(-1)].join(
        '\n',
      );
      const other = authenticator(type);
      for (const signature of [forged, key.sign(Buffer.from('else')), key.sign(PAYLOAD, 1, 'file')]) {
        const facts = signatureFacts(parsed(withSignature(PAYLOAD, signature)), undefined);
        assert.equal(facts.valid, false);
        assert.equal(opensshAccepts(signature, PAYLOAD, `a@example.com ${key.line}\n`), false);
      }
      const theirs = signatureFacts(
        parsed(withSignature(PAYLOAD, other.sign(PAYLOAD))),
        parseAllowedSigners(`* ${key.line}`),
      );
      assert.deepEqual([theirs.valid, theirs.trusted], [true, false]);
    });
  }
});

describe('signatures that only others can verify', () => {
  test('OpenPGP: the key is named, validity is not claimed', () => {
    const home = join(root, 'gnupg');
    mkdirSync(home, { mode: 0o700 });
    const env = { ...process.env, GNUPGHOME: home };
    const batch = ['--batch', '--quiet', '--passphrase', '', '--pinentry-mode', 'loopback'];
    execFileSync('gpg', [...batch, '--quick-generate-key', 'A <a@example.com>', 'ed25519', 'sign', 'never'], {
      env,
      stdio: 'ignore',
    });
    const listing = execFileSync('gpg', ['--batch', '--with-colons', '--list-keys'], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const fingerprint = /^fpr:+([0-9A-F]+):/m.exec(listing)?.[1];
    const signature = execFileSync('gpg', [...batch, '--armor', '--detach-sign'], {
      env,
      input: PAYLOAD,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    spawnSync('gpgconf', ['--kill', 'all'], { env });
    const found = parseOpenPgp(signature);
    assert.equal(found?.fingerprint, fingerprint);
    assert.equal(found?.keyId, fingerprint?.slice(-16));
    assert.equal(found?.algorithm, 'EdDSA');
    const facts = signatureFacts(parsed(withSignature(PAYLOAD, signature)), undefined);
    assert.equal(facts.signature, 'gpg');
    assert.match(why(facts.valid), new RegExp(`EdDSA.*${fingerprint}.*only a keyring or the host`));
    assert.equal(facts.made_by_host, false);
    const web = Buffer.from(
      PAYLOAD.toString().replace('committer A <a@example.com>', 'committer GitHub <noreply@github.com>'),
    );
    assert.match(
      why(signatureFacts(parsed(withSignature(web, signature)), undefined).made_by_host),
      /only GitHub can confirm/,
    );
    assert.equal(signatureFacts(parsed(web), undefined).made_by_host, false);
  });

  test('X.509 is recognised by its content, and anything else is unrecognised', () => {
    const [key, cert] = [join(root, 'x.key'), join(root, 'x.crt')];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-keyout',
        key,
        '-out',
        cert,
        '-subj',
        '/CN=A',
      ],
      { stdio: 'ignore' },
    );
    const der = execFileSync(
      'openssl',
      ['cms', '-sign', '-binary', '-signer', cert, '-inkey', key, '-outform', 'DER'],
      { input: PAYLOAD, stdio: ['pipe', 'pipe', 'ignore'] },
    );
    const armored = (label: string, content: Buffer) =>
      `-----BEGIN ${label}-----\n${content.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;
    const x509 = armored('SIGNED MESSAGE', der);
    assert.equal(isCms(x509), true);
    const facts = signatureFacts(parsed(withSignature(PAYLOAD, x509)), undefined);
    assert.equal(facts.signature, 'x509');
    assert.match(why(facts.valid), /authorities that you trust/);
    for (const garbage of [
      'x',
      armored('SIGNED MESSAGE', Buffer.from('no')),
      armored('PGP SIGNATURE', Buffer.from('no')),
      armored('SSH SIGNATURE', Buffer.from('SSHSIG')),
    ]) {
      const odd = signatureFacts(parsed(withSignature(PAYLOAD, garbage)), undefined);
      assert.deepEqual([odd.signature, odd.trusted], ['unrecognised', false]);
      assert.match(why(odd.valid), /of no form that is understood/);
    }
  });

  test('two signatures in one commit are none', () => {
    const key = authenticator('sk-ssh-ed25519@openssh.com');
    const twice = withSignature(withSignature(PAYLOAD, key.sign(PAYLOAD)), key.sign(PAYLOAD));
    assert.equal(signatureFacts(parsed(twice), undefined).signature, 'unrecognised');
  });

  test('a certificate is recognised and not verified', () => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(root, 'ca')]);
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(root, 'user')]);
    execFileSync('ssh-keygen', [
      '-q',
      '-s',
      join(root, 'ca'),
      '-I',
      'a',
      '-n',
      'a@example.com',
      join(root, 'user.pub'),
    ]);
    writeFileSync(join(root, 'message'), PAYLOAD);
    execFileSync(
      'ssh-keygen',
      ['-q', '-Y', 'sign', '-n', 'git', '-f', join(root, 'user-cert.pub'), join(root, 'message')],
      { stdio: 'ignore' },
    );
    const facts = signatureFacts(
      parsed(withSignature(PAYLOAD, readFileSync(join(root, 'message.sig'), 'utf8'))),
      parseAllowedSigners(''),
    );
    assert.equal(facts.signature, 'ssh');
    assert.match(why(facts.valid), /SSH certificate/);
    assert.match(why(facts.trusted), /list the key itself/);
  });
});

test('hostile bytes are recognised or not, and never throw', () => {
  const key = authenticator('sk-ecdsa-sha2-nistp256@openssh.com');
  const good = Buffer.from(key.sign(PAYLOAD).split('\n').slice(1, -1).join(''), 'base64');
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.nat(good.length - 1),
      fc.nat(255),
      (bytes, at, byte) => {
        const bent = Buffer.from(good);
        bent[at] = byte;
        for (const blob of [Buffer.from(bytes), bent, good.subarray(0, at)]) {
          for (const label of ['SSH SIGNATURE', 'PGP SIGNATURE', 'SIGNED MESSAGE']) {
            const text = `-----BEGIN ${label}-----\n${blob.toString('base64')}\n-----END ${label}-----`;
            const facts = signatureFacts(parsed(withSignature(PAYLOAD, text)), undefined);
            if (facts.valid === true) assert.ok(blob.equals(good), 'only the untouched signature is valid');
          }
        }
        parseCommit(Buffer.from(bytes));
      },
    ),
    { numRuns: 200 },
  );
});

describe('allowed signers', () => {
  const key = authenticator('sk-ssh-ed25519@openssh.com');
  const other = authenticator('sk-ssh-ed25519@openssh.com');
  const signature = parseFileSignature(key.sign(PAYLOAD));
  assert.ok(signature);
  assert.equal(verifyFileSignature(signature, PAYLOAD), true);
  const ask = (file: string, address = 'a@example.com', at = AT) =>
    isAllowed(parseAllowedSigners(file), signature, address, at);

  for (const [what, file, expected] of [
    ['the key of the address', `a@example.com ${key.line} comment`, true],
    ['a pattern', `b@x,*@example.com ${key.line}`, true],
    ['quoted principals', `"a@example.com" ${key.line}`, true],
    ['comments and empty lines', `# who\n\na@example.com ${key.line}\r\n`, true],
    ['a refusing pattern', `*@example.com,!a@example.com ${key.line}`, false],
    ['another address', `b@example.com ${key.line}`, false],
    ['another key', `a@example.com ${other.line}`, false],
    ['its namespace', `a@example.com namespaces="file,git" ${key.line}`, true],
    ['another namespace', `a@example.com namespaces="file" ${key.line}`, false],
    ['an authority only', `a@example.com cert-authority ${key.line}`, false],
    [
      'a time that has begun',
      `a@example.com valid-after="20260101Z",valid-before="20270101Z" ${key.line}`,
      true,
    ],
    ['a time that is over', `a@example.com valid-before="20260531Z" ${key.line}`, false],
    ['a time yet to come', `a@example.com valid-after="202606010001Z" ${key.line}`, false],
  ] as const) {
    test(`${what}: ${expected}, as OpenSSH says`, () => {
      assert.equal(ask(file), expected);
      writeFileSync(join(root, 'sig'), `${key.sign(PAYLOAD)}\n`);
      writeFileSync(join(root, 'signers'), `${file}\n`);
      const args = [
        '-Y',
        'verify',
        '-f',
        join(root, 'signers'),
        '-I',
        'a@example.com',
        '-n',
        'git',
        '-s',
        join(root, 'sig'),
        '-O',
        'verify-time=20260601000000Z',
      ];
      assert.equal(spawnSync('ssh-keygen', args, { input: PAYLOAD }).status === 0, expected);
    });
  }

  test('what cannot be decided says why', () => {
    assert.match(JSON.stringify(ask(`a@example.com valid-after="20260601" ${key.line}`)), /without `Z`/);
    assert.match(
      JSON.stringify(ask(`a@example.com\nb@example.com ${other.line}`)),
      /line 1 .* not understood/,
    );
    assert.match(JSON.stringify(ask(`a@example.com frobnicate ${key.line}`)), /line 1/);
  });

  test('patterns are matched in linear time', () => {
    assert.equal(matchesPattern(`${'*a'.repeat(30)}*b`, 'a'.repeat(5000)), false);
    assert.equal(matchesPattern('*@*.example.com', 'x@mail.example.com'), true);
    assert.equal(matchesPattern('?@example.com', 'ab@example.com'), false);
  });
});

describe('the list of commits', () => {
  const read = async (folder: string, parameters: Record<string, unknown> = {}) => {
    const repository = await openRepository({
      path: folder,
      name: 'it',
      within: [root],
      scratch: join(root, 'scratch'),
      searchPath: process.env.PATH,
    });
    try {
      const { statement, problems } = await readCommits(repository, parameters, 'it');
      assert.ok('value' in statement && Array.isArray(statement.value), JSON.stringify(statement));
      const commits: readonly Record<string, Value>[] = statement.value;
      return { commits, complete: statement.complete, problems };
    } finally {
      await repository.close();
    }
  };
  const history = (name: string, dates: readonly string[]) => {
    const folder = join(root, name);
    mkdirSync(folder);
    git(folder, ['init', '-q']);
    const tree = text(folder, ['mktree']);
    let parent: string[] = [];
    for (const date of dates) {
      const env = { PATH: process.env.PATH, ...NAME, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
      const made = execFileSync('git', ['commit-tree', tree, '-m', date, ...parent], {
        cwd: folder,
        env,
        encoding: 'utf8',
      }).trim();
      parent = ['-p', made];
    }
    git(folder, ['update-ref', 'refs/heads/main', parent[1] ?? '']);
    return folder;
  };

  test('a commit that claims an early date is no older than what it stands on, and hides nothing', async () => {
    const dates = [
      '2026-01-01T00:00:00Z',
      '2026-05-01T00:00:00Z',
      '2020-01-01T00:00:00Z',
      '2026-06-01T00:00:00Z',
    ];
    const folder = history('backdated', dates);
    const { commits, complete } = await read(folder);
    assert.deepEqual(
      commits.map(({ committed_at, no_older_than }) => [committed_at, no_older_than]),
      [
        ['2026-06-01T00:00:00.000Z', '2026-06-01T00:00:00.000Z'],
        ['2020-01-01T00:00:00.000Z', '2026-05-01T00:00:00.000Z'],
        ['2026-05-01T00:00:00.000Z', '2026-05-01T00:00:00.000Z'],
        ['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'],
      ],
    );
    assert.equal(complete, true);
    assert.deepEqual(commits.map(({ signature, committer }) => [signature, committer])[0], [
      'none',
      'a@example.com',
    ]);
  });

  test('the newest hundred, without anything else being asked', async () => {
    const dates = Array.from({ length: 103 }, (_, n) => new Date(Date.UTC(2026, 0, 1, n)).toISOString());
    const { commits, complete } = await read(history('long', dates));
    assert.equal(commits.length, 100);
    assert.equal(commits[0]?.committed_at, '2026-01-05T06:00:00.000Z');
    assert.equal(complete, true);
  });

  test('a shallow clone has a partial list', async () => {
    const origin = history('origin', [
      '2025-01-01T00:00:00Z',
      '2026-01-01T00:00:00Z',
      '2026-05-01T00:00:00Z',
    ]);
    const folder = join(root, 'shallow');
    git(root, ['clone', '-q', '--depth', '2', `file://${origin}`, folder]);
    const all = await read(folder);
    assert.deepEqual([all.commits.length, all.complete], [2, false]);
  });

  test('history that breaks off is partial, and a problem', async () => {
    const folder = history('broken', ['2026-01-01T00:00:00Z', '2026-05-01T00:00:00Z']);
    const parent = text(folder, ['rev-parse', 'HEAD^']);
    rmSync(join(folder, '.git/objects', parent.slice(0, 2), parent.slice(2)));
    const { commits, complete, problems } = await read(folder);
    assert.deepEqual([commits.length, complete], [1, false]);
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['object-missing'],
    );
  });
});
