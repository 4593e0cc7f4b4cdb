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
  'a digest of a secret that a chart notes': `checksum/secret: ${hex(64)}\nchecksum/db-config: ${hex(64)}`,
  'variables that take their value from elsewhere': `- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef: { name: db-${hex(8)}, key: password1 }\n- name: API_TOKEN\n  value: $(TOKEN_FROM_ABOVE)\n{ "name": "AUTH_TOKEN", "value": "" }, { "name": "KEY_ID", "value": "${hex(32)}" }\n- name: password\n- name: value\n  type: string`,
  'a path at home': 'private_key = file("~/.ssh/id_rsa_deploy_2022")\npassword: ~/.config/app/Pass1',
  'a helper that keeps credentials': 'credential_helper = "ecr-login-v0.7.1"',
  'ids of a measuring service': 'google_analytics_key = "UA-12345678-1"\ngoogle_tag_key: GTM-K7Q2ZP',
  'the name of a variable behind the name of a provider':
    'UV_TEST_GEMFURY_TOKEN: $' +
    '{{ secrets.UV_TEST_GEMFURY_TOKEN }}\nADYEN_API_KEY=$' +
    '{ADYEN_LIVE_KEY_2}',
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
  'a uuid behind a name that says key, token or password': `api_key = "${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}"\naccessToken: ${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}\nPASSWORD=${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}\ntoken: "request-${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}"`,
  'names of policies in a directory': 'pwdPolicySubentry: cn=expirein10,ou=policies,dc=acme,dc=test',
  'tokens that mark a place or a change': `"ClientToken": "terraform-2023041908492893070000${hex(8)}", "LockToken": "${hex(32)}", nextToken: "${base64(60)}", updateToken: '${hex(40)}', csrf_token = "${hex(32)}"`,
  'a key that is made to be shipped': `STRIPE_KEY=pk_${'live'}_51${base64(40).replaceAll(/[+/]/g, 'x')}\nmapboxToken = "pk.eyJ${base64(60).replaceAll(/[+/]/g, 'x')}.abc"\nlogo: "https://img.example/x.png?token=pk_${hex(22)}"`,
  'the configuration of Firebase in a page': `{ apiKey: "AI${'za'}${base64(35).replaceAll(/[+/]/g, '-')}", authDomain: "app.firebaseapp.com", projectId: "app", messagingSenderId: "104210421042" }`,
  'a search key beside its index': `algolia: { appId: "K7Q2ZP0XVB", apiKey: "${hex(32)}", indexName: "docs" }`,
  'expressions of pipelines':
    'token: $' +
    '{{ secrets.DEPLOY_TOKEN }}\nPASSWORD: $(dbPassword)\napi-key: "{{ .Values.apiKey }}"\nsecret: !Ref Password\npassword: "%(DB_PASSWORD)s"\nkey = var.signing_key\ntoken: "@Microsoft.KeyVault(SecretUri=https://x.example/secrets/token)"\nsecret: "op://vault/item/field"',
  'placeholders in the forms of issuers': `xo${'xb'}-xxxxxxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxx\nhttps://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX\nAK${'IA'}XXXXXXXXXXXXXXXX\ngh${'p_'}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\nsk_${'live'}_YOUR_SECRET_KEY_GOES_HERE00`,
  'the token that jwt.io shows': `eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c`,
  'an unsigned token': `token = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJ1LTgxIiwiYXVkIjoibGVkZ2VyIn0.x"`,
  'a key of an account of a local chain': `privateKey = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"`,
  'a key of RFC 8037': `{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}`,
  'the key of an emulator': `AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;`,
  'a signed address': `https://b.s3.amazonaws.com/x?X-Amz-Credential=AK${'IA'}QWERTZUIOPASDF23%2F20260101&X-Amz-Expires=600&X-Amz-Security-Token=IQoJb3JpZ2luX2Vj${base64(120).replaceAll('+', 'a')}`,
  'code that takes a key apart':
    'pem.replace("-----BEGIN PRIVATE KEY-----", "").replaceAll("\\s", "").replace("-----END PRIVATE KEY-----", "")',
  'a key in dots':
    '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC...\n-----END PRIVATE KEY-----',
  'names of fields': `"required": ["username", "password", "hostname", "port"], privateKeyName = "tlsServerCertificateKey"`,
  'a choice': `type = field === "password" ? "password" : "text-input-8"`,
  'ids of resources': `"SecretArn": "arn:aws:secretsmanager:us-east-1:104210421042:secret:READONLY-influxdb-auth-parameters-4nmqhy3bjg-g97DjK"\nsecrets: "frk_tt_68407ae5274a64092c305104"`,
  'versions and dates': `"parse-passwd": "^1.0.0", "password_last_changed": "2016-10-26T13:15:33+00:00"`,
  translations:
    '"password": "Palavra-chave", "Nextcloud password": "كلمة مرور"\nreset_password=Obnova vašeho hesla',
  'translations in resources of Android':
    '<string name="common_password">"Contrasenya"</string>\n<string name="action_forgot_password">"Heslo?"</string>',
  'an expression that matches addresses':
    'if [[ "$URL" =~ https://([[:alnum:]_:]+)@github.com/(.*)$ ]]; then',
  'a rule of sudo': 'ipsec ALL=NOPASSWD:SETENV:/usr/sbin/ipsec,/sbin/ip,/sbin/sysctl',
  'the users in the manuals of charts':
    '#     foo:$apr1$OFG3Xybp$ckL0FHDAkoXYIlH9.cysT0\n#     someoneelse:$apr1$DMZX2Z4q$6SbQIfyuLQd.xmo/P0m2c.',
  'the token in manuals of bots of Discord': `token = "MZ1yGvKTjE0rY0cV8i47CjAa.${'uRHQPq'}.Xb1Mk2nEhe-4iUcrGOuegj57zMC";`,
  'user names and passwords that stand for any':
    'curl -u user:password https://api.example\nsshpass -p password ssh x\nmysql --password=secret',
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
