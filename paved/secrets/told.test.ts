/** What a match says beside the secret: who lets it be, where in a file it stands, until when it is good. */
import assert from 'node:assert/strict';
import { createHash, createHmac, generateKeyPairSync } from 'node:crypto';
import test from 'node:test';
import { findSecrets, readIgnoreFiles } from './index.ts';
import { random, samples } from './samples.ts';

const secret = samples('told')['gitlab-token'] ?? '';
const only = (text: string, path?: string) => {
  const [match, ...more] = findSecrets(text, path === undefined ? {} : { path });
  assert.equal(more.length, 0, `${more.length} more matches`);
  return match;
};

test('marks of other scanners are told apart from an allowance: they give no reason', () => {
  const marks: Readonly<Record<string, string>> = {
    [`t = "${secret}" # gitleaks:allow`]: 'gitleaks:allow',
    [`t = "${secret}" // trufflehog:ignore`]: 'trufflehog:ignore',
    [`t = "${secret}" # pragma: allowlist secret`]: 'pragma: allowlist secret',
    [`t = "${secret}" # pragma: whitelist secret`]: 'pragma: whitelist secret',
    [`# pragma: allowlist nextline secret\nt = "${secret}"`]: 'pragma: allowlist nextline secret',
    [`// secretlint-disable-next-line\nt = "${secret}"`]: 'secretlint-disable-next-line',
  };
  for (const [text, mark] of Object.entries(marks)) {
    assert.deepEqual([only(text)?.ignoredBy, only(text)?.allowed], [mark, undefined]);
  }
  const both = only(`t = "${secret}" # gitleaks:allow macadam:allow-secret of the sandbox`);
  assert.deepEqual([both?.allowed, both?.ignoredBy], ['of the sandbox', undefined]);
  assert.equal(only(`# gitleaks:allow\n\nt = "${secret}"`)?.ignoredBy, undefined);
});

test('.gitleaksignore names a place, .secrets.baseline a secret or a place', () => {
  const hash = createHash('sha1').update(secret).digest('hex');
  const entry = (extra: object) => ({ type: 'GitLab Token', filename: 'b.py', ...extra });
  const ignoreFiles = readIgnoreFiles({
    '.gitleaksignore': `# known\n${'a'.repeat(40)}:src/a.py:gitlab-pat:2\nsrc/c.py:gitlab-pat:1\n`,
    '.secrets.baseline': JSON.stringify({
      results: {
        'b.py': [entry({ hashed_secret: hash, line_number: 900 })],
        'd.py': [entry({ hashed_secret: hash, is_secret: true })],
      },
    }),
  });
  const ignored = (path: string, text: string) =>
    findSecrets(text, { path, ignoreFiles }).map((match) => match.ignoredBy);
  assert.deepEqual(ignored('src/a.py', `\nt = "${secret}"`), ['.gitleaksignore']);
  assert.deepEqual(ignored('src/a.py', `t = "${secret}"`), [undefined], 'another line');
  assert.deepEqual(ignored('src/c.py', `t = "${secret}"`), ['.gitleaksignore']);
  assert.deepEqual(ignored('b.py', `t = "${secret}"`), ['.secrets.baseline']);
  assert.deepEqual(ignored('d.py', `t = "${secret}"`), [undefined], 'an audit called it real');
  assert.deepEqual(ignored('e.py', `t = "${secret}"`), [undefined], 'another file');
});

test('an ignore file that is none passes over nothing', () => {
  for (const text of ['', '{', '[]', '{"results":7}', '{"results":{"a":{"b":1}}}', '\u0000']) {
    const ignoreFiles = readIgnoreFiles({ '.secrets.baseline': text, '.gitleaksignore': text });
    assert.equal(findSecrets(`t = "${secret}"`, { path: 'a', ignoreFiles })[0]?.ignoredBy, undefined, text);
  }
});

test('documentation of an interface and tests inside a file are known by their lines', () => {
  const setting = (text: string, path?: string) => only(text, path)?.setting;
  assert.equal(setting(`/**\n * t = "${secret}"\n */\nf();`), 'documentation');
  assert.equal(setting(`/*\n * t = "${secret}"\n */\nf();`), undefined);
  assert.equal(setting(`/** x */\na\n * t = "${secret}"`), undefined);
  assert.equal(setting(`/// t = "${secret}"`, 'src/lib.rs'), 'documentation');
  assert.equal(setting(`    >>> login("${secret}")`, 'a.py'), 'documentation');
  assert.equal(setting(`// t = "${secret}"`), undefined, 'a line that was commented out');
  assert.equal(
    setting(`const help = \`USAGE:\n  a set TOKEN\n\nEXAMPLES:\n  a set ${secret}\n\``, 'a.go'),
    'documentation',
  );
  assert.equal(setting(`const help = \`USAGE:\n  a set TOKEN\`\nconst t = "${secret}"`, 'a.go'), undefined);
  assert.equal(setting(`cat <<END\nUsage:\n  a set TOKEN\nEND\nTOKEN=${secret}`, 'a.sh'), undefined);
  assert.equal(setting(`Examples:\n  - a: b\ntoken: ${secret}`, 'a.yaml'), undefined);
  assert.equal(setting(`usage: "API token, e.g. ${secret}"`, 'a.rb'), 'documentation');
  assert.equal(setting(`EXAMPLES = r'''\n- notify:\n    token: ${secret}\n'''\n`, 'm.py'), 'documentation');
  assert.equal(setting(`EXAMPLES = r'''\n- notify:\n'''\ntoken = "${secret}"\n`, 'm.py'), undefined);
  const rust = `fn f() {}\n#[cfg(test)]\nmod tests {\n  const T: &str = "${secret}";\n}`;
  assert.equal(setting(rust, 'src/lib.rs'), 'test');
  assert.equal(setting(rust, 'src/lib.txt'), undefined);
  assert.equal(setting(`const T: &str = "${secret}";\n#[cfg(test)]\nmod tests {}`, 'src/lib.rs'), undefined);
});

test('a line that was commented out is believed less, unless a checksum proves it', () => {
  const proved = samples('told')['github-token'] ?? '';
  const sure = (text: string) => only(text)?.confidence;
  assert.deepEqual(
    [sure(`t = "${secret}"`), sure(`// t = "${secret}"`), sure(`# t = "${secret}"`)],
    ['high', 'medium', 'medium'],
  );
  assert.deepEqual([sure(`// t = "${proved}"`), sure(`#define T "${secret}"`)], ['high', 'high']);
});

test('a password in base64 is as strong as what it stands for', () => {
  const weak = Buffer.from('p6ssw0rd').toString('base64');
  const strong = Buffer.from(`${random(14, 'abcdefghkmnpqrstuvwxyzABCDEFGH23456789', 'strong')}!7`).toString(
    'base64',
  );
  assert.deepEqual(
    [only(`password: ${weak}`)?.confidence, only(`password: ${strong}`)?.confidence],
    ['low', 'medium'],
  );
});

test('the id of a key is sure beside its key, and names it only where the key is elsewhere', () => {
  const id = samples('told')['aws-access-key'] ?? '';
  const key = random(40, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', 'aws');
  const sure = (text: string) =>
    findSecrets(text).map(({ detector, confidence }) => `${detector} ${confidence}`);
  assert.deepEqual(sure(`id = "${id}"`), ['aws-access-key low']);
  assert.deepEqual(sure(`id = "${id}"\naws_secret_access_key = "${key}"`), [
    'aws-access-key high',
    'aws-secret-key high',
  ]);
});

test('a list of ids of keys holds no key: one id does not stand for the key of another', () => {
  const draw = (length: number, seed: string) =>
    random(length, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', seed);
  const ids = [`AKI${'D'}${draw(32, 'one')}`, `AKI${'D'}${draw(32, 'two')}`];
  const sure = (text: string) => findSecrets(text).map(({ confidence }) => confidence);
  assert.deepEqual(sure(`{"AccessKeys":[{"Id":"${ids[0]}"},{"Id":"${ids[1]}"}]}`), ['low', 'low']);
  const hex = (length: number) => random(length, '0123456789abcdef', `request ${length}`);
  const uuid = `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
  assert.deepEqual(sure(`{"Id":"${ids[0]}","RequestId":"${uuid}"}`), ['low']);
  const scaleway = `SC${'W'}${random(17, 'ABCDEFGHJKMNPQRSTVWXYZ23456789', 'scaleway')}`;
  assert.ok(sure(`access = "${scaleway}", key = "${uuid}"`).includes('high'));
  assert.ok(sure(`{"Id":"${ids[0]}","Key":"${draw(32, 'key')}"}`).includes('high'));
});

test('a value in the form of a token is judged as a token, whatever name it has', () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const draw = (length: number, seed: string) =>
    random(length, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', seed);
  const head = part({ alg: 'HS256', b64: false });
  const sure = (value: string) => only(`const jwt = '${value}';`)?.confidence;
  assert.equal(sure(`${head}.${part({ sub: 'u-81' })}.${draw(43, 'signed')}`), 'medium');
  assert.equal(sure(`${head}.foo.${draw(43, 'foo')}`), 'low', 'the payload is none');
  assert.equal(sure(`${head.slice(0, 10)}.${part({ sub: 'u-81' }).slice(0, 12)}.${draw(20, 'cut')}`), 'low');
  const parts = [part({ alg: 'dir', enc: 'A128CBC-HS256' }), '', draw(22, 'a'), draw(80, 'b'), draw(22, 'c')];
  assert.equal(sure(parts.join('.')), 'low', 'what is encrypted needs its key first');
});

test('a token says until when it is good', () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256' })}.${part({ sub: 'u-81', exp: 1_700_000_000 })}`;
  const signature = createHmac('sha256', random(32, 'abcdef', 'key'))
    .update(signed)
    .digest('base64url');
  assert.equal(only(`t = "${signed}.${signature}"`)?.expires, '2023-11-14T22:13:20.000Z');
  const stock = createHmac('sha256', 'secret').update(signed).digest('base64url');
  assert.equal(only(`t = "${signed}.${stock}"`), undefined, 'everybody can make it');
  const sas = `https://x.blob.core.windows.net/c?sv=2021-10-04&se=2023-09-27T17%3A41%3A24Z&sr=b&sp=r&sig=${random(43, 'ABCDabcd2345', 'sas')}%3D`;
  assert.equal(only(sas)?.expires, '2023-09-27T17:41:24.000Z');
});

test('a key is the same secret with and without its line breaks, and whichever detector sees a value', () => {
  const body = random(160, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', 'pem');
  const lines = body.match(/.{64}|.+$/g) ?? [];
  const pem = (joined: string) => `-----BEGIN PRIVATE KEY-----${joined}-----END PRIVATE KEY-----`;
  const prints = [
    pem(`\n${lines.join('\n')}\n`),
    `"${pem(`\\n${lines.join('\\n')}\\n`)}"`,
    `/**\n * ${pem(`\n * ${lines.join('\n * ')}\n * `)}`,
    `'${pem(`\\n' +\n  '${lines.join("\\n' +\n  '")}\\n' +\n  '`)}'`,
  ].map((text) => only(text)?.fingerprint);
  assert.equal(new Set(prints).size, 1);
  assert.match(prints[0] ?? '', /^[0-9a-f]{32}$/);
  const value = random(32, 'abcdefghijkmnpqrstuvwxyz23456789', 'same');
  assert.equal(
    only(`api_key = "${value}"`)?.fingerprint,
    only(`https://x.example/?token=${value}`)?.fingerprint,
  );
});

test('a private key that its name calls made up is believed less, and is found all the same', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const sure = (name: string) => only(`const ${name}: &str = "${pem}";`)?.confidence;
  assert.deepEqual(['TEST_FAKE_RSA_KEY_0', 'dummyKey', 'SIGNING_KEY', 'fakedKey'].map(sure), [
    'medium',
    'medium',
    'high',
    'high',
  ]);
  assert.equal(only(`// fake names below\n${pem}`)?.confidence, 'high', 'another line says nothing of it');
});

test('a lock file has digests only, and tokens with a mark of their issuer', () => {
  const digest = random(64, '0123456789abcdef', 'lock');
  const text = `keyv-token: "${digest}"\nauth: ${secret}\n`;
  assert.deepEqual(
    findSecrets(text, { path: 'a/pnpm-lock.yaml' }).map(({ detector }) => detector),
    ['gitlab-token'],
  );
  assert.equal(findSecrets(text, { path: 'a/pnpm.yaml' }).length, 2);
});

test('forms that were never found: the group of each alternative is the secret', () => {
  const draw = (length: number, seed: string) =>
    random(length, 'abcdefghkmnpqrstuvwxyzABCDEFGH23456789', seed);
  const password = `${draw(9, 'password')}!7`;
  const bot = `${random(10, '123456789', 'bot')}:AA${draw(33, 'bot')}`;
  const session = `IQoJb3JpZ2luX2Vj${draw(160, 'session')}`;
  const django = `${draw(20, 'a')}(${draw(10, 'b')}$${draw(14, 'c')})#!&`;
  const texts: Readonly<Record<string, string>> = {
    [`curl -u robot:${password} https://x`]: password,
    [`sshpass -p '${password}' ssh x`]: password,
    [`mysql --password ${password} -h x`]: password,
    [`notify ${bot}`]: bot,
    [`x = ${session}`]: session,
    [`SECRET_KEY = '${django}'`]: django,
    [`define('NONCE_SALT', '${django}${draw(14, 'd')}');`]: `${django}${draw(14, 'd')}`,
    [`login(user='robot', password='${password}')`]: password,
    [`token = os.environ.get("T") or "${draw(32, 'or')}"`]: draw(32, 'or'),
    [`ENV API_TOKEN ${draw(32, 'env')}`]: draw(32, 'env'),
    [`- name: ACME_TOKEN\n  value: ${draw(32, 'yaml')}`]: draw(32, 'yaml'),
    [`- name: "ACME_PASSWORD"\n  value: '${password}'`]: password,
    [`{ "name": "ACME_TOKEN", "value": "${draw(32, 'ecs')}" }`]: draw(32, 'ecs'),
    [`{\n  name  = "ACME_TOKEN"\n  value = "${draw(32, 'hcl')}"\n}`]: draw(32, 'hcl'),
    [`TAILSCALE_KEY=${draw(32, 'named')}`]: draw(32, 'named'),
    [`var apiToken string = "${draw(32, 'go')}"`]: draw(32, 'go'),
  };
  for (const [text, expected] of Object.entries(texts)) {
    const found = findSecrets(text, { reveal: true }).map((match) => match.secret);
    assert.deepEqual(found, [expected], text.slice(0, 20));
  }
});

test('the checksum of a key that anybody makes says that it is whole, and not that a service knows it', () => {
  const key = `AGE-SECRET-${'KEY'}-1MD759P5CHJU5VAW30C7U6N79ZUM52GFC0CEF0Y0A8Y5XGYUT3JFSW904CA`;
  assert.deepEqual([only(key)?.confidence, only(key)?.checked], ['high', false]);
  assert.equal(only(key.replace('904CA', '904CX'))?.confidence, 'low');
});
