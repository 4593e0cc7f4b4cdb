/** The command line as people type it, against a running server with the real policy and real stores. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { request as ask, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { pastOf } from '@macadam/adapters/facts/history/retrospect';
import { openStores } from '@macadam/adapters/facts/open';
import { assetId, type Statement } from '@macadam/core/facts/observation';
import { loadCatalogue } from '@macadam/services/catalogue/load';
import { passOver } from '@macadam/services/ownership/pass';
import { askCommandLine } from '@macadam/testing/command-line';
import { partOfCatalogue } from '@macadam/testing/server/part-of-catalogue';
import { sampleServer } from '@macadam/testing/server/sample-server';
import type { ServerContext } from './pages/history/pages.ts';

const NOW = new Date();
const folder = mkdtempSync(join(tmpdir(), 'macadam-command-line-'));
/** What is asked about here: a server is asked the same way for all kinds and standards. */
const catalogue = partOfCatalogue(join(folder, 'catalogue'), {
  kinds: ['application', 'vulnerability-case'],
  standards: ['tenants/applications-have-owner-and-contact'],
});
const { kinds, standards } = loadCatalogue([catalogue]);
const stores = await openStores(join(folder, 'facts'), { kinds, now: () => NOW });
const owned = { driver: stores.driver, facts: stores.facts, kinds };
const site: ServerContext = {
  past: pastOf(stores.history),
  facts: stores.facts,
  simulated: null,
  divisions: new Map(),
  standards: new Map(standards.map((one) => [one.id, one])),
  title: 'a test',
  now: () => NOW,
  stores: owned,
};
const server = await sampleServer({
  people: {
    root: { roles: [{ role: 'administrator', division: '' }] },
    ann: { roles: [{ role: 'engineer', division: 'cloud' }], teams: ['shop'], via: 'token' },
    ben: { roles: [{ role: 'engineer', division: 'cloud' }], teams: ['till'], via: 'token' },
    deputy: { roles: [{ role: 'deputy-ciso', division: 'cloud' }], via: 'token' },
    'deputy-in-person': { roles: [{ role: 'deputy-ciso', division: 'cloud' }] },
    'narrow-ann': {
      roles: [{ role: 'engineer', division: 'cloud' }],
      teams: ['shop'],
      via: 'token',
      scopes: ['WorkItem::read'],
    },
    olga: { roles: [{ role: 'standard-owner', division: 'cloud' }], standards: ['locked'], via: 'token' },
    'olga-in-person': { roles: [{ role: 'standard-owner', division: 'cloud' }], standards: ['locked'] },
    guest: { roles: [], via: 'token' },
    'cy-reader': { roles: [{ role: 'reader', division: '' }], via: 'token' },
  },
  site: () => site,
  port: 0,
  random: randomBytes,
});
after(async () => {
  await server.close();
  await stores.close();
  rmSync(folder, { recursive: true });
  assert.deepEqual(server.failures, []);
});

const CONFIG = join(folder, 'config');
const day = (days: number) => new Date(NOW.getTime() + days * 86_400_000).toISOString().slice(0, 10);

interface Typed {
  readonly who?: string;
  readonly input?: string;
  readonly at?: string;
}

const commandLine = askCommandLine();

/** Runs while the server of this process answers it. */
async function typed(words: readonly string[], { who, input = '', at = server.url }: Typed = {}) {
  const given = { MACADAM_TOKEN: who ?? '', MACADAM_SERVER: at, XDG_CONFIG_HOME: CONFIG, NO_COLOR: '1' };
  const { status, stdout, stderr } = await commandLine.ask({
    args: words,
    cwd: folder,
    env: { ...process.env, ...given },
    input,
  });
  return { code: status, out: stdout, err: stderr };
}

async function said(who: string, ...words: readonly string[]): Promise<string> {
  const { code, out, err } = await typed(words, { who });
  assert.equal(code, 0, err);
  return out.trimEnd();
}

async function refused(code: number, who: string, ...words: readonly string[]): Promise<string> {
  const answer = await typed(words, { who });
  assert.equal(answer.code, code, answer.out + answer.err);
  assert.doesNotMatch(answer.err, /^\s+at /m, 'nobody is shown a stack trace');
  return answer.err;
}

const CSV = `person,name,email,company,division,team,accountable_for
ann,Ann,ann@example.test,Acme,Cloud,Shop,cloud
ben,Ben,ben@example.test,Acme,Cloud,Till,
`;
await server.ask('root', 'POST', '/api/organisation/imports', {
  format: 'csv',
  text: CSV,
  file: 'people.csv',
  on: '2026-01-01',
});
interface OpenedInput {
  readonly standard: string;
  readonly number: number;
  readonly team: string;
  readonly due: number;
  readonly assets: readonly string[];
}

const opened = ({ standard, number, team, due, assets }: OpenedInput) =>
  server.decisions.transaction({ id: 'reconcile', divisions: 'all' }, (tx) =>
    tx.work.open([
      {
        id: `${standard}/${number}`,
        standard,
        team,
        division: 'cloud',
        dueOn: day(due),
        members: assets.map((asset) => ({ asset, failingSince: '2026-01-01T00:00:00Z' })),
      },
    ]),
  );
await opened({ standard: 'locked', number: 1, team: 'shop', due: 30, assets: ['a', 'b'] });
await opened({ standard: 'locked', number: 2, team: 'shop', due: 0, assets: ['application/main/app-3'] });
await opened({ standard: 'locked', number: 3, team: 'till', due: 20, assets: ['d'] });
await server.decisions.transaction({ id: 'reconcile', divisions: 'all' }, (tx) =>
  tx.failing.recordPass(
    { subject: 'standard/locked', valid: '2026-01-02T00:00:00Z', known: 1, opened: 3 },
    {},
  ),
);
const at = NOW.toISOString();
const value = (given: unknown): Statement => ({ value: given }) as Statement;
await stores.facts.append(
  {
    source: 'directory',
    startedAt: at,
    finishedAt: at,
    status: 'complete',
    problems: [],
    partitions: [],
  },
  ['app-1', 'app-2', 'app-3'].map((name) => ({
    kind: 'application',
    id: assetId('application', ['main', name]),
    name,
    source: 'directory',
    observedAt: at,
    receivedAt: at,
    assurance: 'configured',
    attributes: {
      directory: value('main'),
      client_id: value(`client-${name}`),
      enabled: value(true),
      emergency_contact: { absent: true, complete: true } as Statement,
      owners: { value: name === 'app-2' ? [] : ['@acme/shop'], complete: true } as Statement,
    },
  })),
  NOW,
);
await passOver(owned, server.decisions, NOW);

test('work is listed as a table, as JSON and as CSV, and narrowed to what is mine', async () => {
  const table = await said('ann', 'work');
  assert.deepEqual(table.split('\n'), [
    'work item  team  due                     state',
    `locked/1   shop  ${day(30)}, in 30 days  unclaimed`,
    `locked/2   shop  ${day(0)}, today       unclaimed`,
    `locked/3   till  ${day(20)}, in 20 days  unclaimed`,
  ]);
  const mine = JSON.parse(await said('ben', 'work', 'list', '--mine', '--json'));
  assert.deepEqual([mine.items.map(({ id }: { id: string }) => id), mine.more], [['locked/3'], false]);
  assert.match(await said('ann', 'work', 'list', '--limit', '1'), /^the first 1; --limit shows more/m);
  const csv = (await said('ann', 'work', 'list', '--team', 'till', '--csv')).split('\r\n');
  assert.deepEqual([csv.length, csv[0]?.split(',')[0], csv[1]?.split(',')[0]], [2, 'id', 'locked/3']);
  assert.equal(await said('ann', 'work', 'list', '--overdue'), 'no open work items');
  assert.match(
    await refused(2, 'ann', 'work', 'list', '--standard', 'lockd'),
    /there is no standard `lockd`/,
  );
  assert.equal(await said('ann', 'work', 'list', '--closed'), 'no closed work items');
  assert.match(
    await refused(2, 'ann', 'work', 'list', '--limit', 'x'),
    /--limit: `x` is not a number of rows/,
  );
});

test('an act is on what was seen, and a rule or a right that says no is told with its reason', async () => {
  assert.equal(
    await said('ann', 'work', 'claim', 'locked/1', '--seen', '1'),
    `locked/1: taken on; due ${day(30)}, claimed by ann, version 2`,
  );
  const late = await refused(1, 'ann', 'work', 'release', 'locked/1', '--seen', '1');
  assert.match(late, /^macadam: `If-Match`: .*; read it again, then decide$/m);
  assert.match(await refused(1, 'ben', 'work', 'claim', 'locked/1'), /; ask somebody who may$/m);
  const narrow = await refused(1, 'narrow-ann', 'work', 'claim', 'locked/1');
  assert.match(narrow, /; use a token with the scope WorkItem::claim$/m);
  const far = await refused(1, 'ann', 'work', 'snooze', 'locked/1', '--until', day(29));
  assert.match(far, /^macadam: `until`: .*it is too far away.*; /m);
  const odd = await refused(2, 'ann', 'work', 'snooze', 'locked/1', '--until', 'soon');
  assert.match(odd, /^macadam: `body\.until`: .*; /m);
  assert.match(await said('ann', 'work', 'snooze', 'locked/1', '--until', day(5)), /snoozed until/);
  await said('ann', 'work', 'comment', 'locked/1', 'on \u001b[2JMonday');
  assert.match(
    await refused(2, 'ann', 'work', 'dispute', 'locked/1', '--why', 'x'),
    /--asset: it is missing/,
  );
  await said('ann', 'work', 'dispute', 'locked/1', '--asset', 'a', '--why', 'it has no lock');
  assert.match(
    await said('ann', 'work', 'check-again', 'locked/1', '--all'),
    /2 assets will be checked again/,
  );
  const shown = await said('ann', 'work', 'show', 'locked/1');
  assert.match(shown, /^ {2}left +2 assets$/m);
  assert.match(shown, new RegExp(`dispute +ann of a: it has no lock \\(open until ${day(14)}\\)$`, 'm'));
  assert.match(shown, /comment +\S+ ann: on ␛\[2JMonday$/m);
  assert.match(await refused(1, 'ann', 'work', 'show', 'locked/9'), /there is no work item `locked\/9`/);
  assert.match(await refused(2, 'ann', 'work', 'show', 'locked'), /ID: `locked` is not a work item/);
});

test('a dispute is settled by the owner of the standard, of one asset and with a reason', async () => {
  const words = ['work', 'settle', 'locked/1', '--asset', 'a', '--why', 'it stands open', '--rejected'];
  assert.match(await refused(2, 'olga', ...words, '--upheld'), /give one of --upheld and --rejected/);
  assert.match(await refused(2, 'olga', ...words, '--asset', 'b'), /--asset: name one asset, of which/);
  assert.match(
    await refused(2, 'olga', 'work', 'settle', 'locked/1', '--asset', 'a'),
    /option '--why <TEXT>'/,
  );
  assert.match(await refused(1, 'ann', ...words), /; ask somebody who may$/m);
  assert.match(await refused(1, 'olga', ...words), /; log in to the server in a browser, and do it there$/m);
  assert.match(await said('olga-in-person', ...words), /^locked\/1: the verdict stands; due /);
  assert.match(await said('ann', 'work', 'show', 'locked/1'), /dispute +ann of a: .*\(rejected: it stands/);
  assert.match(await refused(1, 'olga-in-person', ...words), /olga-in-person has settled it/);
});

test('what is another team’s is handed over with every asset that is left, and answered by that team', async () => {
  const words = ['work', 'hand-over', 'locked/2', '--all', '--why', 'they run it', '--to'];
  const asked = await said('ann', ...words, 'till');
  const number = /^locked\/2: hand-over (\d+) of 1 asset to till is asked for;/.exec(asked)?.[1] ?? '';
  assert.notEqual(number, '', asked);
  assert.match(await refused(1, 'ann', ...words, 'moon'), /^macadam: `to`: /m);
  assert.match(await said('ben', 'hand-over', '--to', 'till'), /^\d+ +shop +till +1 asset +asked for$/m);
  const answer = (verb: string, ...more: readonly string[]) => [
    'hand-over',
    verb,
    number,
    '--why',
    'so',
    ...more,
  ];
  await refused(1, 'ann', ...answer('accept'));
  assert.match(await refused(1, 'ben', ...answer('accept', '--seen', '9')), /^macadam: `If-Match`: /m);
  assert.match(await said('ben', ...answer('refuse')), /from shop.*: refused; ask another team, or withdraw/);
  await said('ann', ...answer('ask', '--to', 'till'));
  assert.match(await said('ben', ...answer('refuse')), /the deputy CISO decides/);
  assert.match(
    await refused(1, 'deputy', ...answer('decide', '--to', 'till')),
    /a token does not decide for anybody .*; log in to the server in a browser, and do it there$/m,
  );
  assert.match(await said('deputy-in-person', ...answer('decide', '--to', 'till')), /: done, version/);
  const shown = await said('ben', 'hand-over', 'show', number);
  assert.match(shown, /^ {2}decided +\S+ deputy-in-person: so$/m);
  assert.match(await refused(2, 'ben', 'hand-over', 'show', 'x'), /NUMBER: `x` is not a hand-over/);
});

test('an exception is asked for, answered by somebody else, renewed, and ended', async () => {
  const words = [
    'exception',
    'request',
    '--standard',
    'locked',
    '--asset',
    'a',
    '--why',
    'the lock is on order',
  ];
  const more = ['--compensating', 'somebody stands at it'];
  assert.match(await refused(1, 'ann', ...words, ...more, '--until', day(181)), /^macadam: `until`: /m);
  assert.match(await refused(2, 'ann', 'exception', 'request'), /required option '--standard/);
  const asked = await said('ann', ...words, ...more, '--until', day(20));
  const id = /^([0-9a-f]+): asked for by ann; of locked, until .*, in 20 days$/.exec(asked)?.[1] ?? '';
  assert.notEqual(id, '', asked);
  assert.match(await said('deputy', 'exception', 'list', '--waiting'), new RegExp(`^${id} +locked +`, 'm'));
  await refused(1, 'ann', 'exception', 'approve', id, '--proof', 'minutes 12');
  assert.match(await said('deputy', 'exception', 'refuse', id), /refused by deputy/);
  assert.match(await refused(1, 'deputy', 'exception', 'end', id, '--why', 'over'), /^macadam: /);
  const renewed = await said('ann', 'exception', 'renew', id, '--until', day(40), '--json');
  const { renews, reason, selectors } = JSON.parse(renewed);
  assert.deepEqual([renews, reason, selectors], [id, 'the lock is on order', ['a']]);
  assert.match(await said('ann', 'exception', 'show', id), /compensates +somebody stands at it$/m);
  assert.match(await refused(1, 'ann', 'exception', 'show', 'none'), /there is no exception `none`/);
});

test('an approval freezes what was meant, and accepts what is wrong with it', async () => {
  const STANDARD = 'applications-have-owner-and-contact';
  await opened({ standard: STANDARD, number: 1, team: 'shop', due: 30, assets: ['application/main/app-2'] });
  const words = ['exception', 'request', '--standard', STANDARD, '--asset', 'application/main/app-*'];
  const more = [
    '--why',
    'the contact moves house',
    '--compensating',
    'we watch it',
    '--until',
    day(20),
    '--json',
  ];
  const { id } = JSON.parse(await said('ann', ...words, ...more));
  const approve = ['exception', 'approve', id, '--proof', 'minutes 12'];
  assert.match(
    await refused(1, 'deputy', ...approve),
    /; log in to the server in a browser, and do it there$/m,
  );
  const approved = await said('deputy-in-person', ...approve);
  assert.match(approved, /: approved by deputy-in-person; of applications-have-owner-and-contact, until /);
  const shown = await said('ann', 'exception', 'show', id);
  assert.match(shown, /^ {2}accepted +application\/main\/app-2: /m);
  assert.match(await said('ann', 'exception', '--in-force'), new RegExp(`^${id} `, 'm'));
  const change = (name: string) => ({
    kind: 'application',
    id: `application/main/${name}`,
    name,
    source: 'pipeline',
    observedAt: new Date(NOW.getTime() - 60_000).toISOString(),
    assurance: 'configured',
    attributes: { directory: 'main', client_id: 'x', enabled: true, owners: [] },
  });
  const gated = async (name: string, given: Typed) => {
    const { attributes, ...rest } = change(name);
    const stated = Object.fromEntries(Object.entries(attributes).map(([key, one]) => [key, { value: one }]));
    const contact =
      'the source says of emergency_contact whether it is complete, and it is not a list or map';
    const absent = { emergency_contact: { unobserved: 'failed', why: contact } };
    const line = JSON.stringify({ ...rest, attributes: { ...stated, ...absent } });
    const asked = ['gate', '--kind', 'application', '--standard', STANDARD, '--format', 'json'];
    const { out, err } = await typed(asked, { ...given, input: `${line}\n` });
    assert.notEqual(out, '', err);
    const { effect, exceptionsAsked, reported, decisions } = JSON.parse(out);
    return { effect, exceptionsAsked, reported, exception: decisions[0]?.exception?.approver, err };
  };
  const let_ = await gated('app-2', { who: 'ann' });
  assert.deepEqual([let_.effect, let_.exception], ['allow', 'deputy-in-person'], let_.err);
  assert.deepEqual(let_.exceptionsAsked, { server: new URL(server.url).href, why: null });
  assert.deepEqual(let_.reported, { why: null });
  // Of another asset nobody accepted anything, and of this one nothing else.
  assert.notEqual((await gated('app-9', { who: 'ann' })).effect, 'allow');
  // Who may not read exceptions is told, and what fails goes on failing.
  const blind = await gated('app-2', { who: 'nobody' });
  assert.notEqual(blind.effect, 'allow');
  assert.match(
    blind.err,
    /^approved exceptions could not be asked: .*; what is excepted there counts as failing here$/m,
  );
  assert.match(await said('deputy', 'exception', 'end', id, '--why', 'over'), /: ended by deputy; /);
  assert.equal(await said('ann', 'exception', '--in-force'), 'no exceptions');
});

test('a vulnerability case is published as CSAF and CVE; what it does not say is named, and nothing is made up', async () => {
  const seen = (name: string, more: Record<string, Statement>) => ({
    kind: 'vulnerability-case',
    id: assetId('vulnerability-case', ['desk', name]),
    name,
    source: 'desk',
    observedAt: at,
    receivedAt: at,
    assurance: 'configured' as const,
    attributes: {
      tracker: value('desk'),
      case_id: value(name),
      severity: value('critical'),
      state: value('mitigated'),
      in_cloud: value(true),
      customer_action: value(false),
      reported_at: value('2026-02-01T08:00:00Z'),
      mitigated_at: { value: '2026-02-03T08:00:00Z', assurance: 'effective' as const },
      ...more,
    },
  });
  const publication = {
    cve: 'CVE-2026-12345',
    published_at: '2026-02-04T08:00:00Z',
    weakness: 'CWE-444',
    products: ['pkg:npm/gateway@4.1.0'],
    machine_readable: false,
  };
  const unseen: Statement = { unobserved: 'forbidden', why: 'the token may not read it' };
  await stores.facts.append(
    { source: 'desk', startedAt: at, finishedAt: at, status: 'complete', problems: [], partitions: [] },
    [
      seen('V-1', { publication: value(publication) }),
      seen('V-2', { publication: { absent: true } as Statement }),
      seen('V-3', { publication: value(publication), in_cloud: unseen }),
    ],
    NOW,
  );
  await stores.facts.settled();
  const words = ['--title', 'Smuggling', '--summary', 'Two lengths.', '--publisher', 'Acme'];
  const about = (id: string, format: string) =>
    ['case', 'export', `vulnerability-case/desk/${id}`, '--format', format, ...words].concat(
      '--namespace',
      'https://acme.example',
    );
  const scored = ['--cvss', 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N'];
  const advisory = await said('cy-reader', ...about('V-1', 'csaf'), ...scored);
  const { document, vulnerabilities } = JSON.parse(advisory);
  assert.deepEqual(
    [document.tracking.id, document.tracking.status, vulnerabilities[0].cwe.name],
    ['V-1', 'final', "Inconsistent Interpretation of HTTP Requests ('HTTP Request/Response Smuggling')"],
  );
  assert.equal(vulnerabilities[0].scores[0].cvss_v3.baseScore, 7.5);
  const checked = await typed(['case', 'check', '-'], { input: advisory });
  assert.deepEqual([checked.code, /Every mandatory test/.test(checked.out)], [0, true], checked.err);
  const twice = { ...JSON.parse(advisory), vulnerabilities: [vulnerabilities[0], vulnerabilities[0]] };
  const wrong = await typed(['case', 'check', '-'], { input: JSON.stringify(twice) });
  assert.deepEqual(
    [wrong.code, /^6\.1\.23 \/vulnerabilities\/1\/cve: /m.test(wrong.out)],
    [1, true],
    wrong.out,
  );
  const lacking = await refused(1, 'cy-reader', ...about('V-1', 'cve'));
  assert.match(lacking, /`assigner`: nobody is named who assigns the CVE; give the UUID/);
  assert.match(lacking, /`reference`: a CVE record names where people read more/);
  const record = await said(
    'cy-reader',
    ...about('V-1', 'cve'),
    ...['--reference', 'https://acme.example/v1', '--assigner-name', 'acme'],
    ...['--assigner', '5f5f4b3a-1d2c-4e6f-8a9b-0c1d2e3f4a5b'],
  );
  assert.equal(JSON.parse(record).cveMetadata.cveId, 'CVE-2026-12345');
  assert.match(
    await refused(1, 'cy-reader', ...about('V-2', 'csaf')),
    /`publication`: no CVE record is published for the case; record its CVE id/,
  );
  assert.match(
    await refused(1, 'cy-reader', ...about('V-3', 'csaf')),
    /`in_cloud`: it is not known: the token may not read it; have the tracker of the case asked again/,
  );
  const other = ['case', 'export', 'application/main/app-1', '--format', 'csaf', ...words];
  assert.match(
    await refused(1, 'cy-reader', ...other, '--namespace', 'https://acme.example'),
    /it is of kind application; name a vulnerability-case/,
  );
});

test('owners are shown with their chain, and decided for many at once from a list of ids', async () => {
  const shown = await said('ann', 'owner', 'show', 'application/main/app-1');
  assert.match(shown, /^ {2}owner +shop$/m);
  assert.match(shown, /codeowners +decides: `owners` names `@acme\/shop`, which is `shop`$/m);
  await refused(1, 'ann', 'owner', 'show', 'application/main/none');
  assert.match(await said('ann', 'owner', 'queue'), /^application\/main\/app-2 +shop +it owns 2 of 2/m);
  const nobody = await typed(['owner', 'show', 'application/main/app-2'], { who: 'ann' });
  assert.deepEqual([nobody.code, /owner +nobody$/m.test(nobody.out)], [1, true], nobody.err);
  const decide = ['owner', 'decide', '-', '--assign', 'shop', '--why', 'they run it'];
  const none = await typed(decide, { who: 'ann', input: '\n' });
  assert.deepEqual([none.code, /ASSET: there is none/.test(none.err)], [2, true]);
  assert.match(await refused(2, 'ann', 'owner', 'decide', 'x', '--why', 'y'), /one of --assign TEAM/);
  const done = await typed(decide, { who: 'ann', input: 'application/main/app-2\n' });
  assert.deepEqual([done.code, done.out], [0, '1 asset given to shop\n'], done.err);
  assert.equal(await said('ann', 'owner', 'queue'), 'no assets without an owner');
});

test('a log-in is kept for its owner’s eyes, and its token goes to its server alone', async () => {
  const file = join(CONFIG, 'macadam', 'login.json');
  const wrong = await typed(['login'], { input: 'nobody\n' });
  assert.deepEqual([wrong.code, /does not take the token: nobody is logged in/.test(wrong.err)], [2, true]);
  assert.equal(existsSync(file), false);
  const done = await typed(['login', '--server', server.url], { input: 'ann\n' });
  assert.equal(done.code, 0, done.err);
  assert.match(done.err, /as ann \(ann\)\n.*engineer of cloud; /);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const kept = await typed(['work', '--mine'], { at: '' });
  assert.equal(kept.code, 0, kept.err);
  const elsewhere = await typed(['work', '--server', 'http://127.0.0.1:1'], { at: '' });
  assert.deepEqual(
    [elsewhere.code, /there is no token for http:\/\/127.0.0.1:1\//.test(elsewhere.err)],
    [2, true],
  );
  const clear = await typed(['work', '--server', 'http://macadam.example'], { at: '', who: 'ann' });
  assert.deepEqual([clear.code, /is not https/.test(clear.err)], [2, true]);
  chmodSync(file, 0o644);
  assert.match((await typed(['work'], { at: '' })).err, /can be read by others; revoke the token/);
  assert.match((await typed(['logout'])).err, /is removed; until its end the token is good elsewhere/);
  assert.equal(existsSync(file), false);
  assert.match((await typed(['work'], { at: '' })).err, /--server: it is missing/);
});

test('a change whose answer was lost is sent again, and done once', async () => {
  let lost = 0;
  const keys = new Set<unknown>();
  const { port, hostname } = new URL(server.url);
  // In front of the server: the first answer to a change never arrives.
  const between = createServer((incoming, outgoing) => {
    const headers = { ...incoming.headers, host: `${hostname}:${port}` };
    const { method = '', url: path = '' } = incoming;
    const onward = ask({ port, hostname, method, path, headers }, (answer) => {
      if (method === 'POST') keys.add(incoming.headers['idempotency-key']);
      if (method === 'POST' && lost++ === 0)
        return answer.resume().on('end', () => incoming.socket.destroy());
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      return answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(between.address() as AddressInfo).port}`;
    const words = ['work', 'comment', 'locked/3', 'only once'];
    const answer = await typed(words, { who: 'ben', at: url });
    assert.deepEqual([answer.code, lost, keys.size], [0, 2, 1], answer.err);
    const { comments } = JSON.parse(await said('ben', 'work', 'show', 'locked/3', '--json'));
    assert.deepEqual(
      comments.map(({ text }: { text: string }) => text),
      ['only once'],
    );
  } finally {
    between.closeAllConnections();
    between.close();
  }
  const gone = await typed(['work', 'claim', 'locked/3'], { who: 'ben', at: 'http://127.0.0.1:2' });
  assert.equal(gone.code, 3, gone.err);
  assert.match(gone.err, /cannot be reached \(ECONNREFUSED\)$/m);
});
