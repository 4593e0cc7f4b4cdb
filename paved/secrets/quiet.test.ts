/** What must not be found: everyday text that looks random or names secrets without holding one. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { findSecrets } from './index.ts';
import { random } from './samples.ts';

const hex = (length: number) => random(length, '0123456789abcdef', `quiet ${length}`);
const base64 = (length: number) =>
  random(length, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', `quiet ${length}`);

const QUIET: Readonly<Record<string, string>> = {
  'an integrity of a lockfile': `"node_modules/keyv": { "integrity": "sha512-${base64(86)}==", "resolved": "https://registry.example/keyv/-/keyv-4.5.4.tgz#${hex(40)}" }`,
  'a yarn entry': `keyv@^4.5.4:\n  version "4.5.4"\n  resolved "https://registry.example/keyv/-/keyv-4.5.4.tgz#${hex(40)}"\n  integrity sha512-${base64(86)}==`,
  'a line of go.sum': `github.com/golang-jwt/jwt/v5 v5.2.1 h1:${base64(43)}=`,
  'a module of a provider in go.sum': `github.com/Azure/azure-auth v14.2.0 h1:${base64(43)}=\ngithub.com/docker/docker-credential-helpers v0.0.0-20260102030405-${hex(12)} h1:${base64(43)}=`,
  'a hash of requirements': `authlib==1.3.0 --hash=sha256:${hex(64)}`,
  'a commit that a workflow pins': `uses: docker/login-action@${hex(40)} # v3`,
  'an image digest': `image: vault@sha256:${hex(64)}`,
  'a commit id': `Fixes ${hex(40)}`,
  'a uuid': `id: ${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`,
  'a public key': `-----BEGIN PUBLIC KEY-----\n${base64(64)}\n-----END PUBLIC KEY-----`,
  'a certificate': `-----BEGIN CERTIFICATE-----\n${base64(64)}\n-----END CERTIFICATE-----`,
  'an ssh public key': `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${base64(43)} me@host`,
  'minified code':
    'var a=t.key,r=e.token;if(n.password!==o.password)throw Error("key");u.secret=c(a,{token:r})',
  'a type': 'export interface Login { password: string; token: string; apiKey?: string }',
  'reading the environment':
    'const token = process.env.API_TOKEN; password = os.environ["DB_PASSWORD"]; secret: $' +
    '{{ secrets.DEPLOY_KEY }}',
  'a call': 'password = getPassword(user); token = await fetchToken("https://login.example/token")',
  placeholders:
    'api_key = "your-api-key-here"\ntoken: <token>\nsecret = "xxxxxxxxxxxxxxxxxxxx"\nPASSWORD=changeme\npassword: "********"',
  labels:
    'password: "Password"\n"forgotPassword": "Forgot your password?"\npasswordHint: "at least 8 characters"\n"token": "Jeton d’accès"',
  'keys that open nothing':
    'key: "user-profile-settings"\nprimaryKey: "order_line_id"\ncacheKey = "v2:users:list:all"\n<Item key="navigation-item-14">',
  'the documented key of AWS': `aws_access_key_id = AK${'IA'}IOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCY${'EXAMPLEKEY'}`,
  'an address without a password':
    'https://user@host.example/path mongodb://localhost:27017/db git@github.com:a/b.git',
  'an address with variables':
    'postgres://$USER:$PASSWORD@db/app redis://:$' + '{REDIS_PASSWORD}@cache amqp://{user}:{password}@mq',
  'a hash of a name': `password_hash_algorithm: argon2id\ntoken_sha256: ${hex(64)}\nkey_fingerprint: ${hex(40)}`,
};

test('everyday text is quiet', () => {
  for (const [what, text] of Object.entries(QUIET)) {
    assert.deepEqual(
      findSecrets(text, { reveal: true }).map((match) => `${match.detector}: ${match.secret}`),
      [],
      what,
    );
  }
});
