/** Images that the pods of a cluster run, by the digests under which they were pulled. */

import type { Observation } from '@macadam/core/facts/observation';
import type { KnownImages } from '../../images/known.ts';
import { recordIn, recordsIn } from '../answer.ts';
import { type ExportScope, type Listed, observationOf } from '../export.ts';
import { gapOf, isWhole, type ListingGap, listingGap } from '../listing.ts';
import type { SavedLists } from '../saved-lists.ts';
import { listOf } from '../statement.ts';
import { type KubernetesObject, objectsIn } from './object.ts';
import { hasEnded } from './spaces.ts';

interface Running {
  readonly name: string;
  readonly namespaces: Set<string>;
  readonly pods: Set<string>;
}

/** With the runtime's scheme before it, where the runtime has one. */
const PULLED = /^(?:[\w-]+:\/\/)?(.+)@(sha256:[0-9a-f]{64})$/;
const STATUSES = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const;

export function imagesOf(scope: ExportScope, lists: SavedLists, known: KnownImages): Listed {
  const pods = lists.list('/pods');
  const { objects, gaps } = objectsIn(pods.items, '/pods');
  const images = new Map<string, Running>();
  let untold = 0;
  for (const pod of objects) {
    if (hasEnded(pod)) continue;
    const pulled = imageIdsOf(pod);
    if (pulled.some((one) => !PULLED.test(one))) untold += 1;
    for (const one of pulled) {
      const [, name = '', digest] = PULLED.exec(one) ?? [];
      if (digest === undefined) continue;
      const running = images.get(digest) ?? { name, namespaces: new Set(), pods: new Set() };
      images.set(digest, running);
      running.namespaces.add(pod.namespace);
      running.pods.add(pod.uid);
    }
  }
  const whole = isWhole(pods) && gaps.length === 0;
  const observed = ([digest, { name, namespaces, pods: running }]: [string, Running]): Observation => {
    const found = [...namespaces].toSorted();
    return observationOf(scope, {
      kind: 'running-image',
      key: [scope.directory, digest],
      name: `${name}@${digest.slice(0, 'sha256:'.length + 12)}`,
      attributes: {
        platform: { value: scope.directory },
        digest: { value: digest },
        name: { value: name },
        namespaces: listOf(found, whole ? null : 'the list of pods is not whole'),
        pods: whole ? { value: running.size } : gapOf(pods),
        ...known.of(digest),
      },
    });
  };
  return {
    kind: 'running-image',
    observations: [...images].map(observed),
    gaps: [...pods.gaps, ...gaps, ...(untold === 0 ? [] : [withoutDigest(untold)])],
  };
}

/** What was not pulled yet has an empty one. */
function imageIdsOf({ record }: KubernetesObject): readonly string[] {
  const status = recordIn(record.status);
  return STATUSES.flatMap((list) => recordsIn(status[list])).flatMap(({ imageID }) =>
    typeof imageID === 'string' && imageID !== '' ? [imageID] : [],
  );
}

const withoutDigest = (pods: number): ListingGap =>
  listingGap(
    'digest-missing',
    'incomplete',
    `${pods} pods run an image of which the cluster knows no digest of a registry; pull it from one`,
  );
