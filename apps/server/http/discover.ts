/** Routes are found, never listed: every file of `api/` has an export of that name. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Route } from './route.ts';

const FOLDER = join(import.meta.dirname, '..', 'api');

/** In order of address, so that the description is the same everywhere. Throws where two files say the same address. */
export async function discoverRoutes(folder: string = FOLDER): Promise<readonly Route[]> {
  const routes: Route[] = [];
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
    const module: { readonly routes?: readonly Route[] } = await import(join(folder, file));
    if (!module.routes) throw new TypeError(`apps/server/api/${file} exports no \`routes\``);
    routes.push(...module.routes);
  }
  const named = new Map<string, Route>();
  for (const route of routes) {
    const name = `${route.method} ${route.path}`;
    if (named.has(name)) throw new TypeError(`there are two routes ${name}`);
    named.set(name, route);
  }
  return [...named.values()].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}
