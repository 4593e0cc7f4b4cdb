/**
 * What people come for, played by keyboard in a real browser, the same in every world: a company that is made up, and a real estate of git
 * repositories. A world says who is who in it, how its folder is stated anew, and how something there is mended; what is pressed, and what has
 * to be seen then, is said here, once.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { workAt } from '@macadam/adapters/report-formats/html/link';
import type { Page } from 'playwright-core';
import { judgeFile } from '../../apps/cli/commands/audit-local.ts';
import { until } from '../until.ts';
import { listsOf, nextOf, pageOf } from './read-page.ts';

const VERIFIER = join(import.meta.dirname, '../../docs/audit/verify-sample.mjs');

/** Whose day it is. */
export type Part = 'leader' | 'engineer' | 'approver' | 'owner of the standard' | 'responder' | 'auditor';

/** How far the new standard is rolled out: to nobody, to the first team, to everybody. */
export type Step = 'draft' | 'the first is warned' | 'the first is stopped' | 'everybody is stopped';

export interface NewStandard {
  readonly id: string;
  readonly title: string;
  /** What somebody types to find it. */
  readonly typed: string;
  /** Added to its check, so that fewer pass. */
  readonly stricter: string;
  /** Stated in the folder, and in force when it resolves. */
  readonly states: (step: Step, patch?: string) => Promise<void>;
  /** What the gate does with two that fail: one of the first team, and one of another. */
  readonly stopped: () => Promise<readonly [boolean, boolean]>;
}

export interface InHand {
  /** As it stands in a message at night. */
  readonly typed: string;
  readonly answer: RegExp;
  /** The first number that is shown. */
  readonly dial: RegExp;
}

export interface World {
  readonly name: string;
  readonly page: () => Page;
  /** Leads the page to where the day of somebody with this part begins. */
  readonly become: (part: Part) => Promise<void>;
  readonly standard: NewStandard;
  /** Id of the work item that the engineer takes up; two things are left in it at least. */
  readonly item: () => Promise<string>;
  /** As engineers do, and nobody tells the server: what is left in the item fails no more when it is looked at next. */
  readonly mend: (item: string) => Promise<void>;
  readonly inHand: () => Promise<InHand>;
  /** A folder for what people take away. */
  readonly folder: string;
  /** The last day that somebody asks for. */
  readonly lastDay: string;
}

/** What somebody types into a field that they have come to. */
export async function type(page: Page, label: string, text: string): Promise<void> {
  await page.getByLabel(label).focus();
  await page.keyboard.type(text);
}

/** The page at an address of the same server. */
export const open = (page: Page, path: string) => page.goto(new URL(path, page.url()).href);

// biome-ignore lint/suspicious/noExplicitAny: what an answer is, each story says
export const asked = async (page: Page, path: string): Promise<any> =>
  (await page.request.get(new URL(path, page.url()).href)).json();

/** Follows a number, and holds it against what the list says and against its rows, over all of its pages. */
export async function followNumber(page: Page, number: number): Promise<void> {
  const answer = page.locator('p.answer').getByText(`${number.toLocaleString('en')} asset`);
  assert.equal(numberIn((await answer.textContent())?.split(' ')[0] ?? ''), number);
  let rows = await page.locator('table.past tbody tr').count();
  // Those after the first are made as it was, and nobody has to draw them.
  let path = page.url();
  for (let next = nextOf(pageOf(await page.content())); next !== null; ) {
    path = new URL(next, path).href;
    const read = pageOf(await (await page.request.get(path, { headers: { accept: 'text/html' } })).text());
    rows += Math.max(...listsOf(read));
    next = nextOf(read);
  }
  assert.equal(rows, number);
}

const numberIn = (text: string | null): number => Number((text ?? '').replaceAll(',', ''));

/** The state, why, an earlier day, the lists behind the figures, and what is frozen with what was decided. */
async function monday({ page: pageOf, become }: World): Promise<void> {
  await become('leader');
  const page = pageOf();
  const heading = page.getByRole('heading', { level: 1 });
  const state = () => heading.getByText(/^\d+ of \d+ standards? /).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await state();
  const failing = page.locator('table.standards td:nth-child(8) a').first();
  const number = numberIn(await failing.textContent());
  await failing.press('Enter');
  await followNumber(page, number);
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await page.waitForURL((url) => url.pathname === '/');
  await page.keyboard.press('[');
  await page.locator('.when.past').getByText('as published').waitFor();
  await page.keyboard.press(']');
  await page.locator('.when:not(.past)').waitFor();
  await state();
  await page.locator('table.standards tr:has(td:nth-child(8) a) th a').first().press('Enter');
  await page.waitForURL((url) => url.pathname.startsWith('/standards/'));
  const fails = page.locator('table.mini tbody tr').filter({ hasText: 'Fail' });
  const failures = numberIn(await fails.locator('td.num').first().textContent());
  await fails.getByRole('link', { name: 'Fail' }).press('Enter');
  await followNumber(page, failures);
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await page.waitForURL((url) => url.pathname === '/reviews');
  await page.getByRole('link', { name: 'Freeze the next review' }).press('Enter');
  // A review that is due has its title already.
  await page.locator('#freeze-title').press('ControlOrMeta+a');
  await page.keyboard.type('Monday');
  await type(page, 'Decisions', 'Who goes first? = The team with the fewest failures');
  const button = page.locator('form:has(#freeze-title)').getByRole('button');
  // Whoever freezes while something is measured is told to wait for it, and to freeze again.
  await until('the review is frozen', async () => {
    const answered = page.waitForResponse((one) => one.request().method() === 'POST');
    await button.press('Enter');
    const status = (await answered).status();
    await page.waitForLoadState();
    return status === 303;
  });
  await heading.getByText(/^Review \d+: Monday$/).waitFor();
  await page.getByText('The team with the fewest failures').waitFor();
}

/** Examples, who would fail, what a change of the check would do, step by step, and what the gate does at each. */
async function newStandard({ page: pageOf, become, standard }: World): Promise<void> {
  const { id, title, typed, stricter } = standard;
  await standard.states('draft');
  await become('owner of the standard');
  const page = pageOf();
  const heading = page.getByRole('heading', { level: 1 });
  await page.keyboard.press('ControlOrMeta+k');
  const goTo = page.getByRole('dialog', { name: 'Go to' });
  await goTo.getByRole('searchbox').waitFor();
  await page.keyboard.type(typed);
  await goTo.locator('li', { hasText: 'standard' }).getByRole('link').waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await heading.getByText(title).waitFor();
  await page.locator('.facts').getByText('Draft: asks nothing of anybody').waitFor();
  // Who would be stopped is a number with its list before anybody is asked for anything.
  const would = page
    .getByText(/^Enforced today, it would stop changes to/)
    .getByRole('link')
    .first();
  const failing = numberIn(await would.textContent());
  await would.press('Enter');
  await followNumber(page, failing);
  const left = async () => {
    const { items } = await asked(page, `/api/work-items?standard=${id}&open=true`);
    const all = items.map((one: { readonly id: string }) => asked(page, `/api/work-items/${one.id}`));
    return (await Promise.all(all)).reduce((sum, { remaining }) => sum + remaining.length, 0);
  };
  assert.deepEqual([await left(), await standard.stopped()], [0, [false, false]]);

  await open(page, `/standards/${id}`);
  await page.getByRole('link', { name: 'Definition' }).press('Enter');
  await page.getByText(/^(\d+) of \1 come out as they say$/).waitFor();
  await page.locator('cel-editor').first().waitFor();
  await page.getByRole('textbox', { name: 'Check' }).focus();
  await page.keyboard.press('ControlOrMeta+End');
  await page.keyboard.type(stricter);
  const said = heading.getByText(
    /^\d+ more .* would fail; \d+ teams? (is|are) concerned\. Nothing is saved yet\.$/,
  );
  await said.waitFor();
  const more = Number.parseInt((await said.textContent()) ?? '', 10);
  const patch = await page.getByRole('link', { name: 'As a patch' }).getAttribute('href');
  const written = await (await page.request.get(new URL(patch ?? '', page.url()).href)).text();

  const first = page.getByRole('row', { name: /^first/ });
  await standard.states('the first is warned');
  await open(page, `/standards/${id}`);
  await page.locator('.facts').getByText('Observes').waitFor();
  await first.getByText('Warn', { exact: true }).waitFor();
  const opened = await left();
  assert.ok(opened > 0 && opened < failing, `${opened} of ${failing} are to be done by the first team`);
  assert.deepEqual(await standard.stopped(), [false, false]);

  // Stricter for all from here on: who fails by that has broken nothing.
  await standard.states('the first is stopped', written);
  await open(page, `/standards/${id}`);
  await page.locator('.facts').getByText('Warns').waitFor();
  await first.getByText('Enforce', { exact: true }).waitFor();
  assert.deepEqual(await standard.stopped(), [true, false]);
  const cause = page.locator('table.waterfall tbody tr').filter({ hasText: 'By a stricter standard' });
  assert.equal((await cause.locator('td.num').textContent())?.trim(), `−${more}`);
  await cause.getByRole('link').press('Enter');
  await page.getByText(`${more} change${more === 1 ? '' : 's'}: by a stricter standard`).waitFor();
  assert.equal(await page.locator('tbody tr').count(), more);

  await standard.states('everybody is stopped');
  await open(page, `/standards/${id}`);
  await page.locator('.facts').getByText('Enforced').waitFor();
  await page.locator('ol.steps li.is').getByText('Enforce').waitFor();
  assert.deepEqual(await standard.stopped(), [true, true]);
  assert.equal(await left(), failing + more, 'whoever fails has it as work by now');
}

const REASON = 'The new way to build it comes next week.';
const PROOF = 'https://minutes.example/12';

/** One verdict is said to be wrong, for another an exception is asked for; each is decided by somebody else. */
async function decided({ page: pageOf, become, item, lastDay }: World): Promise<void> {
  await become('engineer');
  const page = pageOf();
  const heading = page.getByRole('heading', { level: 1 });
  const at = workAt(await item());
  await open(page, '/work?by=standard');
  await page.locator(`table.items tbody th a[href="${at}"]`).press('Enter');
  await heading.getByText(/assets? left/).waitFor();
  await page.getByRole('button', { name: 'Claim it' }).press('Enter');
  await page.getByRole('status').getByText('It is yours now.').waitFor();
  await page.keyboard.press('d');
  const wrong = page.getByRole('group', { name: 'Which verdicts are false?' });
  await wrong.getByRole('checkbox').first().press('Space');
  await type(page, 'Why is this wrong?', 'Nothing uses it any more.');
  await page.getByRole('button', { name: 'Say that it is wrong' }).press('Enter');
  await page.getByText('disputed 1 verdict').waitFor();
  await open(page, at);
  await page.keyboard.press('e');
  const excused = page.getByRole('group', { name: 'Which may go on failing?' });
  await excused.getByRole('checkbox').last().press('Space');
  await type(page, 'Why can it not be met now?', REASON);
  await type(page, 'What makes up for it meanwhile?', 'Nobody else can reach it.');
  await page.getByLabel('Last day').fill(lastDay);
  await page.getByRole('button', { name: 'Ask for it' }).press('Enter');
  await page.getByText('Waits for an answer').waitFor();
  const exception = new URL(page.url()).pathname;

  await become('owner of the standard');
  await open(page, at);
  const judged = page.getByRole('group', { name: 'Is the verdict false?' });
  await judged.getByRole('radio', { name: /^No/ }).press('Space');
  await page.getByLabel('Why?', { exact: true }).focus();
  await page.keyboard.type('It is still there, and anybody can use it.');
  await page.getByRole('button', { name: 'Decide' }).press('Enter');
  await page.locator('.log').getByText('It is still there, and anybody can use it.').waitFor();

  await become('approver');
  await page.keyboard.press('g');
  await page.keyboard.press('e');
  await page.waitForURL((url) => url.pathname === '/exceptions');
  const request = page.locator('.request').filter({ hasText: REASON });
  await request.getByLabel('Where is the decision recorded?').focus();
  await page.keyboard.type(PROOF);
  await request.getByRole('button', { name: 'Approve' }).press('Enter');
  await page.waitForURL((url) => url.pathname === exception);

  await become('engineer');
  await open(page, exception);
  await page.getByText('In force:').waitFor();
}

/** Nobody closes it by hand, and nobody loads the page again. */
async function mended({ page: pageOf, become, item, mend }: World): Promise<void> {
  await become('engineer');
  const page = pageOf();
  const id = await item();
  await open(page, workAt(id));
  const heading = page.getByRole('heading', { level: 1 });
  await heading.getByText(/assets? left/).waitFor();
  await mend(id);
  await heading.getByText('everything is done').waitFor();
  await page.getByRole('button', { name: 'Yes, it is worth it' }).press('Enter');
  await page.getByRole('button', { name: 'Yes, it is worth it' }).waitFor({ state: 'detached' });
  await page.keyboard.press('g');
  await page.keyboard.press('w');
  await page
    .getByRole('navigation', { name: 'Which work' })
    .getByRole('link', { name: 'Done' })
    .press('Enter');
  await page
    .locator(`table.items a[href="${workAt(id)}"]`)
    .first()
    .waitFor();
}

/** From what somebody has in hand to a number, who comes next, and how to stop it. */
async function night({ page: pageOf, become, inHand }: World): Promise<void> {
  const { typed, answer, dial } = await inHand();
  await become('responder');
  const page = pageOf();
  // The field has the focus, so that one can type at once.
  await page.locator('#text:focus').waitFor();
  await page.keyboard.type(typed);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1 }).getByText(answer).waitFor();
  assert.match((await page.locator('.first .dial').textContent()) ?? '', dial);
  assert.ok((await page.locator('.ladder li').count()) > 0, 'somebody comes next');
  assert.ok((await page.locator('.runbook li').count()) > 0, 'it says how to stop it');
}

/** The log is verified, and a sample is taken away and derived again, in part without this program. */
async function audit({ page: pageOf, become, folder }: World): Promise<void> {
  await become('auditor');
  const page = pageOf();
  await open(page, '/audit');
  await page.getByRole('button', { name: 'Verify the whole log' }).press('Enter');
  await page
    .getByRole('heading', { level: 1 })
    .getByText(/^The log is whole: [\d,]+ entries, each following the one before\.$/)
    .waitFor();
  await type(page, 'Seed', 'four');
  await page.keyboard.press('Enter');
  await page.getByText('macadam.audit-sample/1').waitFor();
  const sample = join(folder, 'sample.json');
  writeFileSync(sample, await (await page.request.get(page.url())).text());
  // Without this program evidence is derived again, and what it means is not judged: 3 says both.
  const derived = await verified(sample);
  assert.equal(derived.code, 3, derived.stdout);
  assert.match(derived.stdout, /its observations hold/);
  // As `macadam audit judge` does.
  const judged = Map.groupBy(await judgeFile(sample), ({ result }) => result);
  assert.deepEqual([judged.get('other') ?? [], (judged.get('same')?.length ?? 0) > 0], [[], true]);
  // One observation that was changed afterwards is found.
  const forged = join(folder, 'forged.json');
  writeFileSync(forged, readFileSync(sample, 'utf8').replace(/"observedAt":( ?)"2\d/, '"observedAt":$1"19'));
  assert.equal((await verified(forged)).code, 1);
  await open(page, '/audit');
}

const verified = (file: string) =>
  new Promise<{ readonly code: number; readonly stdout: string }>((done) => {
    execFile(process.execPath, [VERIFIER, file], (error, stdout) =>
      done({ code: Number(error?.code ?? 0), stdout }),
    );
  });

const story = (world: World, title: string, play: (world: World) => Promise<void>) =>
  test(`${title}, by keyboard, in ${world.name}`, () => play(world));

/** Adds the stories as tests; how a world is come into for the first time, each world tells itself. */
export function playStories(world: World): void {
  story(
    world,
    'a Monday: the state, an earlier day, the lists behind the figures, and a review that is frozen',
    monday,
  );
  story(
    world,
    'a verdict is said to be wrong and an exception is asked for, and others decide both',
    decided,
  );
  story(world, 'a night: whom to call, who comes next, and how to stop it', night);
  story(world, 'an auditor derives again what was decided, in part without this program', audit);
}

/** Those after which the world is another one: by other standards, and with something mended. */
export function playChanges(world: World): void {
  story(
    world,
    'a new standard goes from draft to enforcement, and the gate stops whom it is enforced for',
    newStandard,
  );
  story(world, 'what is left of a work item is mended, and the item closes while it is looked at', mended);
}
