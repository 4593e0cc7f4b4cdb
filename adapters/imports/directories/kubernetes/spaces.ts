/** Namespaces as segments: whether traffic leaves one that no policy lets out, and where the policies let it. */
import type { Observation, Statement, Unobserved, Value } from '@macadam/core/facts/observation';
import { isRecord, type Json, recordIn, recordsIn } from '../answer.ts';
import { type ExportScope, type Listed, observationOf } from '../export.ts';
import { gapOf, isWhole, type Listing } from '../listing.ts';
import type { SavedLists } from '../saved-lists.ts';
import { listOf, unobserved } from '../statement.ts';
import { type KubernetesObject, lacking, namespacedIn, objectsIn, selects } from './object.ts';

export function spacesOf(scope: ExportScope, lists: SavedLists): Listed {
  const spaces = lists.list('/namespaces');
  const { objects, gaps } = objectsIn(spaces.items, '/namespaces');
  return {
    kind: 'subnet',
    observations: objects.map((one) => spaceOf(scope, one, lists)),
    gaps: [...spaces.gaps, ...gaps],
  };
}

function spaceOf(scope: ExportScope, space: KubernetesObject, lists: SavedLists): Observation {
  const { objects: all, listing: pods } = namespacedIn(lists, '/pods');
  const found = namespacedIn(lists, '/networkpolicies');
  const policies = lacking(found.listing, found.objects, {
    what: 'by `spec` which traffic of which pods they are of',
    says: saysWhatItIsOf,
  });
  const own = all.filter((one) => one.namespace === space.name && !hasEnded(one));
  const out = found.objects.filter((one) => one.namespace === space.name && isOfEgress(one));
  return observationOf(scope, {
    kind: 'subnet',
    key: [scope.directory, `namespace/${space.name}`],
    name: space.name,
    attributes: {
      network: { value: scope.directory },
      prefix: { value: `namespace/${space.name}` },
      workloads: isWhole(pods) ? { value: own.length } : gapOf(pods),
      default_outbound: openOf(own, out, { pods, policies }),
      egress: egressOf(out, policies),
    },
  });
}

const specOf = ({ record }: KubernetesObject): Json => recordIn(record.spec);

export function hasEnded({ record }: KubernetesObject): boolean {
  const phase = isRecord(record.status) ? record.status.phase : undefined;
  return phase === 'Succeeded' || phase === 'Failed';
}

/** Each of these is left out where it is the usual, and then is not there at all. */
function saysWhatItIsOf({ record: { spec } }: KubernetesObject): boolean {
  if (!isRecord(spec)) return false;
  const { podSelector, policyTypes, egress } = spec;
  const isListOrNone = (value: unknown) => value === undefined || value === null || Array.isArray(value);
  return isRecord(podSelector) && isListOrNone(policyTypes) && isListOrNone(egress);
}

/** A policy that does not say of which traffic it is, is of what comes in, and of what leaves where it has a rule for that. */
function isOfEgress(policy: KubernetesObject): boolean {
  const { policyTypes, egress } = specOf(policy);
  return Array.isArray(policyTypes) ? policyTypes.includes('Egress') : Array.isArray(egress);
}

interface Lists {
  readonly pods: Listing;
  readonly policies: Listing;
}

/** Policies only add, so one that covers a pod is enough, and what is missing of a list can only close more. */
function openOf(
  pods: readonly KubernetesObject[],
  policies: readonly KubernetesObject[],
  lists: Lists,
): { readonly value: boolean } | Unobserved {
  const selectors = policies.map((one) => specOf(one).podSelector).filter(isRecord);
  if (selectors.some((one) => Object.keys(one).length === 0 || isEmpty(one))) return { value: false };
  if (!isWhole(lists.policies)) return gapOf(lists.policies);
  // A pod of tomorrow may have any labels.
  if (selectors.length === 0) return { value: true };
  if (!isWhole(lists.pods)) return gapOf(lists.pods);
  if (pods.length === 0) return { value: true };
  const covers = pods.map(({ labels }) => selectors.map((one) => selects(one, labels)));
  if (covers.every((found) => found.includes(true))) return { value: false };
  if (covers.some((found) => found.every((one) => one === false))) return { value: true };
  return unobserved('a policy selects pods by an operator that is not known here; look at it');
}

const isEmpty = ({ matchLabels, matchExpressions }: Json): boolean =>
  (!isRecord(matchLabels) || Object.keys(matchLabels).length === 0) &&
  recordsIn(matchExpressions).length === 0;

function egressOf(policies: readonly KubernetesObject[], listing: Listing): Statement {
  const value = policies.flatMap(destinationsOf);
  return listOf(value, listing.gaps[0]?.why);
}

const OWNER_LABELS: readonly string[] = ['owner', 'service', 'team'];

function destinationsOf(policy: KubernetesObject): readonly Value[] {
  const label = OWNER_LABELS.find((name) => (policy.labels[name] ?? '') !== '');
  const tag = label === undefined ? undefined : policy.labels[label];
  return recordsIn(specOf(policy).egress).flatMap(({ to }, index) => {
    const places = recordsIn(to).map(placeOf);
    // A rule without a destination is of every one.
    return (places.length === 0 ? ['any'] : places).map((destination, at): Value => {
      const id = `${policy.uid}/${index}/${at}`;
      return tag === undefined ? { id, destination } : { id, destination, tag };
    });
  });
}

function placeOf({ ipBlock, namespaceSelector, podSelector }: Json): string {
  if (isRecord(ipBlock)) {
    const { cidr } = ipBlock;
    return cidr === '0.0.0.0/0' || cidr === '::/0' ? 'any' : String(cidr);
  }
  const spaces = isRecord(namespaceSelector) ? `namespaces ${textOf(namespaceSelector)}` : 'this namespace';
  return isRecord(podSelector) ? `${spaces}, pods ${textOf(podSelector)}` : spaces;
}

function textOf(selector: Json): string {
  if (isEmpty(selector)) return 'all';
  const labels = isRecord(selector.matchLabels) ? Object.entries(selector.matchLabels) : [];
  const expressions = recordsIn(selector.matchExpressions).map(({ key, operator, values }) =>
    [key, operator, Array.isArray(values) ? values.join('|') : ''].filter((part) => part !== '').join(' '),
  );
  return [...labels.map(([key, value]) => `${key}=${String(value)}`), ...expressions].join(' and ');
}
