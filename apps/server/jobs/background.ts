/** What is set up before anything is measured, and begun once something was: everything that runs beside requests. */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Decisions, DecisionTransaction } from '@macadam/adapters/decisions/port';
import { DELIVERIES } from '@macadam/adapters/delivery/lane';
import { webhookKey } from '@macadam/adapters/webhooks/key';
import { stop } from '../options.ts';
import type { ServerContext } from '../pages/history/pages.ts';
import { timestampAuthority } from '../review-source.ts';
import { deliveriesHere } from './deliveries.ts';
import { type JobOptions, type Jobs, startJobs } from './jobs.ts';
import { freezeDue } from './reviews.ts';

export interface BesideOptions
  extends Pick<JobOptions, 'now' | 'work' | 'failed' | 'collect' | 'decided' | 'finishIngest'> {
  readonly decisions: Decisions;
  readonly site: () => ServerContext | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly origin: string | undefined;
  readonly keyFile: string;
  /** Of a company that is made up nothing leaves. */
  readonly simulated: boolean;
}

export interface Beside {
  readonly webhookKey: string;
  readonly start: () => void;
  /** Resolves when what was under way has ended. */
  readonly close: () => Promise<void>;
}

/** Ends the process over a wrong setting. */
export async function inBackground({
  site,
  env,
  origin,
  keyFile,
  simulated,
  ...options
}: BesideOptions): Promise<Beside> {
  const random = Math.random;
  try {
    // Read where reviews are frozen; what is wrong is said before anything is measured.
    timestampAuthority(env);
    await mkdir(dirname(keyFile), { recursive: true, mode: 0o711 });
    const key = await webhookKey(keyFile, randomBytes, async () => {
      if (simulated) return 0;
      const known = (tx: DecisionTransaction) => tx.webhooks.webhooks();
      return (await options.decisions.transaction(DELIVERIES, known, { readOnly: true })).length;
    });
    const deliveries = simulated
      ? null
      : await deliveriesHere({
          site,
          key,
          env,
          random,
          now: options.now,
          origin,
        });
    let jobs: Jobs | null = null;
    return {
      webhookKey: key,
      start: () => {
        jobs ??= startJobs({
          ...options,
          random,
          freezeReviews: () => freezeDue(options.decisions, site()),
          ...(deliveries && { deliveries }),
        });
      },
      close: async () => jobs?.close(),
    };
  } catch (error) {
    return stop((error as Error).message);
  }
}
