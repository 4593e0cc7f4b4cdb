/** What pages are made of, and how they look to whoever reads them. Open to everybody: also the page of log-in has a style. */
import { setCookie } from '@macadam/adapters/identity/cookie';
import { ownPath } from '@macadam/adapters/identity/openid';
import { THEMES } from '@macadam/adapters/report-formats/html/console';
import { z } from 'zod';
import { HttpProblem } from '../http/problem.ts';
import { sameOrigin } from '../http/request.ts';
import { type Call, open, type RawAnswer } from '../http/route.ts';
import { PAGE_FILES } from '../pages/files.ts';
import { HTML } from '../pages/page-answer.ts';

/** Its bytes are named by the address, so they never change. */
const FOR_GOOD = 'public, max-age=31536000, immutable';
const YEAR_SECONDS = 31_536_000;

/** Keeps what somebody likes for a year, and leads back to where they were. Null: as if they had never said so. */
function liked(
  { headers, parts, body }: Pick<Call, 'headers' | 'parts'> & { readonly body: { readonly to: string } },
  name: 'theme' | 'keys',
  value: string | null,
): RawAnswer {
  sameOrigin({ headers } as Parameters<typeof sameOrigin>[0]);
  const seconds = value === null ? 0 : YEAR_SECONDS;
  const cookie = setCookie(name, value ?? '', seconds, parts.entry.secure);
  return { status: 303, headers: { location: ownPath(body.to), 'set-cookie': cookie } };
}

export const routes = [
  open({
    method: 'GET',
    path: '/static/:file',
    summary: 'Give a file that pages are made of',
    media: '*/*',
    params: { file: z.string().regex(/^[a-z-]{1,40}-[0-9a-f]{16}\.(css|js|mjs|svg|woff2)$/) },
    does: ({ params: { file } }) => {
      const found = PAGE_FILES.get(`/static/${file}`);
      if (found === undefined) throw new HttpProblem(404, `there is no file ${file}`);
      return { headers: { 'content-type': found.type, 'cache-control': FOR_GOOD }, body: found.bytes };
    },
  }),
  open({
    method: 'POST',
    path: '/theme',
    summary: 'Set how pages look',
    media: HTML,
    body: z.strictObject({
      theme: z.enum(Object.keys(THEMES) as (keyof typeof THEMES)[]),
      to: z.string().max(4000).default('/'),
    }),
    does: (call) => liked(call, 'theme', call.body.theme === 'auto' ? null : call.body.theme),
  }),
  open({
    method: 'POST',
    path: '/keys',
    summary: 'Set whether single keys do anything on pages',
    media: HTML,
    body: z.strictObject({ keys: z.enum(['on', 'off']), to: z.string().max(4000).default('/') }),
    does: (call) => liked(call, 'keys', call.body.keys === 'on' ? null : 'off'),
  }),
];
