import type { Attack } from '../attack.ts';
import { endsAndStartsAgain, onSignal } from '../ending.ts';

export const attack: Attack = {
  finding: 'A server whose thread went round for ever was running for whoever watched the process',
  seconds: 900,
  run: (start) =>
    endsAndStartsAgain({
      start,
      options: { env: { MACADAM_STUCK_SECONDS: '30' }, before: onSignal('for (;;);') },
      hurt: (server) => void server.process.kill('SIGUSR2'),
      seconds: 400,
      signal: 'SIGKILL',
      said: /the event loop has been stuck for 30 seconds/,
    }),
};
