/** Container images, by what a cluster is asked to run. */

/** The digest that a reference names (`registry/name:tag@sha256:…`); null where it names none, so that anything could run. */
export const digestOf = (image: string): string | null => /@(sha256:[0-9a-f]{64})$/.exec(image)?.[1] ?? null;

const LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const;
/** Where a description of pods stands: in a pod, in what keeps pods, in what starts them by the clock. */
const PODS = [
  ['spec'],
  ['spec', 'template', 'spec'],
  ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
] as const;

/** All images that an object of Kubernetes would run, each once; none where it runs nothing. */
export function imagesIn(object: unknown): readonly string[] {
  const images = PODS.flatMap((path) => {
    const pod = path.reduce<unknown>((inside, name) => fieldOf(inside, name), object);
    return LISTS.flatMap((list) => {
      const containers = fieldOf(pod, list);
      return Array.isArray(containers) ? containers.map((one) => fieldOf(one, 'image')) : [];
    });
  });
  return [...new Set(images.filter((one): one is string => typeof one === 'string' && one !== ''))];
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
