import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { source } from '@macadam/adapters/sources/git/source';
import { assetId } from '@macadam/core/facts/observation';
import { wholeCatalogue } from '@macadam/testing/catalogue';
import { text, working } from '@macadam/testing/readers/built-repository';
import { type Proposals, proposalsOf } from './proposal.ts';

const ROOT = join(import.meta.dirname, '../..');
const root = realpathSync(mkdtempSync(join(tmpdir(), 'macadam-proposal-')));
after(() => rmSync(root, { recursive: true, force: true }));

const LOOSE = 'on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: a/b@v1\n      - run: make\n';
const TOKEN = ['glpat', 'R7pC2mK9xQ4nV8bT1wZ6'].join('-');
working(join(root, 'one'), { '.github/workflows/ci.yml': LOOSE, '.github/workflows/other.yml': LOOSE });
working(join(root, 'two'), {
  '.github/workflows/ci.yml': LOOSE.replace('make', `publish --token ${TOKEN}`),
});

const { kinds, standards } = wholeCatalogue();
const byId = new Map(standards.map((one) => [one.id, one]));

function proposals(catalogueRoot = ROOT): Proposals {
  const files = source.files?.({
    targets: [root],
    options: {},
    view: 'head',
    excludes: [],
    parameters: {},
    cacheDirectory: join(root, 'cache'),
    environment: process.env,
    now: () => new Date(),
  });
  assert.ok(files);
  return proposalsOf({
    files: [files],
    standards: byId,
    kinds,
    parameters: {},
    catalogueRoot,
    now: () => new Date(),
  });
}

const repository = (name: string) => assetId('repository', ['file', name]);
const ci = { standard: 'pipeline-least-privilege', paths: ['.github/workflows/ci.yml'] };

test('the patch changes the files that fail, of one repository, and nothing else', async () => {
  const proposal = await proposals()({ ...ci, repository: repository('one') });
  assert.ok(proposal);
  assert.match(proposal.patch, /^\+permissions:$/m);
  assert.match(proposal.patch, /^\+\+\+ b\/\.github\/workflows\/ci\.yml$/m);
  assert.ok(!proposal.patch.includes('other.yml'));
  assert.equal(proposal.commit, text(join(root, 'one'), ['rev-parse', 'HEAD']));
  assert.equal(proposal.withheld, null);
});

test('what only the code host knows is said, and nothing is changed', async () => {
  const proposal = await proposals()({
    standard: 'pipeline-uses-pinned',
    paths: ci.paths,
    repository: repository('one'),
  });
  assert.equal(proposal?.patch, '');
  assert.match(proposal?.notes.join() ?? '', /`a\/b@v1`: nothing here knows its commit/);
});

test('a file that holds a secret is not shown', async () => {
  const proposal = await proposals()({ ...ci, repository: repository('two') });
  assert.equal(proposal?.patch, '');
  assert.match(proposal?.withheld ?? '', /^\.github\/workflows\/ci\.yml holds what looks like a secret/);
  assert.ok(!JSON.stringify(proposal).includes(TOKEN));
});

test('nothing is proposed where the fix is not of this catalogue, or the repository is not here', async () => {
  const asked = { ...ci, repository: repository('one') };
  assert.equal(await proposals(join(root, 'elsewhere'))(asked), null);
  assert.equal(await proposals()({ ...asked, repository: repository('gone') }), null);
  assert.equal(await proposals()({ ...asked, standard: 'commits-signed' }), null);
});
