/** Both stores as an archive, while they are in use. */
import { BackupError } from '@macadam/services/backup/archive';
import { z } from 'zod';
import { HttpProblem } from '../http/problem.ts';
import { answer } from '../http/route.ts';

export const routes = [
  answer({
    method: 'POST',
    path: '/api/backup',
    summary: 'Copy both stores as they are at one moment',
    action: 'Backup::make',
    of: () => ({ id: '', division: '' }),
    media: 'application/x-tar',
    holds: 'download',
    query: {
      facts: z
        .enum(['yes', 'no'])
        .default('yes')
        .describe('`no` leaves them out: a ClickHouse server has its own way'),
    },
    does: async ({ parts, query }, tx) => {
      const facts = query.facts === 'yes';
      if (!parts.backup) throw new HttpProblem(404, 'this server makes no backups');
      if (facts && !parts.stores?.())
        throw new HttpProblem(503, 'the facts are not open', [
          { field: 'query.facts', reason: 'there are none to copy yet', fix: 'wait, or give `no`' },
        ]);
      tx.audit({ action: 'backup.make', subject: facts ? 'decisions, facts' : 'decisions' });
      const archive = parts.backup({ facts });
      // What cannot be begun is a problem; what breaks off later has no contents, and no restore takes it.
      const first = await archive.next().catch((error: Error) => {
        throw error instanceof BackupError ? new HttpProblem(422, error.message) : error;
      });
      return {
        headers: {
          'content-type': 'application/x-tar',
          'content-disposition': 'attachment; filename="macadam.tar"',
        },
        body: (async function* () {
          if (!first.done) yield first.value;
          yield* archive;
        })(),
      };
    },
  }),
];
