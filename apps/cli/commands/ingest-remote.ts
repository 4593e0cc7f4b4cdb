/** Observations for a running server: the file goes to it as it is, and what it says of it comes back. */
import { createReadStream } from 'node:fs';
import { request as requestClear } from 'node:http';
import { request as requestTls } from 'node:https';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { RunningServer } from '@macadam/adapters/data-folder/running';
import { visible } from '@macadam/adapters/report-formats/text';
import type { RequestDiagnostic } from '@macadam/core/text/diagnostic';
import type { Intake, IntakeRequest } from '@macadam/services/ingest/ingest';
import { EXIT } from '../exit.ts';
import { credentialFor } from '../server.ts';
import { UsageError } from '../terminal.ts';

export interface Receiver {
  readonly url: URL;
  /** The name by which the server is asked, where it is not the address's own. */
  readonly host: string;
  readonly token: string;
}

/** A server that was named by an option or the environment, with the token for it. */
export function receiverOf(
  options: { readonly server?: string },
  environment: Readonly<Record<string, string | undefined>>,
): Receiver {
  const { url, token } = credentialFor(options, environment);
  return { url, host: url.host, token };
}

/** A server that runs on the stores of a folder, by the key that lies in it. */
export function ofFolder({ address, port, host, key }: RunningServer): Receiver {
  const url = new URL(`http://${address.includes(':') ? `[${address}]` : address}:${port}/`);
  return { url, host, token: key };
}

type Sent = Pick<IntakeRequest, 'file' | 'as' | 'subject' | 'takenAt'>;

/** What is sent again after an answer was lost is known by its content, and changes nothing. */
export async function sendTo(receiver: Receiver, path: string, sent: Sent): Promise<Intake> {
  const { status, body } = await answered(receiver, path, sent);
  const said = jsonOf(body);
  if (status === 201) return intakeOf(said as Taken);
  const { detail, errors } = said as {
    readonly detail?: unknown;
    readonly errors?: readonly RequestDiagnostic[];
  };
  const objections = Array.isArray(errors) ? (errors as readonly RequestDiagnostic[]) : [];
  if (status === 422 && objections.length > 0)
    return {
      format: sent.as,
      appended: [],
      notes: [],
      mistakes: objections.map((one) => mistakeOf(one, sent)),
    };
  const reason = typeof detail === 'string' ? visible(detail) : `it answers ${status}`;
  const fix = objections[0] === undefined ? '' : `; ${visible(objections[0].fix)}`;
  const exit = status >= 500 || status === 429 ? EXIT.unjudged : status === 401 ? EXIT.usage : EXIT.fails;
  throw new UsageError(`${receiver.url.origin}: ${reason}${fix}`, exit);
}

interface Answered {
  readonly status: number;
  readonly body: string;
}

/** As long as a large file may take to be judged line by line. */
const PATIENCE_MS = 600_000;

async function answered({ url, host, token }: Receiver, path: string, sent: Sent): Promise<Answered> {
  const address = new URL('api/observations', url);
  if (sent.as !== null) address.searchParams.set('as', sent.as);
  address.searchParams.set('subject', sent.subject);
  address.searchParams.set('taken', sent.takenAt.at.toISOString());
  const open = url.protocol === 'https:' ? requestTls : requestClear;
  const request = open(address, {
    method: 'POST',
    headers: {
      host,
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      'content-type': 'application/octet-stream',
    },
    timeout: PATIENCE_MS,
  });
  const { promise, resolve, reject } = Promise.withResolvers<Answered>();
  request.on('timeout', () => request.destroy(new Error('no answer in time')));
  request.on('error', reject);
  request.on('response', (response) => {
    text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
  });
  try {
    // A server that refuses may answer before it has read all of it.
    await Promise.race([pipeline(createReadStream(path), request).then(() => promise), promise]);
    return await promise;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(
      `${url.origin} cannot be reached (${code ?? message}); send it again: what was taken in already is known by its content`,
      EXIT.unjudged,
    );
  }
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body) ?? {};
  } catch {
    return {};
  }
}

/** As the server's route answers. */
interface Taken {
  readonly format: Intake['format'];
  readonly collections: readonly (Omit<Intake['appended'][number], 'problems'> & {
    readonly problems: readonly { readonly code: string; readonly message: string }[];
  })[];
  readonly notes: readonly string[];
}

function intakeOf({ format, collections, notes }: Taken): Intake {
  return {
    format,
    notes: notes.map(visible),
    mistakes: [],
    appended: collections.map(({ source, batch, repeated, observations, quarantined, problems }) => ({
      source: visible(source),
      batch,
      repeated,
      observations,
      quarantined,
      problems: problems.map(({ code, message }) => ({
        code,
        cause: 'incomplete',
        message: visible(message),
      })),
    })),
  };
}

/** `line 12, observedAt`, as the server names where it is. */
function mistakeOf({ field, reason }: RequestDiagnostic, { file }: Sent): Intake['mistakes'][number] {
  const [, line, name = ''] = /^line (\d+)(?:, (.*))?$/.exec(field) ?? [];
  return {
    file,
    line: Number(line ?? 1),
    column: 1,
    field: visible(line === undefined ? field : name),
    reason: visible(reason),
  };
}
