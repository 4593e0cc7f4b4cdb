/** Looks at one push after the other for `pool.ts`. Everything that a push needs is loaded and run before the first comes. */
import { closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { MessageChannel, parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { bytesFrom, fillFrom } from './bytes.ts';
import { parcelIn } from './parcel.ts';
import { runningPolicy } from './policy.ts';
import {
  type Elsewhere,
  type Help,
  type Here,
  type Question,
  type Reply,
  release,
  type Said,
} from './pool.ts';
import { type HandOver, quarantined, searchShare } from './quarantine.ts';
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
  return judge(quarantined(hook, asked, { handOver }), policy, new Date(), hook);
}

function replyElsewhere({ parcel }: Elsewhere): Reply {
  const file = openSync(parcel, 'r');
  try {
    const { incoming, hook } = parcelIn(bytesFrom(fillFrom(file)), dirname(parcel), handOver);
    if (isClean(incoming, new Date(), hook)) return { code: 0, text: '' };
    return { failed: 'it is not clean: the hook says why' };
  } finally {
    closeSync(file);
  }
}

/** Of a helper that hangs. */
const MOST_MILLISECONDS = 300_000;

/** Asks for a worker that is idle, and goes on: it waits where the answer is needed, without leaving what it does. */
const handOver: HandOver = (share) => {
  const { port1, port2 } = new MessageChannel();
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const help: Help = { share, port: port2, flag };
  parentPort?.postMessage(help, [port2]);
  return () => {
    Atomics.wait(flag, 0, 0, MOST_MILLISECONDS);
    const { message = null } = receiveMessageOnPort(port1) ?? {};
    port1.close();
    return message;
  };
};

/** What it cannot search whoever asked will try. */
function help({ share, port, flag }: Help): void {
  try {
    port.postMessage(searchShare(share));
  } catch {
    // No answer is one.
  }
  port.close();
  release(flag);
  parentPort?.postMessage('helped' satisfies Said);
}

await warm(replyTo);
parentPort?.on('message', async (asked: Question | Help) => {
  if ('share' in asked) help(asked);
  else parentPort?.postMessage(await replyTo(asked));
});
parentPort?.postMessage('ready' satisfies Said);
