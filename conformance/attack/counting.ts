/**
 * Loaded into a server before it starts (`--import`): counts what it asks of both stores and where its processor time goes. At each SIGUSR2 it
 * says so in one line of JSON and begins anew. What it counts does not depend on how busy the machine is otherwise.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { Session } from 'chdb';
import pg from 'pg';

interface Counted {
  count: number;
  /** Milliseconds of waiting, of all of them together. */
  waited: number;
  failed: number;
}

const engine = new Map<string, Counted>();
const decisions = new Map<string, Counted>();
let under = 0;
let most = 0;
let session: unknown = null;

/** A statement without what differs each time. */
function shapeOf(sql: string): string {
  return sql
    .replaceAll(/'(?:[^'\\]|\\.)*'/g, '?')
    .replaceAll(/\b\d+\b/g, '0')
    .replaceAll(/(?:0, )+0/g, '0…')
    .replaceAll(/\s+/g, ' ')
    .slice(0, 150);
}

function note(map: Map<string, Counted>, sql: string, started: number, failed: boolean): void {
  const shape = shapeOf(sql);
  const one = map.get(shape) ?? { count: 0, waited: 0, failed: 0 };
  map.set(shape, one);
  one.count += 1;
  one.waited += performance.now() - started;
  if (failed) one.failed += 1;
}

type Asking = (this: unknown, sql: unknown, ...more: unknown[]) => unknown;

const methods = Session.prototype as unknown as Record<string, Asking>;
const untouched = methods.queryAsync as Asking;
for (const name of ['queryAsync', 'queryBindAsync']) {
  const original = methods[name];
  if (original === undefined) throw new TypeError(`a session of chDB has no ${name}`);
  methods[name] = async function (sql, ...more) {
    session = this;
    const started = performance.now();
    under += 1;
    most = Math.max(most, under);
    try {
      const answer = await original.call(this, sql, ...more);
      note(engine, String(sql), started, false);
      return answer;
    } catch (error) {
      note(engine, String(sql), started, true);
      throw error;
    } finally {
      under -= 1;
    }
  };
}

const askDecisions = pg.Client.prototype.query as Asking;
pg.Client.prototype.query = function (this: unknown, ...asked: unknown[]) {
  const [first] = asked;
  const text = typeof first === 'string' ? first : String((first as { text?: string } | null)?.text);
  const started = performance.now();
  const answer = askDecisions.apply(this, asked as [unknown]);
  if (answer instanceof Promise)
    answer.then(
      () => note(decisions, text, started, false),
      () => note(decisions, text, started, true),
    );
  return answer;
} as typeof pg.Client.prototype.query;

let collections = 0;
let collecting = 0;
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) {
    collections += 1;
    collecting += duration;
  }
}).observe({ entryTypes: ['gc'] });
const delay = monitorEventLoopDelay({ resolution: 10 });
delay.enable();

/** Resident MB by what they are of: files that are mapped, the heap of C, all else. */
function memoryByPart(): Record<string, number> {
  const sums: Record<string, number> = {};
  let of = 'other';
  for (const line of readFileSync('/proc/self/smaps', 'utf8').split('\n')) {
    const mapped = /^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \d+\s*(.*)$/.exec(line);
    if (mapped) {
      const name = mapped[1] ?? '';
      of = name === '' ? 'anonymous' : name.startsWith('/') ? (name.split('/').at(-1) ?? '') : name;
    }
    const resident = /^Rss:\s+(\d+) kB/.exec(line)?.[1];
    if (resident !== undefined) sums[of] = (sums[of] ?? 0) + Number(resident) / 1024;
  }
  return Object.fromEntries(
    Object.entries(sums)
      .filter(([, mb]) => mb >= 1)
      .map(([name, mb]) => [name, Math.round(mb)]),
  );
}

const TICKS = 100;

/** Seconds of the processor by name of thread, of this process since it began. */
function byThread(): Map<string, number> {
  const spent = new Map<string, number>();
  for (const thread of readdirSync('/proc/self/task')) {
    try {
      const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
      const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')).replace(/[-_]?\d+$/, '');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      spent.set(name, (spent.get(name) ?? 0) + (Number(fields[11]) + Number(fields[12])) / TICKS);
    } catch {
      // It has ended.
    }
  }
  return spent;
}

async function asked(sql: string): Promise<unknown[]> {
  if (session === null) return [];
  try {
    const answer = (await untouched.call(session, sql, { format: 'JSONEachRow' })) as { text(): string };
    return answer
      .text()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  } catch (error) {
    return [String(error).slice(0, 200)];
  }
}

let threads = byThread();
let events = new Map<string, number>();

async function engineEvents(): Promise<Map<string, number>> {
  return new Map(
    (
      (await asked('SELECT event, value FROM system.events')) as { event: string; value: number | string }[]
    ).map(({ event, value }) => [event, Number(value)]),
  );
}

const top = (map: ReadonlyMap<string, Counted>) =>
  [...map]
    .sort(([, a], [, b]) => b.waited - a.waited)
    .slice(0, 25)
    .map(
      ([sql, { count, waited, failed }]) =>
        `${count}× ${waited.toFixed(0)} ms${failed ? ` (${failed} failed)` : ''}: ${sql}`,
    );

async function say(): Promise<void> {
  const threadsNow = byThread();
  const spent = [...threadsNow]
    .map(([name, seconds]) => [name, seconds - (threads.get(name) ?? 0)] as const)
    .filter(([, seconds]) => seconds > 0.02)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 12)
    .map(([name, seconds]) => `${name} ${seconds.toFixed(2)} s`);
  const eventsNow = await engineEvents();
  const moved = [...eventsNow]
    .map(([name, value]) => [name, value - (events.get(name) ?? 0)] as const)
    .filter(
      ([name, value]) =>
        value !== 0 &&
        /^(Query|SelectQuery|InsertQuery|Merge|MergedRows|Selected|Inserted|OSCPU|RealTime|UserTime|SystemTime|.*Compile|DiskWrite|FileSync|FileOpen|.*LockWait|DirectorySync|Patch|PatchesRead|OpenedFileCache|MarkCache)/.test(
          name,
        ),
    );
  console.log(
    `counted ${JSON.stringify({
      spent,
      most,
      loop: { mean: delay.mean / 1e6, p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 },
      gc: { collections, ms: collecting },
      parts: await asked(
        `SELECT table, countIf(active) AS active, count() AS parts, sum(rows) AS lines, sum(bytes_on_disk) AS bytes FROM system.parts GROUP BY table ORDER BY parts DESC LIMIT 12`,
      ),
      process: memoryByPart(),
      memory: await asked(`SELECT extract(stats, '(Allocated: .*)') AS engine FROM system.jemalloc_stats`),
      now: await asked(
        `SELECT metric, value FROM system.metrics WHERE value != 0 AND (metric LIKE '%Memory%' OR metric LIKE '%Threads%' OR metric LIKE '%Cache%' OR metric LIKE '%Parts%' OR metric LIKE 'Merge%')`,
      ),
      events: Object.fromEntries(moved),
      engine: top(engine),
      decisions: top(decisions),
    })}`,
  );
  threads = threadsNow;
  events = eventsNow;
  most = 0;
  collections = 0;
  collecting = 0;
  delay.reset();
  engine.clear();
  decisions.clear();
}

process.on('SIGUSR2', () => void say());
