/** Groups that can hold roles of the directory, their members and the reviews of them. */
import type { Statement, Unobserved, Value } from '@macadam/core/facts/observation';
import { isRecord, type Json, recordIn } from '../answer.ts';
import type { ExportScope, Listed } from '../export.ts';
import { gapOf, isWhole, type Listing, unobservedBy } from '../listing.ts';
import { listedById } from '../reading.ts';
import { idOf, type SavedLists, withoutId } from '../saved-lists.ts';
import {
  type Item,
  inner,
  listOf,
  required,
  seenOf,
  textOf,
  timeOf,
  unexpected,
  unobserved,
} from '../statement.ts';
import { type HeldRoles, kindOfType, kindsById, type PrincipalKind } from './assignments.ts';
import { nameOf } from './users.ts';

const MEMBERS = '/groups/{id}/members';
const DEFINITIONS = '/identityGovernance/accessReviews/definitions';
const INSTANCES = '/identityGovernance/accessReviews/definitions/{id}/instances';
const DECISIONS = '/identityGovernance/accessReviews/definitions/{id}/instances/{id}/decisions';

export interface Groups {
  readonly listed: Listed;
  /** Groups that can hold no role of the directory. */
  readonly ordinary: number;
}

export function groupsOf(scope: ExportScope, lists: SavedLists, roles: HeldRoles): Groups {
  const groups = lists.list('/groups');
  const holding = new Set(roles.held.map(({ principal }) => principal));
  const kinds = kindsById(lists);
  const privileged = groups.items.filter(
    ({ record }) => record.isAssignableToRole === true || holding.has(String(record.id)),
  );
  const undecided = groups.items.filter(
    (item) =>
      !privileged.includes(item) &&
      item.record.isAssignableToRole !== null &&
      typeof item.record.isAssignableToRole !== 'boolean',
  );
  const listed = listedById(
    scope,
    { kind: 'privileged-group', listing: { ...groups, items: privileged } },
    (item, id) => {
      const members = membersOf(id, item, lists, kinds);
      return {
        name: nameOf(item.record, id),
        attributes: {
          directory: { value: scope.directory },
          group_id: { value: id },
          grants: grantsOf(id, roles),
          members,
          ...reviewOf(id, lists, members),
        },
      };
    },
  );
  const gaps = [
    ...groups.gaps,
    ...withoutId(groups.items, '/groups'),
    ...withoutId(undecided, '/groups', 'isAssignableToRole'),
  ];
  const ordinary = groups.items.length - privileged.length - undecided.length;
  return { listed: { ...listed, gaps }, ordinary };
}

function grantsOf(id: string, { held, gaps, roleName }: HeldRoles): Statement {
  const roles = [...new Set(held.filter(({ principal }) => principal === id).map(({ role }) => role))].map(
    roleName,
  );
  const value = roles.flatMap((role) => ('value' in role ? [role.value] : []));
  const [gap] = gaps;
  const unknown = gap === undefined ? roles.find((role) => 'unobserved' in role) : unobservedBy(gap);
  return unknown !== undefined && value.length === 0 ? unknown : listOf(value, unknown?.why);
}

/** `$expand` gives no more than this many, and does not say when there are more. */
const EXPANDED = 20;

function membersOf(
  id: string,
  group: Item,
  lists: SavedLists,
  kinds: (id: string) => PrincipalKind | null,
): Statement {
  const listing = lists.of(MEMBERS, id);
  const inline = Array.isArray(group.record.members) ? group.record.members.filter(isRecord) : null;
  const expanded = listing.items.length === 0 && !isWhole(listing) ? inline : null;
  const items =
    expanded === null ? listing.items : expanded.map((record): Item => ({ record, file: group.file }));
  const value = items.map((item): Value => {
    const own = idOf(item.record);
    const kind = kindOfType(item.record) ?? (own === null ? null : kinds(own));
    return {
      id: inner(textOf(item, 'id')),
      kind:
        kind ??
        unobserved(
          `${item.file} does not say what the member is; ask without \`$select\`, which gives \`@odata.type\``,
        ),
      since: unobserved('the directory does not say since when'),
    };
  });
  if (expanded !== null) {
    const why = `members in ${group.file} were expanded, which gives ${EXPANDED} at most; save ${MEMBERS}`;
    return listOf(value, expanded.length < EXPANDED ? null : why);
  }
  return seenOf(value, listing.gaps);
}

const OVER = /^(completed|applied|autoreviewed|applying)$/i;
const RUNNING = /^(initializing|scheduled|notstarted|starting|inprogress|completing|autoreviewing)$/i;

/** The newest round, and what it decided. */
interface Reviewed {
  readonly review: Statement;
  readonly decisions: Statement;
}

interface Round {
  readonly definition: string;
  readonly item: Item;
  readonly endedAt: string;
}

/** The newest round that is over. While a list of rounds is not whole, there may be a newer one. */
function reviewOf(id: string, lists: SavedLists, members: Statement): Reviewed {
  const definitions = lists.list(DEFINITIONS);
  const about = definitions.items.filter(({ record }) => isAbout(record, id));
  const unknown: Unobserved[] = isWhole(definitions) ? [] : [gapOf(definitions)];
  const scopeless = definitions.items.find(
    ({ record }) => !/"query":"/.test(JSON.stringify([record.scope, record.instanceEnumerationScope])),
  );
  if (scopeless !== undefined)
    unknown.push(
      unobserved(`a review in ${scopeless.file} does not say what it is about; ask for \`scope\``),
    );
  const rounds: Round[] = [];
  for (const { record } of about) {
    const definition = idOf(record);
    const instances = definition === null ? null : lists.of(INSTANCES, definition);
    if (definition === null || instances === null || !isWhole(instances)) {
      unknown.push(instances === null ? unobserved('a review has no `id`; ask for it') : gapOf(instances));
      continue;
    }
    for (const item of instances.items) {
      const status = textOf(item, 'status');
      if (!('value' in status)) unknown.push(status);
      else if (!OVER.test(status.value) && !RUNNING.test(status.value))
        unknown.push(unexpected(item, 'status', status.value, 'a status that this version knows'));
      if (!('value' in status) || !OVER.test(status.value)) continue;
      if (item.record.scope !== undefined && item.record.scope !== null && !isAbout(item.record, id))
        continue;
      const ended = timeOf(item, 'endDateTime');
      if ('value' in ended) rounds.push({ definition, item, endedAt: ended.value });
      else
        unknown.push(
          'unobserved' in ended ? ended : unobserved('a round that is over has no end; save it again'),
        );
    }
  }
  const [first] = unknown;
  if (first !== undefined) return { review: first, decisions: first };
  const newest = rounds.toSorted((a, b) => Date.parse(b.endedAt) - Date.parse(a.endedAt))[0];
  return newest === undefined
    ? { review: { absent: true }, decisions: { value: [], complete: true } }
    : roundOf(newest, lists, members);
}

/** Whether a review, or a round of one, is about a group: its queries name the group's address. */
export function isAbout(record: Json, id: string): boolean {
  const text = JSON.stringify([record.scope ?? null, record.instanceEnumerationScope ?? null]).toLowerCase();
  return text.includes(`/groups/${id.toLowerCase()}`) || text.includes(`/groups('${id.toLowerCase()}')`);
}

function roundOf({ definition, item, endedAt }: Round, lists: SavedLists, members: Statement): Reviewed {
  const instance = idOf(item.record);
  const decisions = instance === null ? null : lists.of(DECISIONS, definition, instance);
  if (decisions === null || !isWhole(decisions)) {
    const gap = decisions === null ? unobserved('the round has no `id`; ask for it') : gapOf(decisions);
    const review = { value: { at: endedAt, reviewer: gap, reviewer_is_member: gap, undecided: gap } };
    return { review, decisions: gap };
  }
  const reviewers = [...new Set(decisions.items.flatMap(({ record }) => reviewerOf(record)))];
  const odd = decisions.items.find(({ record }) => !SAID.test(String(record.decision)));
  const decided = decisions.items.filter(({ record }) => DECIDED.test(String(record.decision)));
  const value = {
    at: endedAt,
    reviewer: reviewers.length === 0 ? unobserved('nobody decided') : namesOf(decisions, reviewers),
    reviewer_is_member: selfReview(reviewers, members),
    undecided: odd === undefined ? decisions.items.length - decided.length : oddDecision(odd),
  };
  const made = decided.map(decisionOf);
  return {
    review: { value },
    decisions: listOf(made, odd === undefined ? null : oddDecision(odd).why),
  };
}

function decisionOf(item: Item): Value {
  const { principal, decision } = item.record;
  const about: Item = { record: recordIn(principal), file: item.file };
  const at = required(timeOf(item, 'reviewedDateTime'), 'the review does not say when it was decided');
  return { id: inner(textOf(about, 'id')), removed: /^deny$/i.test(String(decision)), at: inner(at) };
}

const DECIDED = /^(approve|deny)$/i;
const SAID = /^(approve|deny|notreviewed|dontknow|notnotified|none)$/i;

const oddDecision = (item: Item): Unobserved =>
  unexpected(item, 'decision', item.record.decision, 'a decision that this version knows');
const NOBODY = '00000000-0000-0000-0000-000000000000';

function reviewerOf(record: Json): readonly string[] {
  const id = isRecord(record.reviewedBy) ? record.reviewedBy.id : undefined;
  return typeof id === 'string' && id !== '' && id !== NOBODY && DECIDED.test(String(record.decision))
    ? [id]
    : [];
}

function namesOf({ items }: Listing, reviewers: readonly string[]): string {
  const names = reviewers.map((id) => {
    const found = items.find(({ record }) => isRecord(record.reviewedBy) && record.reviewedBy.id === id);
    return isRecord(found?.record.reviewedBy) ? nameOf(found.record.reviewedBy, id) : id;
  });
  return names.join(', ');
}

/** A reviewer who is among the members decided about their own membership, or could have. */
function selfReview(reviewers: readonly string[], members: Statement): Value {
  const list = 'value' in members && Array.isArray(members.value) ? members.value : [];
  const ids = new Set(list.filter(isRecord).map(({ id }) => id));
  if (reviewers.some((id) => ids.has(id))) return true;
  const whole = 'value' in members && members.complete === true;
  return whole ? false : unobserved('the members were not all seen; save the list of members');
}
