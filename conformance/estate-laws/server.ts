/** A real server over the estate: started as people start it, asked over HTTP, and held against the same model. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { differences, type ScanDocument } from './command-line.ts';
import type { Counts, Expected, Verdict } from './model.ts';

interface Standard {
  readonly id: string;
  readonly pass: number;
  readonly fail: number;
  readonly unknown: number;
}

interface Measuring {
  readonly last: {
    readonly startedAt: string;
    readonly problem: string | null;
  } | null;
  readonly collected: { readonly startedAt: string } | null;
  readonly running: object | null;
}

interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface LawServer {
  /** Waits until it shows what was edited and what came in; null where nothing was. */
  measuredSince(last: { readonly edited: Date | null; readonly ingested: Date | null }): Promise<void>;
  /** Has it look again, as somebody does who changed what its watch of the folder cannot see. */
  lookAgain(): Promise<void>;
  standards(): Promise<readonly Standard[]>;
  /** Differences to the model, in words. */
  differences(must: Expected): Promise<string[]>;
  close(): Promise<void>;
}

const MAIN = join(import.meta.dirname, '../../apps/server/main.ts');
const PATIENCE_MS = 240_000;

async function linkOf(child: ChildProcess, said: () => string): Promise<URL> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await pause(100)) {
    const found = /http:\/\/\S+\/login\/link\?key=\S+/.exec(said());
    if (found !== null) return new URL(found[0]);
    if (child.exitCode !== null) break;
  }
  throw new Error(`the server printed no link: ${said()}`);
}

export async function startLawServer(estate: string, data: string): Promise<LawServer> {
  const child = spawn(
    process.execPath,
    [MAIN, '--estate', estate, '--data', data, '--port', '0', '--every', 'never'],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, HOME: data, DATABASE_URL: '' } },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  const link = await linkOf(child, () => said);
  const entered = await fetch(link, { redirect: 'manual' });
  const cookie = entered.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  const get = (path: string, accept: string): Promise<Response> =>
    fetch(new URL(path, link.origin), { headers: { cookie, accept } });
  // A connection that was left open may end just when it is used again; asking twice changes nothing.
  const ask = (path: string, accept = '*/*'): Promise<Response> =>
    get(path, accept).catch(() => get(path, accept));
  const json = async <T>(path: string): Promise<T> => {
    const answer = await ask(path);
    if (answer.status !== 200) throw new Error(`${path} answers ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  const all = async <T>(path: string): Promise<T[]> => {
    const rows: T[] = [];
    for (let after: string | null = ''; after !== null; ) {
      const sign = path.includes('?') ? '&' : '?';
      const page: Page<T> = await json(
        `${path}${sign}limit=200${after && `&after=${encodeURIComponent(after)}`}`,
      );
      rows.push(...page.items);
      after = page.next;
    }
    return rows;
  };
  const standards = () => all<Standard>('/api/standards');
  return {
    standards,
    lookAgain: async () => {
      const { origin } = link;
      const headers = { cookie, origin };
      const asked = await fetch(new URL('/api/measuring', origin), { method: 'POST', headers });
      if (asked.status !== 204)
        throw new Error(`it does not look again: ${asked.status} ${await asked.text()}`);
    },
    measuredSince: async ({ edited, ingested }) => {
      for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await pause(250)) {
        const answer = await ask('/api/measuring');
        if (answer.status !== 200) continue;
        const { last, collected, running } = (await answer.json()) as Measuring;
        if (last === null || running !== null) continue;
        if (last.problem !== null) throw new Error(`the server could not measure: ${last.problem}`);
        const after = (run: { readonly startedAt: string } | null, moment: Date | null) =>
          moment === null || (run !== null && Date.parse(run.startedAt) >= moment.getTime());
        if (after(collected, edited) && after(last, ingested)) return;
      }
      throw new Error(`the server did not measure within ${PATIENCE_MS / 1000} s of a change: ${said}`);
    },
    differences: async (must) => {
      const found: string[] = [];
      const shown = await standards();
      for (const [id, verdicts] of must.verdicts) {
        const one = shown.find((standard) => standard.id === id);
        const count = (wanted: Verdict) =>
          [...verdicts.values()].filter((verdict) => verdict === wanted).length;
        for (const side of ['pass', 'fail', 'unknown'] as const)
          if ((one?.[side] ?? 0) !== count(side))
            found.push(`server, ${id}: ${side} is ${one?.[side] ?? 0}, and must be ${count(side)}`);
        const changes = await json<{
          readonly from: string | null;
          readonly changes: Readonly<Record<string, number>>;
        }>(`/api/standards/${id}`);
        const listed = await all<{ readonly asset: string }>(`/api/standards/${id}/changes`);
        const counted = Object.values(changes.changes).reduce((sum, one) => sum + one, 0);
        if (changes.from !== null && counted !== listed.length)
          found.push(`server, ${id}: counts ${counted} changes, and lists ${listed.length}`);
        const failing = await all<{ readonly asset: string }>(`/api/standards/${id}/assets?verdict=fail`);
        if (failing.length !== (one?.fail ?? 0))
          found.push(`server, ${id}: counts ${one?.fail} failures, and lists ${failing.length}`);
        await shownAs(id, { pass: count('pass'), fail: count('fail'), unknown: count('unknown') }, found);
        const undecided = await all<{ readonly asset: string }>(
          `/api/standards/${id}/assets?verdict=unknown`,
        );
        await workOf(id, new Set([...failing, ...undecided].map(({ asset }) => asset)), found);
      }
      const served = await json<ScanDocument>('/scan.json');
      for (const one of differences(served, must)) found.push(`server, /scan.json: ${one}`);
      return found;
    },
    close: async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };

  /** The page of a standard and the list as CSV say what the API says. */
  async function shownAs(standard: string, counts: Counts, found: string[]): Promise<void> {
    if (counts.pass + counts.fail + counts.unknown === 0) return;
    const page = await (await ask(`/standards/${standard}`)).text();
    const figure = (label: string) =>
      new RegExp(`>${label}</(?:a|span)></span></td><td class="num">([\\d,]+)<`)
        .exec(page)?.[1]
        ?.replaceAll(',', '');
    const shown = [figure('Pass'), figure('Unknown'), figure('Fail')].join('/');
    const wanted = [counts.pass, counts.unknown, counts.fail].join('/');
    if (shown !== wanted) found.push(`server, ${standard}: the page shows ${shown}, and must show ${wanted}`);
    const csv = await ask(`/api/standards/${standard}/assets?verdict=fail&limit=200`, 'text/csv');
    const rows = (await csv.text()).trim().split('\n').length - 1;
    if (rows !== counts.fail) found.push(`server, ${standard}: CSV lists ${rows} failures of ${counts.fail}`);
  }

  /** Open work holds what fails, and what failed and can no longer be judged: a fix closes it by itself. */
  async function workOf(standard: string, open: ReadonlySet<string>, found: string[]): Promise<void> {
    const answer = await ask(`/api/work-items?open=true&standard=${standard}&limit=200`);
    if (answer.status !== 200) return;
    const { items } = (await answer.json()) as Page<{ readonly id: string }>;
    for (const { id } of items) {
      const item = await json<{ readonly remaining: readonly string[] }>(
        `/api/work-items/${id.split('/').map(encodeURIComponent).join('/')}`,
      );
      for (const asset of item.remaining)
        if (!open.has(asset))
          found.push(
            `server, ${standard}: ${id} still asks for ${asset}, which passes, is gone or is out of scope`,
          );
    }
  }
}
