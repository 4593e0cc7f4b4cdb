/** A simulated company as a newcomer opens it: with work, owners and every role, and a second time as it was. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openDecisions } from '@macadam/adapters/decisions/open';
import type { DecisionPrincipal, Decisions } from '@macadam/adapters/decisions/port';
import type { BatchRecord } from '@macadam/adapters/decisions/work';
import type { Catalogue } from '@macadam/services/catalogue/load';
import { ownership } from '@macadam/services/ownership/answers';
import { freezeReview } from '@macadam/services/progress/freeze';
import { exceptionsInForce } from '@macadam/services/work/exceptions';
import { functionDeputyOf } from '@macadam/simulation/decisions/people';
import { carryAxe, HeldPages, launchBrowser } from '@macadam/testing/browser';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import { crawl, TABS } from '@macadam/testing/server/crawl';
import { isOfRoute, SHEDS_PAGES } from '@macadam/testing/server/held-pages';
import { sampleServer } from '@macadam/testing/server/sample-server';
import { SimulatedWorld } from '@macadam/testing/server/simulated-world';
import { smallCatalogue } from '@macadam/testing/server/small-catalogue';
import { asked, type Part, playChanges, playStories, type World } from '@macadam/testing/server/stories';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { discoverRoutes } from '../../apps/server/http/discover.ts';
import type { ServerContext } from '../../apps/server/pages/history/pages.ts';
import { HTML } from '../../apps/server/pages/page-answer.ts';
import { entryHere } from '../../apps/server/session/authentication.ts';
import { demoRoles, saidToVisitor, visitOf } from '../../apps/server/session/demo-login.ts';
import { type SimulatedSite, simulatedDecisions, simulatedSite } from '../../apps/server/simulated.ts';

const folder = trialFolder();
const now = () => new Date('2026-11-24T18:00:00Z');
const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const who: DecisionPrincipal = { id: 'reader', divisions: 'all' };
const said: string[] = [];
const say = (sentence: string) => said.push(sentence);
const decisions = await openDecisions(preparedPlace(join(folder, 'decisions')), { now, simulated: true });
const browser = await launchBrowser();
after(async () => {
  await browser.close();
  await decisions.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Whether a review can be frozen: its history and its facts say the same of everything. */
async function frozenOf(site: ServerContext, decisions: Decisions): Promise<string> {
  assert.ok(site.reviews);
  const made = await freezeReview({
    source: site.reviews.source,
    head: { number: 1, title: 'Monday', frozenAt: now().toISOString(), frozenBy: 'ann', simulated: true },
    minutes: { attendance: [], decisions: [], actions: [], exceptions: { asked: [], approved: [] } },
    previous: null,
    exceptions: await decisions.transaction(
      who,
      (tx) => exceptionsInForce(tx, { after: '2020-01-01T00:00:00Z' }),
      {
        readOnly: true,
      },
    ),
    divisions: site.divisions,
    key: null,
  });
  return 'text' in made ? 'it is frozen' : made.why;
}

const companyIn = (facts: string, decisions: Decisions, catalogue?: Catalogue): Promise<SimulatedSite> =>
  simulatedSite(facts, 'tiny', { decisions, now, say, ...(catalogue && { catalogue }) }, () => {});

/** What the pass above opens has the time of the database, which no two companies are seen at. */
const thenOrNow = (batch: BatchRecord) =>
  Date.parse(batch.openedAt) > now().getTime() ? { ...batch, openedAt: 'now' } : batch;

/** What there is in a company that is open. */
async function seenIn(made: SimulatedSite, decisions: Decisions) {
  await made.work.pass();
  const ticks = await made.stores.history.ticks();
  return {
    ticks: ticks.length,
    simulated: made.site.simulated,
    owners: await ownership(made.stores.driver),
    broken: await made.stores.history.broken(),
    frozen: await frozenOf(made.site, decisions),
    ...(await decisions.transaction(
      who,
      async (tx) => ({
        batches: (await tx.work.batches({ limit: 5000 })).map(thenOrNow),
        exceptions: await tx.permissions.exceptions({ limit: 500 }),
        faults: await tx.faults.faults({ limit: 500 }),
        handovers: await tx.handovers.handovers({}),
      }),
      { readOnly: true },
    )),
  };
}

async function opened(facts: string, decisions: Decisions, catalogue?: Catalogue) {
  const made = await companyIn(facts, decisions, catalogue);
  try {
    return await seenIn(made, decisions);
  } finally {
    await made.stores.close();
  }
}

const facts = join(folder, 'facts');
/** Opened the second time. */
let company: SimulatedSite;
let world: SimulatedWorld;

/** How the visitor of the company logs in. */
const entryIn = (site: ServerContext | null) =>
  entryHere({
    decisions,
    now,
    random: randomBytes,
    origin: undefined,
    simulated: true,
    site: () => site,
    env: {},
  });

/** The company served, and a visitor of it who may be others. */
async function visited() {
  const { site, stores } = company;
  const entry = entryIn(site);
  let visitor: Awaited<ReturnType<typeof visitOf>> = null;
  const server = await sampleServer({
    people: {},
    decisions,
    now: () => new Date(),
    port: 0,
    site: () => world.site,
    logIns: () => entry,
    parts: {
      stores: () => stores,
      demo: {
        roles: () => (visitor === null ? [] : demoRoles(visitor, 'ann')),
        linkAs: (person: string) => entry.linkAs(person, false),
      },
    },
  });
  visitor = await visitOf({ site, stores }, { decisions, visitor: 'ann' });
  return { entry, server };
}

test('what is opened a second time is what was opened first', async () => {
  const entry = entryIn(null);
  assert.match(await entry.linkFor({ id: 'ann', name: 'Ann' }, true), /^\/login\/link\?key=/);
  const first = await opened(facts, decisions);
  assert.match(first.simulated ?? '', /is made up \(size tiny, seed 1\)/);
  assert.ok(first.batches.some(({ closedAt }) => closedAt === null));
  assert.ok(first.batches.some(({ closedAt }) => closedAt !== null));
  assert.ok(first.exceptions.length > 0 && first.faults.length > 0 && first.handovers.length > 0);
  assert.ok(first.owners.some(({ confirmed }) => confirmed > 0));
  assert.deepEqual(first.broken, []);
  assert.equal(first.frozen, 'it is frozen');
  company = await companyIn(facts, decisions);
  assert.deepEqual(await seenIn(company, decisions), first);
  assert.deepEqual(said, []);
  const roles = await decisions.transaction(who, (tx) => tx.access.roles('ann'), { readOnly: true });
  assert.deepEqual(roles.map(({ role, division }) => `${role}${division}`).sort(), [
    'administrator',
    'deputy-ciso',
    'engineer',
    'reader',
    'standard-owner',
  ]);
});

/** The first to come in serves it for all who come after. */
let served: Awaited<ReturnType<typeof visited>>;
let page: Page;
const complaints: string[] = [];
/** Who the page is of. */
let role = 'CISO';

/** At one press one is somebody else, where their day begins. */
async function become(next: string): Promise<void> {
  if (next !== role) {
    const menu = page.locator('.me-pop');
    await menu.locator('summary').press('Enter');
    await menu.getByRole('button', { name: next, exact: true }).press('Enter');
  }
  role = next;
  const begins = STARTS[next] ?? '/';
  await page.waitForURL((url) => next === 'CISO' || url.pathname === begins);
}

const STARTS: Readonly<Record<string, string>> = {
  Engineer: '/work',
  Auditor: '/audit',
  Responder: '/who',
  'Deputy CISO': '/exceptions',
  'Owner of standards': '/standards',
};

test('the first ten minutes in a company that is made up, by keyboard', async () => {
  world = new SimulatedWorld(company, decisions, join(folder, 'world'));
  served = await visited();
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  const heading = page.getByRole('heading', { level: 1 });
  const link = await served.entry.linkFor({ id: 'ann', name: 'Ann' }, true);
  await page.goto(new URL(link, served.server.url).href);
  // It opens on the screen of Monday, as its CISO, and at one press one is somebody else.
  await heading.getByText(/^\d+ of \d+ standards (is|are) met or on track/).waitFor();
  await page.getByText('You see this company as Ann.').waitFor();
  await page.locator('.demo-line').getByRole('button', { name: 'Engineer' }).press('Enter');
  await page.waitForURL((url) => url.pathname === '/work');
  role = 'Engineer';
  await heading.getByText(/^(\d+ things? to fix|Nothing)/).waitFor();
  await become('CISO');
  await heading.getByText(/^\d+ of \d+ standards/).waitFor();
});

/** Of the visitor's team, with two things left at least, and such as a source may see otherwise next time. */
let taken: { readonly id: string; readonly pillar: string } | null = null;
async function takenUp(): Promise<NonNullable<typeof taken>> {
  if (taken !== null) return taken;
  const { team } = (await visitOf(company, { decisions, visitor: 'ann' })) ?? { team: '' };
  const { items } = await asked(page, `/api/work-items?team=${team}&open=true&limit=100`);
  for (const { id, standard } of items) {
    const { remaining, paused } = await asked(page, `/api/work-items/${id}`);
    const known = world.site.standards.get(standard);
    const changes = [...world.checkedBy(standard)].every(
      (name) => known?.compiled.kind.attributes[name]?.immutable !== true,
    );
    if (remaining.length > 1 && paused.length === 0 && known && changes)
      taken ??= { id, pillar: known.definition.pillar };
  }
  assert.ok(taken !== null, 'the visitor has work that can be mended');
  return taken;
}

const ROLES: Readonly<Record<Part, string | null>> = {
  leader: 'CISO',
  engineer: 'CISO',
  approver: 'Deputy CISO',
  // Whose standards they are depends on what is taken up.
  'owner of the standard': null,
  responder: 'Responder',
  auditor: 'Auditor',
};

const played: World = {
  name: 'a company that is made up',
  page: () => page,
  become: async (part) => {
    const next = ROLES[part];
    if (next !== null) return become(next);
    const owner = functionDeputyOf((await takenUp()).pillar);
    await page.goto(new URL((await served.entry.linkAs(owner, false)) ?? '', page.url()).href);
    await page.waitForURL((url) => url.pathname === '/');
    role = owner;
  },
  get standard() {
    return world.standard(async (image) => {
      const answer = await page.request.post(new URL('/api/admission', page.url()).href, {
        data: { images: [image] },
      });
      return (await answer.json()).allowed;
    });
  },
  item: async () => (await takenUp()).id,
  mend: async (item) => {
    const { remaining, standard } = await asked(page, `/api/work-items/${item}`);
    const { items } = await asked(page, `/api/standards/${standard}/assets?verdict=pass&limit=1`);
    await world.look(await world.asPassing(standard, remaining, items[0].asset));
  },
  inHand: async () => {
    const [owned] = await company.stores.driver.query<{ asset: string }>(
      "SELECT asset FROM owner_answer WHERE owner != '' ORDER BY asset LIMIT 1",
    );
    // Nobody is called by a number that is made up.
    return { typed: owned?.asset ?? '', answer: /’s\.$/, dial: /^simulated:/ };
  },
  folder,
  lastDay: day(15),
};
playStories(played);

/** HTML that is no page of the console's own, and why it is not held here. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['/login', 'nobody is logged in'],
  ['/login/link', 'it leads on'],
  ['/login/openid', 'it leads on'],
  ['/login/openid/callback', 'it leads on'],
  ['/notice', 'whoever has its link reads it, and no page leads there'],
  ['/history', 'the overview at another address'],
  ['/faults', 'it leads to the sources'],
  ['/report', 'held as a file, by the tests beside it'],
]);

/** Tabs with values to which no page of the company leads, and why. */
const UNFOLLOWED: ReadonlyMap<string, string> = new Map([
  ['/?sort', 'the overview has the order of its pillars, and leads to the list for others'],
  ['/?status', 'the overview shows what needs attention, and leads to the list for the rest'],
  ['/assets?state', 'asked for with a standard: the sheds hold each beside its number'],
  ['/campaigns/:id/assets?state', 'a campaign leads to the states that it has'],
  ['/exceptions?show', 'those in force are shown without it'],
  ['/reviews?by', 'a field of the form that plans reviews'],
  ['/standards?by', 'a view of the overview'],
  ['/standards?status', 'the overview leads to the states that there are'],
  ['/work?by', 'by repository is how it is shown without it'],
  ['/work?show', 'the sheds hold each beside its number'],
]);

/** What a query may hold; empty where that is any text. */
function valuesOf(schema: unknown): readonly string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return valuesOf(schema.unwrap());
  return schema instanceof z.ZodEnum ? schema.options.map(String) : [];
}

test('the visitor is told whom else one may be, and every link, figure and page of the company holds', async () => {
  const { site, stores } = company;
  const { entry, server } = served;
  const saying = (visitor: string) =>
    saidToVisitor(
      { site, stores },
      { decisions, linkAs: entry.linkAs, visitor, atTerminal: false, url: 'http://macadam.example' },
    );
  const said = await saying('ann');
  const team = /^You are of team ([\w-]+)\. /.exec(said[0] ?? '')?.[1] ?? '';
  const division = team.replace(/-\d+$/, '');
  assert.deepEqual(
    said.slice(1).map((line) => /^ {2}(\S+), who /.exec(line)?.[1]?.replace(/-\d+-lead$/, '-lead')),
    [
      `${division}-deputy-ciso`,
      `${division}-lead`,
      said[3]?.match(/function-\w+-deputy-ciso/)?.[0],
      'company-ciso',
      'company-auditor',
    ],
  );
  const visit = async (link: string) => {
    const arrived = await server.app.inject({ url: link, headers: { host: 'macadam.example' } });
    const [session = ''] = `${arrived.headers['set-cookie']}`.split(';');
    const asking = async (method: 'GET' | 'POST', url: string, payload?: object) => {
      const headers = { host: 'macadam.example', cookie: session, origin: 'http://macadam.example' };
      const answer = await server.app.inject({ method, url, headers, ...(payload && { payload }) });
      return { status: answer.statusCode, body: answer.json() };
    };
    return Object.assign(asking, { session });
  };
  const linkOf = (name: RegExp) => said.find((line) => name.test(line))?.split('\n    ')[1] ?? '';
  const ann = await visit(await entry.linkFor({ id: 'ann', name: 'Ann' }, false));
  const [item] = (await ann('GET', `/api/work-items?team=${team}&open=true`)).body.items;
  let apart = 0;
  for (const { id } of (await ann('GET', '/api/work-items?open=true&limit=24')).body.items) {
    const places = (await ann('GET', `/api/work-items/${id}/places?limit=500`)).body.items;
    const left = places.flatMap(({ assets }: { assets: string[] }) => assets).length;
    const page = await server.app.inject({
      url: ['/work', encodeURIComponent(id)].join('/'),
      headers: { host: 'macadam.example', cookie: ann.session },
    });
    const said = `${left} in ${places.length} place${places.length === 1 ? '' : 's'}<`;
    assert.ok(page.body.includes(said), `${id}: ${said}`);
    if (places.filter(({ repository }: { repository: string }) => repository === '').length > 1) apart += 1;
  }
  assert.ok(apart > 0, 'some work is of things that lie in no file');
  const auditor = await visit(linkOf(/company-auditor/));
  assert.equal((await auditor('POST', `/api/work-items/${item.id}/comments`, { text: 'so' })).status, 403);
  assert.match((await saying('ann'))[0] ?? '', new RegExp(`^You are of team ${team}\\.`), 'and stays there');
  const crawledPaths: string[] = [];
  const crawled = await crawl({
    // The first of each shape is a standard that is measured by a share: amounts are of another.
    starts: ['/', '/standards/tokens-validated-by-standard-library/amounts'],
    perShape: 1,
    turned: 3,
    ask: async (path) => {
      crawledPaths.push(path);
      const headers = { host: 'macadam.example', cookie: ann.session, accept: 'text/html' };
      const answer = await server.app.inject({ url: path, headers });
      const { 'content-type': type, location } = answer.headers;
      return {
        status: answer.statusCode,
        type: String(type),
        location: location ?? null,
        body: answer.body,
      };
    },
  });
  assert.deepEqual(crawled.faults, []);
  // Each route that answers with a page is held: of the sheds, or the first one that the crawl found of it.
  const answering = (await discoverRoutes()).filter(
    ({ method, path, gives }) =>
      method === 'GET' && gives.as === 'answer' && gives.media === HTML && !ELSEWHERE.has(path),
  );
  const tabs = answering.flatMap(({ path, query = {} }) =>
    Object.entries(query)
      .filter(([name]) => TABS.has(name))
      .flatMap(([name, schema]) => valuesOf(schema).map((value) => ({ path, name, value }))),
  );
  const unfollowed = tabs.filter(
    ({ path, name, value }) =>
      !crawledPaths.some(
        (one) =>
          isOfRoute(path, one) && new URL(one, 'http://macadam.example').searchParams.get(name) === value,
      ),
  );
  const unnamed = unfollowed.filter(({ path, name }) => !UNFOLLOWED.has(`${path}?${name}`));
  assert.deepEqual(unnamed, []);
  const pages = answering.filter(({ path }) => !SHEDS_PAGES.some((address) => isOfRoute(path, address)));
  const inBrowser = async (session: string) => {
    const page = await browser.newPage({ bypassCSP: true });
    await carryAxe(page);
    const [name = '', value = ''] = session.split('=');
    await page.context().addCookies([{ name, value, url: server.url }]);
    return page;
  };
  const asAnn = await inBrowser(ann.session);
  const held = new HeldPages();
  for (const { path } of pages) {
    const address = path === '/audit' ? path : crawledPaths.find((one) => isOfRoute(path, one));
    assert.ok(address !== undefined, `no page leads to one of ${path}`);
    const page = path === '/audit' ? await inBrowser(auditor.session) : asAnn;
    const answer = await page.goto(new URL(address, server.url).href);
    assert.equal(answer?.status(), 200, address);
    assert.deepEqual(await held.faults(page, address), []);
  }
  // Nobody is accountable for what is asked of the sheds, so they have no column of it.
  await asAnn.goto(new URL('/?sort=failing', server.url).href);
  assert.deepEqual(await held.faults(asAnn, '/?sort=failing'), []);
  await asAnn.close();
  const shown = await server.app.inject({
    url: '/',
    headers: { host: 'macadam.example', cookie: ann.session, accept: 'text/html' },
  });
  const scripts = [...shown.body.matchAll(/<script src="([^"]+)"/g)].map(([, src = '']) => src);
  const sent = await Promise.all(
    scripts.map(async (url) => gzipSync((await server.app.inject({ url })).rawPayload).length),
  );
  assert.ok(scripts.length > 0);
  assert.ok(shown.rawPayload.length < HEAVIEST.page, `the overview is ${shown.rawPayload.length} bytes`);
  const packed = gzipSync(shown.rawPayload).length;
  assert.ok(packed < HEAVIEST.sent, `the overview is ${packed} bytes as it is sent`);
  const all = sent.reduce((sum, one) => sum + one, 0);
  assert.ok(all < HEAVIEST.scripts, `its scripts are ${all} bytes as they are sent`);
  assert.ok(crawled.figures > 60, `${crawled.figures} figures were held`);
  // At a click one is somebody else, and where their day begins.
  const shownTo = async (session: string, url: string, method: 'GET' | 'POST' = 'GET') =>
    server.app.inject({
      method,
      url,
      headers: {
        host: 'macadam.example',
        cookie: session,
        origin: 'http://macadam.example',
        'sec-fetch-site': 'same-origin',
      },
    });
  const begun = await shownTo(ann.session, '/settings');
  for (const role of [
    'CISO',
    'Deputy CISO',
    'Engineer',
    'Owner of standards',
    'Approver',
    'Auditor',
    'Responder',
  ])
    assert.ok(begun.body.includes(`>${role}</button>`), role);
  const led = await shownTo(ann.session, '/as/auditor', 'POST');
  assert.equal(led.statusCode, 303);
  const came = await shownTo(ann.session, `${led.headers.location}`);
  assert.equal(came.headers.refresh, '0; url=/audit');
  const [session = ''] = `${came.headers['set-cookie']}`.split(';');
  assert.match((await shownTo(session, '/audit')).body, /The log has [\d,]+ entries\./);
  assert.equal((await shownTo(session, '/as/nobody', 'POST')).statusCode, 404);
  assert.deepEqual(server.failures, []);
});

playChanges(played);

test('nobody complained of what was played in a company that is made up', async () => {
  assert.deepEqual(served.server.failures, []);
  assert.deepEqual(complaints, []);
  await served.server.close();
  await company.stores.close();
});

/** A process of its own makes a company, and is killed as soon as it does what is named. Gives what it said. */
async function killedWhile(doing: string, places: { readonly facts: string; readonly decisions: string }) {
  const scene = join(import.meta.dirname, '../../testing/server/simulated-fixture.ts');
  const child = spawn(process.execPath, [scene, JSON.stringify(places), now().toISOString()], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<string | null>((done) => child.once('exit', (_, signal) => done(signal)));
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.startsWith(doing)) child.kill('SIGKILL');
  }
  assert.equal(await ended, 'SIGKILL', `it ended before it did ${doing}`);
  return lines;
}

const again = (...emptied: readonly string[]) =>
  `The simulated company in ${emptied.join(' and ')} was cut off while it was made; it is made again.`;

test('killed while it collects and while it decides, it is made again without a hand, and is the same', async () => {
  const root = join(folder, 'killed');
  const places = { facts: join(root, 'facts'), decisions: join(root, 'decisions') };
  const small = smallCatalogue();
  assert.ok(!(await killedWhile('collecting 3', places)).some((line) => /made again/.test(line)));
  assert.ok((await killedWhile('decisions 1', places)).includes(again(places.facts)));
  said.length = 0;
  const own = await simulatedDecisions(places, { now, say });
  const other = await simulatedDecisions(
    { facts: join(root, 'other'), decisions: preparedPlace(join(root, 'other-decisions')) },
    { now, say },
  );
  try {
    assert.deepEqual(said, [again(places.facts, places.decisions)]);
    const made = await opened(places.facts, own, small);
    assert.ok(made.batches.length > 0 && made.exceptions.length > 0 && made.owners.length > 0);
    assert.deepEqual(made, await opened(join(root, 'other'), other, small));
    assert.equal(said.length, 1);
  } finally {
    await own.close();
    await other.close();
  }
});

test('a folder of something real is never emptied', async () => {
  const root = join(folder, 'real');
  const places = { facts: join(root, 'facts'), decisions: join(root, 'decisions') };
  mkdirSync(places.facts, { recursive: true });
  writeFileSync(join(places.facts, 'own.txt'), 'own');
  const real = await openDecisions(places.decisions, { now });
  await real.close();
  await assert.rejects(
    simulatedDecisions(places, { now, say }),
    /this is a real store and cannot become simulated/,
  );
  assert.ok(existsSync(join(places.facts, 'own.txt')));
});
/** Bytes of the first page: as it is, as it is sent, and of its scripts as they are sent. */
const HEAVIEST = { page: 30_000, sent: 7_000, scripts: 20_000 };
