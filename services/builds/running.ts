/** Images that run, as a cluster tells of its pods: each is asked about, so that what runs and shows no build is found. */
import { z } from 'zod';

const containerSchema = z.object({ image: z.string().optional(), imageID: z.string().optional() });
const containersSchema = z.array(containerSchema).nullish();
const listSchema = z.object({
  metadata: z.object({ continue: z.string().optional() }).nullish(),
  items: z.array(
    z.object({
      kind: z.string().optional(),
      metadata: z.object({ name: z.string(), namespace: z.string().optional() }),
      status: z
        .object({
          phase: z.string().optional(),
          containerStatuses: containersSchema,
          initContainerStatuses: containersSchema,
          ephemeralContainerStatuses: containersSchema,
        })
        .nullish(),
    }),
  ),
});

export interface RunningImage {
  /** `sha256:` and hex, as the registry names it. */
  readonly digest: string;
  /** By which it was pulled, without the digest. */
  readonly name: string;
  /** Pods that run it. */
  readonly pods: number;
}

export interface Running {
  readonly images: readonly RunningImage[];
  /** Pods of which the cluster does not say by which digest one of their images came. */
  readonly untold: readonly string[];
}

const PULLED = /^(?:[\w-]+:\/\/)?(.+)@(sha256:[0-9a-f]{64})$/;

/** What runs by a saved list of pods. `wrong` says what is missing: of a part of the pods nothing is known about the rest. */
export function runningIn(text: string): Running | { readonly wrong: string } {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return { wrong: `is not one JSON document; save it by ${SAVING}` };
  }
  const parsed = listSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return {
      wrong: `is not a list of pods: \`${issue?.path.join('.')}\` ${issue?.message}; save it by ${SAVING}`,
    };
  }
  const { items, metadata } = parsed.data;
  if (metadata?.continue) return { wrong: `holds the first page of pods only; save all by ${SAVING}` };
  const other = items.find(({ kind }) => kind !== undefined && kind !== 'Pod');
  if (other !== undefined)
    return { wrong: `holds a ${other.kind}, which is not a pod; save it by ${SAVING}` };
  const images = new Map<string, RunningImage>();
  const untold: string[] = [];
  for (const { metadata: pod, status } of items) {
    if (status?.phase === 'Succeeded' || status?.phase === 'Failed') continue;
    const containers = [
      ...(status?.containerStatuses ?? []),
      ...(status?.initContainerStatuses ?? []),
      ...(status?.ephemeralContainerStatuses ?? []),
    ];
    // What was not pulled yet has an empty one.
    const pulled = containers.flatMap(({ imageID }) => (imageID ? [imageID] : []));
    const found = new Map(
      pulled.flatMap((one) => {
        const [, name = '', digest] = PULLED.exec(one) ?? [];
        return digest === undefined ? [] : [[digest, name] as const];
      }),
    );
    if (pulled.some((one) => !PULLED.test(one))) untold.push(`${pod.namespace ?? 'default'}/${pod.name}`);
    for (const [digest, name] of found)
      images.set(digest, { digest, name, pods: (images.get(digest)?.pods ?? 0) + 1 });
  }
  return { images: [...images.values()], untold };
}

const SAVING = '`kubectl get pods --all-namespaces -o json`';
