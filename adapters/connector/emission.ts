/**
 * What a connector hands over, held against its kind before anything counts it. An asset that stands in another says in
 * which, in every observation: without that nobody could count it, nor say that it is gone.
 */
import { ingest, misfitProblems } from '@macadam/core/facts/ingest';
import type { Observation, Problem } from '@macadam/core/facts/observation';
import { containerMissing } from '@macadam/core/facts/partition';
import type { Kind } from '@macadam/core/kinds/kind';

export interface Emission {
  /** Takes an observation, or refuses it with a problem. */
  readonly emit: (observation: Observation) => void;
  /** What was taken, in order. */
  readonly observations: readonly Observation[];
  /** What was wrong, each once. */
  readonly problems: () => readonly Problem[];
}

export function emission(kinds: ReadonlyMap<string, Kind>): Emission {
  const observations: Observation[] = [];
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
      if (taken.observation) observations.push(taken.observation);
    },
  };
}
