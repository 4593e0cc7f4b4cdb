/**
 * SCIM 2.0 by the public validator of the python-scim project, against the server as it runs. It discovers what the server says
 * of itself, then makes, reads, replaces, patches, queries and deletes resources filled by what the schemas say.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sampleServer } from '@macadam/testing/server/sample-server';
import type { Case, Suite } from '../suite.ts';

const folder = join(import.meta.dirname, '..');
const home = join(folder, 'node_modules/.scim-python');
const python = join(home, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');

const PROGRAM = `
import json, sys
from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import check_server
http = Client(base_url=sys.argv[1], headers={"Authorization": "Bearer directory"}, timeout=60)
scim = SyncSCIMClient(http)
scim.discover()
print(json.dumps([[r.title, r.status.name, str(r.reason)] for r in check_server(scim)]))
`;

/** Null where the validator is there, or could be had. */
function lacks(): string | null {
  const works = () => spawnSync(python, ['-c', 'import scim2_tester, httpx2']).status === 0;
  if (existsSync(python) && works()) return null;
  const made = spawnSync('python3', ['-m', 'venv', home], { encoding: 'utf8' });
  if (made.status !== 0) return `python3 with venv (${made.error?.message ?? made.stderr.trim()})`;
  const requirements = join(folder, 'scim-requirements.txt');
  const got = spawnSync(python, ['-m', 'pip', 'install', '--quiet', '-r', requirements], {
    encoding: 'utf8',
  });
  return got.status === 0 && works() ? null : `scim2-tester (${got.stderr.trim().split('\n').at(-1)})`;
}

async function judged(url: string): Promise<readonly (readonly [string, string, string])[]> {
  const child = spawn(python, ['-c', PROGRAM, `${url}scim/v2`], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, said]: [string[], string[]] = [[], []];
  child.stdout.on('data', (chunk) => out.push(String(chunk)));
  child.stderr.on('data', (chunk) => said.push(String(chunk)));
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`the validator broke: ${said.join('').trim().split('\n').at(-1)}`);
  return JSON.parse(out.join(''));
}

export const suite: Suite = {
  name: 'scim',
  proves: 'a directory that speaks SCIM 2.0 can push people and groups',
  vectors: [],
  lacks,
  runsPeer: true,
  load: async () => {
    const server = await sampleServer({
      people: { directory: { via: 'machine', roles: [{ role: 'administrator', division: '' }] } },
      port: 0,
      random: randomBytes,
    });
    try {
      const counts = new Map<string, number>();
      const cases = (await judged(server.url)).map(([title, status, reason]): Case => {
        const count = (counts.get(title) ?? 0) + 1;
        counts.set(title, count);
        return { id: `${title} ${count}`, run: () => (status === 'SUCCESS' ? null : `${status}: ${reason}`) };
      });
      const failed = server.failures.map((one) => String(one));
      return [
        ...cases,
        { id: 'nothing unforeseen', run: () => failed[0] ?? null },
        // It gives up early where discovery is wrong, and would then say little that is bad.
        { id: 'all was asked', run: () => (cases.length >= 100 ? null : `only ${cases.length} checks`) },
      ];
    } finally {
      await server.close();
    }
  },
};
