/**
 * Holds an observation against its kind. What does not fit is kept as unobserved, with a problem: never lost, never a pass.
 * Of a value its type is not asked here, where some only come as text: the merge leaves out what does not fit it.
 */

import type { Kind } from '../kinds/kind.ts';
import { misfitsIn, shapesOf } from '../kinds/shape.ts';
import { BOUNDS, isShortId } from '../text/bounds.ts';
import type { Observation, Problem, Statement } from './observation.ts';
import { containerMissing } from './partition.ts';

/** How far a source's clock may run ahead of ours. */
const AHEAD = 5 * 60_000;

export function ingest(
  kinds: ReadonlyMap<string, Kind>,
  observation: Observation,
): { readonly observation: Observation | null; readonly problems: readonly Problem[] } {
  const kind = kinds.get(observation.kind);
  const problem = (code: string, message: string): Problem => ({
    code,
    cause: 'failed',
    message,
    asset: observation.id,
  });
  if (!kind) {
    const message = `the source reports assets of kind \`${observation.kind}\`, which the catalogue does not have`;
    return { observation: null, problems: [{ code: 'kind-unknown', cause: 'unobserved', message }] };
  }
  if (!isShortId(observation.id)) {
    const message = `the id of \`${observation.name.slice(0, 200)}\` is longer than ${BOUNDS.assetId} bytes, and cannot be kept; set aside`;
    return { observation: null, problems: [{ code: 'id-too-long', cause: 'failed', message }] };
  }
  if (Date.parse(observation.observedAt) > Date.parse(observation.receivedAt) + AHEAD) {
    const message = `${observation.name} was observed at ${observation.observedAt}, after it was received; set aside`;
    return { observation: null, problems: [problem('observed-in-future', message)] };
  }
  const problems: Problem[] = [];
  if (fits(kind, observation)) return { observation, problems };
  const attributes: Record<string, Statement> = {};
  for (const [name, statement] of Object.entries(observation.attributes)) {
    const definition = Object.hasOwn(kind.attributes, name) ? kind.attributes[name] : undefined;
    if (!definition) {
      problems.push(problem('attribute-unknown', `kind \`${kind.kind}\` has no attribute \`${name}\``));
    } else if ('absent' in statement && !definition.optional && definition.type !== 'list') {
      const why = `the source says that ${name} is absent, which its kind does not allow`;
      problems.push(problem('attribute-absent', why));
      attributes[name] = { unobserved: 'failed', why };
    } else if ('complete' in statement && !isWhole(definition.type)) {
      const why = `the source says of ${name} whether it is complete, and it is not a list or map`;
      problems.push(problem('attribute-complete', why));
      attributes[name] = { unobserved: 'failed', why };
    } else if ('absent' in statement && definition.type === 'list') {
      // None of a list is the complete empty list.
      const { absent: _, ...rest } = statement;
      attributes[name] = { ...rest, value: [] };
    } else {
      attributes[name] = statement;
    }
  }
  return { observation: { ...observation, attributes }, problems };
}

/** What may hold more than was seen of it. A single value is there or is not: half of it would be taken for all of it. */
const isWhole = (type: string): boolean => type === 'list' || type === 'map';

/** Almost every observation does, and is left as it is. */
function fits({ attributes }: Kind, observation: Observation): boolean {
  for (const name in observation.attributes) {
    const statement = observation.attributes[name];
    if (statement !== undefined && 'complete' in statement) {
      const type = Object.hasOwn(attributes, name) ? attributes[name]?.type : undefined;
      if (type === undefined || !isWhole(type)) return false;
    }
    if (!Object.hasOwn(attributes, name) || statement === undefined || 'absent' in statement) {
      const definition = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
      if (!definition?.optional || definition.type === 'list') return false;
    }
  }
  return true;
}

/** What the merge will leave out of an observation, for whoever has its values at hand: which, what came, and what is wanted. */
export function misfitProblems(kinds: ReadonlyMap<string, Kind>, observation: Observation): Problem[] {
  const { kind: name, id: asset, name: called } = observation;
  const kind = kinds.get(name);
  if (!kind) return [];
  const shapes = shapesOf(kind);
  return Object.entries(observation.attributes).flatMap(([attribute, statement]) => {
    const shape = shapes.get(attribute);
    if (!shape || !('value' in statement)) return [];
    return misfitsIn(shape, statement.value, attribute).map(([path, text]): Problem => {
      const message = `of \`${path}\` of ${called} the source ${text}`;
      return { code: 'value-misfit', cause: 'failed', message, asset };
    });
  });
}

/**
 * What a connector hands over, held against its kind before anything counts it. An asset that stands in another says in
 * which, in every observation: without that nobody could count it, nor say that it is gone.
 */
export interface Emission {
  /** Takes an observation, or refuses it with a problem. */
  readonly emit: (observation: Observation) => void;
  /** What was taken, in order. */
  readonly observations: readonly Observation[];
  /** What was wrong, each once. */
  readonly problems: () => readonly Problem[];
}

/** `take` is given each that is taken; where it is left out they are kept here. */
export function emission(
  kinds: ReadonlyMap<string, Kind>,
  take?: (observation: Observation) => void,
): Emission {
  const observations: Observation[] = [];
  const taking = take ?? ((observation: Observation) => observations.push(observation));
  const problems = new Map<string, Problem>();
  const note = (problem: Problem) => problems.set(`${problem.code}\n${problem.message}`, problem);
  return {
    observations,
    problems: () => [...problems.values()],
    emit: (observation) => {
      const kind = kinds.get(observation.kind);
      const message = kind ? containerMissing(kind, observation) : null;
      if (message !== null) {
        note({ code: 'container-missing', cause: 'failed', message, asset: observation.id });
        return;
      }
      const taken = ingest(kinds, observation);
      for (const problem of [...taken.problems, ...misfitProblems(kinds, observation)]) note(problem);
      if (taken.observation) taking(taken.observation);
    },
  };
}
