/** `macadam recover`: makes an administrator where none can log in any more. It is in the log. */
import { randomBytes } from 'node:crypto';
import { DirectoryHeld } from '@macadam/adapters/data-folder/lock';
import { openDecisions } from '@macadam/adapters/decisions/open';
import { DecisionsError } from '@macadam/adapters/decisions/port';
import { recover } from '@macadam/adapters/identity/recovery';
import { EXIT } from '../exit.ts';
import { UsageError } from '../terminal.ts';
import type { AuditPlace } from './audit.ts';
import { placesOf } from './audit-local.ts';

export interface RecoverOptions extends AuditPlace {
  readonly reason: string;
}

const LEAST = 10;

export async function recoverCommand(person: string, options: RecoverOptions): Promise<number> {
  const { reason } = options;
  if (!/^[a-z0-9][a-z0-9._+@-]{0,99}$/i.test(person))
    throw new UsageError(
      `\`${person}\` is not an id of a person; give one as the directory or the log names it`,
    );
  if (reason.trim().length < LEAST)
    throw new UsageError(
      `--reason: say in at least ${LEAST} characters why nobody else can; it goes into the log`,
    );
  const now = () => new Date();
  const { decisions: place } = placesOf(options);
  try {
    const decisions = await openDecisions(place, { now });
    try {
      const { granted, link } = await recover(decisions, { person, reason }, { now, random: randomBytes });
      process.stdout.write(
        `${person} ${granted ? 'is now' : 'was already'} an administrator of the company; the log says so, with the reason\n` +
          `start the server, and within ten minutes open: ${link}\n`,
      );
      return EXIT.ok;
    } finally {
      await decisions.close();
    }
  } catch (error) {
    if (error instanceof DirectoryHeld) throw new UsageError(`--data: ${error.message}`);
    if (error instanceof DecisionsError) throw new UsageError(error.message);
    throw error;
  }
}
