/** Looks at one push after the other for `resident.ts`. Everything that a push needs is loaded and run before the first comes. */
import { parentPort } from 'node:worker_threads';
import { runningPolicy } from './policy.ts';
import { quarantined } from './quarantine.ts';
import { judge, updatesFrom } from './receive.ts';
import type { Question, Reply } from './resident.ts';
import { warm } from './warm.ts';

async function replyTo({ words, folder, environment, updates }: Question): Promise<Reply> {
  try {
    const hook = { folder, environment };
    const policy = await runningPolicy(words, hook);
    const lines = updates.split('\n');
    const asked = updatesFrom(() => lines.shift() ?? null);
    return judge(quarantined(hook, asked), policy, new Date(), hook);
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}

await warm(replyTo);
parentPort?.on('message', async (question: Question) => parentPort?.postMessage(await replyTo(question)));
parentPort?.postMessage('ready');
