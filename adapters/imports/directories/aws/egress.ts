/** By which rules traffic leaves what has security groups: each rule as far as there is a route, and what a list of prefixes stands for. */
import type { Value } from '@macadam/core/facts/observation';
import { isRecord, type Json, recordsIn } from '../answer.ts';
import { type ListingGap, listingGap, unobservedBy } from '../listing.ts';
import { unobserved } from '../statement.ts';
import type { AwsAnswers, AwsList } from './answers.ts';
import { textsIn } from './policy.ts';

export const EVERYWHERE: ReadonlySet<string> = new Set(['0.0.0.0/0', '::/0']);

/** A rule that lets traffic out to one place. */
export interface Egress {
  readonly id: string;
  /** A prefix, the id of a security group, or of a list of prefixes that AWS keeps; or why nobody knows. */
  readonly destination: string | ListingGap;
  readonly tag: RuleTag | undefined;
  /** The rule itself, with its group, protocol and ports. */
  readonly record: Json;
}

/** Which tag says whose traffic it is, and what it says. */
export interface RuleTag {
  readonly key: string | null;
  readonly value: Value;
}

/** Tags that say for whom something is, the one that names a service first. */
export const OWNER_KEYS = ['service', 'owner', 'team'] as const;

/** What a list of prefixes holds; `service` where AWS keeps it for one of its own. */
export interface Prefixes {
  readonly service: boolean;
  readonly ranges: readonly string[] | ListingGap;
}

export function prefixesOf(answers: AwsAnswers, id: string, region: string | null): Prefixes | ListingGap {
  const lists = answers.list('ec2/describe-managed-prefix-lists', 'PrefixLists');
  const found = lists.items.find(
    (one) => one.record.PrefixListId === id && (region === null || one.region === region),
  );
  if (found === undefined || typeof found.record.OwnerId !== 'string')
    return lists.gapOf(region) ?? unknownList(id);
  return { service: found.record.OwnerId === 'AWS', ranges: rangesOf(answers, id, region) };
}

const unknownList = (id: string): ListingGap =>
  listingGap(
    'prefix-list-unknown',
    'incomplete',
    `nothing says whose the list of prefixes ${id} is; save ec2/describe-managed-prefix-lists again`,
  );

function rangesOf(answers: AwsAnswers, id: string, region: string | null): readonly string[] | ListingGap {
  const answer = answers.about('ec2/get-managed-prefix-list-entries', id, region);
  if ('why' in answer) return answer;
  const entries = 'body' in answer ? answer.body.Entries : null;
  const isWhole =
    Array.isArray(entries) && entries.every((one) => isRecord(one) && typeof one.Cidr === 'string');
  return isWhole
    ? textsIn(recordsIn(entries).map(({ Cidr }) => Cidr))
    : listingGap(
        'answer-misshapen',
        'failed',
        `the entries of ${id} have no list of \`Cidr\`; save ec2/get-managed-prefix-list-entries again`,
      );
}

/** Undefined where a rule names nothing that is known. */
export function egressOfRule(
  record: Json,
  ways: readonly string[],
  prefixes: (id: string) => Prefixes | ListingGap,
): readonly Egress[] | undefined {
  const { SecurityGroupRuleId, CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupInfo, Tags } = record;
  const group = isRecord(ReferencedGroupInfo) ? ReferencedGroupInfo.GroupId : undefined;
  const [named] = textsIn([CidrIpv4, CidrIpv6, PrefixListId, group]);
  if (named === undefined || typeof SecurityGroupRuleId !== 'string') return undefined;
  const tag = tagIn(Tags);
  return placesOf(named, ways).flatMap((place): readonly Egress[] => {
    const id = place === named ? SecurityGroupRuleId : `${SecurityGroupRuleId}/${place}`;
    if (!place.startsWith('pl-')) return [{ id, destination: place, tag, record }];
    const list = prefixes(place);
    if ('why' in list) return [{ id, destination: list, tag, record }];
    // A list that AWS keeps is a name for one of its services; anybody else may write everything into theirs.
    if (list.service) return [{ id, destination: place, tag, record }];
    if ('why' in list.ranges) return [{ id, destination: list.ranges, tag, record }];
    return list.ranges.map((range) => ({ id: `${id}/${range}`, destination: range, tag, record }));
  });
}

/** A rule that lets traffic out to everywhere reaches only what there is a route to. */
function placesOf(destination: string, ways: readonly string[]): readonly string[] {
  if (!EVERYWHERE.has(destination) || ways.includes(destination)) return [destination];
  return ways.filter((way) => way.startsWith('pl-') || way.includes(':') === destination.includes(':'));
}

/** Undefined where no tag says whose it is: a list without one has to be there, since a rule without tags has an empty one. */
function tagIn(tags: unknown): RuleTag | undefined {
  const listed = tagsIn(tags);
  if (listed === null)
    return {
      key: null,
      value: unobserved('`Tags` of the rule are not among the fields saved, or are not whole; ask for them'),
    };
  const key = OWNER_KEYS.find((one) => listed.has(one));
  return key === undefined ? undefined : { key, value: listed.get(key) ?? '' };
}

/** Tags that say something, by their names in lower case; null where the list is not whole. */
export function tagsIn(tags: unknown): ReadonlyMap<string, string> | null {
  if (!Array.isArray(tags)) return null;
  const listed = new Map<string, string>();
  for (const one of tags) {
    if (!isRecord(one) || typeof one.Key !== 'string' || typeof one.Value !== 'string') return null;
    if (one.Value !== '') listed.set(one.Key.toLowerCase(), one.Value);
  }
  return listed;
}

export function egressValue({ id, destination, tag }: Egress): Value {
  const place =
    typeof destination !== 'string'
      ? unobservedBy(destination)
      : EVERYWHERE.has(destination)
        ? 'any'
        : destination;
  return tag === undefined ? { id, destination: place } : { id, destination: place, tag: tag.value };
}

/** Rules of the groups of something, of one direction. */
export const rulesOf = (
  rules: AwsList,
  groups: ReadonlySet<string>,
  direction: 'in' | 'out',
): readonly Json[] =>
  rules.items
    .filter(({ record }) => record.IsEgress === (direction === 'out') && groups.has(String(record.GroupId)))
    .map(({ record }) => record);
