/**
 * The accounts of a tenant by what changed since they were listed: a full listing is kept, and the next look asks Microsoft Graph for the
 * changes alone. What cannot be asked so (an older listing, a token that ended, a change that names nobody) is listed as a whole again.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import type { Connector } from '../../connector/connector.ts';
import { isAnswer } from '../../connector/outcome.ts';
import type { Overflow } from '../../data-folder/overflow.ts';
import { isRecord, type Json, type SavedAnswer, textIn } from '../../imports/directories/answer.ts';

const SCHEMA = 'macadam.entra-users/1';
/** Graph remembers for so long; and so often at least a full listing shows that nothing was missed. */
const OLDEST_MS = 7 * 24 * 3_600_000;
const MOST_PAGES = 2_000;

export interface KeptUsers {
  /** Takes what changed since the listing that is kept, as pages of a whole list. False where that cannot be had, and nothing was added. */
  readonly read: (connector: Connector, into: Overflow<SavedAnswer>) => Promise<boolean>;
  /** Where changes begin from now on; null where the host does not say. Asked for before a full listing, so that nothing falls between. */
  readonly begin: (connector: Connector) => Promise<string | null>;
  /** Keeps a full listing. What is not whole is not kept. */
  readonly keep: (begin: string | null, listed: Overflow<SavedAnswer>) => Promise<void>;
}

export interface KeptRequest {
  /** A folder that may be deleted at any time. */
  readonly folder: string;
  /** Who asks, and of which tenant: what one may see is not read from what another was shown. */
  readonly principal: string;
  /** Of the list, with its query. */
  readonly path: string;
  readonly now: () => Date;
}

/** Who a token is of, by its own words: null for one that does not say. Tokens change every hour, and whose they are does not. */
export function principalIn(token: string): string | null {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    if (!isRecord(claims)) return null;
    const who = claims.oid ?? claims.appid ?? claims.azp;
    return typeof claims.tid === 'string' && typeof who === 'string' ? `${claims.tid}/${who}` : null;
  } catch {
    return null;
  }
}

interface Head {
  readonly path: string;
  readonly link: string;
  readonly listedAt: string;
}

export function keptUsers({ folder, principal, path, now }: KeptRequest): KeptUsers {
  const place = join(folder, 'entra');
  const file = join(place, `${createHash('sha256').update(`${principal}\0${path}`).digest('hex')}.ndjson`);

  const write = async (head: Head, pages: Iterable<SavedAnswer>) => {
    const draft = `${file}.${process.pid}`;
    try {
      mkdirSync(place, { recursive: true, mode: 0o700 });
      const stream = createWriteStream(draft, { mode: 0o600 });
      const lines = finished(stream);
      stream.write(`${JSON.stringify({ schema: SCHEMA, ...head })}\n`);
      for (const page of pages) if (!stream.write(`${JSON.stringify(page)}\n`)) await once(stream, 'drain');
      stream.end();
      await lines;
      renameSync(draft, file);
    } catch {
      // Without room for it everything is listed each time.
      rmSync(draft, { force: true });
    }
  };

  return {
    read: async (connector, into) => {
      const head = await headIn(file);
      if (head === null || head.path !== path) return false;
      const age = now().getTime() - Date.parse(head.listedAt);
      if (!(age >= 0 && age < OLDEST_MS)) return false;
      const changes = await changesSince(connector, head.link);
      if (changes === null) return false;
      try {
        for await (const page of changedPages(file, changes.records)) into.add(page);
        // A file that somebody cut off between two pages leads to one that is not there.
        if (!isWhole(into.all())) throw new Error('it is not whole');
      } catch {
        into.clear();
        return false;
      }
      await write({ ...head, link: changes.link }, into.all());
      return true;
    },
    begin: async (connector) => {
      const [address, query = ''] = path.split('?');
      const fields = new URLSearchParams(query).get('$select') ?? '';
      const outcome = await connector.request({
        path: `${address}/delta?$select=${fields}&$deltatoken=latest`,
      });
      return isAnswer(outcome) ? linkIn(outcome.body) : null;
    },
    keep: async (begin, listed) => {
      if (begin !== null && isWhole(listed.all()))
        await write({ path, link: begin, listedAt: now().toISOString() }, listed.all());
    },
  };
}

const linkIn = (body: unknown): string | null => {
  const link = isRecord(body) ? body['@odata.deltaLink'] : undefined;
  return textIn(link);
};

/** Every page is a list of what has an id, and the last leads to no other. */
function isWhole(pages: Iterable<SavedAnswer>): boolean {
  let next: unknown = 'no page';
  for (const { status, body } of pages) {
    if (status !== 200 || !isRecord(body) || !Array.isArray(body.value) || !body.value.every(isNamed))
      return false;
    next = body['@odata.nextLink'];
  }
  return next === undefined || next === null;
}

const isNamed = (record: unknown): boolean => isRecord(record) && typeof record.id === 'string';

async function headIn(file: string): Promise<Head | null> {
  try {
    for await (const line of linesOf(file)) {
      const head: unknown = JSON.parse(line);
      return isRecord(head) && head.schema === SCHEMA && isHead(head) ? head : null;
    }
  } catch {
    // Never written, deleted or cut off: the same as not having it.
  }
  return null;
}

const isHead = (head: Json): head is Json & Head =>
  typeof head.path === 'string' && typeof head.link === 'string' && typeof head.listedAt === 'string';

async function* linesOf(file: string): AsyncGenerator<string> {
  const stream = createReadStream(file, 'utf8');
  try {
    yield* createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  } finally {
    stream.destroy();
  }
}

/** The kept pages with every change in them; who is new stands on the last. */
async function* changedPages(
  file: string,
  changes: ReadonlyMap<string, Json | null>,
): AsyncGenerator<SavedAnswer> {
  const fresh = new Map(changes);
  let last: SavedAnswer | null = null;
  let isHeadRead = false;
  for await (const line of linesOf(file)) {
    if (!isHeadRead) {
      isHeadRead = true;
      continue;
    }
    if (last !== null) yield last;
    const page = JSON.parse(line) as SavedAnswer;
    last = withItems(page, (items) =>
      items.flatMap((item) => {
        const change = changes.get(String(item.id));
        fresh.delete(String(item.id));
        if (change === null) return [];
        return change === undefined ? [item] : [{ ...item, ...change }];
      }),
    );
  }
  if (last === null) throw new Error('it holds no page');
  const added = [...fresh.values()].filter((one) => one !== null);
  yield withItems(last, (items) => [...items, ...added]);
}

function withItems(page: SavedAnswer, change: (items: readonly Json[]) => readonly Json[]): SavedAnswer {
  const { body } = page;
  if (!isRecord(body) || !Array.isArray(body.value)) throw new Error('it is no page');
  return { ...page, body: { ...body, value: change(body.value.filter(isRecord)) } };
}

interface Changes {
  /** Where the next changes begin. */
  readonly link: string;
  /** Id → the fields that are given of it; null for who is gone. The last word counts. */
  readonly records: ReadonlyMap<string, Json | null>;
}

async function changesSince(connector: Connector, link: string): Promise<Changes | null> {
  const records = new Map<string, Json | null>();
  let path = link;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const outcome = await connector.request({ path });
    if (!isAnswer(outcome) || !isRecord(outcome.body) || !Array.isArray(outcome.body.value)) return null;
    for (const record of outcome.body.value) {
      if (!isRecord(record) || typeof record.id !== 'string' || record.id === '') return null;
      const before = records.get(record.id);
      records.set(record.id, Object.hasOwn(record, '@removed') ? null : { ...before, ...record });
    }
    const end = linkIn(outcome.body);
    if (end !== null) return { link: end, records };
    const next = outcome.body['@odata.nextLink'];
    if (typeof next !== 'string' || next === '' || next === path) return null;
    path = next;
  }
  return null;
}
