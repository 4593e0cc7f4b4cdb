/** What there is to deliver with, by the environment: trackers and endpoints as the store names them, mail as set here. */

import type { MailServer } from '@macadam/adapters/mail/send';
import { PAGE_SECTIONS } from '@macadam/adapters/report-formats/html/sections';
import type { IssueContext, MirroredBatch } from '@macadam/adapters/trackers/issue-text';
import { discoverTrackers } from '@macadam/adapters/trackers/kinds';
import { evidenceIn, type Place } from '@macadam/services/work/evidence';
import type { ServerContext } from '../pages/history/pages.ts';
import type { JobOptions } from './jobs.ts';

const WORK = PAGE_SECTIONS.work.href;

type Environment = Readonly<Record<string, string | undefined>>;

export interface DeliveryOptions {
  readonly site: () => ServerContext | null;
  /** From which secrets of webhooks follow. */
  readonly key: string;
  readonly env: Environment;
  readonly now: () => Date;
  readonly random: () => number;
  /** Where people reach the server, if it has an address of its own. */
  readonly origin?: string | undefined;
}

export async function deliveriesHere({
  site,
  key,
  env,
  now,
  random,
  origin,
}: DeliveryOptions): Promise<NonNullable<JobOptions['deliveries']>> {
  const pace = { now, random };
  const server = mailServerIn(env);
  return {
    trackers: {
      ...pace,
      kinds: await discoverTrackers(),
      environment: env,
      contextOf: (batch) => contextOf(site(), batch, origin),
    },
    webhooks: {
      ...pace,
      key,
      allowed: webhookNetworks(env),
    },
    ...(server && {
      mail: {
        ...pace,
        server,
        environment: env,
        ...(origin !== undefined && { url: new URL(`${WORK}?mine=yes`, origin).href }),
        // Which repository it is in, is asked for each batch where it is shown.
        place: () => null,
        title: (standard: string) => site()?.standards.get(standard)?.definition.title ?? standard,
      },
    }),
  };
}

/** `MACADAM_WEBHOOK_NETWORKS=10.20.0.0/16, 10.30.0.0/16` */
export const webhookNetworks = (env: Environment): readonly string[] =>
  env.MACADAM_WEBHOOK_NETWORKS?.split(',').map((one) => one.trim()) ?? [];

async function contextOf(
  site: ServerContext | null,
  batch: MirroredBatch,
  origin: string | undefined,
): Promise<IssueContext> {
  const left = batch.members.filter(({ leftAs }) => leftAs === null).map(({ asset }) => asset);
  const kind = site?.standards.get(batch.standard)?.definition.scope.kind;
  const evidence = site?.stores && kind !== undefined ? evidenceIn(site.stores.driver) : null;
  const places: ReadonlyMap<string, Place> = (await evidence?.places(kind ?? '', left)) ?? new Map();
  const seen = await evidence?.seen(kind ?? '', left, Number.MAX_SAFE_INTEGER);
  return {
    standard: (id) => {
      const definition = site?.standards.get(id)?.definition;
      return definition ? { statement: definition.statement, why: definition.why } : null;
    },
    name: (asset) => seen?.get(asset)?.name ?? asset,
    place: (asset) => places.get(asset) ?? null,
    ...(origin !== undefined && {
      url: (id: string) => new URL(`${WORK}/${encodeURIComponent(id)}`, origin).href,
    }),
  };
}

/**
 * `MACADAM_SMTP_URL=smtps://user@mail.example:465`, the password where `MACADAM_SMTP_PASSWORD` says (`env:NAME`,
 * `file:/path`), and `MACADAM_MAIL_FROM`. Null: no mail. Throws with the name of what is wrong.
 */
export function mailServerIn(env: Environment): MailServer | null {
  const { MACADAM_SMTP_URL: text, MACADAM_SMTP_PASSWORD: password, MACADAM_MAIL_FROM: from } = env;
  if (text === undefined) return null;
  const url = URL.parse(text);
  if (!url || !/^smtps?:$/.test(url.protocol) || url.hostname === '')
    throw new TypeError('MACADAM_SMTP_URL: give smtp://host:587 or smtps://host:465');
  if (url.password !== '')
    throw new TypeError('MACADAM_SMTP_URL: leave the password out; MACADAM_SMTP_PASSWORD says where it is');
  if (from === undefined) throw new TypeError('MACADAM_MAIL_FROM: name the address that mails come from');
  const tls = url.protocol === 'smtps:';
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (tls ? 465 : 587),
    tls,
    from,
    ...(url.username !== '' && { user: decodeURIComponent(url.username) }),
    ...(password !== undefined && { password }),
  };
}
