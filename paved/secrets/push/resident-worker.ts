/** Looks at one push after the other for `resident.ts`. Everything that a push needs is loaded and run before the first comes. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { deflateSync, inflateSync } from 'node:zlib';
import { runningPolicy } from './policy.ts';
import { quarantined } from './quarantine.ts';
import { judge, updatesFrom } from './receive.ts';
import type { Question, Reply } from './resident.ts';
import { searchWhole } from './search.ts';

/** So much text the engine has to have seen until it has made fast code of what searches. */
const WARM = 1 << 24;

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

/** Its own source is text as people write it. */
function warm(): void {
  const folder = join(import.meta.dirname, '..');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => /\.[jt]s$/.test(name) && !name.includes('node_modules'),
  );
  const texts = names.map((name) => readFileSync(join(folder, name)));
  for (let length = 0; length < WARM; )
    for (const text of texts) {
      searchWhole({ place: 'file', path: 'warm', object: '' }, inflateSync(deflateSync(text)), new Date());
      length += text.length;
    }
}

warm();
parentPort?.on('message', async (question: Question) => parentPort?.postMessage(await replyTo(question)));
parentPort?.postMessage('ready');
