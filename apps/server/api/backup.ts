/** Both stores as an archive, while they are in use. */
import { BackupError } from '@macadam/services/backup/archive';
import { z } from 'zod';
import { HttpProblem } from '../http/problem.ts';
import { type BackupMade, stagedAnswer } from '../http/route.ts';

export const routes = [
  stagedAnswer({
    method: 'POST',
    path: '/api/backup',
    summary: 'Copy both stores as they are at one moment',
    action: 'Backup::make',
    of: () => ({ id: '', division: '' }),
    media: 'application/x-tar',
    holds: 'backup',
    query: {
      facts: z
        .enum(['yes', 'no'])
        .default('yes')
        .describe('`no` leaves them out: a ClickHouse server has its own way'),
    },
    does: async ({ parts, query, signal }, transact) => {
      const facts = query.facts === 'yes';
      if (!parts.backup) throw new HttpProblem(404, 'this server makes no backups');
      if (facts && !parts.stores?.())
        throw new HttpProblem(503, 'the facts are not open', [
          { field: 'query.facts', reason: 'there are none to copy yet', fix: 'wait, or give `no`' },
        ]);
      await transact(async (tx) =>
        tx.audit({ action: 'backup.make', subject: facts ? 'decisions, facts' : 'decisions' }),
      );
      const made = await parts.backup({ facts }).catch((error: unknown) => {
        throw error instanceof BackupError ? new HttpProblem(422, error.message) : error;
      });
      if (signal.aborted) await made.forget();
      return {
        headers: {
          'content-type': 'application/x-tar',
          'content-disposition': 'attachment; filename="macadam.tar"',
        },
        body: fetched(made),
      };
    },
  }),
];

async function* fetched(made: BackupMade): AsyncGenerator<Uint8Array> {
  try {
    yield* made.bytes();
  } finally {
    await made.forget();
  }
}
