/** What stands in `start/` is read back by the reader of its source, so that a file that does nothing is no start. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadCatalogue } from './load.ts';
import { startBroken } from './start.ts';

const { kinds, standards } = loadCatalogue([join(import.meta.dirname, '../..')]);

/** What is broken of a `start/` that holds these files, for a standard of the catalogue. */
async function broken(id: string, files: Readonly<Record<string, string>>): Promise<string | null> {
  const standard = standards.find((one) => one.id === id);
  assert.ok(standard, id);
  const folder = mkdtempSync(join(tmpdir(), 'macadam-start-'));
  try {
    mkdirSync(join(folder, 'start'));
    for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, 'start', path), text);
    return await startBroken({ ...standard, folder }, kinds, [{}]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const RULESET = {
  bypass_actors: [],
  rules: [
    { type: 'deletion' },
    { type: 'non_fast_forward' },
    { type: 'pull_request', parameters: { required_approving_review_count: 1 } },
  ],
};

const applied = (answers: string): string =>
  `describe: A ruleset of the organisation.\napply: gh api --input ruleset.json\nsource: github\nanswers:\n${answers}`;

const PLACED = applied('  settings: { archived: false }\n  rulesets: [{ $start: ruleset.json }]\n');

test('a ruleset that protects the branch passes, and one that somebody may bypass does not', async () => {
  const open = { ...RULESET, bypass_actors: [{ actor_type: 'OrganizationAdmin' }] };
  const of = (ruleset: object) =>
    broken('default-branch-protected', {
      'ruleset.json': JSON.stringify(ruleset),
      'start.yaml': PLACED,
    });
  assert.equal(await of(RULESET), null);
  assert.match((await of(open)) ?? '', /start\/ makes acme\/shop, which is fail/);
});

test('a file that changes nothing for the reader is no start', async () => {
  const written = `  settings: { archived: true }\n  rulesets: [{ $start: ruleset.json }]\n`;
  assert.match(
    (await broken('default-branch-protected', {
      'ruleset.json': JSON.stringify(RULESET),
      'start.yaml': applied(written),
    })) ?? '',
    /passes without it as well/,
  );
});

test('a file that nobody applies and a name that is not there are said', async () => {
  const files = { 'ruleset.json': JSON.stringify(RULESET), 'start.yaml': PLACED };
  assert.match(
    (await broken('default-branch-protected', { ...files, 'notes.json': '{}' })) ?? '',
    /does not say what becomes of notes\.json/,
  );
  assert.match(
    (await broken('default-branch-protected', { 'start.yaml': PLACED })) ?? '',
    /names `ruleset\.json`, which is not there/,
  );
  const pointed = applied('  rulesets: [{ $start: "ruleset.json#/nowhere" }]\n');
  assert.match(
    (await broken('default-branch-protected', { ...files, 'start.yaml': pointed })) ?? '',
    /`#\/nowhere` points at nothing/,
  );
});
