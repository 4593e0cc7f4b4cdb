/** Keeping what was measured: what is written, and that the picture stands whatever becomes of the store. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openDecisions } from '@macadam/adapters/decisions/open';
import { type Measured, measure } from '@macadam/services/measure/measure';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import { folderRequest } from '@macadam/testing/server/folder-request';
import { partOfCatalogue } from '@macadam/testing/server/part-of-catalogue';
import { exceptionsOfStore, keepAndShow, tryOpen } from './persist.ts';

const folder = mkdtempSync(join(tmpdir(), 'macadam-keep-'));
after(() => rmSync(folder, { recursive: true, force: true }));
/** Two standards of the catalogue, and their kinds: how it is kept is the same for all. */
const catalogue = partOfCatalogue(join(folder, 'catalogue'), {
  kinds: ['repository', 'manifest', 'pipeline'],
  standards: ['engineering/dependencies-locked', 'engineering/pipeline-uses-pinned'],
});
/** What is asked of a folder. */
const requestOf = async (path: string) => ({
  ...(await folderRequest({ path, title, cache: join(folder, 'cache') })),
  catalogueRoots: [catalogue],
});
const title = 'estate';

/** An estate in which there is nothing yet. */
const estate = mkdtempSync(join(folder, 'estate-'));
const what: Measured = await (async () => {
  const found = await measure({
    ...(await requestOf(estate)),
    progress: () => {},
  });
  assert.ok('report' in found);
  return found;
})();
const ann = { id: 'ann', divisions: 'all' } as const;
const at = (text: string) => ({ title, now: () => new Date(text) });
let later = 0;
const now = () => new Date(Date.now() + later);
const root = trialFolder();
const decisions = await openDecisions(preparedPlace(join(root, 'decisions')), { now });
after(async () => {
  await decisions.close();
  rmSync(root, { recursive: true, force: true });
});

test('looks are kept one after another, also two within a second; a store that another has and a clock that went back are said, and what was kept can still be read', async () => {
  const place = join(folder, 'one');
  const first = await keepAndShow(place, what, at('2026-11-01T00:00:00.200Z'));
  assert.equal(first.overview?.from, null);
  await first.close();
  const second = await keepAndShow(place, what, at('2026-11-01T00:00:00.900Z'));
  assert.deepEqual(
    [second.overview?.from?.toISOString(), second.overview?.to.toISOString()],
    ['2026-11-01T00:00:01.000Z', '2026-11-01T00:00:02.000Z'],
  );
  const third = await keepAndShow(place, what, at('2026-11-01T00:01:00Z'));
  assert.deepEqual([third.site, third.overview], [null, null]);
  assert.match(third.why, /is held by process \d+ on .*; stop that process first, or use another directory/);
  await second.close();
  const earlier = await keepAndShow(place, what, at('2026-10-31T00:00:00Z'));
  assert.equal(earlier.overview, null);
  assert.match(
    earlier.why,
    /the last scan was written for 2026-11-01T00:00:02.000Z, which is still to come; set the clock/,
  );
  assert.equal((await earlier.site?.past.ticks())?.length, 2);
  await earlier.close();
});

test('a store that cannot be made, or be reached, is a reason and no crash', async () => {
  writeFileSync(join(folder, 'file'), '');
  const unmade = await keepAndShow(join(folder, 'file'), what, at('2026-11-01T00:00:00Z'));
  assert.match(unmade.why, /file cannot be used: E/);
  const unreachable = await tryOpen('http://127.0.0.1:9/', {
    kinds: what.catalogue.kinds,
    now: () => new Date(),
  });
  assert.ok('why' in unreachable);
});

test('a folder of a simulated company takes nothing real, and what it shows says so', async () => {
  const place = join(folder, 'simulated');
  const now = () => new Date('2026-11-01T00:00:00Z');
  const opened = await tryOpen(place, { kinds: what.catalogue.kinds, now });
  assert.ok('stores' in opened);
  const organisation = { divisions: [], functions: [], teams: [] };
  const about = { size: 'small', seed: '1', until: '2026-11-01T12:00:00Z', every: 7, organisation };
  await opened.stores.mark({ ...about, whole: true });
  await opened.stores.close();
  const kept = await keepAndShow(place, what, at('2026-11-02T00:00:00Z'));
  assert.equal(kept.overview, null);
  assert.match(kept.why, /holds a simulated company, and takes nothing real; name another folder/);
  assert.match(kept.site?.simulated ?? '', /is made up \(size small, seed 1\)/);
  await kept.close();
});

test('an organisation that cannot be is said; one that can, owners and exceptions of the decisions reach what is kept, and work comes of it', async (t) => {
  writeFileSync(join(what.estate.folder, 'org.yaml'), 'teams: [{ name: shop, parent: nowhere }]\n');
  const stated = { ...what.estate, estate: { ...what.estate.estate, org: 'org.yaml' } };
  const odd = { ...what, estate: stated };
  const unowned = await keepAndShow(join(folder, 'owned'), odd, { title, now, decisions });
  const { stores } = unowned;
  t.after(unowned.close);
  assert.match(unowned.troubles.join(), /the organisation is not taken from org.yaml: .*nowhere/);
  assert.ok(unowned.overview, 'what was measured is kept all the same');
  const keep = (measured: Measured) =>
    keepAndShow(join(folder, 'owned'), measured, { title, now, decisions, stores });

  const estate = mkdtempSync(join(folder, 'owned-'));
  const git = (...given: string[]) => execFileSync('git', ['-C', join(estate, 'shop'), ...given]);
  mkdirSync(join(estate, 'shop'));
  git('init', '--quiet', '--initial-branch=main');
  for (const [name, text] of [
    ['CODEOWNERS', '* @shop\n'],
    ['package.json', '{"name":"shop","version":"1.0.0","dependencies":{"left":"^1.0.0"}}\n'],
  ] as const)
    writeFileSync(join(estate, 'shop', name), text);
  git('add', '.');
  git('-c', 'user.name=ann', '-c', 'user.email=ann@example.test', 'commit', '--quiet', '-m', 'begin');
  writeFileSync(join(estate, 'macadam.yaml'), 'org: org.yaml\n');
  const org = 'divisions: [{ id: north, name: North }]\nteams: [{ name: shop, parent: north }]\n';
  writeFileSync(join(estate, 'org.yaml'), org);
  const look = async () => {
    const found = await measure({
      ...(await requestOf(estate)),
      exceptions: await exceptionsOfStore(decisions),
      progress: () => {},
    });
    assert.ok('report' in found);
    return found;
  };
  const kept = await keep(await look());
  assert.deepEqual(kept.troubles, []);
  assert.equal(kept.site?.divisions.get('shop'), 'North');
  const batches = () =>
    decisions.transaction(ann, (tx) => tx.work.batches({ open: true }), { readOnly: true });
  const first = await batches();
  const locked = first.find(({ standard }) => standard === 'dependencies-locked');
  assert.deepEqual([locked?.team, locked?.division], ['shop', 'north']);
  const last = (await kept.site?.past.ticks())?.at(-1);
  assert.ok(last && kept.site);

  const reason = 'The shop closes before its next release.';
  const asked = { id: 'e1', standard: 'dependencies-locked', division: 'north', selectors: ['*'], reason };
  const until = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10);
  await decisions.transaction(ann, (tx) => tx.permissions.request({ ...asked, until }));
  const members = await decisions.transaction(ann, (tx) => tx.work.members(locked?.id ?? ''));
  const accepted = members.map(({ asset }) => ({ asset, accepted: null }));
  await decisions.transaction({ ...ann, id: 'ben' }, (tx) => tx.permissions.approve('e1', accepted));
  // The history is written for whole seconds, and an exception holds from the instant of its approval on.
  later = 2000;
  const measured = await look();
  const picture = measured.report.scan.standards.find(({ id }) => id === 'dependencies-locked');
  assert.ok(picture && picture.excepted > 0, 'the picture shows it');
  const again = await keep(measured);
  assert.deepEqual(again.troubles, []);
  const [paused] = await decisions.transaction(ann, (tx) => tx.work.view([locked?.id ?? '']), {
    readOnly: true,
  });
  assert.equal(paused?.batch.closedAt, null, 'what is excepted fails still: it stays in its batch');
  assert.deepEqual([...new Set(paused?.pauses.map((one) => one.until))], [until], 'and says until when');
  const stood = await again.overview?.standards.find(({ id }) => id === 'dependencies-locked');
  assert.ok(stood && stood.figures.excepted > 0, 'the history shows it');
  const imports = await decisions.transaction(ann, (tx) =>
    tx.auditEntries({ action: 'organisation.import' }),
  );
  assert.deepEqual(
    imports.map(({ principal, subject }) => [principal, subject]),
    [['machine:first-import', 'org.yaml']],
  );
});
