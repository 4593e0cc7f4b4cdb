/** Looks at one push after the other for `pool.ts`. Everything that a push needs is loaded and run before the first comes. */
import { closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { bytesFrom, fillFrom } from './bytes.ts';
import { parcelIn } from './parcel.ts';
import { runningPolicy } from './policy.ts';
import type { Elsewhere, Here, Question, Reply } from './pool.ts';
import { quarantined } from './quarantine.ts';
import { isClean, judge, updatesFrom } from './receive.ts';
import { warm } from './warm.ts';

async function replyTo(question: Question): Promise<Reply> {
  try {
    return 'parcel' in question ? replyElsewhere(question) : await replyHere(question);
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}

async function replyHere({ words, folder, environment, updates }: Here): Promise<Reply> {
  const hook = { folder, environment };
  const policy = await runningPolicy(words, hook);
  const lines = updates.split('\n');
  const asked = updatesFrom(() => lines.shift() ?? null);
  return judge(quarantined(hook, asked), policy, new Date(), hook);
}

function replyElsewhere({ parcel }: Elsewhere): Reply {
  const file = openSync(parcel, 'r');
  try {
    const { incoming, hook } = parcelIn(bytesFrom(fillFrom(file)), dirname(parcel));
    if (isClean(incoming, new Date(), hook)) return { code: 0, text: '' };
    return { failed: 'it is not clean: the hook says why' };
  } finally {
    closeSync(file);
  }
}

await warm(replyTo);
parentPort?.on('message', async (question: Question) => parentPort?.postMessage(await replyTo(question)));
parentPort?.postMessage('ready');
