/**
 * The API under 200 clients at once: a page of work items, one item, one's own access. Each request finds out who calls, asks the
 * policy and the database, as any does. The peer is the same HTTP server that gives constant bytes: what no work at all costs.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { Agent, createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import { FULL, type Row, row, type Size } from './row.ts';
import { percentile } from './spent.ts';

const CLIENTS = 200;

export async function bench({ quick }: Size = FULL): Promise<readonly Row[]> {
  const seconds = quick ? 1 : 10;
  const folder = trialFolder();
  const scene = join(import.meta.dirname, 'api', 'scene.ts');
  const child = spawn(process.execPath, [scene, folder, quick ? '50' : '7500', '20'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = await once(createInterface(child.stdout), 'line');
    const { url, token }: { url: string; token: string } = JSON.parse(String(line));
    const headers = { authorization: `Bearer ${token}` };
    // The policy is loaded at the first request, and code is compiled at the first hundreds.
    await asked(`${url}api/work-items?limit=50`, headers, 20, quick ? 0.2 : 3);
    const page = await (await fetch(`${url}api/work-items?limit=50`, { headers })).text();
    const constant = createServer((_, response) => response.end(page));
    await new Promise<void>((resolve) => constant.listen(0, '127.0.0.1', resolve));
    const { port } = constant.address() as AddressInfo;
    const peer = await asked(`http://127.0.0.1:${port}/`, {}, CLIENTS, seconds);
    constant.close();
    const rows: Row[] = [];
    for (const [id, path] of [
      ['list', 'api/work-items?limit=50'],
      ['item', 'api/work-items/standard-0/1'],
      ['me', 'api/me'],
    ] as const) {
      const got = await asked(`${url}${path}`, headers, CLIENTS, seconds);
      const memory = Math.round(residentMb(child.pid ?? 0));
      rows.push(
        row({
          id: `api-${id}-p99`,
          what: `GET /${path}, ${CLIENTS} clients at once: ${Math.round(got.perSecond)} requests/s, median ${Math.round(got.median)} ms; server ${memory} MB`,
          unit: 'ms',
          ours: got.p99,
          peer: peer.p99,
          peerName: 'the same bytes from bare HTTP',
          goal: { of: 'ours', atMost: 1000 },
        }),
      );
    }
    return rows;
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Latency {
  readonly p99: number;
  readonly median: number;
  readonly perSecond: number;
}

/** Each client asks again as soon as it is answered. Throws where any answer was no success: what fails fast is no figure. */
async function asked(
  url: string,
  headers: Record<string, string>,
  clients: number,
  seconds: number,
): Promise<Latency> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const times: number[] = [];
  const started = performance.now();
  const end = started + seconds * 1000;
  const client = async () => {
    while (performance.now() < end) {
      const asked = performance.now();
      const status = await statusOf(url, headers, agent);
      if (status !== 200) throw new Error(`${url} answered ${status}`);
      times.push(performance.now() - asked);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  agent.destroy();
  const spent = (performance.now() - started) / 1000;
  return { p99: percentile(times, 0.99), median: percentile(times, 0.5), perSecond: times.length / spent };
}

const statusOf = (url: string, headers: Record<string, string>, agent: Agent): Promise<number> =>
  new Promise((resolve, reject) => {
    get(url, { headers, agent }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0));
    }).once('error', reject);
  });

const residentMb = (pid: number) =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
