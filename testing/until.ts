/** Waiting for what another process or job does: by minutes, because a machine under load is slow and not wrong. */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

const LIMIT_MS = 5 * 60_000;
const REST_MS = 100;

/**
 * Asks again until there is an answer, and gives it. Fails after five minutes, with what was waited for and what `seen` says of
 * how far it came.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  seen: () => string = () => '',
): Promise<T> {
  for (const end = performance.now() + LIMIT_MS; performance.now() < end; await pause(REST_MS)) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
  }
  throw new assert.AssertionError({
    message: `waited ${LIMIT_MS / 60_000} minutes in vain until ${what}. ${seen()}`.trimEnd(),
  });
}
