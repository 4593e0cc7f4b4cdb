import assert from 'node:assert/strict';
import type { Attack } from '../attack.ts';

const STREAMS = 300;
/** What three hundred connections themselves cost, and noise of the collector. */
const MOST_MB = 120;

export const attack: Attack = {
  finding: 'Three hundred event streams that nobody reads took memory without an end',
  seconds: 180,
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
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const title = 'x'.repeat(190);
    for (let at = 0; at < 600; at += 1)
      await server.ask(`/api/machines/m${at % 3}`, { method: 'PUT', body: { title: `${title}${at % 7}` } });
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const grown = server.memory() - before;
    assert.ok(grown < MOST_MB, `the server grew by ${grown.toFixed(0)} MB`);
    assert.ok(statuses.includes(200), 'some are followed');
    assert.ok(statuses.includes(429), 'one caller does not have all of them');
    const { status, took } = await server.ask('/api/me');
    assert.ok(status === 200 && took < 5000, `${status} after ${took.toFixed(0)} ms`);
    for (const socket of sockets) socket.destroy();
  },
};
