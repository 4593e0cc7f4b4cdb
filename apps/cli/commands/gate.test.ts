/** The gate as a hook or a pipeline meets it: a process, its exit code and what it says. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { aesStore, certificate, PASSWORD } from '@macadam/testing/certificates/stores';
import { startCommandLine } from '@macadam/testing/command-line';
import { sigstoreAuthority } from '@macadam/testing/sigstore-authority';

const commandLine = startCommandLine();
const folder = mkdtempSync(join(tmpdir(), 'macadam-gate-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function gate(input: string | Buffer, ...words: readonly string[]) {
  return gateIn(folder, input, ...words);
}

function gateIn(cwd: string, input: string | Buffer, ...words: readonly string[]) {
  const { status, stdout, stderr } = commandLine.run({ args: ['gate', ...words], cwd, input });
  assert.doesNotMatch(stderr, /^\s+at /m, 'nobody is shown a stack trace');
  return { code: status, out: stdout, err: stderr };
}

const KIND = `kind: shed
description: A shed of an estate, for tests of the gate.
key: [locked]
fresh_for: 7d
attributes:
  locked: { type: bool, description: Whether it is locked. }
  keys: { type: list, of: string, description: Who has a key. }
  open_on_purpose: { type: bool, set_by: approval, description: Whether it may stand open. }
`;
const standard = (id: string, check: string, rollout: string, params = '{}') => `id: ${id}
pillar: engineering
title: A shed is kept as it should be
statement: Every shed of the estate is kept as it should be.
why: What lies in an open shed is soon somewhere else.
origin: { report: none, lesson: Open sheds are empty sheds. }
scope: { kind: shed }
check: ${JSON.stringify(check)}
params: ${params}
reasons: [{ id: open, say: it is open }]
severity: high
measure: { kind: share }
rollout: ${rollout}
toil: { owner_minutes: 1 }
`;

before(() => {
  mkdirSync(join(folder, 'own/kinds'), { recursive: true });
  writeFileSync(join(folder, 'own/kinds/shed.yaml'), KIND);
  const put = (id: string, text: string) => {
    const at = join(folder, 'own/standards/engineering', id);
    mkdirSync(join(at, 'stay'), { recursive: true });
    writeFileSync(join(at, 'standard.yaml'), text);
    writeFileSync(join(at, 'README.md'), '# Shed\n');
    writeFileSync(
      join(at, 'stay/gate.yaml'),
      'runs: [creation]\nsay: Lock it before you leave.\non_unknown: ask\n',
    );
  };
  put('shed-locked', standard('shed-locked', 'asset.locked', '{ state: enforce, on_unknown: ask }'));
  const few = standard(
    'shed-few-keys',
    'size(asset.keys) <= params.most',
    '{ state: warn, on_unknown: warn }',
    '{ most: 2 }',
  );
  put('shed-few-keys', few);
  put('shed-tried', standard('shed-tried', 'asset.locked', '{ state: observe, on_unknown: block }'));
  const later = '{ state: warn, enforce_from: 2999-01-01, on_unknown: block }';
  put('shed-later', standard('shed-later', 'size(asset.keys) < 9', later));
  writeFileSync(join(folder, 'macadam.yaml'), 'catalogue: [own]\n');
});

test('0: it may go on, and what only warns stops nobody', () => {
  const good = gate('{locked: true, keys: [ada]}', '--kind', 'shed');
  assert.equal(good.code, 0, good.err);
  assert.match(good.out, /^It may go on: 3 standards asked, 3 met, 0 failing, 0 undecided\.$/m);
  const warned = gate('{"locked": true, "keys": ["a", "b", "c"]}', '--kind', 'shed');
  assert.equal(warned.code, 0);
  assert.match(
    warned.out,
    /^warn {3}A shed is kept .*\(shed-few-keys, high, warn\)\n {7}fail, open: it is open$/m,
  );
});

test('1: a failure is blocked, with the reason, what the gate says and how to mend it', () => {
  const { code, out } = gate('locked: false\nkeys: []\n', '--kind', 'shed');
  assert.equal(code, 1);
  assert.match(out, /^block {2}A shed is kept .*\(shed-locked, high, enforce\)/m);
  assert.match(out, /Lock it before you leave\./);
  assert.match(out, /→ macadam explain shed-locked/);
  assert.match(out, /^It is blocked: /m);
});

test('3: nothing is blocked, but somebody has to be asked', () => {
  const { code, out } = gate(
    '{keys: [], locked: {unobserved: forbidden, why: no right to look}}',
    '--kind',
    'shed',
  );
  assert.equal(code, 3);
  assert.match(out, /^ask {4}.*shed-locked.*\n {7}unknown, forbidden: asset\.locked: no right to look$/m);
  const open = gate('{locked: true}', '--kind', 'shed');
  assert.equal(open.code, 0, 'warnings about what is undecided');
  assert.equal(gate('{locked: true}', '--kind', 'shed', '--strict').code, 3);
});

test('a day that was announced is tried before it comes', () => {
  const many = `{locked: true, keys: [${'abcdefghi'.split('').join(', ')}]}`;
  assert.equal(gate(many, '--kind', 'shed').code, 0);
  const then = gate(many, '--kind', 'shed', '--as-of', '2999-01-01');
  // Seen now, and so too old for a judgement of nothing: evidence keeps its real age.
  assert.equal(then.code, 1, then.out);
  assert.match(then.out, /\(shed-later, high, enforce\)/);
});

test('parameters of the command line hold for this question', () => {
  const three = '{locked: true, keys: [a, b, c]}';
  assert.match(gate(three, '--kind', 'shed', '--param', 'shed-few-keys.most=3').out, /It may go on: /);
  assert.match(
    gate(three, '--kind', 'shed', '--param', 'mos=3').err,
    /has a parameter `mos`, did you mean `most`\?/,
  );
  assert.match(
    gate(three, '--kind', 'shed', '--param', 'most=few').err,
    /--param: `most=few`: it has to be a int, like 2/,
  );
});

test('a standard that is named is judged whatever its rollout, and still stops nobody', () => {
  const { code, out } = gate('{locked: false}', '--kind', 'shed', '--standard', 'shed-tried');
  assert.equal(code, 0);
  assert.match(out, /^allow {2}.*\(shed-tried, high, observe\)\n {7}fail, open/m);
});

test('whole observations, one a line, with what they lead to', () => {
  const line = (name: string, locked: boolean) =>
    JSON.stringify({
      kind: 'shed',
      id: `shed/${name}`,
      name,
      source: 'round',
      observedAt: '2026-01-01T00:00:00Z',
      assurance: 'effective',
      attributes: { locked: { value: locked }, keys: { value: [] } },
    });
  const old = gate(`${line('a', true)}\n${line('b', false)}\n`, '--kind', 'shed');
  assert.equal(old.code, 3, 'seen too long ago to block or to let through');
  assert.match(old.out, /a: A shed is kept/);
  assert.match(old.out, /unknown, stale/);
  const wrong = gate(`${line('a', true).replace('true', '"yes"')}\n`, '--kind', 'shed');
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /stdin:1:1: `attributes\.locked`: "yes" is no bool; write true or false/);
});

test('a mark of the byte order before a text changes nothing', () => {
  const line = JSON.stringify({
    kind: 'shed',
    id: 'shed/a',
    name: 'a',
    source: 'round',
    observedAt: new Date().toISOString(),
    assurance: 'effective',
    attributes: { locked: { value: false }, keys: { value: [] } },
  });
  for (const input of [line, 'locked: false\nkeys: []', '{"locked": false, "keys": []}'])
    for (const mark of ['', '\uFEFF']) {
      const { code, err } = gate(`${mark}${input}`, '--kind', 'shed');
      assert.equal(code, 1, err);
    }
});

test('what follows a standard is the file, and more standards are named one by one', () => {
  writeFileSync(join(folder, 'shed.yaml'), 'locked: false\nkeys: []\n');
  const words = ['--kind', 'shed', '--standard', 'shed-locked'];
  assert.match(gate('', ...words, 'shed.yaml').out, /^It is blocked: 1 standard asked, 0 met, 1 failing/m);
  const two = gate('', ...words, '--standard', 'shed-tried', '--param', 'shed-few-keys.most=3', 'shed.yaml');
  assert.match(two.err, /no standard that is asked has a parameter/);
  assert.match(
    gate('', ...words, '--standard', 'shed-few-keys', 'shed.yaml').out,
    /2 standards asked, 1 met/,
  );
});

test('nobody who describes a thing approves it, as plain data or line by line', () => {
  const line = (more: object) =>
    JSON.stringify({
      kind: 'shed',
      id: 'shed/a',
      name: 'a',
      source: 'round',
      observedAt: '2026-01-01T00:00:00Z',
      assurance: 'effective',
      attributes: { open_on_purpose: { value: true } },
      ...more,
    });
  for (const [input, message] of [
    ['open_on_purpose: true', /stdin:1:1: `open_on_purpose`: only an approval sets it: leave it out/],
    [line({}), /stdin:1:1: `attributes\.open_on_purpose`: only an approval sets it: leave it out/],
    [line({ source: 'approvals' }), /stdin:1:1: `source`: is `approvals`, and approvals are given in/],
  ] as const) {
    const { code, err } = gate(input, '--kind', 'shed');
    assert.equal(code, 2, input);
    assert.match(err, message);
  }
});

test('a pipe whose writer takes its time is waited for', async () => {
  const main = join(import.meta.dirname, '../main.ts');
  const child = spawn(process.execPath, [main, 'gate', '--kind', 'shed', '--format', 'json'], {
    cwd: folder,
  });
  const said = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  child.stdin.write('locked: false\n');
  await setTimeout(1500);
  child.stdin.end('keys: []\n');
  const [out, err, [code]] = await said;
  assert.equal(code, 1, err);
  assert.equal(JSON.parse(out).effect, 'block');
});

test('the shell’s pipe, too, of which nothing has come yet', () => {
  const main = join(import.meta.dirname, '../main.ts');
  const line = `(sleep 1; echo 'locked: false') | "${process.execPath}" "${main}" gate --kind shed`;
  const { status, stderr } = spawnSync('sh', ['-c', line], { cwd: folder, encoding: 'utf8' });
  assert.equal(status, 1, stderr);
});

test('JSON says all of it', () => {
  const { code, out } = gate(
    '{locked: false, keys: []}',
    '--kind',
    'shed',
    '--name',
    'shed 7',
    '--format',
    'json',
  );
  assert.equal(code, 1);
  const answer = JSON.parse(out);
  assert.deepEqual([answer.schema, answer.kind, answer.effect], ['macadam.gate/1', 'shed', 'block']);
  const [first] = answer.decisions.filter(({ standard }: { standard: string }) => standard === 'shed-locked');
  assert.deepEqual(
    [first.asset.name, first.verdict, first.reason, first.effect, first.step, first.say, first.remedy],
    [
      'shed 7',
      'fail',
      'open',
      'block',
      'enforce',
      'Lock it before you leave.',
      'macadam explain shed-locked',
    ],
  );
});

test('an exception of the estate lets a failure through, and says so', () => {
  const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  const other = mkdtempSync(join(tmpdir(), 'macadam-gate-'));
  after(() => rmSync(other, { recursive: true, force: true }));
  cpSync(join(folder, 'own'), join(other, 'own'), { recursive: true });
  const exception = `{ standard: shed-locked, assets: [old], reason: pulled down in spring, approver: "@a", until: ${until} }`;
  writeFileSync(join(other, 'macadam.yaml'), `catalogue: [own]\nexceptions: [${exception}]\n`);
  const { code, out } = gateIn(other, '{locked: false, keys: []}', '--kind', 'shed', '--name', 'old');
  assert.equal(code, 0);
  assert.match(
    out,
    new RegExp(`excepted until ${until} by @a, self-attested in the estate’s file: pulled down in spring`),
  );
});

test('a limit of macadam.yaml that is mistyped makes no gate, and no other command goes by the one it was to replace', () => {
  const other = mkdtempSync(join(tmpdir(), 'macadam-gate-'));
  after(() => rmSync(other, { recursive: true, force: true }));
  const parameters = 'shed-few-keys: { most: "5", mots: 7 }\n  nope: { a: 1 }';
  cpSync(join(folder, 'own'), join(other, 'own'), { recursive: true });
  writeFileSync(join(other, 'macadam.yaml'), `catalogue: [own]\nparameters:\n  ${parameters}\n`);
  const said = (input: string, ...words: readonly string[]) =>
    commandLine.run({ args: words, cwd: other, input });
  const wrong = [
    'macadam.yaml:3:1: `parameters.shed-few-keys.most`: it has to be a int, like 2',
    'macadam.yaml:3:1: `parameters.shed-few-keys.mots`: standard shed-few-keys has no parameter `mots`, did you mean `most`?',
    'macadam.yaml:4:1: `parameters.nope`: there is no standard `nope`',
  ];
  for (const [words, code] of [
    [['gate', '--kind', 'shed'], 2],
    [['explain', 'shed-few-keys'], 2],
    [['test', 'shed-few-keys'], 2],
    [['ingest', '--dry-run', '--as', 'ndjson'], 2],
    [['standards', 'check', 'shed-few-keys'], 1],
  ] as const) {
    const { status, stdout, stderr } = said('{locked: true, keys: []}', ...words);
    assert.equal(status, code, words.join(' '));
    for (const one of wrong)
      assert.ok(`${stdout}${stderr}`.includes(one), `${words[0]}: ${one}\n${stdout}${stderr}`);
  }
  // Where a standard does not load, that is what is told, and not that there is none.
  const path = join(other, 'own/standards/engineering/shed-few-keys/standard.yaml');
  writeFileSync(path, readFileSync(path, 'utf8').replace('asset.keys', 'asset.kyes'));
  const { status, stderr } = said('{}', 'explain', 'shed-few-keys');
  assert.equal(status, 2);
  assert.match(stderr, /shed has no `kyes`, did you mean `keys`\?/);
  assert.doesNotMatch(stderr, /there is no standard `shed-few-keys`/);
});

test('2: what cannot be asked names what is wrong and what would be right', () => {
  const cases: readonly (readonly [string | Buffer, readonly string[], RegExp])[] = [
    ['{}', ['--kind', 'shd'], /--kind: there is no kind `shd`, did you mean `shed`\?/],
    ['{}', [], /required option '--kind <KIND>'/],
    ['{lokced: true}', ['--kind', 'shed'], /stdin:1:1: `lokced`: .* did you mean `locked`\?/],
    [
      'keys: []\nlocked: "no"',
      ['--kind', 'shed'],
      /stdin:2:1: `locked`: "no" is no bool; write true or false/,
    ],
    [
      'locked: true\nkeys: {value: [], complet: false}',
      ['--kind', 'shed'],
      /stdin:2:1: `keys\.complet`: there is no such field, did you mean `complete`\?/,
    ],
    [
      'keys: {value: [], complete: "false"}',
      ['--kind', 'shed'],
      /`keys\.complete`: is "false"; give true or false, without quotes/,
    ],
    [
      Buffer.from([...Buffer.from('locked: true\nkeys: ['), 0xff, 0x5d]),
      ['--kind', 'shed'],
      /stdin:2:8: is not UTF-8 from byte 8 of the line on; write it in UTF-8/,
    ],
    ['{', ['--kind', 'shed'], /stdin:1:\d+: not valid YAML/],
    ['{}', ['--kind', 'shed', '--standard', 'shed-lokced'], /did you mean `shed-locked`\?/],
    ['{}', ['--kind', 'shed', '--standard', 'repository-owned'], /is about repository, not about shed/],
    ['{}', ['--kind', 'shed', '--format', 'jsn'], /did you mean `json`\?/],
    ['{}', ['--kind', 'shed', '--as-of', '2020-01-01'], /is in the past/],
    ['', ['--kind', 'shed', 'nowhere.yaml'], /`nowhere\.yaml` cannot be read \(ENOENT\)/],
  ];
  for (const [input, words, message] of cases) {
    const { code, err } = gate(input, ...words);
    assert.equal(code, 2, words.join(' '));
    assert.match(err, message);
  }
});

test('a standard that does not load makes no gate', () => {
  const path = join(folder, 'own/standards/engineering/shed-locked/standard.yaml');
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace('asset.locked', 'asset.lokced'));
  const { code, err } = gate('{locked: true, keys: []}', '--kind', 'shed');
  writeFileSync(path, text);
  assert.equal(code, 2);
  assert.match(err, /shed has no `lokced`, did you mean `locked`\?/);
});

test('a certificate that stands in one boundary is refused in another, once the standard is enforced, and its own takes it', () => {
  for (const name of ['production', 'lab']) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'production/orders.p12'), aesStore);
  writeFileSync(join(folder, 'orders.pem'), certificate);
  writeFileSync(
    join(folder, 'boundaries.yaml'),
    'boundaries:\n  production:\n    - { path: production, password_env: STORE_PASSWORD }\n  lab:\n    - { path: lab }\n',
  );
  const ask = (boundary: string, env: Readonly<Record<string, string>>, ...words: readonly string[]) =>
    commandLine.run({
      args: [
        ...['gate', '--kind', 'credential', '--standard', 'credentials-stay-inside-boundary'],
        ...['--certificates', 'boundaries.yaml', '--boundary', boundary, 'orders.pem', ...words],
      ],
      cwd: folder,
      env: { ...process.env, ...env },
    });
  const password = { STORE_PASSWORD: PASSWORD };
  const elsewhere = ask('lab', password, '--as-of', '2027-01-02');
  assert.equal(elsewhere.status, 1, elsewhere.stderr);
  assert.match(
    elsewhere.stdout,
    /registered-outside: issued for production, and accepted by 1 identity outside it/,
  );
  assert.match(elsewhere.stdout, /orders\.pem \(asked for\) in lab/);
  const announced = ask('lab', password);
  assert.match(announced.stdout, /registered-outside/);
  assert.match(ask('production', password).stdout, /unknown, unobserved: asset\.uses/);
  assert.match(ask('lab', {}).stdout, /unknown, incomplete/, 'a store that nobody could open may hold it');
  assert.match(
    ask('labs', password).stderr,
    /--boundary: boundaries\.yaml has no `labs`; there are production, lab/,
  );
  rmSync(join(folder, 'production/orders.p12'));
  mkdirSync(join(folder, 'cluster'));
  const data = { 'tls.crt': Buffer.from(certificate).toString('base64') };
  writeFileSync(
    join(folder, 'cluster/tls-secrets.json'),
    JSON.stringify({
      kind: 'List',
      items: [{ type: 'kubernetes.io/tls', metadata: { name: 'front', namespace: 'shop' }, data }],
    }),
  );
  writeFileSync(
    join(folder, 'boundaries.yaml'),
    'boundaries:\n  production:\n    - { inventory: kubernetes, path: cluster }\n  lab:\n    - { path: lab }\n',
  );
  const inCloud = ask('lab', {}, '--as-of', '2027-01-02');
  assert.equal(inCloud.status, 1, inCloud.stderr);
  assert.match(inCloud.stdout, /issued for production, and accepted by 1 identity outside it/);
  const alone = gate('', '--kind', 'credential', '--boundary', 'lab', 'orders.pem');
  assert.match(alone.err, /--certificates and --boundary go together/);
});

test('a build is let through by evidence that was verified, and one that shows none is blocked', () => {
  const authority = sigstoreAuthority(new Date('2026-01-01T00:00:00Z'));
  const repository = 'https://github.com/acme/shop';
  const template = 'https://github.com/acme/templates/.github/workflows/release.yml@refs/tags/v4';
  const run = `${repository}/actions/runs/17/attempts/1`;
  const issuer = 'https://token.actions.githubusercontent.com';
  const buildType = 'https://actions.github.io/buildtypes/workflow/v1';
  const commit = 'c'.repeat(40);
  const sha256 = createHash('sha256').update('shop').digest('hex');
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'shop.tgz', digest: { sha256 } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType,
        externalParameters: { workflow: { ref: 'refs/tags/v1', repository, path: 'ship.yml' } },
        resolvedDependencies: [{ uri: `git+${repository}@refs/tags/v1`, digest: { gitCommit: commit } }],
      },
      runDetails: { builder: { id: template }, metadata: { invocationId: run } },
    },
  };
  const known = [issuer, template, commit, 'github-hosted', repository, commit, 'refs/tags/v1'];
  const extensions = Object.fromEntries(known.map((value, index) => [index + 8, value]));
  Object.assign(extensions, { 18: `${repository}/ship.yml@refs/tags/v1`, 21: run });
  const own = join(folder, 'builds');
  mkdirSync(own);
  const put = (name: string, text: string) => writeFileSync(join(own, name), text);
  put('root.json', authority.trustedRoot);
  put('shop.tgz', 'shop');
  put('till.tgz', 'till');
  const signed = authority.bundle(statement, extensions, new Date('2026-11-20T10:00:00Z'));
  put('shop.jsonl', `${JSON.stringify(signed)}\n`);
  put(
    'builds.yaml',
    `trust_root: root.json
builders:
  - id: https://github.com/acme/templates/*
    issuer: ${issuer}
    build_types: [${buildType}]
    sources: [https://github.com/acme/*]
    refs: [refs/tags/*]
    environment: production
    templates: [acme/templates/]
`,
  );
  const verify = (...words: readonly string[]) =>
    commandLine.run({ args: ['build', 'verify', '--policy', 'builds.yaml', ...words], cwd: own });
  const release = ['--released-to', 'production', '--out', 'builds.ndjson'];
  const asked = ['--kind', 'build', '--as-of', '2027-06-02'];
  const judged = () => commandLine.run({ args: ['gate', 'builds.ndjson', ...asked], cwd: own });
  const shown = verify('shop.jsonl', '--artefact', 'shop.tgz', ...release);
  assert.equal(shown.status, 0, shown.stdout + shown.stderr);
  assert.match(
    shown.stdout,
    /^verified shop\.tgz\n {2}shop\.jsonl:1: https:\/\/github\.com\/acme\/shop at refs\/tags\/v1/,
  );
  assert.equal(judged().status, 0, judged().stdout);
  const both = verify('shop.jsonl', '--artefact', 'shop.tgz', '--artefact', 'till.tgz', ...release);
  assert.equal(both.status, 1);
  assert.match(
    both.stdout,
    /^refused till\.tgz\n {2}no attestation is about it\n1 verified, 1 refused, 0 undecided$/m,
  );
  const blocked = judged();
  assert.equal(blocked.status, 1);
  assert.match(blocked.stdout, /fail, unproved: no signed provenance shows how it was made/);
  // The same is asked of what runs, whatever a registry calls it.
  const digest = (text: string) => createHash('sha256').update(text).digest('hex');
  const pod = (name: string, ...images: readonly string[]) => ({
    kind: 'Pod',
    metadata: { name, namespace: 'shop' },
    status: { phase: 'Running', containerStatuses: images.map((imageID) => ({ imageID })) },
  });
  const pods = (...items: readonly object[]) => put('pods.json', JSON.stringify({ kind: 'List', items }));
  pods(pod('a', `mirror.example.com/shop@sha256:${digest('shop')}`));
  const runs = verify('shop.jsonl', '--running', 'pods.json', ...release);
  assert.equal(runs.status, 0, runs.stdout + runs.stderr);
  assert.match(runs.stderr, /1 images run\n$/);
  assert.match(runs.stdout, /^verified mirror\.example\.com\/shop\n/);
  pods(pod('a', `docker.io/till@sha256:${digest('till')}`), pod('b', `sha256:${digest('shop')}`));
  const stray = verify('shop.jsonl', '--running', 'pods.json', ...release);
  assert.equal(stray.status, 1);
  assert.match(
    stray.stdout,
    /^refused docker\.io\/till\n {2}no attestation is about it\n0 verified, 1 refused/,
  );
  assert.match(stray.stderr, /does not say by which digest it came: shop\/b\n/);
  assert.match(stray.stderr, /built, and does not run: .*shop.*@sha256:/);
  assert.match(judged().stdout, /fail, unproved: no signed provenance shows how it was made/);
  pods(pod('b', `sha256:${digest('shop')}`));
  assert.equal(verify('shop.jsonl', '--running', 'pods.json').status, 3, 'nobody can tell what runs');
  const wrong = verify('shop.jsonl', '--artefact', 'shop.tgz', '--ref', 'refs/tags/v2');
  assert.match(
    wrong.stdout,
    /`predicate\.buildDefinition\.externalParameters\.workflow\.ref`: is `refs\/tags\/v1`; asked is/,
  );
  put('strange.yaml', 'trust_root: none.json\nbuilders: [{ id: "*" }]\n');
  const strange = commandLine.run({
    args: ['build', 'verify', '--policy', 'strange.yaml', 'shop.jsonl'],
    cwd: own,
  });
  assert.equal(strange.status, 2);
  assert.match(strange.stderr, /strange\.yaml:2:\d+: `builders\.0\.id`: has `\*` elsewhere/);
});
