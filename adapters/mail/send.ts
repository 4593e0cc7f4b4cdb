/**
 * Hands mails to an SMTP server. A person gets one a week at most: where it is not known whether the server took one (we died,
 * or the connection broke after its last byte), it is not sent again. Where it is certain that it was not taken, it is.
 */
import { Readable } from 'node:stream';
import nodemailer, { type Transporter } from 'nodemailer';
import type { Decisions } from '../decisions/port.ts';
import { DELIVERIES, type DeliveryOutcome, type Lane, type Pace } from '../delivery/lane.ts';
import { secretOf } from '../delivery/secret.ts';
import { type Letter, letterText, messageId } from './letter.ts';

export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; else it is begun by STARTTLS, and nothing is sent where the server has none. */
  readonly tls: boolean;
  readonly user?: string;
  /** Where the password is: `env:NAME` or `file:/path`. */
  readonly password?: string;
  readonly from: string;
}

export interface Mailing extends Pace {
  readonly server: MailServer;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where a person's work is shown. */
  readonly url?: string;
}

const SECONDS = 120;
const WEEK_MS = 7 * 86_400_000;
const LIMITS = { connectionTimeout: 15_000, greetingTimeout: 15_000, socketTimeout: 30_000 };
/** What would be read as two, or as a header, is sent to nobody. */
const ONE_ADDRESS = /^[^\s,;:<>()"@]+@[^\s,;:<>()"@]+$/;
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

export function mailLane(decisions: Decisions, mailing: Mailing): Lane {
  return {
    destination: 'mail',
    seconds: SECONDS,
    width: 4,
    deliver: async ({ body }) => {
      const letter = body as Letter;
      const { person, week } = letter;
      const transport = await transportOf(mailing);
      if ('problem' in transport) return transport;
      const fresh = await decisions.transaction(DELIVERIES, (tx) => tx.digests.sending(person, week));
      // Somebody died at it, and nobody knows how far it came.
      if (!fresh) return {};
      const outcome = await hand(transport, letter, mailing);
      transport.close();
      return outcome;
    },
  };
}

async function transportOf({
  server,
  environment,
}: Mailing): Promise<Transporter | { readonly problem: string }> {
  const { host, port, tls, user, password } = server;
  const secret = password === undefined ? { secret: '' } : await secretOf(password, environment);
  if ('problem' in secret) return { problem: `mail: ${secret.problem}` };
  return nodemailer.createTransport({
    host,
    port,
    secure: tls,
    ...LIMITS,
    requireTLS: !tls && !LOOPBACK.has(host),
    // Its own machine's server has a certificate that nobody signed.
    ...(LOOPBACK.has(host) && { ignoreTLS: !tls, tls: { rejectUnauthorized: false } }),
    ...(user !== undefined && { auth: { user, pass: secret.secret } }),
  });
}

async function hand(
  transport: Transporter,
  letter: Letter,
  { server, url, now }: Mailing,
): Promise<DeliveryOutcome> {
  const { person, week, to } = letter;
  if (!ONE_ADDRESS.test(to)) {
    const problem = `${JSON.stringify(to.slice(0, 200))} is not one address of mail; correct it at the person`;
    return { record: (tx) => tx.digests.unsent(person, week, problem) };
  }
  const raw = await composed(letter, server, url ?? null, now());
  let gone = false;
  const bytes = Readable.from([raw]);
  bytes.on('end', () => {
    gone = true;
  });
  try {
    await transport.sendMail({ envelope: { from: server.from, to }, raw: bytes });
    return { record: (tx) => tx.digests.sent(person, week) };
  } catch (error) {
    const { responseCode, message } = error as { responseCode?: number; message?: string };
    const problem = `the mail server: ${(message ?? String(error)).slice(0, 300)}`;
    if (responseCode === undefined && gone) return {};
    const over = now().getTime() > Date.parse(`${week}T00:00:00Z`) + WEEK_MS;
    const record: NonNullable<DeliveryOutcome['record']> = (tx) => tx.digests.unsent(person, week, problem);
    // 5xx is for good (RFC 5321 §4.2.1), and last week's news helps nobody.
    return (responseCode ?? 0) >= 500 || over ? { record } : { problem, record };
  }
}

async function composed(
  letter: Letter,
  { from }: MailServer,
  url: string | null,
  date: Date,
): Promise<Buffer> {
  const { subject, text, html } = letterText(letter, url);
  const composer = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const { message } = await composer.sendMail({
    from,
    to: letter.to,
    subject,
    text,
    html,
    date,
    messageId: messageId(letter, from.replace(/^.*@/, '').replace(/>$/, '')),
    // Nobody's holiday notice answers it (RFC 3834).
    headers: { 'auto-submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return message as Buffer;
}
