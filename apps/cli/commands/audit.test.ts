/** `macadam audit`: what is found in a store and in a file, and that the stand-alone verifiers say the same. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openDecisions } from '@macadam/adapters/decisions/open';
import type { AuditAnchor } from '@macadam/adapters/decisions/port';
import { visit } from '@macadam/adapters/decisions/postgres/visit';
import { openStores } from '@macadam/adapters/facts/open';
import type { Collection, Observation } from '@macadam/core/facts/observation';
import type { AuditSample } from '@macadam/services/audit/sample';
import { wholeCatalogue } from '@macadam/testing/catalogue';
import { startCommandLine } from '@macadam/testing/command-line';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { batch, north, other, request, system } from '@macadam/testing/decisions/sample';

const root = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'macadam-audit-'));
chmodSync(folder, 0o711);
after(() => rmSync(folder, { recursive: true, force: true }));
const data = join(folder, 'data');
const file = (name: string) => join(folder, name);

function run(script: string, ...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, script), ...words], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, DATABASE_URL: '', XDG_STATE_HOME: file('state') },
  });
  assert.doesNotMatch(stderr, /^\s+at /m, 'nobody is shown a stack trace');
  return { code: status, out: stdout, err: stderr };
}
const commandLine = startCommandLine();
function macadam(...words: readonly string[]) {
  const env = { ...process.env, DATABASE_URL: '', XDG_STATE_HOME: file('state') };
  const { status, stdout, stderr } = commandLine.run({ args: ['audit', ...words], cwd: folder, env });
  assert.doesNotMatch(stderr, /^\s+at /m, 'nobody is shown a stack trace');
  return { code: status, out: stdout, err: stderr };
}
const verifyLog = (...words: readonly string[]) => run('docs/audit/verify-log.mjs', ...words);
const verifySample = (...words: readonly string[]) => run('docs/audit/verify-sample.mjs', ...words);

const AT = '2026-11-01T00:00:00Z';
const seen = (name: string): Observation => ({
  kind: 'service',
  id: `service/${name}`,
  name,
  source: 'register',
  observedAt: AT,
  receivedAt: AT,
  assurance: 'configured',
  attributes: { name: { value: name } },
});

before(async () => {
  // The store is of all kinds once the command line has opened it; what is in it is of one.
  const catalogue = wholeCatalogue();
  const kinds = new Map([...catalogue.kinds].filter(([kind]) => kind === 'service'));
  const standards = catalogue.standards.filter(({ compiled }) => compiled.kind.kind === 'service');
  const stores = await openStores(join(data, 'facts'), { kinds, now: () => new Date(AT) });
  const names = Array.from({ length: 30 }, (_, index) => `s${index}`);
  const collection: Collection = {
    source: 'register',
    startedAt: AT,
    finishedAt: AT,
    status: 'complete',
    partitions: [],
    problems: [],
  };
  const { collection: digest } = await stores.facts.append(collection, names.map(seen), new Date(AT));
  await stores.history.tick({
    facts: stores.facts,
    kinds,
    exceptions: [],
    at: new Date('2026-11-01T01:00:00Z'),
    standards: standards.map(({ compiled }) => compiled),
  });
  await stores.close();
  const decisions = await openDecisions(preparedPlace(join(data, 'decisions')), { now: () => new Date() });
  const assets = names.map((name) => `service/${name}`);
  await decisions.transaction(system, (tx) => tx.work.open([batch('b1', assets)]));
  await decisions.transaction(system, (tx) =>
    tx.work.leave(
      assets
        .slice(0, 20)
        .map((asset) => ({ batch: 'b1', asset, as: 'passed', observation: `${digest}#${asset}` })),
    ),
  );
  await decisions.transaction(north, (tx) => tx.permissions.request(request('e1')));
  await decisions.transaction(other, (tx) =>
    tx.permissions.approve('e1', [{ asset: 'device/a', accepted: null }], 'a ticket'),
  );
  await decisions.close();
});

test('a log is whole in the store, as a file, and for the verifier that stands alone', () => {
  const store = macadam('verify', '--data', data);
  assert.equal(store.code, 0, store.err);
  const [, entries, anchor] =
    /^whole: (\d+) entries\nnote elsewhere, for --anchor: (\S+)$/m.exec(store.out) ?? [];
  assert.ok(Number(entries) >= 4, store.out);
  const written = macadam('export', file('log.ndjson'), '--data', data);
  assert.equal(written.code, 0, written.err);
  const lines = readFileSync(file('log.ndjson'), 'utf8').trimEnd().split('\n');
  assert.equal(lines.length, Number(entries) + 1);
  const [number, digest] = anchor?.split(':') ?? [];
  assert.deepEqual(JSON.parse(lines.at(-1) ?? ''), { head: { number: Number(number), digest } });
  const read = macadam('verify', file('log.ndjson'), '--anchor', anchor ?? '');
  assert.deepEqual([read.code, read.out], [0, store.out], read.err);
  const alone = verifyLog(file('log.ndjson'), anchor ?? '');
  assert.equal(alone.code, 0, alone.out);
  assert.match(
    alone.out,
    new RegExp(`^whole: ${entries} entries; the newest has the digest [0-9a-f]{64}$`, 'm'),
  );
});

test('a file is whole up to its end, and what it cannot say is not said for it', () => {
  const text = readFileSync(file('log.ndjson'), 'utf8');
  const lines = text.trimEnd().split('\n');
  const untold = new RegExp(
    `^whole up to entry ${lines.length - 1}; whether more followed cannot be told from`,
  );
  const { code, out } = macadam('verify', file('log.ndjson'));
  assert.equal(code, 0);
  assert.match(out, untold);
  assert.match(out, /; give --anchor, as it was noted elsewhere\nnote elsewhere, for --anchor: \d+:/);
  const alone = verifyLog(file('log.ndjson'));
  assert.equal(alone.code, 0);
  assert.match(alone.out, untold);
  const first = JSON.parse(lines[0] ?? '') as { digest: string };
  assert.match(macadam('verify', file('log.ndjson'), '--anchor', `1:${first.digest}`).out, untold);
  const json = JSON.parse(macadam('verify', file('log.ndjson'), '--json').out);
  assert.deepEqual([json.whole, json.anchored], [true, null]);
  // Who takes entries away on purpose writes the last line anew, and is found by an anchor alone.
  const third = JSON.parse(lines[2] ?? '') as { number: number; digest: string };
  const forged = [...lines.slice(0, 3), JSON.stringify({ head: { number: 3, digest: third.digest } })];
  const newest = JSON.parse(lines.at(-2) ?? '') as { number: number; digest: string };
  writeFileSync(file('bad.ndjson'), forged.join('\n'));
  for (const verify of [(...words: string[]) => macadam('verify', ...words), verifyLog]) {
    assert.match(
      verify(file('bad.ndjson')).out,
      /^whole up to entry 3; whether more followed cannot be told/,
    );
  }
  const noted = `${newest.number}:${newest.digest}`;
  assert.match(
    macadam('verify', '--anchor', noted, file('bad.ndjson')).out,
    new RegExp(`^broken at entry 4: entries 4 to ${newest.number} or more are missing at the end`),
  );
  assert.match(verifyLog(file('bad.ndjson'), noted).out, /^broken at entry 4: it and those up to \d+ are/);
});

test('a file that broke off, or in which there is nothing, is no whole log', () => {
  const text = readFileSync(file('log.ndjson'), 'utf8');
  const lines = text.trimEnd().split('\n');
  const count = lines.length - 1;
  const cases: readonly [string, string, number, RegExp][] = [
    [
      'without its end',
      `${lines.slice(0, -1).join('\n')}\n`,
      count + 1,
      /ends .*log is missing: the file was cut/,
    ],
    ['cut at an entry', `${lines.slice(0, 2).join('\n')}\n`, 3, /ends .*log is missing: the file was cut/],
    ['cut within an entry', text.slice(0, text.indexOf('\n') + 9), 2, /no entry of a log|not JSON/],
    [
      'with entries taken out before its end',
      [lines[0], lines.at(-1)].join('\n'),
      2,
      /last line|names another/,
    ],
    [
      'with something after its end',
      `${text}${lines[0]}\n`,
      count + 1,
      /comes after the (one|line) that ends/,
    ],
  ];
  for (const [name, written, place, why] of cases) {
    writeFileSync(file('bad.ndjson'), written);
    for (const { code, out } of [macadam('verify', file('bad.ndjson')), verifyLog(file('bad.ndjson'))]) {
      assert.equal(code, 1, `${name}: ${out}`);
      assert.match(out, new RegExp(`^broken at entry ${place}: `), name);
      assert.match(out, why, name);
    }
  }
  for (const nothing of ['', '\n\n']) {
    writeFileSync(file('empty.ndjson'), nothing);
    const { code, err } = macadam('verify', file('empty.ndjson'));
    assert.equal(code, 2);
    assert.match(err, /`.*empty\.ndjson` is empty: there is no log in it; export it again/);
    assert.deepEqual(
      [verifyLog(file('empty.ndjson')).code, verifyLog(file('empty.ndjson'), `1:${'0'.repeat(64)}`).code],
      [2, 2],
    );
  }
});

test('what was done to a file is found at its place, by both', () => {
  const lines = readFileSync(file('log.ndjson'), 'utf8').trimEnd().split('\n');
  const [first = '', second = '', ...rest] = lines;
  const { number: count, digest } = (JSON.parse(lines.at(-1) ?? '') as Record<'head', AuditAnchor>).head;
  const cases: readonly [string, readonly string[], number, RegExp][] = [
    ['edited', [first, second.replace('"outcome', '"Outcome'), ...rest], 2, /its content was changed/],
    ['removed', [first, ...rest], 2, /entry 2 is missing|entry 3 stands in its place/],
    ['moved', [second, first, ...rest], 1, /entry 1 is missing|entry 2 stands in its place/],
    ['cut', lines.slice(0, -2), count, /missing/],
    ['broken', [first, '{', ...rest], 2, /no entry of a log|not JSON/],
  ];
  for (const [name, written, place, why] of cases) {
    writeFileSync(file('bad.ndjson'), `${written.join('\n')}\n`);
    const anchor = `${count}:${digest}`;
    for (const { code, out } of [
      macadam('verify', file('bad.ndjson'), '--anchor', anchor),
      verifyLog(file('bad.ndjson'), anchor),
    ]) {
      assert.equal(code, 1, `${name}: ${out}`);
      assert.match(out, new RegExp(`^broken at entry ${place}: `), name);
      assert.match(out, why, name);
    }
  }
});

test('a sample holds what an outsider needs, is the same for the same seed, and nothing in it can be changed', async () => {
  const drawn = macadam('sample', '--data', data, '--seed', 'one', '--n', '5', '--out', file('sample.json'));
  assert.equal(drawn.code, 0, drawn.err);
  const sample = JSON.parse(readFileSync(file('sample.json'), 'utf8')) as AuditSample;
  const count = (sort: string) => sample.drawn.filter((one) => one.sort === sort).length;
  assert.deepEqual([count('closure'), count('exception')], [5, 1]);
  assert.ok(count('decision') >= 4 && count('verdict') === 5);
  for (const { sort, observations, missing } of sample.drawn)
    if (sort === 'closure' || sort === 'verdict')
      assert.deepEqual([observations.length, missing], [1, ''], `${sort} comes with what showed it`);
  const again = macadam('sample', '--data', data, '--seed', 'one', '--n', '5');
  assert.equal(again.out, readFileSync(file('sample.json'), 'utf8'));
  const other = macadam('sample', '--data', data, '--seed', 'two', '--n', '5');
  assert.notEqual(other.out, again.out);

  const holds = verifySample(file('sample.json'));
  assert.equal(holds.code, 3, 'of verdicts the judging itself was not done again');
  assert.match(
    holds.out,
    /^nothing is wrong, and 5 of \d+ could not be derived again: \d+ drawn, 10 observations, 1 manifests/m,
  );
  assert.equal(holds.out.match(/^not derived again: verdict .* was not judged$/gm)?.length, 5);
  const judged = macadam('judge', file('sample.json'));
  assert.equal(judged.code, 0, judged.out);
  assert.match(judged.out, /^5 verdicts: 5 the same, 0 another one, 0 not judged again\n$/);
  const changed = JSON.parse(readFileSync(file('sample.json'), 'utf8'));
  for (const one of changed.drawn) if (one.verdict) one.verdict.state = one.verdict.state === 'P' ? 'F' : 'P';
  writeFileSync(file('forged.json'), JSON.stringify(changed));
  const forged = macadam('judge', file('forged.json'));
  assert.equal(forged.code, 1, forged.out);
  assert.match(forged.out, /^another verdict: \S+ of service\/s\d+: it was recorded as . and is . \(/m);
  const fault = (edit: (text: string) => string) => {
    const before = readFileSync(file('sample.json'), 'utf8');
    const text = edit(before);
    assert.notEqual(text, before, 'the edit changed something');
    writeFileSync(file('forged.json'), text);
    return verifySample(file('forged.json'));
  };
  assert.match(
    fault((text) => text.replace('"value": "s', '"value": "x')).out,
    /is not under its manifest's root/,
  );
  assert.match(
    fault((text) => text.replace('batch.leave', 'batch.grieve')).out,
    /its entry is not what its digest/,
  );
  assert.match(
    fault((text) => text.replace('"sequence": 1', '"sequence": 2')).out,
    /is not what its digest names/,
  );
  const edited = (edit: (sample: AuditSample) => unknown) =>
    fault((text) => JSON.stringify(edit(JSON.parse(text))));
  // Whoever leaves out what is awkward cannot make it hold.
  const without = edited(({ drawn: all, ...rest }) => ({
    ...rest,
    drawn: all.map((one) => ({ ...one, observations: [], missing: '' })),
  }));
  assert.equal(without.code, 3, without.out);
  assert.match(without.out, /^not derived again: closure .*: it comes without an observation$/m);
  assert.doesNotMatch(without.out, /all holds/);
  const nothing = edited(({ drawn: all, ...rest }) => ({
    ...rest,
    drawn: all.map((one) => ({ ...one, entry: null, verdict: null })),
  }));
  assert.match(nothing.out, /exception .*: it comes without what was drawn/);
  const others = edited(({ drawn: all, ...rest }) => {
    const shown = all.filter(({ sort }) => sort === 'verdict').map(({ observations }) => observations);
    const swapped = all.map((one) =>
      one.sort === 'verdict'
        ? { ...one, observations: shown[(shown.indexOf(one.observations) + 1) % 5] }
        : one,
    );
    return { ...rest, drawn: swapped };
  });
  assert.match(others.out, /verdict .*: an observation is of another asset/);
  assert.equal(fault((text) => text.replace('"side": "left"', '"side": "right"')).code, 1);
});

test('with the log, a verifier also holds the draw to its seed', () => {
  const good = verifySample(file('sample.json'), file('log.ndjson'));
  assert.equal(good.code, 3, good.out);
  assert.doesNotMatch(good.out, /the draw is not checked/);
  const text = readFileSync(file('sample.json'), 'utf8').replace('"seed": "one"', '"seed": "chosen"');
  writeFileSync(file('forged.json'), text);
  const forged = verifySample(file('forged.json'), file('log.ndjson'));
  assert.match(forged.out, /what was drawn of sort closure is not what the seed draws/);
});

test('what cannot be read is a mistake of whoever asks', () => {
  const none = macadam('verify', file('none.ndjson'));
  assert.equal(none.code, 2);
  assert.match(none.err, /`.*none.ndjson` cannot be read/);
  const nowhere = macadam('verify', '--data', file('nowhere'));
  assert.equal(nowhere.code, 2);
  assert.match(nowhere.err, /--data: there are no decisions in .*nowhere\/decisions; name another folder/);
  assert.match(macadam('verify', '--anchor', 'x').err, /--anchor: `x` is not an anchor/);
  assert.match(macadam('sample', '--seed', 'a', '--n', '0', '--data', data).err, /--n: `0` is not a number/);
});

test('a store whose log was changed by somebody with every right says where', async () => {
  const changed = async (sql: string) => {
    await visit(join(data, 'decisions'), new Date(), async (session) => {
      await session.query(`alter table macadam.audit disable trigger user; ${sql}`);
    });
    return macadam('verify', '--data', data, '--json');
  };
  const edited = await changed(
    "update macadam.audit set at = '2020-01-01T00:00:00.000000Z' where number = 3",
  );
  assert.equal(edited.code, 1, edited.err);
  assert.deepEqual(JSON.parse(edited.out), {
    whole: false,
    number: 3,
    why: 'its time or digest was changed',
  });
});
