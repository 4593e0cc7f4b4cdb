/** `macadam ingest` into a store in a folder: what it says, what it refuses, and that a refused file leaves nothing. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openStores } from '@macadam/adapters/facts/open';
import { EXPORT_FORMATS } from '@macadam/services/ingest/export';
import { wholeCatalogue } from '@macadam/testing/catalogue';
import { startCommandLine } from '@macadam/testing/command-line';
import { exportedObservations } from './ingest-export.ts';

const folder = mkdtempSync(join(tmpdir(), 'macadam-ingest-'));
const commandLine = startCommandLine();
after(() => rmSync(folder, { recursive: true, force: true }));
const data = join(folder, 'data');

function ingest(input: string | Buffer, ...words: readonly string[]) {
  const { status, stdout, stderr } = commandLine.run({
    args: ['ingest', '--data', data, ...words],
    cwd: folder,
    input,
    env: { ...process.env, XDG_STATE_HOME: join(folder, 'state') },
  });
  assert.doesNotMatch(stderr, /^\s+at /m, 'nobody is shown a stack trace');
  return { code: status, out: stdout, err: stderr };
}

test('the help names every format that a folder of saved answers may have', () => {
  const { stdout } = commandLine.run({ args: ['ingest', '--help'], cwd: folder });
  const named = stdout.split(/[\s,;:()]+/);
  assert.deepEqual(
    EXPORT_FORMATS.filter((format) => !named.includes(format)),
    [],
  );
});

const line = (name: string, more: object = {}) =>
  JSON.stringify({
    kind: 'service',
    id: `service/${name}`,
    name,
    source: 'register',
    observedAt: '2026-11-01T00:00:00Z',
    assurance: 'configured',
    attributes: {},
    ...more,
  });

test('observations by line: batch, number, and how many assets changed; again it is the same batch', () => {
  const first = ingest(`${line('a')}\n${line('b')}\n`);
  assert.equal(first.code, 0, first.err);
  assert.match(first.out, /^batch 1: 2 observations from register, 0 quarantined\n2 assets changed\n$/);
  const again = ingest(`${line('a')}\n${line('b')}\n`);
  assert.match(again.out, /^batch 1, taken before: .*\n0 assets changed\n$/);
});

test('a line with a mistake refuses its batch, and names line, field, reason and fix', () => {
  const { code, out, err } = ingest(`${line('c')}\n${line('d', { assurance: 'sure' })}\n`);
  assert.equal(code, 2);
  assert.match(err, /stdin:2:1: `assurance`: is "sure"; give one of attested, configured, effective, tested/);
  assert.match(err, /a batch with a mistake is not taken, no part of it/);
  assert.match(out, /^0 assets changed$/m);
});

test('what is of an unknown kind is set aside, and counted', () => {
  const { code, out, err } = ingest(
    `${line('a', { kind: 'servce', id: 'servce/a', source: 'other' })}\n`,
    '--json',
  );
  assert.equal(code, 0);
  const { appended, changed } = JSON.parse(out);
  assert.deepEqual([appended[0].observations, appended[0].quarantined, changed], [0, 1, 0], err);
  assert.match(appended[0].problems[0].message, /kind `servce`, which the catalogue does not have/);
});

test('nobody approves for himself by a file, in whatever form it comes', () => {
  const approval = {
    kind: 'application',
    id: 'application/d/2',
    name: 'd/2',
    source: 'approvals',
    attributes: { break_glass: { value: true } },
  };
  const run = { tool: { driver: { name: 'Approvals' } }, results: [] };
  const event = {
    class_uid: 2003,
    time: 1,
    finding_info: { uid: 'f' },
    metadata: { product: { name: 'approvals' } },
  };
  const bom = { bomFormat: 'CycloneDX', specVersion: '1.5', metadata: { tools: [{ name: 'approvals' }] } };
  for (const [input, where] of [
    [line('d/2', approval), '`source`: '],
    [JSON.stringify({ version: '2.1.0', runs: [run] }), 'the name of its tool '],
    [JSON.stringify([event]), 'the name of its tool '],
    [JSON.stringify(bom), 'the name of its tool '],
  ] as const) {
    for (const words of [[], ['--dry-run']]) {
      const { code, err } = ingest(input, ...words);
      assert.equal(code, 2, input);
      assert.match(
        err,
        new RegExp(`:1:1: ${where}is .approvals., and approvals are given in Macadam, never sent; name the`),
      );
    }
  }
});

test('what is yet to come is set aside whatever the file says of its receipt, and a trial says the same', () => {
  const times = { observedAt: '2099-01-01T00:00:00Z', receivedAt: '2099-01-01T00:00:00Z' };
  const early = line('early', { ...times, source: 'soon' });
  for (const input of [early, early.replace('"early"', '"\\u0065arly"')]) {
    for (const words of [['--dry-run'], []]) {
      const { code, out, err } = ingest(input, ...words);
      assert.equal(code, 0, err);
      assert.match(out, /0 observations from soon, 1 quarantined/, words.join());
      assert.match(err, /early was observed at 2099-01-01T00:00:00Z, after it was received; set aside/);
    }
  }
  const results = [{ ruleId: 'R1', kind: 'pass', message: { text: 'fine' } }];
  const invocations = [{ startTimeUtc: '2099-01-01T00:00:00Z', endTimeUtc: '2026-11-01T00:00:00Z' }];
  const run = { tool: { driver: { name: 'lint' } }, invocations, results };
  const { code, err } = ingest(JSON.stringify({ version: '2.1.0', runs: [run] }));
  assert.equal(code, 2);
  assert.match(err, /made at 2099-01-01T00:00:00Z, by its own word, which is yet to come; set the clock/);
});

test('bytes that are no text are refused by line and byte, and never made one', () => {
  const odd = (byte: number) => Buffer.from(line('\xfe')).map((one) => (one === 0xc3 ? byte : one));
  const both = Buffer.concat([Buffer.from(`${line('fine')}\n`), odd(0xff), Buffer.from('\n')]);
  const { code, out, err } = ingest(both);
  assert.equal(code, 2, out);
  assert.match(err, /stdin:2:1: is not UTF-8 from byte 33 of the line on; write it in UTF-8/);
  const sarif = `{"version": "2.1.0",\n"runs": [{"tool": {"driver": {"name": "lint"}}, "results": []}]}`;
  const text = Buffer.from(sarif);
  text[sarif.indexOf('lint')] = 0xff;
  for (const words of [[], ['--dry-run']])
    assert.match(ingest(text, ...words).err, /stdin:2:40: is not UTF-8 from byte 40 of the line on; write/);
});

test('another tool’s word is attested', async () => {
  const sarif = join(folder, 'found.sarif');
  const results = [{ ruleId: 'R1', kind: 'pass', message: { text: 'fine' } }];
  writeFileSync(
    sarif,
    JSON.stringify({ version: '2.1.0', runs: [{ tool: { driver: { name: 'lint' } }, results }] }),
  );
  const dry = ingest('', sarif, '--dry-run');
  assert.match(dry.out, /^would take 1 observation from lint, 0 quarantined\n$/);
  const { code, out } = ingest('', sarif, '--subject', 'shop', '--taken-at', '2026-11-01');
  assert.equal(code, 0);
  assert.match(out, /1 observation from lint, 0 quarantined\n1 asset changed/);
  const { kinds } = wholeCatalogue();
  const stores = await openStores(join(data, 'facts'), { kinds, now: () => new Date() });
  after(() => stores.close());
  const found = [];
  for await (const asset of stores.facts.assets('tool-result')) found.push(asset);
  assert.equal(found.length, 1);
  assert.deepEqual(found[0]?.attributes.get('outcome')?.statement, { value: 'pass' });
  assert.equal(found[0]?.attributes.get('outcome')?.assurance, 'attested');
  // One directory has one owner, and the second is told who that is.
  const held = ingest(line('z'));
  assert.equal(held.code, 2);
  assert.match(
    held.err,
    new RegExp(`--data: .* is held by process ${process.pid}.*; stop that process first`),
  );
  await stores.close();
});

test('2: what cannot be taken says why, and what would be right', () => {
  const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['hello', [], /it is not seen what this is; say it by `--as`/],
    ['{}', ['--as', 'sariff'], /did you mean `sarif`\?/],
    ['{', ['--as', 'sarif'], /stdin:1:2: is not JSON/],
    ['', ['nowhere.json'], /there is no file `nowhere\.json`/],
    ['', ['.'], /is a folder; name a file in it/],
    ['{}', ['--as', 'ocsf', '--taken-at', 'soon'], /--taken-at: `soon` is not a time/],
  ];
  for (const [input, words, message] of cases) {
    const { code, err } = ingest(input, ...words);
    assert.equal(code, 2, words.join(' '));
    assert.match(err, message);
  }
});

test('a folder of answers saved from a directory, of two tenants: their assets stay apart, and what is missing is named', () => {
  const tenants = ['8a1b0000-0000-4000-8000-000000000001', '8a1b0000-0000-4000-8000-000000000002'];
  for (const [index, id] of tenants.entries()) {
    const saved = join(folder, `saved-${index}`);
    mkdirSync(saved);
    writeFileSync(join(saved, 'organization.json'), JSON.stringify({ value: [{ id, displayName: id }] }));
    const users = { value: [{ id: 'ann', accountEnabled: true, userType: 'Guest' }] };
    writeFileSync(join(saved, 'users.json'), JSON.stringify(users));
    writeFileSync(join(saved, 'notes.txt'), 'not an answer');
    const { code, out, err } = ingest('', '--format', 'entra', saved);
    assert.equal(code, 0, err);
    assert.match(out, /2 observations from entra, 0 quarantined\n2 assets changed\n$/);
    assert.match(err, /no answer of GET \/devices was saved; save it, which needs Device\.Read\.All/);
    assert.match(err, /notes\.txt is not used/);
  }
  const wrong = ingest('', '--format', 'entr', join(folder, 'saved-0'));
  assert.match(wrong.err, /--format: there is no `entr`, did you mean `entra`\?/);
  assert.equal(wrong.code, 2);
});

test('tokens that nobody issued: two services, two issuers, alerts and counts that can be taken in, and a trial that leaves its mark in the sealed record alone', () => {
  const digest = (name: string) => createHash('sha256').update(name).digest('base64url');
  const now = Date.now() - 60_000;
  const [login, partner] = ['https://login.example.com', 'https://partner.example.com'];
  const issued = (issuer: string, ...tokens: string[]) =>
    JSON.stringify({
      schema: 'macadam.tokens-issued/1',
      issuer,
      longestLife: 600,
      from: now - 3_600_000,
      to: now + 10_000,
      tokens: tokens.map(digest),
    });
  const accepted = (service: string, issuer: string, ...tokens: string[]) =>
    JSON.stringify({
      schema: 'macadam.tokens-accepted/1',
      service,
      issuer,
      from: now - 1000,
      to: now,
      tokens: { 'key-1': tokens.map(digest) },
      dropped: 0,
    });
  const watch = (input: string, ...words: readonly string[]) => {
    const { status, stdout, stderr } = commandLine.run({
      args: ['tokens', 'watch', ...words],
      cwd: folder,
      input,
    });
    assert.doesNotMatch(stderr, /^\s+at /m, 'nobody is shown a stack trace');
    return { code: status, out: stdout, err: stderr };
  };
  const lines = [
    accepted('orders', login, 'a', 'forged'),
    issued(login, 'a'),
    accepted('billing', partner, 'b'),
    issued(partner, 'b'),
  ].join('\n');
  const { code, out, err } = watch(lines, '--out', 'joins.ndjson');
  assert.equal(code, 1, err);
  assert.match(err, /^1 forged token, 2 injected and found; of 0 accepted tokens nobody can tell$/m);
  assert.match(out, new RegExp(`"schema":"macadam.forged-token/1".*"service":"orders".*${digest('forged')}`));
  const records = readFileSync(join(folder, 'sealed-forgeries.ndjson'), 'utf8');
  assert.equal(records.match(/sealed-forgery/g)?.length, 2);
  assert.equal(records.match(/opened-seal/g)?.length, 2);
  const taken = ingest('', 'joins.ndjson');
  assert.equal(taken.code, 0, taken.err);
  assert.match(taken.out, /2 observations from token-reports/);
  const again = watch(lines, '-');
  assert.match(again.err, /^1 forged token, 0 injected and found/m, 'a week has not passed');
  const silent = watch(accepted('orders', 'https://silent.example.com', 'a'), '--patience', '1s');
  assert.equal(silent.code, 3, silent.err);
  assert.match(silent.err, /of 2 accepted tokens nobody can tell/);
  const wrong = watch('{"schema":"macadam.tokens-issued/1"}\nno JSON\n');
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /stdin:1: `longestLife`: it is missing; write a number/);
  assert.match(wrong.err, /stdin:2: is not JSON/);
  assert.match(watch('', '--patience', 'soon').err, /--patience: soon is not a length of time/);
  assert.match(watch('', 'missing.ndjson').err, /missing\.ndjson: there is no such file/);
});

test('rules are read as they are deployed, and how old a rule or a mapping is dates nothing', async () => {
  const place = join(folder, 'detections');
  mkdirSync(join(place, 'rules'), { recursive: true });
  const put = (name: string, text: string) => writeFileSync(join(place, name), text);
  const day = 86_400_000;
  const at = new Date(Date.now() - 2 * day);
  put('rules/a.yml', 'title: A\nid: a\ntags: [attack.t1098]\nsimulation: [{ atomic_guid: g }]\n');
  put(
    'attacks.json',
    JSON.stringify({
      'attire-version': '1.1',
      procedures: [{ 'procedure-id': { id: 'g' }, steps: [{ 'time-start': at.toISOString() }] }],
    }),
  );
  put(
    'alerts.json',
    JSON.stringify([
      { class_uid: 2004, time: at.getTime() + 1000, finding_info: { analytic: { uid: 'a' } } },
    ]),
  );
  const old = new Date(Date.now() - 400 * day);
  utimesSync(join(place, 'rules/a.yml'), old, old);
  put('mapping.json', '{}');
  utimesSync(join(place, 'mapping.json'), old, old);
  const words = ['--format', 'detections', place, '--subject', 'rules.example.com', '--json'];
  const { code, out, err } = ingest('', ...words);
  assert.equal(code, 0, err);
  assert.equal(JSON.parse(out).appended[0].observations, 1);
  const read = await exportedObservations(place, {
    format: 'detections',
    subject: 'rules.example.com',
    takenAt: null,
    receivedAt: new Date(),
  });
  const [, line = ''] = readFileSync(read.path, 'utf8').split('\n');
  read.remove();
  // By the age of the rule the attack would be one of next year.
  assert.equal(JSON.parse(line).attributes.proof.value.fired, true);
});
