/** The pages of what people decide, in a real Chromium, as people use them: by keyboard, without a script, wide and narrow. */
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { carryAxe, HeldPages, launchBrowser, ReusedPages } from '@macadam/testing/browser';
import { SHEDS_PAGES } from '@macadam/testing/server/held-pages';
import { HOSTILE } from '@macadam/testing/server/sample';
import { OVERDUE, worked } from '@macadam/testing/server/sample-work';
import type { Locator, Page } from 'playwright-core';

const estate = await worked({ port: 0, simulated: 'Nothing here was measured.' });
const browser = await launchBrowser();
after(async () => {
  await browser.close();
  await estate.close();
  assert.deepEqual(estate.server.failures, []);
});
const ITEM = `work/${encodeURIComponent(OVERDUE)}`;
const complaints: string[] = [];
const pages = new ReusedPages(browser, (page) => {
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', (dialog) => complaints.push(dialog.message()));
});

async function visit(
  who: string,
  path: string,
  options: Parameters<typeof browser.newPage>[0] = {},
): Promise<Page> {
  const page = await pages.take({
    viewport: { width: 1280, height: 900 },
    extraHTTPHeaders: { authorization: `Bearer ${who}` },
    ...options,
  });
  await page.goto(estate.server.url + path);
  return page;
}

const until = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

test('from the list to an item, claimed, commented and said to be wrong; each act shows its result', async () => {
  const page = await visit('ann', 'work');
  // Two assets of one file are one thing to fix; 12 others of her two teams lie in the same estate.
  const heading = page.getByRole('heading', { level: 1 });
  await heading.getByText(/^\d+ things to fix, 1 of them late\.$/).waitFor();
  const things = Number(/^\d+/.exec((await heading.textContent()) ?? '')?.[0]);
  assert.equal(await page.locator('.repo li').count(), things);
  await page.getByRole('navigation', { name: 'Which work' }).getByRole('link', { name: 'Late 1' }).click();
  assert.equal(await page.locator('.repo li').count(), 1);
  await page.locator('.repo li').getByText('late 10 days').waitFor();
  // Opened beside the list: what else can be done, and how we know.
  const opened = page.locator('.detail');
  await opened.getByText('round', { exact: true }).waitFor();
  await opened.getByRole('link', { name: /^work item/ }).click();
  await page.getByRole('heading', { level: 1 }).getByText('2 of 2 assets left, 2 late.').waitFor();
  await page.getByText('2 in 1 place').waitFor();
  await page.getByRole('button', { name: 'Claim it' }).click();
  await page.getByRole('status').getByText('It is yours now.').waitFor();
  await page.getByRole('button', { name: 'Give it back' }).waitFor();
  // What was just done is undone by a key, and done again.
  await page.keyboard.press('u');
  await page.getByRole('status').getByText('It is given back.').waitFor();
  await page.keyboard.press('u');
  await page.getByRole('status').getByText('It is yours now.').waitFor();
  // What somebody else says meanwhile comes while one looks, and what is being typed is left alone.
  const dora = await visit('dora', ITEM);
  await page.locator('summary', { hasText: 'Comment' }).click();
  await dora.locator('summary', { hasText: 'Comment' }).click();
  await dora.getByLabel('What is there to say?').fill('Somebody is on the way.');
  await dora.getByRole('button', { name: 'Say it' }).click();
  await pages.giveBack(dora);
  await page.locator('.log').getByText('Somebody is on the way.').waitFor();
  await page.locator('summary', { hasText: 'Comment' }).click();
  await page.locator('summary', { hasText: 'Comment' }).click();
  await page.getByLabel('What is there to say?').fill(`Ordered. ${HOSTILE}`);
  await page.getByRole('button', { name: 'Say it' }).click();
  await page.locator('.log').getByText('Ordered. <script>alert(1)</script>').waitFor();
  // A link to a folded form opens it.
  await page.locator('.detail').getByRole('link', { name: 'It is wrong' }).click();
  await page.getByRole('group', { name: 'Which verdicts are false?' }).getByLabel('shed/shed-003').check();
  await page.getByLabel('Why is this wrong?').fill('It was locked by the caretaker.');
  await page.getByRole('button', { name: 'Say that it is wrong' }).click();
  await page.getByText('Ann disputed 1 verdict').waitFor();
  await page.getByRole('button', { name: 'Check again: shed/shed-063' }).click();
  await page.getByRole('status').getByText('It will be checked again').waitFor();
  await page.goto(`${estate.server.url}work?show=disputed`);
  assert.equal(await page.locator('.repo li').count(), 1);
  await page.goto(`${estate.server.url}work?show=disputed&by=standard`);
  assert.equal(await page.locator('tbody').getByText('1 of 2 said to be wrong').count(), 1);
  await pages.giveBack(page);
});

/** What a test does to a page, its policy does not keep it from. */
const OPEN = { bypassCSP: true, extraHTTPHeaders: { authorization: 'Bearer ann', accept: 'text/html' } };

test('every number of the work page is the length of the list that it leads to, whosever it is', async () => {
  const page = await visit('ann', 'work', OPEN);
  /** Of a page that is read and not drawn; each is asked for once. */
  const lengths = new Map<string, number>();
  const lengthOf = async (href: string) => {
    const length =
      lengths.get(href) ??
      (await page.evaluate(async (address) => {
        const answer = await fetch(address);
        if (answer.status !== 200) throw new Error(`${address} is answered ${answer.status}`);
        const read = new DOMParser().parseFromString(await answer.text(), 'text/html');
        return read.querySelectorAll('.repo li, table.items tbody tr').length;
      }, href));
    lengths.set(href, length);
    return length;
  };
  for (const list of [
    'work',
    'work?mine=no',
    'work?by=standard',
    'work?mine=no&team=team-07',
    'work?show=closed',
    'work?show=closed&mine=no&standard=sheds-locked',
  ]) {
    await page.goto(estate.server.url + list);
    const tabs = await page
      .getByRole('navigation', { name: 'Which work' })
      .getByRole('link')
      .evaluateAll((links) => links.map((link) => [link.textContent ?? '', link.getAttribute('href') ?? '']));
    for (const [label = '', href = ''] of tabs) {
      const number = /\d+$/.exec(label.trim())?.[0];
      if (number === undefined) continue;
      assert.equal(await lengthOf(href), Number(number), `${list}: ${label} at ${href}`);
      // Above what is done items are counted; a thing to fix is a part of one, or of several.
      if (list.includes('show=closed')) assert.match(href, /by=standard/, `${list}: ${label}`);
    }
  }
  await pages.giveBack(page);
});

test('an exception is asked for from the work itself, of what is ticked there', async () => {
  const page = await visit('ann', ITEM);
  await page.locator('.detail').getByRole('link', { name: 'Ask for an exception' }).click();
  const group = page.getByRole('group', { name: 'Which may go on failing?' });
  await group.getByLabel('shed/shed-063').check();
  await page.getByLabel('Why can it not be met now?').fill('short');
  await page.getByLabel('What makes up for it meanwhile?').fill('A guard walks by every hour.');
  await page.getByLabel('Last day').fill(until(20));
  await page.getByRole('button', { name: 'Ask for it' }).click();
  await page.getByRole('alert').getByText('it says too little').waitFor();
  assert.ok(await group.getByLabel('shed/shed-063').isChecked());
  await page.getByLabel('Why can it not be met now?').fill('The lock maker delivers in May.');
  await page.getByRole('button', { name: 'Ask for it' }).click();
  await page.getByText('Waits for an answer').waitFor();
  await page.getByText('shed/shed-063').first().waitFor();
  const dora = await visit('dora', new URL(page.url()).pathname.slice(1));
  await dora.getByRole('button', { name: 'Refuse' }).click();
  await dora.getByRole('status').getByText('It is refused.').waitFor();
  await pages.giveBack(dora);
  await pages.giveBack(page);
});

test('an asset says what holds, how we know and whom to call; a search finds it, and each figure lists so many', async () => {
  const page = await visit('ann', 'assets/shed%2Fshed-002');
  await page.getByRole('heading', { level: 1, name: 'shed-002' }).waitFor();
  await page.getByText('Shed. Meets 0 of its 1 standard, fails 1.').waitFor();
  await page.getByText('it is open').first().waitFor();
  await page.locator('.evidence').getByText('round').waitFor();
  assert.equal(
    await page.getByRole('link', { name: '+44 20 7946 0000' }).getAttribute('href'),
    'tel:+442079460000',
  );
  await page.goto(`${estate.server.url}assets?text=SHED-00`);
  const called = page.getByRole('heading', { level: 1 });
  await called.getByText(/^[1-9] assets called “SHED-00”\.$/).waitFor();
  assert.equal(await page.locator('tbody tr').count(), Number((await called.textContent())?.[0]));
  await page.getByRole('link', { name: 'shed-002', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'shed-002' }).waitFor();
  await page.goto(`${estate.server.url}assets?standard=sheds-locked&text=shed-00`);
  const failing = Number(
    /^\d+/.exec((await page.getByRole('heading', { level: 1 }).textContent()) ?? '')?.[0],
  );
  assert.equal(await page.locator('tbody tr').count(), failing);
  // Of a standard alone, all pages together are as long as the number above them.
  for (const state of ['fail', 'pass', 'unknown', 'excepted']) {
    await page.goto(`${estate.server.url}assets?standard=sheds-locked&state=${state}`);
    const said = (await page.getByRole('heading', { level: 1 }).textContent()) ?? '';
    let rows = await page.locator('table.assets tbody tr').count();
    const next = page.locator('nav.pages a[rel=next]');
    while ((await next.count()) > 0) {
      await page.goto(new URL((await next.getAttribute('href')) ?? '', estate.server.url).href);
      rows += await page.locator('table.assets tbody tr').count();
    }
    assert.match(said, new RegExp(`^${rows} assets?\\.$`), state);
  }
  await pages.giveBack(page);
});

test('what is refused stands beside its field, and what was typed is still there', async () => {
  const page = await visit('ann', ITEM);
  await page.locator('summary', { hasText: 'Snooze' }).click();
  await page.getByLabel('No reminders until').fill('2099-01-01');
  await page.getByRole('button', { name: 'Snooze' }).click();
  await page.getByRole('alert').getByText('until: it is too far away').waitFor();
  const field = page.getByLabel('No reminders until');
  assert.deepEqual(
    [await field.inputValue(), await field.getAttribute('aria-invalid'), await field.isVisible()],
    ['2099-01-01', 'true', true],
  );
  await page.locator('summary', { hasText: 'Hand over' }).click();
  await page.getByRole('group', { name: 'Which are not yours?' }).getByLabel('shed/shed-063').check();
  await page.getByLabel('Which team is it?').fill('nobody-here');
  await page.getByLabel('Why is it theirs?').fill('They hold the key.');
  await page.getByRole('button', { name: 'Ask the other team' }).click();
  await page.getByRole('alert').getByText('there is no team nobody-here').waitFor();
  assert.equal(await page.getByLabel('Why is it theirs?').inputValue(), 'They hold the key.');
  assert.ok(
    await page.getByRole('group', { name: 'Which are not yours?' }).getByLabel('shed/shed-063').isChecked(),
  );
  await page.getByLabel('Which team is it?').fill('team-07');
  await page.getByRole('button', { name: 'Ask the other team' }).click();
  await page.getByRole('status').getByText('The other team was asked').waitFor();
  await pages.giveBack(page);
});

test('two who act on the same state: the second is told, and nothing is done twice', async () => {
  // It is claimed, by an earlier test or now.
  const claimed = await estate.server.ask('ann', 'POST', `/api/work-items/${OVERDUE}/claim`, {
    claimed: true,
  });
  assert.equal(claimed.statusCode, 200, claimed.body);
  const first = await visit('ann', ITEM);
  // A page with a script shows what the first did as soon as it hears of it, and then has nothing old to send.
  const second = await visit('ann', ITEM, { javaScriptEnabled: false });
  await first.getByRole('button', { name: 'Give it back' }).click();
  await first.getByRole('status').waitFor();
  await second.getByRole('button', { name: 'Give it back' }).click();
  await second.getByRole('alert').getByText('read it again').waitFor();
  await pages.giveBack(first);
  await pages.giveBack(second);
});

test('whoever may not act sees no form for it, and why', async () => {
  const page = await visit('dora', ITEM);
  await page.getByText('You may not claim it:').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Claim it' }).count(), 0);
  await pages.giveBack(page);
  const stranger = await visit('ben', ITEM);
  await stranger.getByText('there is no work item').waitFor();
  await pages.giveBack(stranger);
});

test('an exception is asked for, approved by somebody else, and ended', async () => {
  const ann = await visit('ann', 'exceptions');
  await ann.getByText('0 exceptions are in force').waitFor();
  await ann.getByRole('heading', { level: 1, name: 'No exception waits for an answer.' }).waitFor();
  await ann.locator('summary', { hasText: 'Ask for an exception' }).click();
  await ann.getByLabel('In the name of').selectOption('team-02');
  await ann.getByLabel('Which assets?').fill('shed/shed-06*\nshed/shed-002');
  await ann.getByLabel('Why can it not be met now?').fill('too few');
  await ann.getByLabel('What makes up for it meanwhile?').fill('A guard walks by every hour.');
  await ann.getByLabel('Last day').fill(until(20));
  await ann.getByRole('button', { name: 'Ask' }).click();
  await ann
    .getByRole('alert')
    .getByText('reason: it says too little; write at least ten characters')
    .waitFor();
  assert.equal(await ann.getByLabel('In the name of').inputValue(), 'team-02');
  assert.equal(await ann.getByLabel('Which assets?').inputValue(), 'shed/shed-06*\nshed/shed-002');
  await ann.getByLabel('Why can it not be met now?').fill('The lock maker delivers in May.');
  await ann.getByRole('button', { name: 'Ask' }).click();
  await ann.getByText('Waits for an answer').waitFor();
  await ann
    .getByText('You may not approve it: the one who asks and the one who approves are two people')
    .waitFor();
  const address = new URL(ann.url()).pathname.slice(1);
  const dora = await visit('dora', 'exceptions?show=waiting');
  await dora.getByRole('heading', { level: 1, name: '1 exception is asked for.' }).waitFor();
  const request = dora.locator('.request');
  // What an approval would cover is said before it is given.
  await request.getByRole('heading', { name: /^6 sheds may fail .* until / }).waitFor();
  await request.getByText('6 sheds fail now').waitFor();
  await request.getByText('said so and nobody looked').waitFor();
  assert.equal(await dora.locator('table.force tbody tr').count(), 1);
  await request.getByLabel('Where is the decision recorded?').fill('https://minutes.example/12');
  await request.getByRole('button', { name: 'Approve' }).click();
  await dora.getByText('in 20 days').waitFor();
  assert.equal(new URL(dora.url()).pathname.slice(1), address);
  await dora.getByText('6 assets, as they were when it was approved.').waitFor();
  await ann.goto(estate.server.url + address);
  await ann.getByText('Ask for a renewal').click();
  assert.equal(await ann.getByLabel('Which assets?').inputValue(), 'shed/shed-06*\nshed/shed-002');
  await ann.getByLabel('In the name of').selectOption('team-02');
  await ann.getByLabel('Last day').fill(until(40));
  await ann.getByRole('button', { name: 'Ask' }).click();
  await ann.getByRole('status').getByText('It is asked for.').waitFor();
  await ann.getByRole('link', { name: /^exception / }).waitFor();
  await dora.getByText('End it early').click();
  await dora.getByLabel('Why does it end?').fill('The lock is there.');
  await dora.getByRole('button', { name: 'End it' }).click();
  await dora.getByText('Over: ended early').waitFor();
  await pages.giveBack(ann);
  await pages.giveBack(dora);
});

test('what nobody owns is given to whom the page suggests', async () => {
  const page = await visit('dora', 'owners');
  await page.getByRole('heading', { level: 1, name: '58 teams own all but 8 assets of 230.' }).waitFor();
  await page.getByText('222 have a confirmed owner, 0 an unconfirmed one, 8 nobody').waitFor();
  await page.getByRole('link', { name: '8' }).first().click();
  await page.getByRole('checkbox', { name: 'shed-058' }).check();
  await page.getByRole('checkbox', { name: 'shed-059' }).check();
  await page.getByLabel('All to the team that is named here').check();
  await page.getByLabel('Why?').fill('They hold the keys.');
  await page.getByRole('button', { name: 'Give those that are ticked' }).click();
  await page.getByRole('alert').getByText('team: it names no team').waitFor();
  assert.ok(await page.getByRole('checkbox', { name: 'shed-059' }).isChecked());
  await page.getByLabel('Each to the first that is suggested for it').check();
  await page.getByRole('button', { name: 'Give those that are ticked' }).click();
  await page.getByRole('status').getByText('2 given to their owners.').waitFor();
  assert.equal(await page.getByRole('checkbox', { name: 'shed-058' }).count(), 0);
  await pages.giveBack(page);
});

test('the figures of a division are those of its teams, and each of a team leads to a list of that length', async () => {
  const page = await visit('dora', 'owners?open=north');
  const failing = async (name: string) =>
    Number(
      await page
        .getByRole('row', { name: new RegExp(`^(Open |Close )?${name}`) })
        .locator('td')
        .nth(1)
        .textContent(),
    );
  const teams = page.locator('tr.lv2');
  assert.equal(await teams.count(), 30);
  let sum = 0;
  for (const row of await teams.all()) sum += Number(await row.locator('td').nth(1).textContent());
  assert.ok(sum > 0);
  assert.equal(await failing('(Close )?North'), sum);
  await page.goto(`${estate.server.url}owners/team-02`);
  await page
    .getByRole('heading', { level: 1, name: /^Team 02 meets 0 of its 1 standard, fails 1/ })
    .waitFor();
  await page.getByRole('link', { name: '+44 20 7946 0000' }).waitFor();
  const number = page.locator('table.holds tbody td').nth(2).getByRole('link');
  const length = Number(await number.textContent());
  await number.click();
  assert.equal(await page.locator('tbody tr').count(), length);
  await page.goto(`${estate.server.url}owners/nobody-here`);
  await page.getByText('there is no team or unit').waitFor();
  await pages.giveBack(page);
});

test('what is not theirs is answered by the team that is asked, and decided above both', async () => {
  // Team 07 was asked, by an earlier test or now.
  const { items } = (await estate.server.ask('ann', 'GET', '/api/handovers')).json();
  if (items.length === 0) {
    const asked = { assets: ['shed/shed-063'], from: 'team-02', to: 'team-07', why: 'They hold the key.' };
    const answer = await estate.server.ask('ann', 'POST', '/api/handovers', asked);
    assert.equal(answer.statusCode, 201, answer.body);
  }
  const page = await visit('ann', 'handovers');
  await page.getByText('1 hand-over is under way; 1 waits for your answer.').waitFor();
  const answers = async (to: string) => {
    await page.locator('summary', { hasText: 'Answer' }).click();
    await page.getByLabel('No', { exact: true }).check();
    await page.getByLabel('If not, whose are they?').fill(to);
    await page.getByLabel('Why?').first().fill('We have no key.');
    await page.getByRole('button', { name: 'Answer' }).click();
  };
  await answers('nobody-here');
  await page.getByRole('alert').getByText('there is no team nobody-here').waitFor();
  assert.ok(await page.getByLabel('No', { exact: true }).isChecked());
  await page.getByLabel('If not, whose are they?').fill('');
  await page.getByRole('button', { name: 'Answer' }).click();
  await page.getByRole('status').getByText('It is refused.').waitFor();
  await page.locator('summary', { hasText: 'Ask another team' }).click();
  await page.getByLabel('Which team?').fill('team-07');
  await page.getByLabel('Why?').first().fill('It is on their list.');
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  await page.getByRole('status').getByText('The team was asked.').waitFor();
  await answers('');
  await page.getByText('waits for the deputy CISO: two teams have refused').waitFor();
  await pages.giveBack(page);
  const dora = await visit('dora', 'handovers');
  await dora.locator('summary', { hasText: 'Decide whose they are' }).click();
  await dora.getByLabel('Which team owns them?').fill('team-07');
  await dora.getByLabel('Why?').fill('It stands on their ground.');
  await dora.getByRole('button', { name: 'Decide' }).click();
  await dora.getByRole('heading', { level: 1, name: 'No hand-over is under way.' }).waitFor();
  await pages.giveBack(dora);
});

test('at night: from what somebody has in hand to whom to call, and what of it is old', async () => {
  const page = await visit('ann', 'who');
  // The field has the focus, so that one can type at once.
  await page.locator('#text:focus').waitFor();
  await page.keyboard.type('shed/shed-002');
  await page.keyboard.press('Enter');
  const number = page.getByRole('link', { name: '+44 20 7946 0000' });
  assert.equal(await number.getAttribute('href'), 'tel:+442079460000');
  assert.ok(((await number.boundingBox())?.height ?? 0) >= 44);
  await page.getByText('old: last tried 200 days ago').waitFor();
  await page.getByText('dora@example.test').waitFor();
  await page.locator('.runbook li').getByText('Change the lock, and take the spare key').waitFor();
  // Any part of a name: of things, of teams and of people.
  await page.goto(`${estate.server.url}who?text=SHED-06`);
  await page.getByRole('heading', { level: 1, name: '10 things are called “SHED-06”.' }).waitFor();
  assert.equal(await page.locator('tbody tr:not(.group)').count(), 10);
  await page.goto(`${estate.server.url}who?text=Team 02`);
  await page
    .getByRole('row', { name: /^Team 02 team/ })
    .getByRole('link', { name: '+44 20' })
    .waitFor();
  await page.goto(`${estate.server.url}who?text=nothing-like-it`);
  await page.getByText('Nothing is known by nothing-like-it.').waitFor();
  await pages.giveBack(page);
});

test('every page holds on wide and narrow screens, for everybody, and says that it is simulated', async () => {
  const page = await visit('ann', 'work', OPEN);
  await carryAxe(page);
  const held = new HeldPages();
  for (const path of SHEDS_PAGES) {
    await page.goto(estate.server.url + path);
    // Asked of the page itself: to look for it as people do is to send the means for that to each page anew.
    const { said, foreign } = await page.evaluate(() => ({
      said: [...document.querySelectorAll('.sim')]
        .filter((one) => one.checkVisibility())
        .map(({ textContent }) => textContent),
      foreign: document.querySelectorAll(
        'img, iframe, script[src]:not([src^="/static/"]), link:not([href^="/static/"])',
      ).length,
    }));
    const problem = path === 'nothing-here' || path.startsWith('work?team=');
    if (!problem) assert.match(said.join(), /Nothing here was measured\./, path);
    assert.equal(foreign, 0, path);
    assert.deepEqual(await held.faults(page, path), []);
  }
  await pages.giveBack(page);
});

test('keys lead where links lead, and do nothing while a field has the focus', async () => {
  const page = await visit('ann', 'standards');
  await page.keyboard.press('/');
  await page.keyboard.type('gw');
  const field = page.getByRole('searchbox', { name: 'Search' });
  assert.equal(await field.inputValue(), 'gw');
  await page.keyboard.press('Escape');
  await page.keyboard.press('j');
  assert.equal(await page.evaluate(() => document.activeElement?.closest('tr') !== null), true);
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).getByText('ask for an exception').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await page.waitForURL((url) => url.pathname === '/');
  await page.goto(`${estate.server.url}work`);
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.locator('.detail').waitFor();
  await page.keyboard.press('d');
  await page.getByLabel('Why is this wrong?').waitFor();
  await page.goBack();
  await page.keyboard.press('e');
  await page.getByLabel('What makes up for it meanwhile?').waitFor();
  await pages.giveBack(page);
});

test('the owner of a standard tries another check by keyboard: what would change, whose, and the patch', async () => {
  const page = await visit('sol', 'standards/sheds-locked');
  await page.getByRole('link', { name: 'Definition' }).press('Enter');
  const heading = page.getByRole('heading', { level: 1 });
  await heading.getByText(/^\d+ of 230 sheds fail this check today\.$/).waitFor();
  const check = page.getByRole('textbox', { name: 'Check' });
  // What the form sends, beneath the editor.
  const sent = page.locator('textarea#check');
  await page.locator('cel-editor').first().waitFor();
  const types = async (text: string) => {
    await check.focus();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type(text);
    await page.getByRole('button', { name: 'Show what would change' }).press('Enter');
  };
  // Names come while one types, and what would change as soon as one stops.
  await check.focus();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('!asset.lo');
  await page.getByRole('option', { name: /^asset\.locked/ }).waitFor();
  await page.keyboard.press('Enter');
  assert.equal(await sent.inputValue(), '!asset.locked');
  // Colours come from the language, as a style that the policy lets be.
  const line = page.locator('cel-editor').last().locator('.cm-line').first();
  const colourOf = (part: Locator) => part.evaluate((one) => getComputedStyle(one).color);
  assert.notEqual(await colourOf(line.getByText('asset', { exact: true })), await colourOf(line));
  await heading.getByText(/would fail; \d+ teams are concerned/).waitFor();
  await page.waitForURL(/check=%21asset\.locked/);
  // What is wrong stands under its line while one types, before anything is judged.
  await check.focus();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('true\n&& asset.lokced');
  await page.locator('cel-editor .cm-said').getByText('Line 2, column 10').waitFor();
  await types('asset.lokced');
  await page.getByRole('alert').getByText('Line 1, column 7').waitFor();
  assert.equal(await check.getAttribute('aria-invalid'), 'true');
  await types('asset.locked || asset.name.startsWith("shed-00")');
  await heading
    .getByText(/^\d fewer sheds would fail; \d teams are concerned\. Nothing is saved yet\.$/)
    .waitFor();
  const said = /^(\d) fewer sheds would fail; (\d) teams/.exec((await heading.textContent()) ?? '');
  const fixed = page
    .getByRole('listitem')
    .filter({ hasText: 'fail today, and would pass' })
    .getByRole('link');
  assert.equal(await fixed.textContent(), said?.[1]);
  assert.equal(await page.locator('.whose tbody tr').count(), Number(said?.[2]));
  await page.locator('.diff').getByText('asset.name.startsWith').waitFor();
  const patch = await page.getByRole('link', { name: 'As a patch' }).getAttribute('href');
  const file = await page.request.get(new URL(patch ?? '', page.url()).href, {
    headers: { authorization: 'Bearer sol' },
  });
  assert.match(await file.text(), /^-check: asset\.locked$/m);
  await fixed.press('Enter');
  await heading.getByText(/fail today, and would pass/).waitFor();
  assert.equal(await page.locator('tbody tr').count(), Number(said?.[1]));
  await page.getByRole('link', { name: 'change', exact: true }).press('Enter');
  assert.equal(await sent.inputValue(), 'asset.locked || asset.name.startsWith("shed-00")');
  await page.getByRole('link', { name: 'Throw away' }).press('Enter');
  assert.equal(await sent.inputValue(), 'asset.locked');
  // Of what somebody may not see nothing is told, whatever they ask of it.
  const ann = await visit(
    'ann',
    `standards/sheds-locked/definition?check=${encodeURIComponent('!asset.locked')}`,
  );
  const teams = ann.locator('.whose tfoot th');
  assert.ok(Number.parseInt((await teams.textContent()) ?? '', 10) <= 30);
  await pages.giveBack(ann);
  await pages.giveBack(page);
});

test('a token is made on a page, shown once, and revoked; a role is given and taken back', async () => {
  const page = await visit('iris', 'settings');
  await page.getByRole('heading', { level: 1, name: 'No program acts in your name.' }).waitFor();
  await page.locator('summary', { hasText: 'Make a token' }).press('Enter');
  await page.getByRole('button', { name: 'Make it' }).press('Enter');
  const purpose = page.getByLabel('What is it for?');
  await purpose.fill(`A report ${HOSTILE}`);
  await page.getByLabel('Other scopes').fill('WorkItem::reed');
  await page.getByRole('button', { name: 'Make it' }).press('Enter');
  await page.getByRole('alert').getByText('there is no scope WorkItem::reed').waitFor();
  assert.equal(await page.getByLabel('Read whatever I may read').isChecked(), true);
  await page.getByLabel('Other scopes').fill('WorkItem::read');
  await page.getByRole('button', { name: 'Make it' }).press('Enter');
  const token = (await page.locator('#token').textContent()) ?? '';
  assert.match(token, /^mcd_[0-9A-Za-z]{36}$/);
  await page.getByRole('link', { name: 'Done' }).press('Enter');
  await page.getByRole('heading', { level: 1, name: 'One token acts in your name.' }).waitFor();
  assert.ok(!(await page.content()).includes(token));
  await page.getByRole('button', { name: 'Revoke' }).press('Enter');
  await page.getByRole('status').getByText('The token is revoked.').waitFor();
  await page.getByRole('heading', { level: 1, name: 'No program acts in your name.' }).waitFor();
  await page.locator('summary', { hasText: 'Give a role' }).press('Enter');
  await page.getByLabel('To whom?').fill('p07');
  await page.getByLabel('engineer', { exact: true }).check();
  await page.getByRole('button', { name: 'Give it' }).press('Enter');
  await page.getByRole('alert').getByText('there is no person p07').waitFor();
  await page.getByLabel('To whom?').fill('h07');
  await page.getByRole('button', { name: 'Give it' }).press('Enter');
  await page.getByRole('status').getByText('The role is given.').waitFor();
  await page.getByRole('search', { name: 'Roles' }).getByRole('searchbox').fill('H07');
  await page.keyboard.press('Enter');
  await page.waitForURL(/search=H07/);
  assert.equal(await page.locator('table.roles tbody tr').count(), 1);
  await page
    .locator('form[action^="/settings/roles/"]')
    .getByRole('button', { name: 'Take back' })
    .press('Enter');
  await page.getByRole('status').getByText('The role is taken back.').waitFor();
  await pages.giveBack(page);
  const ann = await visit('ann', 'settings');
  await ann.getByRole('heading', { level: 1, name: 'No program acts in your name.' }).waitFor();
  assert.equal(await ann.getByRole('heading', { name: 'People and roles' }).count(), 0);
  assert.equal(await ann.getByRole('link', { name: 'Audit log' }).count(), 0);
  await pages.giveBack(ann);
});

test('an auditor reads what was done, one sort of it alone; nobody else does', async () => {
  const page = await visit('vera', 'audit');
  const heading = page.getByRole('heading', { level: 1 });
  await heading.getByText(/^The log has [\d,]+ entries\.$/).waitFor();
  assert.equal(await page.getByRole('link', { name: 'Audit log' }).getAttribute('aria-current'), 'page');
  await page.getByLabel('Action').fill('batch.open');
  await page.keyboard.press('Enter');
  await page.getByRole('rowheader', { name: 'batch.open' }).first().waitFor();
  const rows = await page.locator('table.log-entries tbody tr').count();
  assert.equal(await page.locator('table.log-entries tbody th', { hasText: 'batch.open' }).count(), rows);
  await pages.giveBack(page);
  const ann = await visit('ann', 'audit');
  await ann.getByText('To read the audit log takes the role auditor for the whole company').waitFor();
  await pages.giveBack(ann);
});

test('sources: what is unknown, because of which source, and what to do next; the parts are the whole', async () => {
  const page = await visit('ann', 'sources');
  const heading = page.getByRole('heading', { level: 1 });
  await heading.getByText(/^\d+ verdicts are unknown/).waitFor();
  const unknown = Number(/^\d+/.exec((await heading.textContent()) ?? '')?.[0]);
  const rows = page.locator('table.feeds tbody tr');
  assert.equal(await rows.count(), 1);
  assert.equal(Number(await rows.locator('td').last().textContent()), unknown);
  await rows.getByText('round').click();
  await page.getByRole('heading', { level: 2, name: 'round' }).waitFor();
  // Three runs were taken in.
  assert.equal(await page.locator('.opened table').first().locator('tbody tr').count(), 3);
  await page.goto(`${estate.server.url}faults`);
  assert.equal(new URL(page.url()).pathname, '/sources');
  await pages.giveBack(page);
});

test('a name that means harm is shown, and does none; nothing complained', async () => {
  const page = await visit('ann', `who?text=${encodeURIComponent(HOSTILE)}`);
  await page.getByRole('heading', { name: '<script>alert(1)</script>' }).waitFor();
  assert.equal(await page.locator('main script').count(), 0);
  // What turns text around is written out.
  assert.ok(!(await page.content()).includes('\u202e'));
  await pages.giveBack(page);
  assert.deepEqual(
    complaints.filter((text) => !/40[0349]|422/.test(text)),
    [],
  );
});
