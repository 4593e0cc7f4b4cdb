/** A catalogue that was prepared says what it says without, and only as long as its text is the one that was prepared. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { zstdDecompressSync } from 'node:zlib';
import { type Catalogue, loadCatalogue, prepareCatalogue } from './load.ts';
import { digestOf, writePrepared } from './prepared.ts';

const PRODUCT = join(import.meta.dirname, '../..');
const place = mkdtempSync(join(tmpdir(), 'macadam-prepared-'));
after(() => rmSync(place, { recursive: true, force: true }));

const OWNED = 'standards/engineering/repository-owned';
const SECRETS = 'standards/engineering/secrets-not-in-code';

/** A small catalogue, as it is packed; prepared, where asked. */
function catalogue(name: string, prepared: boolean): string {
  const root = join(place, name);
  mkdirSync(root);
  for (const path of ['kinds/repository.yaml', 'kinds/incident.yaml', 'frameworks', OWNED, SECRETS])
    cpSync(join(PRODUCT, path), join(root, path), { recursive: true });
  if (prepared) prepare(root);
  return root;
}

function prepare(root: string): void {
  const found = prepareCatalogue(root);
  assert.ok(!('mistakes' in found));
  writePrepared(root, found);
}

function change(root: string, path: string, from: string | RegExp, to: string): void {
  const text = readFileSync(join(root, path), 'utf8');
  assert.notEqual(text.replace(from, to), text);
  writeFileSync(join(root, path), text.replace(from, to));
}

const words = ({ kinds, standards, frameworks, mistakes, digest }: Catalogue) => ({
  kinds,
  frameworks,
  mistakes,
  digest,
  standards: standards.map(({ id, definition, readme }) => ({ id, definition, readme })),
});
const told = (loaded: Catalogue) =>
  loaded.mistakes.map(({ line, field, reason }) => `${line} ${field}: ${reason}`);

test('its digest does not depend on where it lies', () => {
  const here = catalogue('here', false);
  const there = catalogue('there', false);
  assert.equal(loadCatalogue([there]).digest, loadCatalogue([here]).digest);
  change(there, `${OWNED}/standard.yaml`, /^title: /m, 'title: The ');
  assert.notEqual(loadCatalogue([there]).digest, loadCatalogue([here]).digest);
});

test('it says the same, to the digest and to what its standards read', () => {
  const root = catalogue('same', false);
  const plain = loadCatalogue([root]);
  prepare(root);
  const prepared = loadCatalogue([root]);
  assert.deepEqual(words(prepared), words(plain));
  assert.equal(prepared.standards.length, 2);
  for (const [index, { compiled }] of prepared.standards.entries()) {
    assert.deepEqual(compiled.reads, plain.standards[index]?.compiled.reads);
    assert.equal(compiled, prepared.standards[index]?.compiled, 'compiled once');
  }
});

test('a text that was changed is read, and its mistakes have their lines', () => {
  const root = catalogue('changed', true);
  change(root, `${OWNED}/standard.yaml`, /^title: .*$/m, 'title: Another title');
  change(root, `${SECRETS}/standard.yaml`, /^severity: .*$/m, 'severity: enormous');
  const loaded = loadCatalogue([root]);
  assert.equal(loaded.standards[0]?.definition.title, 'Another title');
  assert.equal(loaded.standards.length, 1);
  assert.match(told(loaded).join(), /^\d+ severity: /);
});

test('with a kind that was changed every standard is compiled at once, so that nothing goes wrong later', () => {
  const root = catalogue('kind', true);
  change(root, 'kinds/repository.yaml', /^ {2}codeowners:/m, '  keepers:');
  assert.match(told(loadCatalogue([root])).join(), /check: .*codeowners/);
});

test('what compiled before is compiled anew where its kind is another one', () => {
  const root = catalogue('retyped', false);
  const { standards } = loadCatalogue([root]);
  assert.equal(loadCatalogue([root]).standards[0]?.compiled, standards[0]?.compiled);
  change(root, 'kinds/repository.yaml', /^ {2}codeowners:/m, '  keepers:');
  assert.match(told(loadCatalogue([root])).join(), /check: .*codeowners/);
});

test('a parameter that the estate sets is compiled in, and a mistake in it is told by its line', () => {
  const root = catalogue('override', true);
  const { standards } = loadCatalogue([root], { 'secrets-not-in-code': { confidence: ['high'] } });
  assert.deepEqual(standards.find(({ id }) => id === 'secrets-not-in-code')?.compiled.params.confidence, [
    'high',
  ]);
});

test('what an estate says was prepared is not believed: its own folders are read', () => {
  const [product, own] = [catalogue('product', true), join(place, 'own')];
  cpSync(join(PRODUCT, SECRETS), join(own, 'standards/engineering/own-secrets'), { recursive: true });
  change(own, 'standards/engineering/own-secrets/standard.yaml', /^id: .*$/m, 'id: own-secrets');
  change(own, 'standards/engineering/own-secrets/standard.yaml', /^title: .*$/m, 'title: As it is written');
  const found = prepareCatalogue(product);
  assert.ok(!('mistakes' in found));
  const written = found[`${SECRETS}/standard.yaml`];
  assert.ok(written);
  const path = 'standards/engineering/own-secrets/standard.yaml';
  const digest = digestOf(readFileSync(join(own, path), 'utf8'));
  writePrepared(own, { [path]: { digest, value: written.value } });
  const loaded = loadCatalogue([product, own]);
  assert.equal(loaded.standards.find(({ id }) => id === 'own-secrets')?.definition.title, 'As it is written');
});

test('a catalogue with a mistake is not prepared', () => {
  const root = catalogue('wrong', false);
  change(root, `${OWNED}/standard.yaml`, /^severity: .*$/m, 'severity: enormous');
  const found = prepareCatalogue(root);
  assert.ok('mistakes' in found && Array.isArray(found.mistakes) && found.mistakes.length === 1);
});

/** The files that a run kept of catalogues. */
const kept = (cache: string) =>
  readdirSync(join(cache, 'catalogue')).map((name) => join(cache, 'catalogue', name));

/** What they say. */
const keptTexts = (cache: string) =>
  kept(cache).map((path) => {
    const written = readFileSync(path);
    return zstdDecompressSync(written.subarray(written.indexOf(10) + 1)).toString();
  });

test('a catalogue that was not packed is kept by its first run, and the second says the same', () => {
  const [root, cache] = [catalogue('kept', false), join(place, 'cache-kept')];
  const first = loadCatalogue([root], {}, cache);
  const written = keptTexts(cache);
  const second = loadCatalogue([root], {}, cache);
  assert.deepEqual(words(second), words(first));
  assert.equal(written.length, 1);
  assert.deepEqual(keptTexts(cache), written);
});

test('what is kept counts no longer when its text, its kind or the file itself is another', () => {
  const [root, cache] = [catalogue('kept-changed', false), join(place, 'cache-changed')];
  loadCatalogue([root], {}, cache);
  change(root, `${OWNED}/standard.yaml`, /^title: .*$/m, 'title: Another title');
  assert.equal(loadCatalogue([root], {}, cache).standards[0]?.definition.title, 'Another title');
  const [path = ''] = kept(cache);
  const damaged = readFileSync(path);
  damaged[damaged.length - 9] = (damaged.at(-9) ?? 0) ^ 1;
  writeFileSync(path, damaged);
  assert.equal(loadCatalogue([root], {}, cache).standards[0]?.definition.title, 'Another title');
  change(root, 'kinds/repository.yaml', /^ {2}secrets:/m, '  hidden:');
  assert.match(told(loadCatalogue([root], {}, cache)).join(), /secrets/);
  assert.match(told(loadCatalogue([root], {}, cache)).join(), /secrets/, 'a mistake is not kept');
});

test('a standard with parameters of the estate is kept only once it loaded without them', () => {
  const [root, cache] = [catalogue('kept-override', false), join(place, 'cache-override')];
  const overrides = { 'secrets-not-in-code': { confidence: ['high'] } };
  loadCatalogue([root], overrides, cache);
  const text = () => keptTexts(cache).join();
  assert.ok(!text().includes(`${SECRETS}/standard.yaml`) && text().includes(`${OWNED}/standard.yaml`));
  loadCatalogue([root], {}, cache);
  assert.ok(text().includes(`${SECRETS}/standard.yaml`));
});

test('an estate below the product keeps nothing of its own', () => {
  const [root, cache] = [catalogue('kept-below', false), join(place, 'cache-below')];
  const own = join(root, 'estate');
  cpSync(join(PRODUCT, SECRETS), join(own, 'standards/engineering/own-secrets'), { recursive: true });
  change(own, 'standards/engineering/own-secrets/standard.yaml', /^id: .*$/m, 'id: own-secrets');
  assert.equal(loadCatalogue([root, own], {}, cache).standards.length, 3);
  const text = keptTexts(cache).join();
  assert.ok(!text.includes('own-secrets'));
});
