/** The served pages in a real Chromium: CHROMIUM, or Debian's. Without one it fails, as the page's own test does. */
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { discoverFormats } from '@macadam/adapters/discover';
import type { Report } from '@macadam/adapters/report-formats/port';
import { axeViolations, launchBrowser } from '@macadam/testing/browser';
import { sampleReport } from '@macadam/testing/report-formats/sample';
import { kept } from '@macadam/testing/server/sample';
import { sampleServer } from '@macadam/testing/server/sample-server';
import type { Measuring } from './pages/progress/progress-page.ts';

const people = { ann: { roles: [{ role: 'reader' as const, division: '' }] } };
const seen = (more: Partial<Parameters<typeof sampleServer>[0]>) =>
  sampleServer({ people, anybody: 'ann', port: 0, ...more });

const browser = await launchBrowser();
after(() => browser.close());

test('the waiting page shows progress and becomes the report at the same address', async (t) => {
  let state: Report | Measuring = { title: 'shop', source: '', name: '', done: 0 };
  const server = await seen({ picture: { state: () => state, formats: await discoverFormats() } });
  t.after(server.close);
  const page = await browser.newPage({ viewport: { width: 320, height: 640 } });
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(`${server.url}report#verdict=unknown`);
  await page.getByText('starting').waitFor();
  const soFar = [
    { standard: 'a', label: 'Pipelines pinned', pass: 4, fail: 2, unknown: 0 },
    { standard: 'b', label: 'No secrets in code', pass: 0, fail: 0, unknown: 0 },
  ];
  state = { title: 'shop', source: 'git', name: 'shop-3', done: 3, total: 12, soFar };
  await page.getByText('git: 3 of 12 · shop-3').waitFor();
  assert.equal(await page.locator('progress').getAttribute('value'), '3');
  await page.getByText('of 12 read, 9 left').waitFor();
  await page.getByRole('row', { name: /^Pipelines pinned 4 2 0 of 6 so far$/ }).waitFor();
  await page.getByRole('row', { name: 'No secrets in code not known yet' }).waitFor();
  // Without a script the page asks for itself again.
  const plain = await (
    await page.request.get(`${server.url}report`, { headers: { accept: 'text/html' } })
  ).text();
  assert.match(plain, /<noscript><meta http-equiv="refresh" content="\d+"><\/noscript>/);
  assert.deepEqual(await axeViolations(page), []);
  state = sampleReport();
  await page
    .locator('#status')
    .filter({ hasText: /^1 finding / })
    .waitFor();
  assert.equal(new URL(page.url()).hash, '#verdict=unknown');
  // Browsers ask for an icon that no page names; that it is refused is no fault of the page.
  assert.deepEqual(
    complaints.filter((text) => !text.includes('404')),
    [],
  );
  await server.close();
});

test('a waiting page whose server ends says so', async () => {
  const server = await seen({
    picture: { state: () => ({ title: 'shop', source: '', name: '', done: 0 }) },
  });
  const page = await browser.newPage();
  await page.goto(server.url);
  await page.getByText('starting').waitFor();
  await server.close();
  await page.getByText('Macadam has stopped.').waitFor();
});

test('from a number to its list, to an asset and its life; a team is found by its form', async (t) => {
  const sheds = await kept();
  t.after(sheds.remove);
  const server = await seen({ site: () => sheds.site });
  t.after(server.close);
  const page = await browser.newPage();
  await page.goto(server.url);
  await page.locator('summary', { hasText: 'Compared with' }).click();
  await page.locator('select[name=from]').selectOption('2026-11-01T12:00:00Z');
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.getByRole('row', { name: 'Fixed −14' }).getByRole('link').click();
  await page.getByText('14 changes: fixed').waitFor();
  await page.getByRole('link', { name: 'shed/shed-001' }).click();
  await page.getByRole('heading', { name: 'What holds, and how we know' }).waitFor();
  await page.locator('.verdicts th a').first().click();
  await page.getByRole('searchbox', { name: 'Team' }).fill('moved');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByText('1 team found').waitFor();
  assert.equal(new URL(page.url()).searchParams.get('search'), 'moved');
});
