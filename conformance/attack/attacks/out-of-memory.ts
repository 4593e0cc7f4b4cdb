import type { Attack } from '../attack.ts';
import { endsAndStartsAgain, onSignal } from '../ending.ts';

export const attack: Attack = {
  finding: 'A server without memory stayed, with its port and its stores, and answered nobody',
  seconds: 400,
  run: (start) =>
    endsAndStartsAgain({
      start,
      options: {
        node: ['--max-old-space-size=220'],
        before: onSignal('const all = []; for (;;) all.push(Array.from({ length: 1000 }, String));'),
      },
      hurt: (server) => void server.process.kill('SIGUSR2'),
      seconds: 120,
      signal: 'SIGABRT',
      said: /JavaScript heap out of memory/,
    }),
};
