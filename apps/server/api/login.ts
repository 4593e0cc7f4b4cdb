/**
 * Coming in and going out. These are open to everybody, so each sees for itself that another site does not press its buttons.
 *
 * The session's cookie is `Strict`, and a browser leaves it out of everything that began at another site, redirects included. So
 * whoever comes from a provider gets a page of ours, and goes on from there.
 */

import { cookieIn, dropCookie, setCookie } from '@macadam/adapters/identity/cookie';
import { followLink, LINK_PATH } from '@macadam/adapters/identity/link';
import { CALLBACK_PATH, ownPath, PENDING_SECONDS } from '@macadam/adapters/identity/openid';
import { LoginError } from '@macadam/adapters/identity/provider';
import { endSession, SESSION_SECONDS } from '@macadam/adapters/identity/session';
import { roleSlug } from '@macadam/adapters/report-formats/html/console';
import { html } from '@macadam/adapters/report-formats/html/markup';
import { z } from 'zod';
import { anId } from '../http/bounds.ts';
import { HttpProblem } from '../http/problem.ts';
import { fromOwnPages, sameOrigin } from '../http/request.ts';
import { type Call, open, type RawAnswer, stagedAnswer } from '../http/route.ts';
import { framed } from '../pages/history/frame.ts';
import { HTML, pageAnswer } from '../pages/page-answer.ts';

type Visit = Pick<Call, 'cookies' | 'headers' | 'parts'>;

const shown = (heading: string, body: ReturnType<typeof html>): RawAnswer =>
  pageAnswer(
    framed({
      title: heading,
      heading,
      when: 'Macadam',
      simulated: null,
      trail: [],
      sections: null,
      body: html`<section aria-labelledby="way"><h2 id="way" class="hidden">What to do</h2>${body}</section>`,
    }),
  );

/** Did the person come by our own pages, or type or open the address themselves? */
const asked = ({ headers }: Visit) => ({ headers }) as Parameters<typeof sameOrigin>[0];
const ownVisit = (visit: Visit) => fromOwnPages(asked(visit));
const demandOwn = (visit: Visit) => sameOrigin(asked(visit));

/**
 * Over TLS and on one's own machine every browser has said since 2023 where its requests come from. One that does not lacks more than that of what defends
 * whoever uses it: it is told so before it goes on, and nothing is refused to it.
 */
const outdated = ({ headers }: Visit) =>
  headers['sec-fetch-site'] === undefined &&
  html`<p role="note"><strong>This browser is old, or leaves out what protects you here.</strong> It does not say where its requests come from, so it may not keep to the policy of these pages either. Update it, or use another one.</p>`;

const sessionOf = ({ cookies, parts }: Visit) => cookieIn(cookies, 'session', parts.entry.secure);

/** A page that goes on by itself: what it asks for is asked by us, so the new cookie comes along. */
function arrived(secret: string, to: string, visit: Visit, drops: readonly string[] = []): RawAnswer {
  const { entry } = visit.parts;
  const warning = outdated(visit);
  const page = shown('You are logged in', html`${warning}<p><a href="${to}">Go on</a></p>`);
  const cookies = [setCookie('session', secret, SESSION_SECONDS, entry.secure), ...drops];
  const goesOn = warning ? {} : { refresh: `0; url=${to}` };
  return { ...page, headers: { ...page.headers, 'set-cookie': cookies, ...goesOn } };
}

const moved = (location: string, cookies: readonly string[]): RawAnswer => ({
  status: 303,
  headers: { location, 'set-cookie': cookies },
});

const useless = () =>
  new HttpProblem(403, 'this link was used already, or is over', [
    {
      field: 'key',
      reason: 'a link logs in once, within ten minutes',
      fix: 'press Enter where the server was started: it prints a new one',
    },
  ]);

async function follow(visit: Visit, key: string, to: string): Promise<RawAnswer> {
  const session = await followLink(visit.parts, key, sessionOf(visit));
  if (session === null) throw useless();
  return arrived(session.secret, ownPath(to), visit);
}

/** A provider's refusal is for people to read; whatever else happens is ours. */
async function asProblem<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof LoginError)) throw error;
    throw new HttpProblem(403, error.message);
  }
}

const key = z.string().min(1).max(200);
const path = z.string().max(2000).default('/');

export const routes = [
  open({
    method: 'GET',
    path: '/login',
    summary: 'Show how one logs in',
    media: HTML,
    query: { to: path },
    does: (call) => {
      const { parts, headers, cookies, query } = call;
      const warning = outdated({ parts, headers, cookies });
      const ways = parts.entry.openId.providers.map(
        ({ issuer, name }) =>
          html`<li><a href="/login/openid?${new URLSearchParams({ issuer, to: ownPath(query.to) }).toString()}">Log in with ${name}</a></li>`,
      );
      const link = html`<p>Where the server was started, press Enter: it prints a link that logs in once.</p>`;
      const out =
        sessionOf(call) !== undefined &&
        html`<form method="post" action="/logout"><p><button>Log out</button></p></form>`;
      return shown('Log in', html`${warning}${ways.length > 0 && html`<ul>${ways}</ul>`}${link}${out}`);
    },
  }),
  open({
    method: 'GET',
    path: LINK_PATH,
    once: true,
    summary: 'Log in by a one-time link',
    media: HTML,
    query: { key, to: path },
    // A site that planted its own link would have somebody act in another's name; from elsewhere it takes a click.
    does: async (call) =>
      ownVisit(call)
        ? follow(call, call.query.key, call.query.to)
        : shown(
            'Log in by this link?',
            html`<form method="post" action="${LINK_PATH}"><input type="hidden" name="key" value="${call.query.key}"><input type="hidden" name="to" value="${ownPath(call.query.to)}"><p><button>Log in</button></p></form>`,
          ),
  }),
  open({
    method: 'POST',
    path: LINK_PATH,
    summary: 'Log in by a one-time link',
    media: HTML,
    body: z.strictObject({ key, to: path }),
    does: async (call) => {
      demandOwn(call);
      return follow(call, call.body.key, call.body.to);
    },
  }),
  stagedAnswer({
    method: 'POST',
    path: '/as/:role',
    summary: 'Be somebody else, in a company that is made up',
    media: HTML,
    action: 'Figure::read',
    of: 'anywhere',
    params: { role: anId },
    does: async ({ parts, params: { role: wanted } }) => {
      const found = parts.demo?.roles().find(({ role }) => roleSlug(role) === wanted);
      const link = found && (await parts.demo?.linkAs(found.person));
      if (!found || !link) throw new HttpProblem(404, `there is no ${wanted} here whom you may be`);
      return moved(`${link}&to=${encodeURIComponent(found.opens)}`, []);
    },
  }),
  open({
    method: 'GET',
    path: '/login/openid',
    once: true,
    summary: 'Begin a log-in with a provider',
    media: HTML,
    query: { issuer: z.string().max(2000), to: path },
    does: async ({ parts, query }) => {
      const { openId, secure } = parts.entry;
      const { url, secret } = await asProblem(openId.begin(query.issuer, query.to));
      return moved(url, [setCookie('login', secret, PENDING_SECONDS, secure)]);
    },
  }),
  open({
    method: 'GET',
    path: CALLBACK_PATH,
    once: true,
    summary: 'Come back from a provider',
    media: HTML,
    query: Object.fromEntries(
      ['code', 'state', 'iss', 'error', 'error_description', 'error_uri', 'session_state'].map((name) => [
        name,
        z.string().max(4000).optional(),
      ]),
    ),
    does: async (call) => {
      const { openId, secure } = call.parts.entry;
      const url = new URL(CALLBACK_PATH, 'http://own.invalid');
      for (const [name, value] of Object.entries(call.query))
        if (value !== undefined) url.searchParams.set(name, value);
      const login = cookieIn(call.cookies, 'login', secure) ?? '';
      const session = await asProblem(openId.finish(url, login, sessionOf(call)));
      return arrived(session.secret, session.returnTo, call, [dropCookie('login', secure)]);
    },
  }),
  open({
    method: 'POST',
    path: '/logout',
    summary: 'Log out',
    media: HTML,
    does: async (call) => {
      demandOwn(call);
      const { openId, secure } = call.parts.entry;
      const ended = await endSession(call.parts, sessionOf(call) ?? '');
      const drop = [dropCookie('session', secure)];
      const origin = `${secure ? 'https' : 'http'}://${call.headers.host}/`;
      const away = ended?.issuer ? await openId.logOutUrl(ended.issuer, origin) : null;
      // What a browser kept of our answers goes with the session; over the clear it takes no notice.
      const clear = { 'clear-site-data': '"cache", "storage"' };
      if (away === null) {
        const to = moved('/login', drop);
        return { ...to, headers: { ...to.headers, ...clear } };
      }
      // Our pages' policy lets no form lead elsewhere, redirects included; a page may.
      const page = shown(
        'You are logged out',
        html`<p><a href="${away}">Log out at the provider, too</a></p>`,
      );
      return {
        ...page,
        headers: { ...page.headers, ...clear, 'set-cookie': drop, refresh: `0; url=${away}` },
      };
    },
  }),
];
