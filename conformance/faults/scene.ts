/**
 * A company to try faults on: the routes of the server on both embedded stores, people who may do all that the flows do, and a view of the
 * decisions beside the server, by which nothing is ever asked that a fault could strike.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { verifyAudit } from '@macadam/adapters/decisions/audit';
import { openDecisions } from '@macadam/adapters/decisions/open';
import { embeddedBinaries } from '@macadam/adapters/decisions/postgres/binaries';
import { openConnections } from '@macadam/adapters/decisions/postgres/connection';
import { atOneMoment, logHead, logRows } from '@macadam/adapters/decisions/postgres/log';
import { type Incoming, incomingIn } from '@macadam/adapters/incoming';
import { finishReceived } from '@macadam/services/ingest/receive';
import { passOver } from '@macadam/services/ownership/pass';
import { applicationLogin, postgresServer } from '@macadam/testing/decisions/postgres-server';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import { type KeptSheds, kept } from '@macadam/testing/server/sample';
import { type SampleServer, sampleServer } from '@macadam/testing/server/sample-server';
import { spare } from './drivers.ts';

export interface Scene {
  readonly server: SampleServer;
  readonly sheds: KeptSheds;
  readonly incoming: Incoming;
  /** Where the decisions are: a folder, or a URL with its login. */
  readonly decisionsAt: string;
  /** A folder that the account of PostgreSQL may pass. */
  readonly open: string;
  /** Ends what was begun with a body before something failed, as the server does every few seconds. */
  finishIngest(): Promise<void>;
  /** Rows of a statement, as the owner of the tables. */
  rows<T>(sql: string, values?: readonly unknown[]): Promise<readonly T[]>;
  /** Throws where the hash chain of the log is broken. */
  verifyLog(): Promise<void>;
  close(): Promise<void>;
}

const CSV = `person,name,email,company,division,team,accountable_for
ann,Ann,ann@example.test,Acme,Cloud,Shop,cloud
ben,Ben,ben@example.test,Acme,Cloud,Till,
`;

/** `byAddress`: the decisions lie on a PostgreSQL server of its own, over TCP, in place of a folder. */
export async function openScene(byAddress = false): Promise<Scene> {
  const elsewhere = byAddress ? await decisionsElsewhere() : null;
  const sheds = await kept();
  const incoming = incomingIn(join(sheds.folder, 'incoming'));
  const open = trialFolder();
  const server = await sampleServer({
    people: {
      root: { roles: [{ role: 'administrator', division: '' }] },
      ann: { roles: [{ role: 'engineer', division: 'cloud' }], teams: ['shop'] },
      ben: { roles: [{ role: 'engineer', division: 'cloud' }], teams: ['till'] },
      deputy: { roles: [{ role: 'deputy-ciso', division: 'cloud' }] },
      olga: { roles: [{ role: 'standard-owner', division: 'cloud' }], standards: ['sheds-locked'] },
      'machine:round': { via: 'machine', roles: [{ role: 'engineer', division: '' }] },
    },
    site: () => sheds.site,
    ...(elsewhere && { decisions: elsewhere.decisions }),
    // What was seen is still fresh then.
    now: sheds.site.now,
    parts: { incoming },
    perMinute: 1e9,
    random: randomBytes,
  });
  const imported = await server.ask('root', 'POST', '/api/organisation/imports', {
    format: 'csv',
    text: CSV,
    file: 'people.csv',
    on: '2026-01-01',
  });
  assert.ok(imported.statusCode < 300, imported.body);
  const { driver, facts, kinds } = sheds.site.stores ?? {};
  assert.ok(driver && facts && kinds);
  await passOver({ driver, facts, kinds }, server.decisions, sheds.site.now());
  const { place } = server.decisions;
  const connections = openConnections(
    elsewhere
      ? { url: elsewhere.url }
      : { socket: join(place, 'socket'), user: 'macadam', database: 'postgres' },
    { size: 1, unhurried: true },
  );
  const { client: beside, giveBack } = await connections.take();
  spare(beside);
  return {
    server,
    sheds,
    incoming,
    open,
    decisionsAt: elsewhere?.url ?? place,
    finishIngest: async () => {
      await finishReceived({ decisions: server.decisions, facts: sheds.stores.facts }, incoming);
    },
    rows: async <T>(sql: string, values: readonly unknown[] = []) =>
      (await beside.query(sql, [...values])).rows as readonly T[],
    verifyLog: async () => {
      const verdict = await atOneMoment(beside, async () => {
        const { number, digest } = await logHead(beside);
        return verifyAudit(logRows(beside), new Map([[number, digest]]));
      });
      assert.ok(verdict.whole, `the log is broken: ${JSON.stringify(verdict)}`);
    },
    close: async () => {
      giveBack();
      await connections.end();
      await server.close();
      await elsewhere?.close();
      await sheds.remove();
      rmSync(open, { recursive: true, force: true });
    },
  };
}

/** As on a machine of their own: whoever owns the tables is another than whoever the server logs in as. */
async function decisionsElsewhere() {
  const folder = trialFolder();
  const postgres = await postgresServer({ home: embeddedBinaries(), folder });
  const application = await applicationLogin(postgres.url);
  const decisions = await openDecisions(application, { now: () => new Date(), ownerUrl: postgres.url });
  return {
    decisions,
    url: postgres.url,
    close: async () => {
      await decisions.close();
      await postgres.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
