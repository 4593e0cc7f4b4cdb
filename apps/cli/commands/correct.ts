/** `macadam facts`: what was collected, and what only a person can say of it. */
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { openDecisions } from '@macadam/adapters/decisions/open';
import { openStores, type Stores } from '@macadam/adapters/facts/open';
import { FactsError } from '@macadam/adapters/facts/port';
import { counted } from '@macadam/adapters/report-formats/figures';
import { type Correction, correct } from '@macadam/services/ingest/correction';
import { storesIn } from '@macadam/services/measure/data-folder';
import { EXIT } from '../exit.ts';
import { type ServerOptions, serverFor } from '../server.ts';
import { complain, UsageError } from '../terminal.ts';
import { loadHere } from './test.ts';

export interface CorrectOptions extends ServerOptions {
  readonly data?: string;
  readonly reason?: string;
}

/** A store of our own where a folder is named, else the server's. */
export async function correctFacts(
  what: Correction['what'],
  subject: string,
  { data, reason = '', ...options }: CorrectOptions,
): Promise<number> {
  if (reason.trim() === '') throw new UsageError('--reason: say why, for whoever asks later');
  const { batch, repeated } =
    data === undefined
      ? await serverFor(options).post<{ batch: number; repeated: boolean }>('api/fact-corrections', {
          what,
          subject,
          reason,
        })
      : await correctedHere(data, { what, subject, reason, at: new Date() });
  process.stdout.write(
    `${repeated ? 'recorded before' : 'recorded'} as batch ${batch}; the next scan shows it\n`,
  );
  return EXIT.ok;
}

/** In the stores of a folder, and in the log of its decisions, as by whoever has the disk. */
async function correctedHere(
  data: string,
  correction: Correction,
): Promise<{ readonly batch: number; readonly repeated: boolean }> {
  const { what, subject, reason } = correction;
  const corrected = await local(data, (stores) => correct(stores, correction));
  const { decisions: place } = storesIn(data, data, process.env);
  if (!/^postgres/.test(place) && !existsSync(place)) return corrected;
  const { username } = userInfo();
  const decisions = await openDecisions(place, { now: () => new Date() });
  try {
    await decisions.transaction({ id: username, divisions: 'all' }, async (tx) =>
      tx.audit({ action: 'fact.correct', subject, detail: { what, reason, batch: corrected.batch } }),
    );
  } finally {
    await decisions.close();
  }
  return corrected;
}

/** Collections that wait for a person, or all of them, newest first. */
export async function listCollections({
  data,
  all,
}: CorrectOptions & { readonly all?: boolean }): Promise<number> {
  if (data === undefined) throw new UsageError('--data: name the folder of the stores');
  const collections = await local(data, ({ facts }) => facts.collections());
  for (const { digest, collection, completeness, retracted } of collections.toReversed()) {
    const doubts = completeness.flatMap((one) => (one.complete ? [] : [one.why]));
    if (doubts.length === 0 && all !== true) continue;
    const said = retracted ? 'retracted' : `${counted(doubts.length, 'partition')} incomplete`;
    process.stdout.write(`${digest}  ${collection.startedAt}  ${collection.source}  ${said}\n`);
    for (const why of new Set(doubts)) process.stdout.write(`  ${why}\n`);
  }
  return EXIT.ok;
}

async function local<T>(data: string, work: (stores: Stores) => Promise<T>): Promise<T> {
  const { kinds, mistakes } = loadHere();
  complain(mistakes);
  const place = storesIn(data, data, process.env).facts;
  const stores = await openStores(place, { kinds, now: () => new Date() }).catch((error: Error) => {
    throw new UsageError(`--data: ${error.message}`);
  });
  try {
    const answer = await work(stores);
    await stores.facts.settled();
    return answer;
  } catch (error) {
    if (error instanceof FactsError) throw new UsageError(error.message);
    throw error;
  } finally {
    await stores.close();
  }
}
