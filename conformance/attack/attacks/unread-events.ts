import assert from 'node:assert/strict';
import { until } from '@macadam/testing/until';
import type { Attack } from '../attack.ts';

const STREAMS = 300;
/** What three hundred connections themselves cost, and noise of the collector. */
const MOST_MB = 120;

export const attack: Attack = {
  finding: 'Three hundred event streams that nobody reads took memory without an end',
  seconds: 500,
  run: async (start) => {
    const server = await start();
    const before = server.memory();
    const sockets = await Promise.all(Array.from({ length: STREAMS }, () => server.open()));
    const statuses: number[] = [];
    for (const socket of sockets) {
      socket.once('data', (bytes) => {
        statuses.push(Number(bytes.toString('latin1').slice(9, 12)));
        socket.pause();
      });
      socket.write(server.head('GET', '/api/events'));
    }
    const answered = (status: number) => statuses.includes(status);
    await until(
      'some are followed, and one caller does not have all of them',
      () => answered(200) && answered(429),
      () => `Answered were ${[...new Set(statuses)].join(', ')}.`,
    );
    const title = 'x'.repeat(190);
    for (let at = 0; at < 600; at += 1)
      await server.ask(`/api/machines/m${at % 3}`, { method: 'PUT', body: { title: `${title}${at % 7}` } });
    const grown = () => server.memory() - before;
    // What is let go of is given back some seconds later; what grows without an end is not.
    await until(
      `the server has not grown by ${MOST_MB} MB`,
      () => grown() < MOST_MB,
      () => `It grew by ${grown().toFixed(0)} MB.`,
    );
    const { status, took } = await server.ask('/api/me');
    assert.ok(status === 200 && took < 5000, `${status} after ${took.toFixed(0)} ms`);
    for (const socket of sockets) socket.destroy();
  },
};
