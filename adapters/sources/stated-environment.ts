/** What a directory serves, as whoever measures it states it: no directory says it of itself. */
import type { Observation } from '@macadam/core/facts/observation';

export const ENVIRONMENTS: readonly string[] = [
  'production',
  'government',
  'productivity',
  'development',
  'test',
];

/** Kinds that have the attribute; a device or a tenant may serve another one than the directory that lists it. */
const KINDS: ReadonlySet<string> = new Set([
  'user',
  'application',
  'privileged-assignment',
  'privileged-group',
]);

export const ENVIRONMENT_OPTION = {
  name: 'environment',
  value: 'NAME',
  description: `What the directory serves: ${ENVIRONMENTS.join(', ')}. It does not say that itself.`,
} as const;

/** `covers` says what serves it. Throws a TypeError for a name that is not among `ENVIRONMENTS`. */
export function withEnvironment(
  environment: string | undefined,
  emit: (observation: Observation) => void,
  covers: (observation: Observation) => boolean = ({ kind }) => KINDS.has(kind),
): (observation: Observation) => void {
  if (environment === undefined) return emit;
  if (!ENVIRONMENTS.includes(environment))
    throw new TypeError(`there is no environment \`${environment}\`; give one of ${ENVIRONMENTS.join(', ')}`);
  const stated = { value: environment, assurance: 'attested' } as const;
  return (observation) =>
    emit(
      covers(observation)
        ? { ...observation, attributes: { ...observation.attributes, environment: stated } }
        : observation,
    );
}
