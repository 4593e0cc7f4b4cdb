/** Finds kinds of trackers by their folders, and opens the tracker that settings describe. */
import { existsSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RequestDiagnostic } from '@macadam/core/text/diagnostic';
import { isLoopback } from '../connector/connector.ts';
import type { TrackerRecord } from '../decisions/trackers.ts';
import { secretOf } from '../delivery/secret.ts';
import { ungranted } from './grant.ts';
import type { Tracker, TrackerAccess, TrackerKind } from './port.ts';

export type TrackerKinds = ReadonlyMap<string, TrackerKind>;

export async function discoverTrackers(root: string = import.meta.dirname): Promise<TrackerKinds> {
  const files = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(root, entry.name, `tracker${extname(import.meta.filename)}`))
    .filter((path) => existsSync(path))
    .sort();
  const found = await Promise.all(
    files.map(async (path) => {
      const module = (await import(pathToFileURL(path).href)) as { readonly trackerKind: TrackerKind };
      return module.trackerKind;
    }),
  );
  return new Map(found.map((kind) => [kind.id, kind]));
}

/** What is wrong with settings; a credential is not asked for here, since it may be on another machine. */
export function trackerObjections(
  settings: Pick<TrackerRecord, 'kind' | 'baseUrl' | 'project' | 'options'>,
  kinds: TrackerKinds,
): readonly RequestDiagnostic[] {
  const kind = kinds.get(settings.kind);
  if (!kind) {
    const fix = `use one of ${[...kinds.keys()].join(', ')}`;
    return [{ field: 'kind', reason: `there is no kind \`${settings.kind}\` of tracker`, fix }];
  }
  const url = URL.canParse(settings.baseUrl) ? new URL(settings.baseUrl) : null;
  const safe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url));
  return [
    ...(safe
      ? []
      : [
          {
            field: 'baseUrl',
            reason: 'it is not an https address, and a credential would cross the network in clear',
            fix: 'give an address that begins with https://',
          },
        ]),
    ...(url && (url.username !== '' || url.password !== '')
      ? [{ field: 'baseUrl', reason: 'it holds a credential', fix: 'name where that is under `secret`' }]
      : []),
    ...kind.objections(settings),
  ];
}

export interface TrackerOpening extends Omit<TrackerAccess, 'secret'> {
  readonly kinds: TrackerKinds;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The tracker, or why it cannot be opened. */
export async function openTracker(
  settings: TrackerRecord,
  { kinds, environment, ...access }: TrackerOpening,
): Promise<Tracker | { readonly problem: string }> {
  const [objection] = trackerObjections(settings, kinds);
  const kind = kinds.get(settings.kind);
  if (objection || !kind)
    return { problem: `tracker ${settings.id}: ${objection?.reason}; ${objection?.fix}` };
  const refused = ungranted(settings, environment);
  if (refused !== null) return { problem: `tracker ${settings.id}: ${refused}` };
  const found = await secretOf(settings.secret, environment);
  if ('problem' in found) return { problem: `tracker ${settings.id}: ${found.problem}` };
  return kind.open(settings, { ...access, secret: found.secret });
}
