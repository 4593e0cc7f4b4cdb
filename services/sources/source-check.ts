/** A source is asked once, to see what it lets us see: what each missing permission leaves unknown, and what is known of each kind. */
import type { Delivery, SourceDescription } from '@macadam/adapters/imports/directories/description';
import type { CollectRequest } from '@macadam/adapters/sources/port';
import type { Collection, Observation, Unobserved } from '@macadam/core/facts/observation';
import type { Ask } from '../measure/measure.ts';

export interface PermissionNeed {
  readonly permission: string;
  /** What is read with it, and for what. */
  readonly reads: readonly { readonly path: string; readonly gives: string }[];
  /** Attributes that rest on it, as `user.methods`. */
  readonly attributes: readonly string[];
}

/** What a source needs, by permission, in the order of its description. */
export function needsOf({ endpoints, kinds }: SourceDescription): readonly PermissionNeed[] {
  const groups = Map.groupBy(endpoints, ({ permission }) => permission);
  const attributesOf = (paths: ReadonlySet<string>): readonly string[] =>
    Object.entries(kinds).flatMap(([kind, attributes]) =>
      Object.entries(attributes).flatMap(([name, delivery]: [string, Delivery]) =>
        typeof delivery !== 'string' && delivery.paths.some((path) => paths.has(path))
          ? [`${kind}.${name}`]
          : [],
      ),
    );
  return [...groups].map(([permission, own]) => ({
    permission,
    reads: own.map(({ path, gives }) => ({ path, gives })),
    attributes: attributesOf(new Set(own.map(({ path }) => path))),
  }));
}

export interface AttributeCheck {
  readonly attribute: string;
  /** Of so many assets it is known. */
  readonly known: number;
  readonly of: number;
  /** Why it is not known of the others; null where it is known of all. */
  readonly why: string | null;
}

export interface SourceCheck {
  readonly status: Collection['status'];
  readonly problems: Collection['problems'];
  /** Kind → how many were seen. */
  readonly seen: ReadonlyMap<string, number>;
  /** Permissions of the description that the source says are missing. */
  readonly missing: readonly PermissionNeed[];
  /** What should be known and is not of all, by the description; of every attribute where there is none. */
  readonly open: readonly AttributeCheck[];
}

/** Rejects only on an aborted signal, or for a request that is broken (`TypeError`). */
export async function checkSource(
  ask: Ask,
  request: Omit<CollectRequest, 'targets' | 'options' | 'environment'>,
  report: Parameters<Ask['source']['collect']>[2],
): Promise<SourceCheck> {
  const observations: Observation[] = [];
  const described = (await ask.source.described?.()) ?? null;
  const collection = await ask.source.collect(
    { ...request, targets: ask.targets, options: ask.options, environment: ask.environment ?? {} },
    (one) => observations.push(one),
    report,
  );
  const refusals = [
    ...collection.problems
      .filter(({ cause }) => cause === 'forbidden')
      .map(({ message, remedy = '' }) => `${message} ${remedy}`),
    ...collection.partitions.flatMap(({ cause, why }) => (cause === 'forbidden' && why ? [why] : [])),
    ...observations.flatMap((one) => Object.values(one.attributes).flatMap(forbiddenWhys)),
  ];
  const isMissing = ({ permission }: PermissionNeed): boolean =>
    refusals.some((text) => text.includes(permission));
  const kinds = Map.groupBy(observations, ({ kind }) => kind);
  return {
    status: collection.status,
    problems: collection.problems,
    seen: new Map([...kinds].map(([kind, all]) => [kind, all.length])),
    missing: described === null ? [] : needsOf(described).filter(isMissing),
    open: [...kinds].flatMap(([kind, all]) => openOf(kind, all, described?.kinds[kind] ?? null)),
  };
}

function forbiddenWhys(statement: Observation['attributes'][string]): readonly string[] {
  if ('unobserved' in statement) return statement.unobserved === 'forbidden' ? [statement.why] : [];
  return 'why' in statement && statement.why !== undefined ? [statement.why] : [];
}

function openOf(
  kind: string,
  all: readonly Observation[],
  described: Readonly<Record<string, Delivery>> | null,
): readonly AttributeCheck[] {
  const names =
    described === null
      ? [...new Set(all.flatMap(({ attributes }) => Object.keys(attributes)))]
      : Object.entries(described).flatMap(([name, delivery]) => (typeof delivery === 'string' ? [] : [name]));
  return names.flatMap((name): readonly AttributeCheck[] => {
    const whys = all.flatMap(({ attributes }): readonly Unobserved[] => {
      const statement = attributes[name];
      if (statement === undefined) return [{ unobserved: 'unobserved', why: 'the source does not state it' }];
      return 'unobserved' in statement ? [statement] : [];
    });
    const [first] = whys;
    if (first === undefined) return [];
    return [
      { attribute: `${kind}.${name}`, known: all.length - whys.length, of: all.length, why: first.why },
    ];
  });
}
