import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { readSarifLog, type SarifResult } from './read.ts';

const read = (run: object, top: object = {}) =>
  readSarifLog({ version: '2.1.0', runs: [{ tool: { driver: { name: 'T' } }, ...run }], ...top });

function only(run: object): SarifResult {
  const reading = read(run);
  assert.ok('results' in reading, JSON.stringify(reading));
  assert.deepEqual(reading.problems, []);
  assert.equal(reading.results.length, 1);
  return reading.results[0] as SarifResult;
}

const driver = {
  name: 'T',
  globalMessageStrings: { shared: { text: 'for {0} and {{{1}}}' } },
  rules: [
    { id: 'A' },
    {
      id: 'B',
      defaultConfiguration: { level: 'error' },
      messageStrings: { own: { text: 'own {1} {0} {7}' } },
    },
  ],
};
const message = { text: 'm' };

test('a rule is found by index, by id and by the beginning of its id', () => {
  const level = (result: object) => only({ tool: { driver }, results: [{ message, ...result }] }).level;
  assert.equal(level({ ruleIndex: 1 }), 'error');
  assert.equal(level({ ruleId: 'B' }), 'error');
  assert.equal(level({ ruleId: 'B/detail/more' }), 'error');
  assert.equal(level({ rule: { index: 1 } }), 'error');
  assert.equal(level({ ruleId: 'A' }), 'warning');
  assert.equal(level({ ruleId: 'none' }), 'warning');
  assert.equal(level({ ruleId: 'B', kind: 'review' }), 'none');
  assert.equal(level({ ruleId: 'B', level: 'note' }), 'note');
  assert.equal(only({ tool: { driver }, results: [{ message, ruleIndex: 1 }] }).rule, 'B');
  assert.equal(only({ results: [{ message }] }).rule, null);
});

test('rules of extensions are found by their component', () => {
  const extensions = [{ name: 'X', rules: [{ id: 'E', defaultConfiguration: { level: 'note' } }] }];
  const result = (reference: object) =>
    only({ tool: { driver, extensions }, results: [{ message, rule: reference }] });
  assert.equal(result({ id: 'E', toolComponent: { index: 0 } }).level, 'note');
  assert.equal(result({ index: 0, toolComponent: { name: 'X' } }).rule, 'E');
});

test('an invocation may change a level', () => {
  const invocations = [
    { executionSuccessful: true },
    { ruleConfigurationOverrides: [{ descriptor: { id: 'B' }, configuration: { level: 'note' } }] },
  ];
  const level = (invocationIndex: number) =>
    only({
      tool: { driver },
      invocations,
      results: [{ message, ruleId: 'B', provenance: { invocationIndex } }],
    }).level;
  assert.equal(level(1), 'note');
  assert.equal(level(0), 'error');
  assert.equal(level(-1), 'error');
});

test('messages are looked up and filled in', () => {
  const text = (given: object, ruleId = 'B') =>
    only({ tool: { driver }, results: [{ ruleId, message: given }] }).message;
  assert.equal(text({ id: 'own', arguments: ['x', 'y'] }), 'own y x {7}');
  assert.equal(text({ id: 'shared', arguments: ['x', 'y'] }, 'A'), 'for x and {y}');
  assert.equal(text({ text: 'as {0} is' }), 'as {0} is');
  assert.equal(text({ text: 'as {0} is', arguments: ['it'] }), 'as it is');
  assert.equal(text({ id: 'constructor' }), 'constructor');
});

test('locations follow artifacts and bases as far as they go', () => {
  const originalUriBaseIds = {
    ROOT: { uri: 'file:///build/' },
    SRC: { uri: ' src/', uriBaseId: 'ROOT' },
    OPEN: {},
    LOOP: { uri: 'a/', uriBaseId: 'LOOP' },
  };
  const artifacts = [{ location: { uri: 'x%20y.c', uriBaseId: 'SRC' } }];
  const where = (artifactLocation: object, region: object = {}) =>
    only({
      originalUriBaseIds,
      artifacts,
      results: [{ message, locations: [{ physicalLocation: { artifactLocation, region } }] }],
    }).location;
  assert.deepEqual(where({ index: 0 }, { startLine: 3, startColumn: 2 }), {
    uri: 'file:///build/src/x%20y.c',
    path: null,
    line: 3,
    column: 2,
  });
  assert.deepEqual(where({ uri: 'a%20b.c', uriBaseId: 'OPEN' }), { uri: 'a%20b.c', path: 'a b.c' });
  assert.deepEqual(where({ uri: 'b.c', uriBaseId: 'LOOP' }), { uri: 'a/b.c', path: 'a/b.c' });
  assert.deepEqual(where({ uri: 'b.c', uriBaseId: 'toString' }), { uri: 'b.c', path: 'b.c' });
  assert.equal(where({ index: 9 }), null);
  assert.equal(only({ results: [{ message }] }).location, null);
});

test('a suppression counts unless one is under review or rejected', () => {
  const suppressed = (suppressions: readonly object[]) =>
    only({ results: [{ message, suppressions }] }).suppressed;
  assert.equal(suppressed([]), false);
  assert.equal(suppressed([{ kind: 'external' }]), true);
  assert.equal(suppressed([{ kind: 'inSource', status: 'accepted' }]), true);
  assert.equal(suppressed([{ kind: 'external' }, { kind: 'external', status: 'rejected' }]), false);
  assert.equal(suppressed([{ kind: 'external', status: 'underReview' }]), false);
});

test('taxa and fingerprints are kept', () => {
  const result = only({
    taxonomies: [{ name: 'CWE', taxa: [{ id: '79' }] }],
    results: [
      {
        message,
        taxa: [
          { index: 0, toolComponent: { index: 0 } },
          { id: '89', toolComponent: { name: 'CWE' } },
        ],
        partialFingerprints: { 'b/v1': '2', 'a/v1': '1' },
        fingerprints: { 'z/v1': '3' },
      },
    ],
  });
  assert.deepEqual(result.taxa, ['CWE/79', 'CWE/89']);
  assert.equal(result.fingerprint, '3');
});

test('what is not there is a problem, never nothing found', () => {
  const codes = (run: object, top?: object) => {
    const reading = read(run, top);
    return 'problems' in reading ? reading.problems.map((each) => each.code) : [reading.problem];
  };
  assert.deepEqual(codes({}), ['results-absent']);
  assert.deepEqual(codes({ results: null }), ['results-absent']);
  assert.deepEqual(codes({ results: [], externalPropertyFileReferences: { results: [] } }), [
    'external-properties',
  ]);
  assert.deepEqual(codes({ results: [] }, { inlineExternalProperties: [{}] }), ['external-properties']);
  assert.deepEqual(codes({ results: [], invocations: [{ executionSuccessful: false }] }), ['tool-failed']);
  assert.deepEqual(codes({ results: [{ message: 1 }, { message }] }), ['result-invalid']);
  assert.match(
    JSON.stringify(readSarifLog({ version: '2.0.0', runs: [] })),
    /version: the version is not 2\.1\.0/,
  );
  assert.match(JSON.stringify(readSarifLog({ version: '2.1.0' })), /runs: there is no list of runs/);
});

test('any JSON is read without a throw', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      readSarifLog(a);
      read({ results: [b], artifacts: a });
      read({ results: [{ message, locations: b, ruleIndex: a }] });
    }),
  );
});
