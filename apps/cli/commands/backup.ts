/** `macadam backup` and `macadam restore`: both stores, of a folder or of a running server. */
import { createWriteStream, existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { nameWhole } from '@macadam/adapters/durable';
import { WEBHOOK_KEY } from '@macadam/adapters/webhooks/key';
import { BackupError } from '@macadam/services/backup/archive';
import { type Contents, verifiedContents } from '@macadam/services/backup/contents';
import type { EndedCredentials } from '@macadam/services/backup/credentials';
import { draftOf } from '@macadam/services/backup/draft';
import { EXIT } from '../exit.ts';
import { UsageError } from '../terminal.ts';
import type { AuditPlace } from './audit.ts';

export interface BackupOptions extends AuditPlace {
  readonly server?: string;
  readonly decisionsOnly?: boolean;
}

export async function backupCommand(to: string, options: BackupOptions): Promise<number> {
  try {
    if (options.server === undefined) await (await import('./backup-local.ts')).backupStores(to, options);
    else await fromServer(to, options.server, options.decisionsOnly === true, process.env.MACADAM_TOKEN);
    tell('in', to, await verifiedContents(to));
    return EXIT.ok;
  } catch (error) {
    if (error instanceof BackupError) throw new UsageError(error.message);
    throw error;
  }
}

/** The server writes the archive as it goes; what breaks off has no contents, and is not kept. */
async function fromServer(to: string, server: string, alone: boolean, token = ''): Promise<void> {
  if (!to.endsWith('.tar')) throw new UsageError(`\`${to}\` has to end in .tar: a server gives a file`);
  if (existsSync(to)) throw new UsageError(`${to} is there already; name another`);
  if (token === '')
    throw new UsageError('--server: set MACADAM_TOKEN to a token with the scope Backup::make');
  if (!URL.canParse(server)) throw new UsageError(`--server: \`${server}\` is not a URL`);
  const url = new URL('api/backup', server.endsWith('/') ? server : `${server}/`);
  if (alone) url.searchParams.set('facts', 'no');
  const draft = draftOf(to);
  try {
    const answer = await fetch(url, {
      method: 'POST',
      redirect: 'error',
      headers: { authorization: `Bearer ${token}` },
    });
    if (!answer.ok || answer.body === null) {
      const { detail } = (await answer.json().catch(() => ({}))) as { readonly detail?: string };
      throw new UsageError(`--server: ${url.origin} says ${answer.status}: ${detail ?? 'nothing more'}`);
    }
    await pipeline(Readable.fromWeb(answer.body as never), createWriteStream(draft, { mode: 0o600 }));
    await verifiedContents(draft);
    await nameWhole(draft, to);
  } catch (error) {
    rmSync(draft, { force: true });
    if (error instanceof UsageError || error instanceof BackupError) throw error;
    const { cause, message } = error as Error & { readonly cause?: { readonly code?: string } };
    throw new UsageError(`--server: ${url.origin} broke off (${cause?.code ?? message}); nothing was kept`);
  }
}

export interface RestoreOptions {
  readonly data: string;
  readonly database?: string;
}

export async function restoreCommand(from: string, options: RestoreOptions): Promise<number> {
  const { restoreStores } = await import('./backup-local.ts');
  try {
    const { contents, ended, webhooks } = await restoreStores(from, options);
    tell('into', options.data, contents);
    process.stdout.write(tellEnded(ended));
    if (webhooks > 0) process.stdout.write(tellKey(webhooks, options.data));
    return EXIT.ok;
  } catch (error) {
    if (error instanceof BackupError) throw new UsageError(error.message);
    throw error;
  }
}

function tellEnded({ sessions, tokens, links }: EndedCredentials): string {
  const counts = [plural(sessions, 'session'), plural(tokens, 'API token'), plural(links, 'log-in link')];
  return (
    `${counts.join(', ')} of the backup ended, since some may have been revoked after it was made: ` +
    'everybody logs in again, and programs need new tokens\n'
  );
}

function tellKey(webhooks: number, data: string): string {
  const file = join(data, WEBHOOK_KEY);
  return (
    `the key of ${plural(webhooks, 'webhook')} is in no backup: copy ${WEBHOOK_KEY} from where it was (or ` +
    `MACADAM_WEBHOOK_KEY_FILE) to ${file}; the server does not start without it\n`
  );
}

const plural = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

function tell(way: 'in' | 'into', place: string, { decisions, facts, parts, madeAt }: Contents): void {
  const sum = (rows: Readonly<Record<string, number>>) =>
    Object.values(rows).reduce((all, one) => all + one, 0);
  const bytes = parts.reduce((all, one) => all + one.bytes, 0);
  const size = statSync(place, { throwIfNoEntry: false }) ? place : `${place} (gone?)`;
  process.stdout.write(
    `${way} ${size}: ${sum(decisions.rows)} rows of decisions, ${facts ? `${sum(facts.rows)} of facts` : 'no facts'}, ` +
      `${bytes} bytes, as of ${madeAt}\nnote elsewhere, for macadam audit verify --anchor: ${decisions.log.number}:${decisions.log.digest}\n`,
  );
}
