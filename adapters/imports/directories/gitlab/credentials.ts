/** Tokens of people, projects, groups and deployments, and keys of deployments: when they end, and never their values. */

import type { Observation, Statement } from '@macadam/core/facts/observation';
import { textIn } from '../answer.ts';
import { type ExportScope, type Listed, observationOf } from '../export.ts';
import { type ListingGap, listingGap } from '../listing.ts';
import type { SavedLists } from '../saved-lists.ts';
import { type Item, timeOf, timestamp, unobserved } from '../statement.ts';
import { groupsIn } from './groups.ts';
import { nameless, numberOf, projectsIn } from './projects.ts';

/** Lists of credentials: of what, and of which type. */
const SOURCES = [
  { path: '/personal_access_tokens', prefix: 'personal', type: 'personal_token' },
  { path: '/projects/{id}/access_tokens', prefix: 'access', type: 'secret' },
  { path: '/groups/{id}/access_tokens', prefix: 'access', type: 'secret' },
  { path: '/deploy_tokens', prefix: 'deploy', type: 'secret' },
  { path: '/projects/{id}/deploy_tokens', prefix: 'deploy', type: 'secret' },
  { path: '/groups/{id}/deploy_tokens', prefix: 'deploy', type: 'secret' },
  { path: '/projects/{id}/deploy_keys', prefix: 'key', type: 'ssh_key' },
] as const;

export function credentialsOf(scope: ExportScope, lists: SavedLists): Listed {
  const observations = new Map<string, Observation>();
  const gaps: ListingGap[] = [...openBecause(lists)];
  for (const { path, prefix, type } of SOURCES) {
    const listings = path.includes('{id}') ? [...lists.below(path).values()] : [lists.list(path)];
    for (const listing of listings) {
      // What was not saved at all is said once, above.
      gaps.push(
        ...listing.gaps.filter(({ code }) => code !== 'list-not-saved'),
        ...nameless(listing, listing.address),
      );
      for (const item of listing.items) {
        const id = numberOf(item);
        if (id === null) continue;
        const one = credentialOf(scope, item, `${prefix}/${id}`, type);
        observations.set(one.id, one);
      }
    }
  }
  return { kind: 'credential', observations: [...observations.values()], gaps };
}

/** What keeps the list of all credentials from being whole. */
function openBecause(lists: SavedLists): readonly ListingGap[] {
  const projects = projectsIn(lists);
  const groups = groupsIn(lists);
  if (!projects.isAsked || !groups.isAsked) return [OF_EACH_PARENT];
  return [
    ...projects.gaps,
    ...groups.gaps,
    ...SOURCES.flatMap(({ path }) => {
      if (path.startsWith('/projects/'))
        return [...projects.items.keys()].flatMap((id) => lists.of(path, id).gaps);
      if (path.startsWith('/groups/'))
        return [...groups.names.keys()].flatMap((id) => lists.of(path, id).gaps);
      return lists.list(path).gaps;
    }),
  ];
}

const OF_EACH_PARENT: ListingGap = listingGap(
  'list-of-each-parent',
  'incomplete',
  'tokens are listed below each project and group, and no answer counts them all; save `/projects`, `/groups`, and those of every one',
);

function credentialOf(scope: ExportScope, item: Item, id: string, type: string): Observation {
  const expires =
    type === 'ssh_key' && item.record.expires_at === undefined
      ? unobserved('the list does not say when the key ends; update GitLab')
      : dayOf(item, 'expires_at');
  const created = timeOf(item, 'created_at');
  const { name, title } = item.record;
  const called = textIn(name) ?? textIn(title) ?? id;
  return observationOf(scope, {
    kind: 'credential',
    key: [scope.directory, id],
    name: called,
    attributes: {
      store: { value: scope.directory },
      credential_id: { value: id },
      type: { value: type },
      thumbprint: { absent: true },
      state: stateOf(item, expires, scope),
      issued_at: 'value' in created ? created : unobserved('the host does not say when it was made'),
      expires_at: expires,
    },
  });
}

/** A day, as GitLab writes most ends: it counts from its beginning, in UTC. */
export function dayOf(item: Item, field: string): Statement {
  const value = item.record[field];
  const day =
    typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) ? timestamp(`${value}T00:00:00Z`) : null;
  return day === null ? timeOf(item, field) : { value: day };
}

function stateOf(item: Item, expires: Statement, scope: ExportScope): Statement {
  const { revoked, active, expired } = item.record;
  if (revoked === true) return { value: 'revoked' };
  if (expired === true) return { value: 'expired' };
  const ended = 'value' in expires && Date.parse(String(expires.value)) <= Date.parse(scope.takenAt);
  if (ended) return { value: 'expired' };
  if (active === true) return { value: 'active' };
  if (active === false)
    return unobserved(
      `${item.file} says that it is not active, and neither revoked nor expired; save it again`,
    );
  const isTold = revoked === false || expired === false || item.record.can_push !== undefined;
  return isTold && ('value' in expires || 'absent' in expires || item.record.can_push !== undefined)
    ? { value: 'active' }
    : unobserved(`${item.file} does not say whether it was revoked; save it with a newer version`);
}
