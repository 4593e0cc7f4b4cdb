/** Whether GitLab searches the pushes of a project for secrets, and which got past it: by its settings and by its log. */

import type { Statement, Value } from '@macadam/core/facts/observation';
import { compact } from '../../../compact.ts';
import { isRecord } from '../answer.ts';
import { gapOf, isWhole } from '../listing.ts';
import type { SavedLists } from '../saved-lists.ts';
import { flagOf, type Item, inner, timeOf, unobserved } from '../statement.ts';

const SETTINGS = '/projects/{id}/security_settings';
const LOG = '/projects/{id}/audit_events';
/** Shown to maintainers alone. */
const MAINTAINED = '/projects/{id}/access_tokens';

/** As the host calls in its log what it let through: because it was told to, because it could not look, or by an exclusion. */
const LET_THROUGH: ReadonlySet<unknown> = new Set([
  'skip_secret_push_protection',
  'spp_too_many_changed_paths',
  'spp_too_many_lines',
  'spp_scan_timeout',
  'spp_ruleset_error',
  'spp_invalid_input',
  'spp_generic_scan_error',
  'project_security_exclusion_applied',
]);

/** `id` is the project's. */
export function pushProtectionOf(id: string, lists: SavedLists): Record<string, Statement> {
  const push_protection = enabledOf(id, lists);
  if (!('value' in push_protection)) return { push_protection, push_bypasses: push_protection };
  if (push_protection.value !== true) return { push_protection };
  return { push_protection, push_bypasses: bypassesOf(id, lists) };
}

function enabledOf(id: string, lists: SavedLists): Statement {
  // No free edition has it.
  if (lists.list('/metadata').items[0]?.record.enterprise === false) return { value: false };
  const listing = lists.of(SETTINGS, id);
  const [settings] = listing.items;
  if (settings === undefined) return gapOf(listing);
  return flagOf(
    settings,
    Object.hasOwn(settings.record, OLDER_NAME) ? OLDER_NAME : 'secret_push_protection_enabled',
  );
}

/** Until version 17.7 or so. */
const OLDER_NAME = 'pre_receive_secret_detection_enabled';

function bypassesOf(id: string, lists: SavedLists): Statement {
  const log = lists.of(LOG, id);
  if (!isWhole(log)) return gapOf(log);
  // Somebody who is no maintainer is shown a log of what they did themselves, and nothing says so.
  const maintained = lists.of(MAINTAINED, id);
  if (!isWhole(maintained)) return gapOf(maintained);
  const bypasses: Record<string, Value>[] = [];
  let complete = true;
  for (const item of log.items) {
    const name = isRecord(item.record.details) ? item.record.details.event_name : undefined;
    const { id: number } = item.record;
    // Hosts before version 17 did not name their events: one may be a push that got past.
    if (typeof name !== 'string' || !Number.isSafeInteger(number)) complete = false;
    else if (LET_THROUGH.has(name)) bypasses.push(bypassOf(item, Number(number)));
  }
  return { value: bypasses, complete };
}

function bypassOf(item: Item, number: number): Record<string, Value> {
  const at = inner(timeOf(item, 'created_at'));
  const { author_id: author } = item.record;
  return compact({
    number,
    at,
    ...whose(author),
    revoked: NOT_TOLD,
    second_person: NOT_TOLD,
  });
}

/** The host itself has numbers below zero: what it did was nobody's. */
function whose(author: unknown): Record<string, Value> {
  if (typeof author !== 'number')
    return { by: unobserved('the log does not say by `author_id` who pushed; look at it') };
  return author > 0 ? { by: String(author) } : {};
}

const NOT_TOLD = unobserved(
  'the log says that a push was let through, and neither what it held nor who agreed; look at it, and search the repository',
);
