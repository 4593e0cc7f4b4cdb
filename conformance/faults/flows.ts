/**
 * What people and programs do, each as steps that can be asked again: a request with a key is done once however often it is asked. A flow
 * gets a number that no other round has, and says by it what has to be there in the end.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { deliverDue } from '@macadam/adapters/delivery/lane';
import { nameWhole } from '@macadam/adapters/durable';
import { type Part, writeArchive } from '@macadam/services/backup/archive';
import { verifiedContents } from '@macadam/services/backup/contents';
import { backup } from '@macadam/services/backup/make';
import { restore } from '@macadam/services/backup/restore';
import { webhookLane } from '@macadam/services/deliver/webhooks/deliver';
import { day } from '@macadam/testing/decisions/sample';
import { asOwner } from '@macadam/testing/decisions/test-database';
import type { Place } from './drivers.ts';
import { doneTo, unmatchedFacts } from './ledger.ts';
import type { Scene } from './scene.ts';

/** One step: gives what came of it; rejects where whoever did it would see an error. */
export interface Step {
  readonly name: string;
  readonly take: () => Promise<Outcome>;
}

/** `done`: it was said to be done. Else what was said in its place. */
export type Outcome =
  | { readonly done: true }
  | { readonly done: false; readonly said: string; readonly honest: boolean };

export interface Flow {
  readonly name: string;
  /** What of it can fail. */
  readonly places: readonly Place[];
  /** A round takes so many times as long as others: of a plan that leaves faults out, so many times fewer are tried. */
  readonly cost?: number;
  /**
   * Of these each call is tried by another flow, which makes the same calls and takes less to get there: here the first ones are, and then one in so many,
   * for what has to be put away around them.
   */
  readonly triedElsewhere?: Partial<Record<Place, number>>;
  /** Made ready without any fault: the steps, and what has to be so when all were said to be done. */
  readonly round: (scene: Scene, number: number) => Promise<Round>;
}

export interface Round {
  readonly steps: readonly Step[];
  /** What happens by itself afterwards, once nothing fails any more. */
  readonly settle?: () => Promise<void>;
  /** Throws where something is missing, or there twice. */
  readonly check: () => Promise<void>;
  /**
   * Of a flow that begins anew each time, at the same place: throws where a failed one left something there. It is asked again by the next round, which gets
   * one call further, and by the last, which is done; so no round has to be done twice.
   */
  readonly refused?: () => Promise<void>;
}

interface Asking {
  readonly who: string;
  readonly path: string;
  readonly body?: unknown;
  /** Left out where the answer holds a secret, which is shown once. */
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Told of an answer that says it is done. */
  readonly answered?: (body: Record<string, unknown>) => void;
}

/** A request to the server. An error is honest as 503 with a time to ask again: nothing was wrong with what was asked. */
function asking(scene: Scene, { who, path, body, key, headers = {}, answered }: Asking): Step {
  return {
    name: `POST ${path.replaceAll(/\d+/g, 'N')}`,
    take: async () => {
      const answer = await scene.server.ask(who, 'POST', path, body, {
        ...headers,
        ...(key !== undefined && { 'idempotency-key': key }),
      });
      const { statusCode: status } = answer;
      if (status >= 200 && status < 300) {
        answered?.(answer.body === '' ? {} : answer.json());
        return { done: true };
      }
      const honest = status === 503 && answer.headers['retry-after'] !== undefined;
      return { done: false, honest, said: `${status} ${answer.body}` };
    },
  };
}

/** Something of the server's own, which nobody waits for: an error is logged, and it is tried again. */
const work = (name: string, does: () => Promise<unknown>): Step => ({
  name,
  take: () =>
    does().then(
      () => ({ done: true }),
      (error: Error) => ({ done: false, honest: true, said: String(error.stack) }),
    ),
});

const exception: Flow = {
  name: 'an exception is asked for, approved and ended',
  places: ['query', 'engine'],
  round: async (scene, number) => {
    let id = '';
    const asset = OPEN_SHEDS[number % OPEN_SHEDS.length] ?? '';
    await scene.server.decisions.transaction(RECONCILING, (tx) => failing(tx, [asset]));
    const ask = asking(scene, {
      who: 'ann',
      path: '/api/exceptions',
      key: `exception-${number}`,
      body: {
        team: 'shop',
        standard: 'sheds-locked',
        selectors: [asset],
        reason: 'the lock is on order',
        compensating: 'somebody stands at it',
        until: day(20),
      },
      answered: (body) => {
        id = String(body.id);
      },
    });
    const then = (name: string, who: string, body: object): Step => ({
      name,
      take: () =>
        asking(scene, { who, path: `/api/exceptions/${id}/${name}`, key: `${name}-${number}`, body }).take(),
    });
    return {
      steps: [
        ask,
        then('approval', 'deputy', { proof: 'minutes of Monday' }),
        then('end', 'deputy', { reason: 'the lock is there' }),
      ],
      check: async () =>
        assert.deepEqual(await doneTo(scene, [id]), [
          'exception.request',
          'exception.approve',
          'exception.end',
        ]),
    };
  },
};

const RECONCILING = { id: 'reconcile', divisions: 'all' } as const;
const FAILING_SINCE = '2026-01-01T00:00:00Z';

/** Sheds that somebody saw open: of the others no exception can be had. */
const OPEN_SHEDS = Array.from({ length: 200 }, (_, index) => index)
  .filter((index) => index > 10 && index % 3 !== 0 && index % 10 !== 1 && index % 50 !== 0)
  .map((index) => `shed/shed-${String(index).padStart(3, '0')}`);

function failing(tx: DecisionTransaction, assets: readonly string[]): Promise<void> {
  return tx.failing.put(
    'sheds-locked',
    assets.map((asset) => ({
      asset,
      name: asset,
      team: 'shop',
      division: 'cloud',
      since: FAILING_SINCE,
      observation: null,
      unknown: false,
      value: null,
      excepted: null,
      exceptedUntil: null,
      dueFrom: null,
      handedOverAt: null,
    })),
  );
}

async function openBatch({ server }: Scene, id: string, assets: readonly string[]): Promise<void> {
  await server.decisions.transaction(RECONCILING, async (tx) => {
    await failing(tx, assets);
    const members = assets.map((asset) => ({ asset, failingSince: FAILING_SINCE }));
    await tx.work.open([
      { id, standard: 'sheds-locked', team: 'shop', division: 'cloud', dueOn: day(30), members },
    ]);
  });
}

const dispute: Flow = {
  name: 'a dispute is filed and settled',
  places: ['query'],
  round: async (scene, number) => {
    const id = `sheds-locked/${number}2`;
    await openBatch(scene, id, [`d${number}`]);
    const at = `/api/work-items/${id}`;
    return {
      steps: [
        asking(scene, {
          who: 'ann',
          path: `${at}/comments`,
          key: `comment-${number}`,
          body: { text: 'on Monday' },
        }),
        asking(scene, {
          who: 'ann',
          path: `${at}/disputes`,
          key: `dispute-${number}`,
          body: { assets: [`d${number}`], why: 'it has no lock at all' },
        }),
        asking(scene, {
          who: 'olga',
          path: `${at}/settlements`,
          key: `settle-${number}`,
          body: { asset: `d${number}`, upheld: true, why: 'so it is' },
        }),
      ],
      check: async () =>
        assert.deepEqual(await doneTo(scene, [id]), [
          'batch.open',
          'batch.comment',
          'batch.dispute',
          'batch.settle-dispute',
        ]),
    };
  },
};

const token: Flow = {
  name: 'a token is made',
  places: ['query'],
  round: async (scene, number) => {
    const name = `token-${number}`;
    const told: string[] = [];
    const step = asking(scene, {
      who: 'ann',
      path: '/api/tokens',
      body: { name, scopes: ['WorkItem::read'], hours: 1 },
      answered: (body) => void told.push(String(body.id)),
    });
    return {
      steps: [step],
      check: async () => {
        const rows = await scene.rows<{ id: string }>('select id from macadam.api_token where name = $1', [
          name,
        ]);
        const ids = rows.map(({ id }) => id);
        assert.ok(told.length === 1 && ids.includes(told[0] ?? ''), `told ${told}, kept ${ids}`);
        assert.ok(ids.length <= 2, 'asked twice, there are two at most');
      },
    };
  },
};

/** Every third shed is the shop's. */
const SHOP_SHEDS = 76;

const handover: Flow = {
  name: 'work is handed over and answered',
  places: ['query', 'engine'],
  round: async (scene, number) => {
    const assets = [`shed/shed-${String((number * 3 + 3) % (SHOP_SHEDS * 3)).padStart(3, '0')}`];
    // Once all sheds of the shop have gone to the till, they come back, and so on.
    const back = Math.floor(number / SHOP_SHEDS) % 2 === 1;
    const from = back ? { who: 'ben', team: 'till' } : { who: 'ann', team: 'shop' };
    const to = back ? { who: 'ann', team: 'shop' } : { who: 'ben', team: 'till' };
    const taken = await scene.server.ask(from.who, 'POST', '/api/owners/decisions', {
      assets,
      act: { move: 'assign', team: from.team },
      reason: 'we run it',
    });
    let at = '';
    return {
      steps: [
        asking(scene, {
          who: from.who,
          path: '/api/handovers',
          key: `handover-${number}`,
          body: { assets, from: from.team, to: to.team, why: 'they run it' },
          answered: (body) => {
            at = String(body.number);
          },
        }),
        {
          name: 'answer',
          take: () =>
            asking(scene, {
              who: to.who,
              path: `/api/handovers/${at}/answers`,
              key: `answer-${number}`,
              body: { accepted: true, why: 'yes' },
            }).take(),
        },
      ],
      check: async () => {
        assert.ok(taken.statusCode < 300, taken.body);
        const [row] = await scene.rows<{ state: string }>(
          'select state from macadam.handover where number = $1',
          [at],
        );
        assert.equal(row?.state, 'done');
        assert.deepEqual(await doneTo(scene, [at]), ['handover.accepted']);
      },
    };
  },
};

const line = (number: number) =>
  `${JSON.stringify({
    kind: 'shed',
    id: `shed/sent-${number}`,
    name: `sent-${number}`,
    source: 'patrol',
    observedAt: '2026-11-03T12:30:00Z',
    assurance: 'effective',
    container: 'yard',
    attributes: { name: { value: `sent-${number}` }, locked: { value: false } },
  })}\n`;

const ingest: Flow = {
  name: 'observations are sent',
  places: ['query', 'engine', 'file'],
  round: async (scene, number) => {
    const before = await scene.sheds.stores.facts.newest();
    return {
      steps: [
        asking(scene, {
          who: 'machine:round',
          path: '/api/observations?as=ndjson',
          key: `ingest-${number}`,
          body: line(number),
          headers: { 'content-type': 'application/x-ndjson' },
        }),
      ],
      settle: scene.finishIngest,
      check: async () => {
        assert.deepEqual(await unmatchedFacts(scene, before), []);
        const stored = (await scene.sheds.stores.facts.collections()).filter(({ batch }) => batch > before);
        assert.equal(stored.length, 1, `${stored.length} batches of one document`);
        const seen = await scene.sheds.stores.facts.observations(`shed/sent-${number}`);
        assert.equal(seen.length, 1, 'what was acknowledged can be read');
        assert.deepEqual(readdirSync(join(scene.sheds.folder, 'incoming')), [], 'nothing is left of it');
      },
    };
  },
};

const tick: Flow = {
  name: 'what came in is judged',
  places: ['engine', 'file'],
  round: async (scene, number) => {
    const { stores, site } = scene.sheds;
    const compiled = [...site.standards.values()].map((one) => one.compiled);
    const last = (await stores.history.ticks()).at(-1)?.valid.getTime() ?? 0;
    const at = new Date(last + 60_000);
    const observed = {
      kind: 'shed',
      id: `shed/seen-${number}`,
      name: `seen-${number}`,
      source: `walk-${number}`,
      observedAt: at.toISOString(),
      receivedAt: at.toISOString(),
      assurance: 'effective' as const,
      container: 'yard',
      attributes: {
        name: { value: `seen-${number}` },
        locked: { value: false },
        owners: { value: ['shop'] },
      },
    };
    const collection = {
      source: `walk-${number}`,
      startedAt: at.toISOString(),
      finishedAt: at.toISOString(),
      status: 'complete' as const,
      problems: [],
      partitions: [],
    };
    const ticked = async () => (await stores.history.ticks()).some(({ valid }) => valid >= at);
    return {
      steps: [
        work('append', () => stores.facts.append(collection, [observed], at)),
        work('tick', async () => {
          if (await ticked()) return;
          await stores.history.tick({
            facts: stores.facts,
            kinds: site.stores?.kinds ?? new Map(),
            standards: compiled,
            exceptions: [],
            at,
          });
        }),
      ],
      check: async () => {
        assert.ok(await ticked(), 'the tick is there');
        assert.deepEqual(await stores.history.broken(), []);
        const [row] = await stores.driver.query<{ signs: string }>(
          'SELECT sum(sign) AS signs FROM verdict_delta WHERE asset IN (SELECT asset FROM judgement WHERE id = {asset:String})',
          { asset: observed.id },
        );
        assert.equal(Number(row?.signs), 1, 'it is judged, and once');
      },
    };
  },
};

const webhook: Flow = {
  name: 'an endpoint is told',
  places: ['query', 'message'],
  round: async (scene, number) => {
    const heard: string[] = [];
    const endpoint = createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      request.on('end', () => {
        heard.push(text);
        response.end();
      });
    });
    // A round that fails leaves it open.
    endpoint.unref().listen(0, '127.0.0.1');
    await once(endpoint, 'listening');
    const { port } = endpoint.address() as AddressInfo;
    const { decisions } = scene.server;
    const hook = { id: `hook-${number}`, division: '', events: ['batch.comment'], active: true };
    const system = { id: 'system', divisions: 'all' as const };
    await decisions.transaction(system, (tx) =>
      tx.webhooks.put({ ...hook, url: `http://127.0.0.1:${port}/` }),
    );
    await openBatch(scene, `sheds-locked/${number}3`, [`w${number}`]);
    await decisions.transaction(system, (tx) => tx.work.comment(`sheds-locked/${number}3`, `word ${number}`));
    // Every attempt is later than the pause after the one before.
    let clock = Date.now();
    const telling = {
      key: 'k'.repeat(43),
      allowed: ['127.0.0.0/8'],
      random: () => 0.5,
      now: () => {
        clock += 7 * 3_600_000;
        return new Date(clock);
      },
    };
    const waiting = async () =>
      (
        await scene.rows<{ number: number }>(
          `select number from macadam.outbox where destination = 'webhook' and body ->> 'webhook' = $1 and delivered_at is null`,
          [hook.id],
        )
      ).length;
    return {
      steps: [
        work('deliver', async () => {
          for (let tries = 0; tries < 20 && (await waiting()) > 0; tries += 1) {
            await scene.rows(
              `update macadam.outbox set due_at = now() - interval '1 s' where body ->> 'webhook' = $1 and delivered_at is null`,
              [hook.id],
            );
            await deliverDue(decisions, webhookLane(decisions, telling), telling);
          }
        }),
      ],
      check: async () => {
        endpoint.close();
        assert.equal(await waiting(), 0, 'nothing waits');
        assert.ok(heard.length >= 1 && heard.length <= 2, `it was told ${heard.length} times`);
        assert.ok(heard.every((text) => text.includes(`word ${number}`)));
        await decisions.transaction(system, (tx) =>
          tx.webhooks.put({ ...hook, active: false, url: `http://127.0.0.1:${port}/` }),
        );
      },
    };
  },
};

const copyInto = (what: 'file' | 'folder'): Flow => ({
  name: `a backup is made, a ${what}`,
  places: ['query', 'engine', 'file'],
  cost: 6,
  // `written`.
  triedElsewhere: { file: 64 },
  round: async (scene) => {
    const folder = join(scene.sheds.folder, 'backups');
    mkdirSync(folder, { recursive: true });
    const name = what === 'file' ? 'one.tar' : 'one';
    const path = join(folder, name);
    let said = false;
    return {
      steps: [
        work('backup', async () => {
          const parts = backup({
            decisions: scene.decisionsAt,
            stores: scene.sheds.stores,
            release: '0.1.0',
            now: () => new Date(),
          });
          try {
            await writeArchive(path, parts, verifiedContents);
            said = true;
          } finally {
            assert.ok(said || !existsSync(path), 'what is no backup has no name');
          }
        }),
      ],
      check: async () => {
        await verifiedContents(path);
        assert.deepEqual(readdirSync(folder), [name], 'no half of one is left');
        rmSync(path, { recursive: true });
      },
      refused: async () => assert.deepEqual(readdirSync(folder), [], 'no half of one is left'),
    };
  },
});

/** What a backup holds is the same each time, so it is taken from the stores once. */
const heldParts = new WeakMap<Scene, Promise<readonly Part[]>>();

function partsOf(scene: Scene): Promise<readonly Part[]> {
  const held =
    heldParts.get(scene) ??
    Array.fromAsync(
      backup({
        decisions: scene.decisionsAt,
        stores: scene.sheds.stores,
        release: '0.1.0',
        now: () => new Date(),
      }),
    );
  heldParts.set(scene, held);
  return held;
}

async function* oneByOne(parts: readonly Part[]): AsyncGenerator<Part> {
  for (const part of parts) yield part;
}

const written = (what: 'file' | 'folder'): Flow => ({
  name: `a backup is written down, a ${what}`,
  places: ['file'],
  round: async (scene) => {
    const parts = await partsOf(scene);
    const folder = join(scene.sheds.folder, 'written');
    mkdirSync(folder, { recursive: true });
    const name = what === 'file' ? 'one.tar' : 'one';
    const path = join(folder, name);
    return {
      steps: [work('write', () => writeArchive(path, oneByOne(parts), verifiedContents))],
      check: async () => {
        await verifiedContents(path);
        assert.deepEqual(readdirSync(folder), [name], 'no half of one is left');
        rmSync(path, { recursive: true });
      },
      refused: async () => assert.deepEqual(readdirSync(folder), [], 'no half of one is left'),
    };
  },
});

const putBack: Flow = {
  name: 'a backup is restored',
  places: ['query', 'file'],
  cost: 20,
  // `putBackElsewhere`, which starts no server for it, and `named`.
  triedElsewhere: { query: 16, file: 64 },
  round: async (scene) => {
    const folder = join(scene.open, 'restored');
    mkdirSync(folder, { recursive: true, mode: 0o711 });
    const from = join(scene.sheds.folder, 'restored-from.tar');
    // The facts of another folder take another process: here it is the decisions alone.
    if (!existsSync(from)) {
      const { decisionsAt: decisions } = scene;
      const parts = backup({ decisions, stores: null, release: '0.1.0', now: () => new Date() });
      await writeArchive(from, parts, verifiedContents);
    }
    const data = join(folder, 'one');
    let said = false;
    return {
      steps: [
        work('restore', async () => {
          try {
            await restore({ from, data, database: null });
            said = true;
          } finally {
            assert.ok(said || !existsSync(data), 'what was not put back whole is not there');
          }
        }),
      ],
      check: async () => {
        assert.deepEqual(readdirSync(folder), ['one'], 'no half of one is left');
        assert.deepEqual(readdirSync(data), ['decisions']);
        rmSync(data, { recursive: true });
      },
      refused: async () => assert.deepEqual(readdirSync(folder), [], 'no half of one is left'),
    };
  },
};

/** What was put back, a thousand files of PostgreSQL's, gets its name when each of them is on the disk. */
const named: Flow = {
  name: 'what was restored from a backup gets its name',
  places: ['file'],
  round: async (scene) => {
    const folder = join(scene.open, 'named');
    mkdirSync(folder, { recursive: true, mode: 0o711 });
    const [draft, data] = [join(folder, 'draft'), join(folder, 'data')];
    const from = join(scene.sheds.folder, 'named-from.tar');
    // The facts of another folder take another process: here it is the decisions alone.
    if (!existsSync(from)) {
      const { decisionsAt: decisions } = scene;
      const parts = backup({ decisions, stores: null, release: '0.1.0', now: () => new Date() });
      await writeArchive(from, parts, verifiedContents);
    }
    // What has its name and cannot keep it is taken away, and the draft with it.
    if (!existsSync(draft)) await restore({ from, data: draft, database: null });
    return {
      steps: [work('name', () => nameWhole(draft, data))],
      check: async () => {
        assert.deepEqual(readdirSync(folder), ['data']);
        renameSync(data, draft);
      },
      refused: async () => assert.ok(!existsSync(data), 'what is not on the disk whole has no name'),
    };
  },
};

/** As `putBack`, with the decisions in a database of a server that runs: what fails there is not waited for as long as for a server to start. */
const putBackElsewhere: Flow = {
  name: 'a backup is put back by address',
  places: ['query', 'file'],
  cost: 6,
  round: async (scene, number) => {
    const folder = join(scene.open, 'elsewhere');
    mkdirSync(folder, { recursive: true, mode: 0o711 });
    const from = join(scene.sheds.folder, 'elsewhere-from.tar');
    if (!existsSync(from)) {
      const { decisionsAt: decisions } = scene;
      const parts = backup({ decisions, stores: null, release: '0.1.0', now: () => new Date() });
      await writeArchive(from, parts, verifiedContents);
    }
    const data = join(folder, String(number));
    const name = `elsewhere_${number}`;
    await scene.rows(`create database ${name}`);
    const database = databaseBeside(scene, name);
    let said = false;
    return {
      steps: [
        work('restore', async () => {
          try {
            await restore({ from, data, database });
            said = true;
          } finally {
            assert.ok(said || !existsSync(data), 'what was not put back whole is not there');
          }
        }),
      ],
      check: async () => {
        assert.deepEqual(readdirSync(folder), [String(number)], 'no half of one is left');
        const found = await asOwner({ url: database }, (client) =>
          client.query<{ action: string }>(
            "select content::jsonb ->> 'action' as action from macadam.audit order by number desc limit 1",
          ),
        );
        assert.equal(
          found.rows[0]?.action,
          'backup.restore',
          'all is there, up to the word of who put it back',
        );
        rmSync(data, { recursive: true });
        // Not by force: whoever is no superuser may not end the server's own vacuum, which ends by itself for a plain one.
        await scene.rows(`drop database ${name}`);
      },
    };
  },
};

/** Another database on the server of the decisions. */
function databaseBeside({ decisionsAt }: Scene, name: string): string {
  if (!decisionsAt.startsWith('postgres'))
    return `postgres://macadam@/${name}?host=${encodeURIComponent(join(decisionsAt, 'socket'))}`;
  const url = new URL(decisionsAt);
  url.pathname = `/${name}`;
  return url.href;
}

export const FLOWS: readonly Flow[] = [
  exception,
  dispute,
  token,
  handover,
  ingest,
  tick,
  webhook,
  copyInto('file'),
  copyInto('folder'),
  written('file'),
  written('folder'),
  putBack,
  named,
  putBackElsewhere,
];
