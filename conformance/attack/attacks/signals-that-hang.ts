import type { Attack } from '../attack.ts';
import { endsAndStartsAgain } from '../ending.ts';

export const attack: Attack = {
  finding: 'A server that was told to abort stayed, with its port and its stores, and answered nobody',
  seconds: 900,
  run: async (start) => {
    for (const signal of ['SIGABRT', 'SIGSEGV', 'SIGTERM'] as const)
      await endsAndStartsAgain({
        start,
        hurt: (server) => void server.process.kill(signal),
        // What is under way is finished when it is told to end.
        seconds: signal === 'SIGTERM' ? 120 : 60,
        ...(signal !== 'SIGTERM' && { signal }),
      });
  },
};
