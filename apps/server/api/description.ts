/**
 * What can be asked of this server, for programs and for people. Open to everybody: it says what the published source says, and a
 * client has to read it before it can log in.
 */
import { openApi } from '../http/openapi.ts';
import { open, type Route } from '../http/route.ts';
import manifest from '../package.json' with { type: 'json' };
import { referencePage } from '../pages/api/reference.ts';
import { HTML, pageAnswer } from '../pages/page-answer.ts';

type Description = ReturnType<typeof openApi>;
/** Made once of all routes of a server: anybody may ask for it, and making it takes 50 ms. */
const made = new WeakMap<readonly Route[], Description>();

function described(routes: readonly Route[]): Description {
  const found = made.get(routes) ?? openApi(routes, manifest.version);
  made.set(routes, found);
  return found;
}

export const routes = [
  open({
    method: 'GET',
    path: '/api/openapi.json',
    summary: 'Describe this API (OpenAPI 3.1)',
    media: 'application/json',
    does: ({ parts }) => ({
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(described(parts.routes)),
    }),
  }),
  open({
    method: 'GET',
    path: '/api',
    summary: 'Document this API',
    media: HTML,
    does: ({ parts }) => pageAnswer(referencePage(described(parts.routes))),
  }),
];
