/** The served pages in a real Chromium: CHROMIUM, or Debian's. Without one it fails, as the page's own test does. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test from 'node:test';
import { discoverFormats } from '@macadam/adapters/discover';
import type { Report } from '@macadam/adapters/formats/port';
import { sampleReport } from '@macadam/adapters/formats/sample';
import { chromium } from 'playwright-core';
import { serve } from './serve.ts';
import type { Measuring } from './waiting.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

test('the waiting page shows progress and becomes the report at the same address', async (t) => {
  let state: Report | Measuring = { title: 'shop', source: '', name: '', done: 0 };
  const server = await serve({ state: () => state, formats: await discoverFormats(), port: 0 });
  t.after(server.close);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: [
      ...['--no-sandbox', '--disable-gpu', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  });
  t.after(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 320, height: 640 } });
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(`${server.url}#verdict=unknown`);
  await page.getByText('starting').waitFor();
  state = { title: 'shop', source: 'git', name: 'shop-3', done: 3, total: 12 };
  await page.getByText('git: 3 of 12 · shop-3').waitFor();
  assert.equal(await page.locator('progress').getAttribute('value'), '3');
  await page.evaluate(AXE);
  const violations = await page.evaluate(
    'axe.run().then(({ violations }) => violations.map(({ id }) => id))',
  );
  assert.deepEqual(violations, []);
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

test('a waiting page whose server ends says so', async (t) => {
  const server = await serve({
    state: () => ({ title: 'shop', source: '', name: '', done: 0 }),
    formats: [],
    port: 0,
  });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  });
  t.after(() => browser.close());
  const page = await browser.newPage();
  await page.goto(server.url);
  await page.getByText('starting').waitFor();
  await server.close();
  await page.getByText('Macadam has stopped.').waitFor();
});
