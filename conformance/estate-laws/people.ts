/**
 * Two directories that list people, as they come in beside what is measured: whole or in part, late, twice, taken back, or not at
 * all. Both know some of the same people. The model works out from all listings together who exists and what is known.
 */
import type { Random } from '../differential/random.ts';
import type { Verdict } from './model.ts';

export const PEOPLE_STANDARD = 'weak-sign-ins-refused';

/** A standard of the estate's own, which is one file. */
export const PEOPLE_DEFINITION = `title: Weak ways to sign in are refused
why: A password that still works is the one that is stolen.
scope: { kind: user }
check: asset.weak_sign_in_blocked
fix: Refuse every method that can be phished.
`;

type Answer = boolean | 'not-seen-into';

export interface Listing {
  readonly directory: string;
  /** When it looked, in milliseconds; no two listings share it. */
  readonly at: number;
  /** Whether whoever is not in it was not there. */
  readonly complete: boolean;
  /** Id → whether weak methods are refused. */
  readonly people: ReadonlyMap<string, Answer>;
}

const DIRECTORIES = ['north', 'south'];
const SHARED = ['user/both/1', 'user/both/2'];
/** Between two listings, so that one can have been late to come between them. */
const STEP = 10_000;

/** A listing that comes in now. Some are of a time before others that are known already. */
export function draw(random: Random, listings: readonly Listing[], now: number): Listing {
  const directory = random.pick(DIRECTORIES);
  const everybody = [...SHARED, ...[1, 2, 3, 4].map((number) => `user/${directory}/${number}`)];
  const people = new Map<string, Answer>();
  for (const id of everybody)
    if (random.chance(70)) people.set(id, random.chance(20) ? 'not-seen-into' : random.chance(50));
  const newest = Math.max(now - 4 * 3_600_000, ...listings.map(({ at }) => at));
  const late = random.chance(25) && listings.length > 0;
  const between = random.int(listings.length);
  const at = late ? (listings[between]?.at ?? newest) + 1000 * (1 + random.int(8)) : newest + STEP;
  // Two that looked at one time would say two things at once.
  return listings.some((one) => one.at === at)
    ? draw(random, listings, now)
    : { directory, at, complete: random.chance(60), people };
}

/** Lines of the file that says it. */
export function linesOf({ directory, at, complete, people }: Listing): string {
  const time = (milliseconds: number) => new Date(milliseconds).toISOString();
  const partition = complete
    ? { complete, witness: { id: 'register', count: people.size } }
    : { complete, cause: 'incomplete', why: 'the answer was cut off' };
  const collection = {
    source: directory,
    startedAt: time(at - 200),
    finishedAt: time(at + 200),
    status: complete ? 'complete' : 'incomplete',
    partitions: [
      { kind: 'user', container: directory, containerName: directory, seen: people.size, ...partition },
    ],
    problems: [],
  };
  const observations = [...people].map(([id, answer]) => ({
    kind: 'user',
    id,
    name: id,
    source: directory,
    observedAt: time(at),
    assurance: 'effective',
    attributes: {
      weak_sign_in_blocked:
        answer === 'not-seen-into' ? { unobserved: 'forbidden', why: 'no right to ask' } : { value: answer },
    },
  }));
  return [{ collection }, ...observations].map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Verdicts by person; whoever is gone has none. */
export function peopleVerdicts(listings: readonly Listing[]): Map<string, Verdict> {
  const verdicts = new Map<string, Verdict>();
  const inOrder = [...listings].sort((a, b) => a.at - b.at);
  for (const id of new Set(listings.flatMap(({ people }) => [...people.keys()]))) {
    /** Directory → whether its newest listing that says anything of this person saw them. */
    const seen = new Map<string, boolean>();
    let answers = new Map<string, boolean>();
    for (const { directory, complete, people } of inOrder) {
      const answer = people.get(id);
      if (answer !== undefined) {
        seen.set(directory, true);
        if (answer !== 'not-seen-into') answers.set(directory, answer);
      } else if (complete && seen.has(directory)) seen.set(directory, false);
      // Whoever comes back after that has to be looked at anew.
      if (seen.size > 0 && ![...seen.values()].includes(true)) answers = new Map();
    }
    if (![...seen.values()].includes(true)) continue;
    const said = new Set(answers.values());
    if (said.size === 1) verdicts.set(id, said.has(true) ? 'pass' : 'fail');
    // Nobody looked, or two directories disagree.
    else verdicts.set(id, 'unknown');
  }
  return verdicts;
}
