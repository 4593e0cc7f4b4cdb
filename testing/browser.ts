/** The real Chromium of tests: CHROMIUM, or Debian's. */
import { type Browser, chromium } from 'playwright-core';

/** A machine under load is slow and not wrong: what a page is waited for comes by then, or never. */
const LIMIT_MS = 5 * 60_000;

/** Starts one browser; every page of it is waited for by minutes. Rejects where there is no Chromium. */
export async function launchBrowser(): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    timeout: LIMIT_MS,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  browser.on('context', (context) => {
    context.setDefaultTimeout(LIMIT_MS);
  });
  return browser;
}
