/** Many pushes from a seed, each with the answer that it has to get and the state that has to be left. */
import { CASES, exists, invalid, type Made, type Place, SLOW } from './cases.ts';
import { fails, git, leftOver, push, type Scene } from './scene.ts';

export interface Counts {
  refused: number;
  accepted: number;
  readonly byCase: Map<string, number>;
}

export interface Wanted {
  readonly pushes: number;
  readonly seed: number;
  /** Whether sorts that take long are among them. */
  readonly slow?: boolean;
  readonly progress?: (made: number) => void;
}

/** One in so many pushes is one of those that take long. */
const RARE = 150;
const BRANCHES = 8;

/** Throws at the first push that got another answer, with what it was. Every case comes once before any comes again. */
export async function pushAll(
  scene: Scene,
  { pushes, seed, slow = true, progress }: Wanted,
): Promise<Counts> {
  const number = numbers(seed);
  const counts: Counts = { refused: 0, accepted: 0, byCase: new Map() };
  const makes: Readonly<Record<string, (place: Place) => Made>> = {
    ...CASES,
    'secret in invalid objects': invalid,
  };
  const quick = Object.keys(makes).filter((name) => !SLOW.includes(name));
  const all = slow ? [...quick, ...SLOW] : quick;
  const tips = new Map<string, string>();
  for (let made = 0; made < pushes; made++) {
    const among = made < all.length ? null : slow && number(RARE) === 0 ? SLOW : quick;
    const name = (among === null ? all[made] : among[number(among.length)]) ?? '';
    const branch = `b${number(BRANCHES)}`;
    const parent = tips.get(branch) ?? null;
    const { parameters, holds, tip } = (makes[name] as (place: Place) => Made)({
      clone: scene.clone,
      branch,
      parent,
      number,
      seed: `${seed}/${made}`,
    });
    const { accepted, said } = await push(scene, parameters);
    const at = `push ${made} of seed ${seed} (${name}; ${parameters.slice(0, 3).join(' ')})`;
    const missing = name === 'clean deletion of a branch' && parent === null;
    if (accepted === holds && !missing)
      throw new Error(`${at} was ${accepted ? 'accepted' : 'refused'}:\n${said}`);
    if (holds && !name.includes('invalid') && !/push refused: it holds/.test(said))
      throw new Error(`${at} was refused for another reason:\n${said}`);
    if (tip !== null) {
      const is = fails(scene.server, ['rev-parse', '-q', '--verify', `refs/heads/${branch}`])
        ? null
        : git(scene.server, ['rev-parse', `refs/heads/${branch}`]);
      if (is !== (accepted ? tip : parent)) throw new Error(`${at}: the branch is at ${is}`);
      if (!accepted && exists(scene.server, tip))
        throw new Error(`${at}: objects of a refused push were kept`);
      if (accepted) tips.set(branch, tip);
    } else if (accepted && name === 'clean deletion of a branch') tips.delete(branch);
    const left = leftOver(scene.server);
    if (left.length > 0) throw new Error(`${at} left ${left.join(', ')}`);
    if (accepted) counts.accepted++;
    else counts.refused++;
    counts.byCase.set(name, (counts.byCase.get(name) ?? 0) + 1);
    progress?.(made + 1);
  }
  git(scene.server, ['fsck', '--connectivity-only', '--no-dangling']);
  return counts;
}

function numbers(seed: number): Place['number'] {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * below);
  };
}
