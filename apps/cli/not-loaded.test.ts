/** A scan keeps no history: what does not load was not judged, and every output says so. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Scan } from '@macadam/core/figures/scan';
import { working } from '@macadam/testing/readers/built-repository';
import { run } from './program.ts';

const root = mkdtempSync(join(tmpdir(), 'macadam-not-loaded-'));
after(() => rmSync(root, { recursive: true, force: true }));

const scanned = async (...words: readonly string[]) => {
  const out = join(root, 'out');
  const code = await run(['scan', root, '--quiet', '--soft-fail', '--out', out, ...words]);
  return { code, text: readFileSync(out, 'utf8') };
};

test('a standard with a mistake is not judged and never a pass; an exception that names it stops nothing', async () => {
  working(join(root, 'one'));
  mkdirSync(join(root, 'own'));
  const standard = (check: string) =>
    `title: Every repository is called one\nwhy: So that this test has something to ask.\nscope: { kind: repository }\ncheck: ${check}\n`;
  writeFileSync(join(root, 'own', 'called-one.yaml'), standard('asset.pth == "one"'));
  writeFileSync(join(root, 'own', 'called-well.yaml'), standard('asset.path == "one"'));
  const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  const exception = `{ standard: called-one, assets: ["*"], reason: It is renamed in spring., approver: "@ann", until: ${until} }`;
  writeFileSync(join(root, 'macadam.yaml'), `catalogue: [own]\nexceptions:\n  - ${exception}\n`);

  const { code, text } = await scanned('--format', 'json');
  assert.equal(code, 2);
  const scan = JSON.parse(text) as Scan;
  const [broken] = scan.notJudged.filter(({ standard: id }) => id === 'called-one');
  assert.equal(broken?.why, 'its definition did not load');
  assert.match(broken?.mistakes?.join() ?? '', /own\/called-one\.yaml:4:\d+: `check`: .*pth/);
  const ids = scan.standards.map(({ id }) => id);
  assert.ok(ids.includes('called-well') && !ids.includes('called-one'), 'the others are judged');
  for (const format of ['table', 'markdown', 'html']) {
    const words = (await scanned('--format', format)).text.replaceAll(/<[^>]*>|\s+/g, ' ');
    const told =
      /Standard called-one.*its definition does not load, and it is not judged.*called-one\.yaml:4/i;
    assert.ok(told.test(words), format);
  }
});
