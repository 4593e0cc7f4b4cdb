/**
 * The page in a real Chromium: CHROMIUM, or Debian's. Without one it fails: `npm test` decides whether that may be left
 * out here, and says so.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { pathToFileURL } from 'node:url';
import {
  axeViolations,
  carryAxe,
  launchBrowser,
  ReusedPages,
  type WellColoured,
} from '@macadam/testing/browser';
import { hostileTexts } from '@macadam/testing/report-formats/contract';
import { estate } from '@macadam/testing/report-formats/estate';
import { comparedReport, emptyReport, sampleReport } from '@macadam/testing/report-formats/sample';
import { build } from 'esbuild';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { Report } from '../port.ts';
import { page as rendered } from './page.ts';

const folder = mkdtempSync(join(tmpdir(), 'macadam-page-'));
let browser: Browser;
let pages: ReusedPages;
/** Those that axe is asked about. */
let held: ReusedPages;
/** The page that is open, and what was heard of it. */
let opened = '';
let complaints: string[] = [];

before(async () => {
  browser = await launchBrowser();
  const hear = (page: Page) => {
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('dialog', (dialog) => complaints.push(`dialog ${dialog.message()}`));
    page.on('request', (request) => {
      if (request.url().split('#')[0] !== opened) complaints.push(`asked for ${request.url()}`);
    });
  };
  pages = new ReusedPages(browser, hear);
  held = new ReusedPages(browser, async (page) => {
    hear(page);
    await carryAxe(page);
  });
});

after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

let files = 0;
function fileOf(report: Report): string {
  files += 1;
  const path = join(folder, `${files}.html`);
  writeFileSync(path, rendered(report).text);
  return pathToFileURL(path).href;
}

/** Opens a page; whatever it says on the console, throws, or asks a network for fails the test. */
async function open(
  url: string,
  use: (page: Page) => Promise<void>,
  options: BrowserContextOptions = {},
  among = pages,
): Promise<void> {
  const page = await among.take({ viewport: { width: 1280, height: 900 }, ...options });
  opened = url.split('#')[0] ?? '';
  complaints = [];
  await page.goto(url);
  await use(page);
  assert.deepEqual(complaints, []);
  await among.giveBack(page);
}

const status = (page: Page) => page.locator('#status').textContent();
/** Waits until the list says so: going back is answered after it has happened. */
const says = (page: Page, start: string) =>
  page.waitForFunction((text) => document.getElementById('status')?.textContent?.startsWith(text), start);
/** Follows a link to a list, folded away or not, and returns when the page has answered. */
function follow(link: Locator): Promise<void> {
  return link.evaluate(
    (element: HTMLAnchorElement) =>
      new Promise<void>((done) => {
        if (element.hash === location.hash) return done();
        addEventListener('hashchange', () => done(), { once: true });
        element.click();
      }),
  );
}
const titles = (page: Page) => page.locator('#result .rows > li .name').allTextContents();
const small = estate({ repositories: 30 });

for (const [name, options] of Object.entries<BrowserContextOptions>({
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  'on 320 pixels': { viewport: { width: 320, height: 640 } },
  'with forced colours': { forcedColors: 'active' },
})) {
  // Colours are all that a scheme changes.
  const rules = options.viewport || name === 'light' ? [] : ['color-contrast'];
  test(`axe finds nothing: ${name}`, async () => {
    // In light the colours of everything are measured, else once for each style.
    const well: WellColoured | undefined = name === 'light' ? undefined : new Set();
    for (const report of [emptyReport(), comparedReport(), small]) {
      await open(
        fileOf(report),
        async (page) => {
          await page.evaluate(() => {
            for (const details of document.querySelectorAll<HTMLDetailsElement>('section details'))
              details.open = true;
          });
          // What is opened is filled in a moment later; of an empty report nothing is.
          await page.waitForFunction(
            () =>
              document.querySelector('#result details.finding[open]') === null ||
              document.querySelector('#result .finding .inside') !== null,
          );
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(overflow <= 0, `${overflow} pixels too wide`);
          assert.deepEqual(await axeViolations(page, rules, well), []);
        },
        options,
        held,
      );
    }
  });
}

test('every number opens the list that it counts, and the back button returns', async () => {
  await open(fileOf(small), async (page) => {
    const links = page.locator('main > section:not(#findings) a[href*="="]');
    // Folded lists are followed too; a link in them is no less a number's.
    const followed = await links.evaluateAll(async (all) => {
      const found = [];
      for (const link of all as HTMLAnchorElement[]) {
        const text = link.textContent ?? '';
        const href = link.getAttribute('href');
        if (!/^[\d,]/.test(text)) continue;
        if (link.hash !== location.hash)
          await new Promise((done) => {
            addEventListener('hashchange', done, { once: true });
            link.click();
          });
        found.push({
          text,
          href,
          at: location.hash,
          says: document.getElementById('status')?.textContent ?? '',
        });
      }
      return found;
    });
    const total = await links.count();
    assert.ok(total > 60, `${total} links`);
    assert.ok(followed.length > 60, `${followed.length} numbers`);
    for (const { text, href, at, says } of followed) {
      assert.equal(at, href);
      const counted = /asset/.test(text) ? / on ([\d,]+) asset/ : /^([\d,]+) /;
      assert.equal(counted.exec(says)?.[1], /^[\d,]+/.exec(text)?.[0], `${href}: ${says}`);
    }
    await follow(page.locator('a[href="#standard=pipeline-uses-pinned&verdict=fail"]').first());
    const counted = await status(page);
    await follow(page.locator('#chips a[aria-label="Remove verdict: fail"]'));
    assert.match(page.url(), /#standard=pipeline-uses-pinned$/);
    assert.notEqual(await status(page), counted);
    await page.goBack();
    assert.match(page.url(), /#standard=pipeline-uses-pinned&verdict=fail$/);
    await says(page, counted ?? '');
  });
});

test('an address opens its list at once, at the list, with the keyboard there', async () => {
  const url = `${fileOf(small)}#standard=pipeline-uses-pinned&verdict=fail&group=owner`;
  await open(url, async (page) => {
    const figures = small.scan.standards.find(({ id }) => id === 'pipeline-uses-pinned');
    assert.match(
      (await status(page)) ?? '',
      new RegExp(`^${figures?.fail} findings on ${figures?.fail} assets$`),
    );
    assert.equal(await page.locator('[name=standard]').inputValue(), '=pipeline-uses-pinned');
    assert.equal(await page.locator('[name=group]').inputValue(), 'owner');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'list-title');
    await page.locator('.group summary').first().click();
    await page.locator('.group .finding').first().waitFor();
  });
});

test('filters narrow, searching is one step back, and nobody is an owner one can ask for', async () => {
  await open(fileOf(small), async (page) => {
    const all = await status(page);
    await page.locator('[name=owner]').selectOption('=');
    const nobody = small.scan.findings.filter(({ owner }) => owner === null).length;
    assert.match((await status(page)) ?? '', new RegExp(`^${nobody} findings`));
    assert.match(page.url(), /#owner=$/);
    await page.locator('[name=search]').pressSequentially('push protection');
    await page.locator('[name=search]').pressSequentially(' nowhere');
    assert.match((await status(page)) ?? '', /^0 findings on 0 assets$/);
    await page.goBack();
    await says(page, `${nobody} findings`);
    await page.goBack();
    await says(page, all ?? '');
    assert.equal(await page.locator('[name=search]').inputValue(), '');
  });
});

test('a finding tells what was seen, where, and how to fix it', async () => {
  const finding = small.scan.findings.find(
    ({ standard, verdict }) => standard === 'pipeline-uses-pinned' && verdict === 'fail',
  );
  assert.ok(finding);
  await open(`${fileOf(small)}#finding=${finding.fingerprint}`, async (page) => {
    const inside = page.locator('.finding .inside');
    await inside.waitFor();
    const text = (await inside.textContent()) ?? '';
    for (const part of [
      `${finding.location?.path}:${finding.location?.line}`,
      'actions/checkout@v4',
      'seen by git',
      'How to fix',
      'macadam fix --standard pipeline-uses-pinned',
      'Let the update tool move it',
      finding.fingerprint,
    ])
      assert.ok(text.includes(part), part);
  });
});

test('ten thousand findings keep the document small', async () => {
  const large = estate({ repositories: 3000 });
  assert.ok(large.scan.findings.length > 10_000, String(large.scan.findings.length));
  const nodes = (page: Page) => page.evaluate(() => document.querySelectorAll('*').length);
  await open(fileOf(large), async (page) => {
    const first = await nodes(page);
    assert.ok(first < 8000, `${first} elements`);
    await page.locator('#result > .more').click();
    assert.equal(await page.locator('.finding').count(), 100);
    assert.equal(
      await page.evaluate(
        () => document.activeElement?.closest('li') === document.querySelectorAll('#result .rows > li')[50],
      ),
      true,
    );
    for (const group of ['repository', 'owner', 'standard']) {
      await page.locator('[name=group]').selectOption(group);
      assert.ok((await page.locator('.group').count()) <= 50);
      await page.locator('.group > summary').first().click();
      await page.locator('.group .finding').first().waitFor();
      assert.ok((await nodes(page)) < first + 3000);
    }
  });
});

/** Three to a page, each at the beginning of a line; what is harmful by its length, or by being all there is, has a page of its own. */
function toPages(texts: readonly string[]): readonly string[] {
  const few = texts.filter(({ length }) => length > 10 && length < 1000);
  const triples = few.flatMap((_, at) => (at % 3 === 0 ? [few.slice(at, at + 3).join('\n')] : []));
  return [...triples, ...texts.filter((text) => !few.includes(text))];
}

test('what strangers wrote stays text', async () => {
  for (const text of toPages(hostileTexts)) {
    await open(fileOf(comparedReport({ text })), async (page) => {
      assert.equal(
        await page.locator('img, iframe, object, embed, link, base, [onload], [onerror], [style]').count(),
        0,
      );
      assert.equal(await page.locator('script').count(), 2);
      await page.locator('.finding > summary').evaluateAll((all) => {
        for (const summary of all) (summary as HTMLElement).click();
      });
      await page.locator('.finding .inside').last().waitFor();
      // Guidance may link; nothing else does, and only to the web.
      assert.equal(await page.locator('a[href]:not([href^="#"]):not(.prose a[href^="https://"])').count(), 0);
      const shown = (await page.locator('body').textContent()) ?? '';
      const payload = (await page.locator('#payload').textContent()) ?? '';
      assert.doesNotMatch(
        shown.replace(payload, ''),
        /[\u202a-\u202e\u2066-\u2069\u200b]|(?![\n\t\r])\p{Cc}/u,
      );
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${wide} pixels too wide`);
    });
  }
  const names = ['<b>x</b>', 'a'.repeat(10_000), '\u202egnp.exe', '&lt;i&gt;', "=1+1'"];
  await open(fileOf(estate({ repositories: 12, names })), async (page) => {
    const shown = await titles(page);
    assert.ok(shown.some((name) => name.startsWith('<b>x</b>')));
    assert.ok(shown.some((name) => name.startsWith('⟨U+202E⟩gnp.exe')));
    assert.ok(shown.every((name) => name.length < 400));
    await page.locator('[name=repository]').selectOption({ index: 1 });
    assert.doesNotMatch((await status(page)) ?? '', /^0 /);
  });
});

test('whatever assets are called, no name or id on the page stands in the way of what its script asks for', async () => {
  const names = ['getElementById', 'querySelector', 'body', 'location', 'forms', 'payload', 'trustedTypes'];
  await open(fileOf(estate({ repositories: names.length, names })), async (page) => {
    assert.ok((await titles(page)).some((name) => name.startsWith('getElementById')));
    const hiding = await page.evaluate(() => {
      // Members of the document are what such an element is called, and members of a form its fields.
      const called = (all: Iterable<Element>) =>
        [...all].flatMap((element) => [element.id, element.getAttribute('name') ?? '']);
      const ofDocument = called(document.querySelectorAll('form, img, iframe, embed, object'));
      const ofForms = called(document.querySelectorAll('form [id], form [name]'));
      return [
        ...ofDocument.filter((name) => name in Document.prototype),
        ...ofForms.filter((name) => name in HTMLFormElement.prototype),
      ];
    });
    assert.deepEqual(hiding, []);
    const twice = await page.evaluate(() => {
      const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
      return ids.filter((id, at) => ids.indexOf(id) !== at);
    });
    assert.deepEqual(twice, []);
  });
});

test('a script that got in would not run', async () => {
  const url = fileOf(small);
  const context = await browser.newContext();
  const page = await context.newPage();
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  await page.addInitScript(() => {
    addEventListener('DOMContentLoaded', () => {
      const script = document.createElement('script');
      script.append('document.title = "run"');
      document.body.append(script);
      const style = document.createElement('style');
      style.append('body { display: none }');
      document.body.append(style);
      try {
        document.body.insertAdjacentHTML('beforeend', '<img src=x>');
      } catch (error) {
        console.log(String(error));
      }
    });
  });
  await page.goto(url);
  assert.match(await page.title(), /security standards/);
  assert.equal(await page.locator('img').count(), 0);
  assert.ok(await page.locator('h1').isVisible());
  assert.match(said.join('\n'), /TrustedHTML/);
  assert.match(said.join('\n'), /script-src|Trusted ?Script/i);
  assert.match(said.join('\n'), /style-src/);
  await context.close();
});

test('without a script the answers, the figures and the lists behind them stand', async () => {
  await open(
    `${fileOf(small)}#standard=secrets-not-in-code&verdict=fail`,
    async (page) => {
      assert.equal(await page.locator('.answer').count(), 5);
      assert.equal(await page.locator('#filters').isVisible(), false);
      assert.equal(await page.locator('button.copy:visible').count(), 0);
      const target = page.locator('h3:target');
      assert.match((await target.textContent()) ?? '', /^fail: Secrets do not stand in code$/);
      assert.equal(await page.locator('noscript .plain-list li').count(), small.scan.findings.length);
    },
    { javaScriptEnabled: false },
  );
});

test('the keyboard reaches everything, and copies a command', async () => {
  await open(
    fileOf(sampleReport()),
    async (page) => {
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to the report');
      const reached = new Set<string>();
      for (let press = 0; press < 200; press++) {
        await page.keyboard.press('Tab');
        const at = await page.evaluate(() => {
          const element = document.activeElement;
          if (element === null || element === document.body) return null;
          const { outlineStyle } = getComputedStyle(element);
          if (element.matches(':focus-visible') && outlineStyle === 'none')
            return `no outline: ${element.outerHTML}`;
          return element.getAttribute('name') ?? element.className ?? element.tagName;
        });
        if (at === null) break;
        assert.doesNotMatch(at, /^no outline/);
        reached.add(at);
      }
      for (const name of [
        'copy',
        'search',
        'standard',
        'verdict',
        'owner',
        'kind',
        'repository',
        'group',
        'number',
      ])
        assert.ok(reached.has(name), `${name} of ${[...reached]}`);
      await page.locator('.copy').first().focus();
      await page.keyboard.press('Enter');
      await page.getByText('Copied').waitFor();
      assert.equal(
        await page.evaluate(() => navigator.clipboard.readText()),
        sampleReport().actions[0]?.command,
      );
      await page.locator('.finding > summary').first().focus();
      await page.keyboard.press('Enter');
      await page.locator('.finding .inside').waitFor();
    },
    { permissions: ['clipboard-read', 'clipboard-write'] },
  );
});

test('print shows the figures, and nothing to press', async () => {
  await open(fileOf(small), async (page) => {
    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.locator('header nav').isVisible(), false);
    assert.equal(await page.locator('#filters').isVisible(), false);
    assert.equal(await page.locator('.copy:visible').count(), 0);
    assert.equal(await page.locator('.standard .share:visible').count(), small.scan.standards.length);
    assert.ok((await page.pdf()).length > 10_000);
    await page.emulateMedia({ media: null });
  });
});

test('the three parts of a bar differ without colour', async () => {
  for (const forcedColors of ['none', 'active'] as const) {
    await open(
      fileOf(small),
      async (page) => {
        const [unknown = '', pass = '', line = ''] = await page.evaluate(() => {
          const parts = [...document.querySelectorAll('.standard .bar:not(.empty) rect')].slice(0, 2);
          const bar = parts[0]?.parentElement as Element;
          return [
            ...parts.map((one) => `${getComputedStyle(one).fill}, ${getComputedStyle(one).stroke}`),
            `${getComputedStyle(bar).backgroundImage} ${getComputedStyle(bar).backgroundSize}`,
          ];
        });
        assert.match(unknown, /url\("?#hatch"?\)/);
        assert.match(pass, /^(rgb|color|light-dark)/);
        // What fails is no box: a line of two pixels, of the style sheet.
        assert.match(line, /^linear-gradient\(.* 100% 2px$/);
      },
      { forcedColors },
    );
  }
});

test('the page works when the command line is bundled, and its names made short', async () => {
  for (const minify of [false, true]) {
    const outfile = join(folder, `bundle-${minify}.mjs`);
    await build({
      entryPoints: [join(import.meta.dirname, 'page.ts')],
      outfile,
      minify,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node24',
      logLevel: 'error',
    });
    const bundled = (await import(pathToFileURL(outfile).href)) as { page: typeof rendered };
    const path = join(folder, `bundled-${minify}.html`);
    writeFileSync(path, bundled.page(small).text);
    await open(`${pathToFileURL(path).href}#verdict=fail&group=owner`, async (page) => {
      await says(page, `${small.scan.findings.filter(({ verdict }) => verdict === 'fail').length} findings`);
      await page.locator('.group > summary').first().click();
      await page.locator('.group .finding > summary').first().click();
      await page.locator('.finding .inside').first().waitFor();
    });
  }
});
