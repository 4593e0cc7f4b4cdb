/** `macadam who` on the stores in a folder, while no server has them. */
import { existsSync } from 'node:fs';
import { DirectoryHeld } from '@macadam/adapters/data-folder/lock';
import { openDecisions } from '@macadam/adapters/decisions/open';
import { DecisionsError, type DecisionTransaction } from '@macadam/adapters/decisions/port';
import { EngineError } from '@macadam/adapters/facts/clickhouse/driver';
import { openStores, type Stores } from '@macadam/adapters/facts/open';
import { FactsError } from '@macadam/adapters/facts/port';
import type { Kind } from '@macadam/core/kinds/kind';
import { dataFolder, storesIn } from '@macadam/services/measure/data-folder';
import { orgTree } from '@macadam/services/ownership/log';
import { LOOK_UP, passOver } from '@macadam/services/ownership/pass';
import { ownerSettings } from '@macadam/services/ownership/rules';
import { whoIn } from '@macadam/services/ownership/who';
import { exportWho, type WhoExported } from '@macadam/services/ownership/who-export';
import type { Reached } from '@macadam/services/ownership/who-reached';
import { complain, UsageError } from '../terminal.ts';
import { loadHere } from './test.ts';

export async function whoLocally(text: string, data: string | undefined): Promise<Reached> {
  return onStores(data, async ({ stores, kinds, reading, now }) => {
    return reading(async (tx) => {
      const tree = await orgTree(tx, tx.at.slice(0, 10));
      const settings = await ownerSettings(tx);
      return whoIn(tx, text, { stores: { driver: stores.driver, kinds }, tree, settings, now });
    });
  });
}

export async function exportLocally(
  file: string,
  signingKey: string,
  data: string | undefined,
): Promise<WhoExported> {
  return onStores(data, async ({ stores, kinds, reading, now }) => {
    const tree = await reading((tx) => orgTree(tx, tx.at.slice(0, 10)));
    try {
      return await exportWho(stores.driver, { file, tree, kinds, madeAt: now, signingKey });
    } catch (error) {
      const { code = '', message } = error as { readonly code?: string; readonly message: string };
      if (code.startsWith('ERR_OSSL') || code.startsWith('ERR_CRYPTO') || /key/i.test(message))
        throw new UsageError('--sign: that is not a private Ed25519 key in PEM (PKCS #8)');
      if (/^E[A-Z]+$/.test(code)) throw new UsageError(`--export: \`${file}\` cannot be written (${code})`);
      throw error;
    }
  });
}

interface Opened {
  readonly stores: Stores;
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly reading: <T>(work: (tx: DecisionTransaction) => Promise<T>) => Promise<T>;
  readonly now: Date;
}

async function onStores<T>(data: string | undefined, work: (opened: Opened) => Promise<T>): Promise<T> {
  const { kinds, mistakes } = loadHere();
  complain(mistakes);
  const usual = dataFolder('.', process.env);
  const { facts: place, decisions: database } = storesIn(data ?? usual, usual, process.env);
  if (!/^\w+:\/\//.test(place) && !existsSync(place))
    throw new UsageError(
      `--data: there is nothing in ${place} yet; start the server there, or ask one with --server`,
    );
  const now = () => new Date();
  try {
    const stores = await openStores(place, { kinds, now });
    try {
      const decisions = await openDecisions(database, { now });
      try {
        // So that what is asked is as new as the stores.
        await passOver({ driver: stores.driver, facts: stores.facts, kinds }, decisions, now());
        const reading: Opened['reading'] = (body) => decisions.transaction(LOOK_UP, body, { readOnly: true });
        return await work({ stores, kinds, reading, now: now() });
      } finally {
        await decisions.close();
      }
    } finally {
      await stores.close();
    }
  } catch (error) {
    if (error instanceof DirectoryHeld)
      throw new UsageError(`--data: ${error.message}; ask it with --server URL`);
    if (error instanceof DecisionsError || error instanceof FactsError || error instanceof EngineError)
      throw new UsageError(`--data: ${error.message}`);
    throw error;
  }
}
