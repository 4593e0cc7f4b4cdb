/** What stands in `start/` is read back by the reader of its source, so that a file that does nothing is no start. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { wholeCatalogue } from '@macadam/testing/catalogue';
import { startBroken } from './start.ts';

const { kinds, standards } = wholeCatalogue();

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

const validator = (more: string, reports = '[JSON.stringify(validator.takeReport())]'): string => `
export function validatorOf({ createValidator, publishedKeys }) {
  const issuer = 'https://login.example.com';
  return createValidator({ issuer, algorithms: ['ES256'], keys: publishedKeys({ issuer, algorithms: ['ES256'] }), service: 'orders', ${more} });
}
export const reportsOf = (validator) => ${reports};`;
const TRIED =
  'describe: The set-up of the library.\napply: npm install @macadam/token\nsource: token-library\nanswers:\n  validator.mjs: { $start: validator.mjs }\nbeside: { tokens_per_day: 1 }\n';

test('a set-up of the token library is run: one that validates passes, one that reports nothing or does not start does not', async () => {
  const of = (text: string) =>
    broken('tokens-validated-by-standard-library', { 'validator.mjs': text, 'start.yaml': TRIED });
  assert.equal(await of(validator("audience: 'orders'")), null);
  assert.match((await of(validator("audience: ''"))) ?? '', /does not run: audience: is missing/);
  assert.match((await of(validator("audience: 'orders'", '[]'))) ?? '', /holds no report/);
  assert.match((await of('export const other = 1;')) ?? '', /does not export `validatorOf` and `reportsOf`/);
  assert.match((await of('export {')) ?? '', /cannot be loaded/);
  const everybody = validator("audience: ['orders', 'urn:somebody-else']");
  assert.match((await of(everybody)) ?? '', /accepts a token that is for somebody else/);
});

test('forged tokens are found only where the set-up remembers what it accepted', async () => {
  const of = (more: string, reports: string) =>
    broken('forged-tokens-detected', { 'validator.mjs': validator(more, reports), 'start.yaml': TRIED });
  const both = '[validator.takeReport(), validator.takeAccepted()].map((one) => JSON.stringify(one))';
  assert.equal(await of("audience: 'orders', lookUp: true", both), null);
  assert.match(
    (await of("audience: 'orders'", '[JSON.stringify(validator.takeReport())]')) ?? '',
    /is unknown/,
  );
});

test('a ring that signs with one key for longer than a quarter of a year is no start', async () => {
  const signer = (days: number) => `
export const signerOf = ({ createSigner, pkcs11Store, fileLedger }) => createSigner({
  store: pkcs11Store({}), ledger: fileLedger('ring.db'), algorithm: 'ES256',
  policy: { publishFor: 172800000, activeFor: ${days} * 86400000, acceptFor: 7200000 },
});
export const reportOf = ({ keyReport }, signer) => JSON.stringify(keyReport(signer.ring(), 'https://login.example.com'));`;
  const described =
    'describe: A ring of keys that changes.\napply: npm install @macadam/keys\nsource: key-library\nanswers:\n  signer.mjs: { $start: signer.mjs }\nbeside:\n  human_operations: { value: [], window: 2160h, assurance: effective }\n';
  const of = (days: number) =>
    broken('signing-keys-rotate-without-people', { 'signer.mjs': signer(days), 'start.yaml': described });
  assert.equal(await of(30), null);
  assert.match((await of(120)) ?? '', /is fail/);
});

test('five standards at most have a reason instead of a start, and each reason is its own', () => {
  const reasons = standards.flatMap(({ id, definition }) =>
    definition.omits.start === undefined ? [] : [[id, definition.omits.start] as const],
  );
  assert.ok(reasons.length <= 5, reasons.map(([id]) => id).join(', '));
  assert.equal(new Set(reasons.map(([, reason]) => reason)).size, reasons.length);
});
