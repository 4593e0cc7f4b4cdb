/** What each format of others becomes, and each way in which it is refused: by line, field, reason and fix. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ParsedFile, Read } from '@macadam/adapters/imports/findings/batch';
import { readCycloneDxPaper } from '@macadam/adapters/imports/findings/cyclonedx';
import { readKeyReports } from '@macadam/adapters/imports/findings/key-reports';
import { readOcsfPaper } from '@macadam/adapters/imports/findings/ocsf';
import { recognised } from '@macadam/adapters/imports/findings/recognition';
import { readSarifPaper } from '@macadam/adapters/imports/findings/sarif';
import { readTokenReports } from '@macadam/adapters/imports/findings/token-reports';
import { sourceOf } from '@macadam/adapters/imports/findings/tool-result';
import { assetsOf } from '@macadam/core/facts/asset';
import { ingest } from '@macadam/core/facts/ingest';
import type { Observation } from '@macadam/core/facts/observation';
import { picture } from '@macadam/core/figures/picture';
import { diagnose } from '@macadam/core/kinds/diagnose';
import type { Kind } from '@macadam/core/kinds/kind';
import { describeFileDiagnostic } from '@macadam/core/text/diagnostic';
import { wholeCatalogue } from '@macadam/testing/catalogue';
import { working } from '@macadam/testing/readers/built-repository';
import { folderRequest } from '@macadam/testing/server/folder-request';
import { measure } from '../measure/measure.ts';

const { kinds } = wholeCatalogue();
const NOW = new Date('2026-11-02T00:00:00Z');
const WRITTEN = new Date('2026-11-01T00:00:00Z');

const paper = (value: unknown, stated = false): ParsedFile => ({
  text: typeof value === 'string' ? value : JSON.stringify(value, null, 1),
  file: 'found.json',
  subject: 'shop',
  receivedAt: NOW,
  takenAt: { at: WRITTEN, stated },
});
const said = (read: Read) => ('mistakes' in read ? read.mistakes.map(describeFileDiagnostic) : []);

/** Every observation of a reading, each of which fits its kind. */
function observationsIn(read: Read): readonly Observation[] {
  assert.ok('batches' in read, said(read).join('\n'));
  const all = read.batches.flatMap(({ observations }) => observations);
  for (const one of all) {
    const kind = kinds.get(one.kind);
    assert.ok(kind);
    assert.deepEqual(diagnose(kind, one.attributes), []);
    assert.deepEqual(ingest(kinds, one).problems, []);
    assert.equal(one.assurance, 'attested');
    for (const statement of Object.values(one.attributes)) assert.ok(!('assurance' in statement));
  }
  assert.equal(new Set(all.map(({ id }) => id)).size, all.length, 'each result is one asset');
  return all;
}
const heldBy = (one: Observation | undefined, name: string) => {
  const statement = one?.attributes[name];
  return statement && 'value' in statement ? statement.value : statement;
};
const valuesOf = (one: Observation | undefined, ...names: readonly string[]) =>
  names.map((name) => heldBy(one, name));

const at = (uri: string, startLine: number) => ({
  physicalLocation: { artifactLocation: { uri }, region: { startLine, startColumn: 3 } },
});
const RUN = {
  tool: { driver: { name: 'Lint It', semanticVersion: '2.0.0' } },
  invocations: [
    { executionSuccessful: true, startTimeUtc: '2026-10-31T10:00:00Z', endTimeUtc: '2026-10-31T10:05:00Z' },
  ],
  results: [
    { ruleId: 'R1', message: { text: 'bad' }, locations: [at('a.c', 7)] },
    { ruleId: 'R1', message: { text: 'bad again' }, locations: [at('a.c', 7)] },
    { ruleId: 'R2', kind: 'pass', message: { text: 'fine' } },
    { ruleId: 'R3', kind: 'notApplicable', message: { text: 'no' } },
    {
      ruleId: 'R4',
      level: 'error',
      message: { text: 'x' },
      suppressions: [{ kind: 'external' }],
      partialFingerprints: { a: 'f1' },
    },
  ],
};
const log = (...runs: readonly unknown[]) => ({ version: '2.1.0', runs });

test('SARIF: every result is a result of its tool, its pass too', () => {
  const read = readSarifPaper(paper(log(RUN)));
  const all = observationsIn(read);
  assert.deepEqual(
    all.map((one) => valuesOf(one, 'rule', 'outcome', 'severity', 'suppressed', 'place').join(' ')),
    [
      'R1 fail medium false a.c:7:3',
      'R1 fail medium false a.c:7:3#2',
      'R2 pass [object Object] false -',
      'R3 not-applicable [object Object] false -',
      'R4 fail high true f1',
    ],
  );
  assert.deepEqual(valuesOf(all[2], 'severity', 'path'), [{ absent: true }, { absent: true }]);
  assert.deepEqual(valuesOf(all[0], 'tool', 'tool_version', 'subject', 'path', 'line', 'taken_at'), [
    'Lint It',
    '2.0.0',
    'shop',
    'a.c',
    7,
    '2026-10-31T10:05:00Z',
  ]);
  assert.equal(all[0]?.observedAt, '2026-10-31T10:05:00Z');
  assert.equal(all[0]?.source, 'lint-it');
  assert.ok('batches' in read);
  assert.equal(read.batches[0]?.collection.startedAt, '2026-10-31T10:00:00Z');
});

test('SARIF: each run is a collection; one that failed or did not look is incomplete, with the reason', () => {
  const broken = { ...RUN, invocations: [{ executionSuccessful: false }], results: undefined };
  const read = readSarifPaper(paper(log(RUN, broken)));
  assert.ok('batches' in read);
  assert.deepEqual(
    read.batches.map(({ collection }) => [
      collection.status,
      collection.problems.map(({ code }) => code).join(),
    ]),
    [
      ['complete', ''],
      ['incomplete', 'results-absent,tool-failed'],
    ],
  );
});

test('SARIF: what an earlier run found and this one does not is the tool’s pass, beside what is there still', () => {
  const result = { ruleId: 'R1', message: { text: 'bad' }, locations: [at('a.c', 7)] };
  const results = [
    { ...result, baselineState: 'absent' },
    { ...result, baselineState: 'unchanged' },
    { ...result, ruleId: 'R2', baselineState: 'absent', partialFingerprints: { a: 'f1' } },
    { ...result, ruleId: 'R3', baselineState: 'absent', kind: 'pass' },
    { ...result, ruleId: 'R4', baselineState: 'new' },
  ];
  const read = readSarifPaper(paper(log({ ...RUN, results })));
  assert.deepEqual(
    observationsIn(read).map((one) => valuesOf(one, 'rule', 'outcome', 'place')),
    [
      ['R1', 'fail', 'a.c:7:3'],
      ['R4', 'fail', 'a.c:7:3'],
      ['R1', 'pass', 'a.c:7:3#2'],
      ['R2', 'pass', 'f1'],
    ],
  );
  assert.ok('notes' in read);
  assert.deepEqual(read.notes, ['1 results of an earlier run were not judged again in this one']);
});

test('a time that nobody states is no time of the results, though they are as old as their file', () => {
  const quiet = { ...RUN, invocations: [] };
  const [one] = observationsIn(readSarifPaper(paper(log(quiet))));
  assert.equal(one?.observedAt, WRITTEN.toISOString());
  assert.deepEqual(one?.attributes.taken_at, {
    unobserved: 'unobserved',
    why: 'found.json does not say when its results were taken; give it by `--taken-at`',
  });
  const [told] = observationsIn(readSarifPaper(paper(log(quiet), true)));
  assert.equal(heldBy(told, 'taken_at'), WRITTEN.toISOString());
});

test('SARIF: what cannot be read refuses all of it, with the line', () => {
  assert.deepEqual(said(readSarifPaper(paper({ version: '2.0.0', runs: [] }))), [
    'found.json:2:1: `version`: the version is not 2.1.0; convert it first',
  ]);
  assert.match(
    said(readSarifPaper(paper('{"version": "2.1.0",\n "runs": [}'))).join(),
    /^found\.json:2:11: is not JSON/,
  );
  const wrong = log({ ...RUN, results: [{ ruleId: 'R1', kind: 'bad', message: { text: 'x' } }] });
  assert.match(
    said(readSarifPaper(paper(wrong))).join(),
    /`runs\.0\.results`: result 0 of Lint It is not understood: kind: .*; fix it/,
  );
});

const EVENT = {
  class_uid: 2003,
  time: Date.parse('2026-10-30T00:00:00Z'),
  severity_id: 4,
  status_id: 1,
  message: 'the bucket is open',
  metadata: { version: '1.4.0', product: { name: 'Cloud Watcher', version: '5' }, event_code: 's3_public' },
  finding_info: { uid: 'f-1', title: 'Bucket is public' },
  compliance: { control: 'S3.1', status_id: 3 },
  resources: [{ uid: 'arn:one' }, { name: 'two' }],
};

test('OCSF: each resource of a finding is a subject', () => {
  const all = observationsIn(readOcsfPaper(paper([EVENT])));
  assert.deepEqual(
    all.map((one) => valuesOf(one, 'subject', 'rule', 'outcome', 'severity', 'suppressed', 'place')),
    [
      ['arn:one', 'S3.1', 'fail', 'high', false, 'f-1'],
      ['two', 'S3.1', 'fail', 'high', false, 'f-1'],
    ],
  );
  assert.equal(all[0]?.observedAt, '2026-10-30T00:00:00.000Z');
});

test('OCSF: outcomes by class and status, in an array, alone and by line', () => {
  const outcome = (more: object) =>
    heldBy(observationsIn(readOcsfPaper(paper({ ...EVENT, resources: [], ...more })))[0], 'outcome');
  assert.equal(outcome({ compliance: { control: 'a', status_id: 1 } }), 'pass');
  assert.equal(outcome({ compliance: { control: 'a', status_id: 2 } }), 'open');
  assert.equal(outcome({ compliance: { control: 'a' }, status_code: 'PASS' }), 'pass');
  assert.equal(outcome({ compliance: { control: 'a' }, status_code: 'FAIL' }), 'fail');
  assert.equal(outcome({ compliance: { control: 'a' } }), 'open');
  assert.equal(outcome({ class_uid: 2002, compliance: undefined }), 'fail');
  assert.equal(outcome({ class_uid: 2002, compliance: undefined, status_id: 4 }), 'pass', 'resolved');
  assert.equal(outcome({ class_uid: 2002, compliance: undefined, status_id: 3 }), 'fail', 'suppressed');
  assert.equal(outcome({ compliance: { control: 'a', status_id: 3 }, status_id: 4 }), 'fail');
  const prowler = (status_code: string) =>
    outcome({ class_uid: 2004, compliance: undefined, status_id: 1, status_code });
  assert.deepEqual(['FAIL', 'PASS', 'MANUAL', 'passing by'].map(prowler), ['fail', 'pass', 'open', 'fail']);
  assert.equal(outcome({ class_uid: 2003, compliance: undefined, status_code: 'PASS' }), 'open');
  const lines = `${JSON.stringify(EVENT)}\n\n${JSON.stringify({ ...EVENT, finding_info: { uid: 'f-2' } })}\n`;
  assert.equal(observationsIn(readOcsfPaper(paper(lines))).length, 4);
});

test('OCSF: events of one finding are what was seen of one asset, one after the other', () => {
  const event = (day: number, status: number, more: object = {}) => ({
    ...EVENT,
    resources: [{ uid: 'arn:one' }],
    time: Date.UTC(2026, 9, day),
    compliance: { control: 'S3.1', status_id: status },
    ...more,
  });
  const read = readOcsfPaper(paper([event(29, 3), event(30, 1), event(30, 1)]));
  assert.ok('batches' in read);
  const [batch] = read.batches;
  assert.equal(new Set(batch?.observations.map(({ id }) => id)).size, 1);
  for (const given of [batch?.observations ?? [], batch?.observations.toReversed() ?? []]) {
    const [asset, ...others] = assetsOf(kinds, given);
    assert.deepEqual(others, []);
    assert.deepEqual(asset?.attributes.get('outcome')?.statement, { value: 'pass' });
  }
  // Without a name of their own nothing says that they are one.
  const unnamed = { finding_info: { title: 'Bucket is public' } };
  assert.equal(
    observationsIn(readOcsfPaper(paper([event(29, 3, unnamed), event(30, 1, unnamed)]))).length,
    2,
  );
});

test('OCSF: a time of no year is refused where it stands', () => {
  for (const time of [1e18, -1e18, 1e15])
    assert.deepEqual(said(readOcsfPaper(paper([{ ...EVENT, time }, EVENT]))), [
      `found.json:4:1: \`0.time\`: ${time} is not a time of the years 1 to 9999; give milliseconds since 1970`,
    ]);
  const zero = { ...EVENT, time: undefined, time_dt: '0000-01-01T00:00:00Z' };
  assert.match(
    said(readOcsfPaper(paper([zero]))).join(),
    /`0\.time_dt`: `0000-01-01T00:00:00Z` is not a time; write it like 2026-11-01/,
  );
});

/** As Prowler writes them: local time without a zone, beside the seconds since 1970. */
const LOCAL = { time: Date.parse('2026-10-30T09:00:00Z') / 1000, time_dt: '2026-10-30T10:00:00.913874' };

test('OCSF: a local time without its zone gets the zone that `time` beside it shows, and a note says so', () => {
  const india = { time: LOCAL.time, time_dt: '2026-10-30T14:30:00' };
  const west = { time: LOCAL.time, time_dt: '2026-10-30T01:00:00.2' };
  const alone = { time: undefined, time_dt: '2026-10-30T09:00:00' };
  const elsewhere = { time: LOCAL.time, time_dt: '2026-10-30T10:07:00' };
  const zoned = { time: LOCAL.time, time_dt: '2026-10-30T10:00:00+0100' };
  const events = [LOCAL, LOCAL, india, west, alone, elsewhere, zoned].map((times, index) => ({
    ...EVENT,
    ...times,
    resources: [{ uid: `arn:${index}` }],
  }));
  const read = readOcsfPaper(paper(events));
  assert.deepEqual(
    observationsIn(read).map(({ observedAt }) => observedAt),
    [
      '2026-10-30T10:00:00.913874+01:00',
      '2026-10-30T10:00:00.913874+01:00',
      '2026-10-30T14:30:00+05:30',
      '2026-10-30T01:00:00.2-08:00',
      '2026-10-30T09:00:00Z',
      '2026-10-30T09:00:00.000Z',
      '2026-10-30T10:00:00+01:00',
    ],
  );
  assert.deepEqual('notes' in read && read.notes, [
    '`time_dt` of 2 events has no time zone; it was read as +01:00, by `time` of the same event',
    '`time_dt` of 1 event has no time zone; it was read as +05:30, by `time` of the same event',
    '`time_dt` of 1 event has no time zone; it was read as -08:00, by `time` of the same event',
    '`time_dt` of 1 event has no time zone; it was read as UTC, since nothing else says when it was',
    '`time_dt` of 1 event has no time zone; it was left out for `time`, which no time zone makes the same',
  ]);
});

test('SARIF and CycloneDX: times without a zone are read as UTC, and a note says so', () => {
  const invocations = [{ executionSuccessful: true, endTimeUtc: '2026-10-31T10:05:00' }];
  const sarif = readSarifPaper(paper(log({ ...RUN, invocations })));
  assert.equal(observationsIn(sarif)[0]?.observedAt, '2026-10-31T10:05:00Z');
  assert.match('notes' in sarif ? sarif.notes.join() : '', /have no time zone; they were read as UTC/);
  const bom = readCycloneDxPaper(paper({ ...BOM, metadata: { timestamp: '2026-10-31T10:05:00' } }));
  assert.equal(observationsIn(bom)[0]?.observedAt, '2026-10-31T10:05:00Z');
  assert.match('notes' in bom ? bom.notes.join() : '', /has no time zone; it was read as UTC/);
});

test('OCSF: seconds are taken as seconds, and a tool is a collection', () => {
  const other = { ...EVENT, time: EVENT.time / 1000, metadata: { product: { vendor_name: 'Other' } } };
  const read = readOcsfPaper(paper([EVENT, other]));
  assert.equal(observationsIn(read)[2]?.observedAt, '2026-10-30T00:00:00.000Z');
  assert.ok('batches' in read);
  assert.deepEqual(
    read.batches.map(({ collection }) => collection.source),
    ['cloud-watcher', 'other'],
  );
});

test('OCSF: events that are no findings, or do not say what is needed, refuse all of it', () => {
  const wrong = [
    { ...EVENT, class_uid: 3002 },
    { ...EVENT, time: undefined },
    { ...EVENT, metadata: { product: {} } },
  ];
  const lines = wrong.map((one) => JSON.stringify(one)).join('\n');
  assert.deepEqual(said(readOcsfPaper(paper(lines))), [
    'found.json:1:1: `class_uid`: class 3002 is no finding; give events of category 2',
    'found.json:2:1: `time`: it does not say when; give milliseconds since 1970',
    'found.json:3:1: `metadata.product.name`: it does not say which tool found it; give its name',
  ]);
  assert.match(
    said(readOcsfPaper(paper([EVENT, { ...EVENT, class_uid: 'x' }]))).join(),
    /^found\.json:\d\d:1: `1\.class_uid`/,
  );
  assert.match(
    said(readOcsfPaper(paper(`${JSON.stringify(EVENT)}\n{`))).join(),
    /^found\.json:2:\d+: is not JSON/,
  );
});

const BOM = {
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  metadata: {
    timestamp: '2026-10-29T00:00:00Z',
    tools: { components: [{ type: 'application', name: 'Bom Maker' }] },
    component: {
      type: 'application',
      'bom-ref': 'root',
      name: 'shop',
      externalReferences: [{ type: 'vcs', url: 'git@code.example.com:team/shop.git' }],
    },
  },
  components: [
    {
      type: 'library',
      'bom-ref': 'a',
      name: 'left-pad',
      version: '1.3.0',
      purl: 'pkg:npm/left-pad@1.3.0',
      hashes: [{ alg: 'SHA-512', content: 'ab'.repeat(64) }],
      scope: 'required',
      components: [{ type: 'library', name: 'inner', purl: 'pkg:pypi/inner@2' }],
    },
    {
      type: 'library',
      'bom-ref': 'b',
      name: 'mod',
      purl: 'pkg:golang/example.com/x/mod@v1.0.0',
      scope: 'excluded',
    },
    { type: 'operating-system', name: 'debian' },
  ],
  dependencies: [{ ref: 'root', dependsOn: ['a'] }],
};

test('CycloneDX: components with a package URL are dependencies, and what is not said is unobserved', () => {
  const read = readCycloneDxPaper(paper(BOM));
  const all = observationsIn(read);
  const names = ['name', 'ecosystem', 'version', 'direct', 'development', 'repository'] as const;
  const repository = 'repository/code.example.com/team/shop';
  const [first, inner, mod] = all;
  assert.deepEqual(valuesOf(first, ...names), ['left-pad', 'npm', '1.3.0', true, false, repository]);
  assert.equal(heldBy(first, 'integrity'), `sha512:${'ab'.repeat(64)}`);
  assert.deepEqual(valuesOf(mod, ...names), [
    'example.com/x/mod',
    'gomod',
    'v1.0.0',
    false,
    true,
    repository,
  ]);
  assert.deepEqual(valuesOf(inner, 'name', 'ecosystem', 'version'), ['inner', 'pip', '2']);
  for (const name of ['direct', 'development', 'integrity'])
    assert.match(JSON.stringify(inner?.attributes[name]), /the document does not say/);
  assert.ok('notes' in read);
  assert.deepEqual(read.notes, [
    '1 components have no package URL that can be read, and are no dependencies here',
  ]);
  assert.equal(first?.source, 'bom-maker');
  assert.equal(first?.observedAt, '2026-10-29T00:00:00Z');
});

test('CycloneDX: a repository that nobody names is unobserved, and not the file', () => {
  const [one] = observationsIn(readCycloneDxPaper(paper({ ...BOM, metadata: {} })));
  assert.match(
    JSON.stringify(one?.attributes.repository),
    /does not name its repository; give its id by `--subject`/,
  );
  const given = { ...paper({ ...BOM, metadata: {} }), subject: 'repository/file/shop' };
  assert.equal(heldBy(observationsIn(readCycloneDxPaper(given))[0], 'repository'), 'repository/file/shop');
});

test('CycloneDX: a document that somebody attests locks nothing, and counts no package of a lockfile a second time', async (t) => {
  const estate = mkdtempSync(join(tmpdir(), 'macadam-attested-'));
  t.after(() => rmSync(estate, { recursive: true, force: true }));
  const manifest = (name: string, dependencies: object) => JSON.stringify({ name, dependencies });
  const integrity = `sha512-${'A'.repeat(86)}==`;
  const packages = {
    '': { name: 'shop', dependencies: { 'left-pad': '^1.0.0' } },
    'node_modules/left-pad': { version: '1.3.0', integrity },
  };
  working(join(estate, 'shop'), {
    'package.json': manifest('shop', { 'left-pad': '^1.0.0' }),
    'package-lock.json': JSON.stringify({ name: 'shop', lockfileVersion: 3, packages }),
    'desk/package.json': manifest('desk', { 'right-pad': '^2.0.0' }),
  });
  const request = await folderRequest({ path: estate, title: 'estate', cache: join(estate, '.cache') });
  const measured = await measure({ ...request, now: () => NOW, progress: () => undefined });
  assert.ok('report' in measured);
  const seen = measured.collected.flatMap(({ observations }) => observations);
  const shop = seen.find(({ kind }) => kind === 'repository');
  assert.ok(shop);
  const hashes = [{ alg: 'SHA-512', content: 'ab'.repeat(64) }];
  const component = (name: string, version: string) => ({
    type: 'library',
    name,
    version,
    purl: `pkg:npm/${name}@${version}`,
    hashes,
  });
  const bom = {
    ...BOM,
    metadata: { ...BOM.metadata, component: { type: 'application', name: 'shop' } },
    components: [component('left-pad', '1.3.0'), component('right-pad', '2.0.0')],
  };
  const attested = observationsIn(readCycloneDxPaper({ ...paper(bom), subject: shop.id }));
  const told = (observations: readonly Observation[]) => {
    const assets = assetsOf(kinds, observations);
    const { scan } = picture({
      engine: 'test',
      catalogue: 'test',
      standards: measured.catalogue.standards
        .filter(({ id }) => id === 'dependencies-locked')
        .map(({ compiled }) => compiled),
      assets,
      collections: measured.collected.map(({ collection }) => collection),
      exceptions: [],
      clock: { asOf: NOW, real: NOW },
    });
    const [judged] = scan.standards;
    return {
      figures: [judged?.pass, judged?.fail, judged?.unknown],
      locked: assets.filter(({ kind, name }) => kind === 'dependency' && /left-pad/.test(name)).length,
    };
  };
  assert.deepEqual(told(seen), { figures: [1, 1, 0], locked: 1 });
  assert.deepEqual(told([...seen, ...attested]), { figures: [1, 1, 0], locked: 1 });
});

test('CycloneDX: other versions and other documents are refused', () => {
  assert.match(
    said(readCycloneDxPaper(paper({ ...BOM, specVersion: '2.0' }))).join(),
    /`specVersion`: versions 1\.2 to 1\.7 are understood; convert it/,
  );
  assert.match(
    said(readCycloneDxPaper(paper({ ...BOM, components: [{ name: 'x' }] }))).join(),
    /`components\.0\.type`: expected what it is/,
  );
});

const from = Date.parse('2026-10-25T00:00:00Z');
const WEEK = { from, to: from + 7 * 86_400_000 };
const adoption = (service: string, more: object = {}) => ({
  schema: 'macadam.token-adoption/1',
  library: { name: '@macadam/token', version: '0.1.0' },
  service,
  issuer: 'https://login.example.com',
  ...WEEK,
  accepted: { ES256: 90_000 },
  refused: { expired: 3 },
  keyIds: ['key-1'],
  ...more,
});
const issuance = (service: string, issued: number, more: object = {}) => ({
  schema: 'macadam.token-issuance/1',
  service,
  issuer: 'https://login.example.com',
  ...WEEK,
  issued,
  ...more,
});
const lines = (...reports: readonly object[]) =>
  paper(reports.map((report) => JSON.stringify(report)).join('\n'));

test('reports of tokens: what validates them is counted in tokens, and what nobody reports is not known', () => {
  const standards = wholeCatalogue()
    .standards.map(({ compiled }) => compiled)
    .filter(({ definition }) => definition.id === 'tokens-validated-by-standard-library');
  const read = readTokenReports(
    lines(
      adoption('orders'),
      adoption('orders', { accepted: { EdDSA: 5 } }),
      issuance('orders', 7 * 700),
      issuance('billing', 7 * 100),
      issuance('billing', 7 * 100),
      adoption('legacy', { library: { name: 'hand-made', version: '9.0.0' } }),
      issuance('legacy', 7 * 100),
      adoption('idle', { accepted: {} }),
      issuance('idle', 1),
    ),
  );
  assert.ok('batches' in read, said(read).join());
  assert.deepEqual(read.notes, ['of 2 of 4 services nobody says what validates their tokens']);
  const observations = read.batches.flatMap((batch) => batch.observations);
  for (const one of observations) {
    assert.deepEqual(ingest(kinds, one).problems, []);
    assert.deepEqual(diagnose(kinds.get('token-validator') as Kind, one.attributes), []);
  }
  const { scan } = picture({
    engine: 'test',
    catalogue: 'test',
    standards,
    assets: assetsOf(kinds, observations),
    collections: read.batches.map(({ collection }) => collection),
    exceptions: [],
    clock: { asOf: NOW, real: NOW },
  });
  const [judged] = scan.standards;
  assert.deepEqual([judged?.pass, judged?.fail, judged?.unknown], [1, 1, 2]);
  // Of 1,001 tokens a day the standard library validates 700; of 201 nobody knows.
  const { pass, fail, unknown } = judged?.measure?.tally ?? {};
  assert.deepEqual([pass, fail, unknown, judged?.measure?.unit], [700, 100, 201, 'tokens a day']);
});

test('reports of tokens: each mistake by its line and field, and an older version decides', () => {
  const [old] = observationsOfReports(
    adoption('a', { library: { name: '@macadam/token', version: '0.0.9' } }),
    adoption('a'),
  );
  assert.deepEqual(valuesOf(old, 'version', 'version_supported'), ['0.0.9', false]);
  const wrong = lines(
    adoption('a', { to: from }),
    issuance('a', -1),
    { schema: 'macadam.token-issuance/2' },
    [],
  );
  const mistakes = said(readTokenReports(wrong)).join('\n');
  assert.match(mistakes, /found\.json:1:1: `to`: is not after `from`/);
  assert.match(mistakes, /found\.json:2:1: `issued`/);
  assert.match(mistakes, /found\.json:3:1: `schema`/);
  assert.match(said(readTokenReports(paper(''))).join(), /holds no report/);
  assert.equal(recognised(JSON.stringify(adoption('a'))), 'token-reports');
  assert.equal(recognised(JSON.stringify(issuance('a', 1))), 'token-reports');
});

function observationsOfReports(...reports: readonly object[]): readonly Observation[] {
  const read = readTokenReports(lines(...reports));
  return 'batches' in read ? read.batches.flatMap(({ observations }) => observations) : [];
}

test('reports of keys: the newest of an issuer counts, a key that was taken out is trusted by nobody, and a mistake has its line', () => {
  const day = 86_400_000;
  const start = Date.parse('2026-10-01T00:00:00Z');
  const ring = (at: number, ...keys: readonly object[]) => ({
    schema: 'macadam.key-ring/1',
    library: { name: '@macadam/keys', version: '0.1.0' },
    issuer: 'https://login.example.com',
    at,
    keys,
  });
  const key = (id: string, state: string, activatedAt: number | null) => ({
    id,
    algorithm: 'ES256',
    state,
    publishedAt: start,
    activatedAt,
  });
  const read = readKeyReports(
    lines(
      ring(start + 9 * day, key('a', 'compromised', start + day), key('b', 'active', start + 2 * day)),
      ring(start + 8 * day, key('a', 'active', start + day)),
    ),
  );
  const [a, b, ...others] = observationsIn(read);
  assert.equal(others.length, 0);
  assert.deepEqual(valuesOf(a, 'state', 'key_id'), ['retired', 'a']);
  assert.deepEqual(valuesOf(b, 'state', 'rotation', 'published_at', 'activated_at'), [
    'active',
    'automatic',
    '2026-10-01T00:00:00.000Z',
    '2026-10-03T00:00:00.000Z',
  ]);
  const wrong = lines(ring(start, key('a', 'lost', null)), { schema: 'macadam.key-ring/2' });
  const mistakes = said(readKeyReports(wrong)).join('\n');
  assert.match(mistakes, /found\.json:1:1: `keys\.0\.state`/);
  assert.match(mistakes, /found\.json:2:1: `schema`/);
  assert.match(said(readKeyReports(paper(''))).join(), /holds no report/);
  assert.equal(recognised(JSON.stringify(ring(start))), 'key-reports');
});

test('what a file is, is seen by its content', () => {
  const seen = (value: unknown, space?: number) => recognised(JSON.stringify(value, null, space));
  for (const space of [0, 2]) {
    assert.equal(seen(log(RUN), space), 'sarif');
    assert.equal(seen([EVENT], space), 'ocsf');
    assert.equal(seen(BOM, space), 'cyclonedx');
    assert.equal(seen({ other: 1 }, space), null);
  }
  assert.equal(recognised(`{"collection": {"source": "a"}}\n{"kind": "a"}`), 'ndjson');
  assert.equal(recognised('{"kind": "a", "id": "a/1", "attributes": {}}'), 'ndjson');
  assert.equal(recognised('\ufeff{"bomFormat": "CycloneDX",'), 'cyclonedx');
  assert.equal(recognised('<xml/>'), null);
});

test('a tool’s name makes the id of a source', () => {
  assert.deepEqual(['Lint It!', 'A.B (x)', '…'].map(sourceOf), ['lint-it', 'a-b-x', 'tool']);
});
