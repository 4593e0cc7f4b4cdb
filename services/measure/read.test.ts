import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { describeFileDiagnostic } from '@macadam/core/text/diagnostic';
import { overrideMistake } from '@macadam/core/verdicts/compiled-standard';
import { wholeCatalogue } from '@macadam/testing/catalogue';
import { readEstate } from './read.ts';

const NOW = new Date('2026-11-01T00:00:00Z');
const ROOT = join(import.meta.dirname, '../..');

/** What is said of a folder with these files; a null is a folder. */
function mistakesOf(files: Readonly<Record<string, string | null>>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-estate-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      if (text === null) mkdirSync(join(folder, name));
      else writeFileSync(join(folder, name), text);
    }
    const read = readEstate(folder, NOW);
    return 'mistakes' in read
      ? read.mistakes.map((mistake) => describeFileDiagnostic(mistake).slice(folder.length + 1))
      : [];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const cases: readonly (readonly [string, Readonly<Record<string, string | null>>, readonly RegExp[]])[] = [
  [
    'a macadam.yaml that is a folder',
    { 'macadam.yaml': null },
    [/^macadam.yaml:1:1: is a folder; put a file/],
  ],
  [
    'an org file that is a folder',
    { 'macadam.yaml': 'org: people', people: null },
    [/^macadam.yaml:1:1: `org`: `people` is a folder; put a file/],
  ],
  [
    'an org file that is not YAML',
    { 'macadam.yaml': 'org: org.yaml', 'org.yaml': 'people: [\n' },
    [/^org.yaml:2:1: not valid YAML/],
  ],
  [
    'an org file of another shape',
    { 'macadam.yaml': 'org: org.yaml', 'org.yaml': 'teams: []\npeopel: []\n' },
    [/^org.yaml:2:1: `peopel`: there is no such field, did you mean `people`/],
  ],
  [
    'a catalogue folder that is a file',
    { 'macadam.yaml': 'catalogue: [own]', own: '' },
    [/^macadam.yaml:1:\d+: `catalogue.0`: there is no folder `own`/],
  ],
  [
    'a target without a measure of its own',
    { 'macadam.yaml': 'targets: { dependencies-locked: { share: 98, by: soon } }' },
    [/^macadam.yaml:1:\d+: `targets.dependencies-locked.share`/, /not a date: write it as 2027-03-01/],
  ],
  ['a sound org file', { 'macadam.yaml': 'org: org.yaml', 'org.yaml': 'people: [{ login: ada }]' }, []],
];
for (const [what, files, expected] of cases) {
  test(`${what} is answered with file, line and what to do`, () => {
    const said = mistakesOf(files);
    assert.equal(said.length, expected.length, said.join('\n'));
    for (const [index, pattern] of expected.entries()) assert.match(said[index] ?? '', pattern);
  });
}

test('a macadam.yaml that links to a device without an end is not read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-estate-'));
  try {
    symlinkSync('/dev/zero', join(folder, 'macadam.yaml'));
    const read = readEstate(folder, NOW);
    assert.ok('mistakes' in read);
    assert.match(read.mistakes.map(describeFileDiagnostic).join(), /is not a plain file; put a file there/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the macadam.yaml of the README is one that is accepted', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const example = /```yaml\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  assert.match(example, /exceptions:/);
  const folder = mkdtempSync(join(tmpdir(), 'macadam-estate-'));
  try {
    writeFileSync(join(folder, 'macadam.yaml'), example);
    writeFileSync(join(folder, 'org.yaml'), '');
    mkdirSync(join(folder, 'security'));
    const read = readEstate(folder, NOW);
    assert.ok(
      'estate' in read,
      'mistakes' in read ? read.mistakes.map(describeFileDiagnostic).join('\n') : '',
    );
    const { standards } = wholeCatalogue();
    for (const [id, values] of Object.entries(read.estate.parameters)) {
      const standard = standards.find((each) => each.id === id);
      assert.ok(standard, `there is no standard ${id}`);
      for (const [name, value] of Object.entries(values))
        assert.equal(overrideMistake(standard.definition, name, value), null);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
