/**
 * People by group and answer, as numbers that tell nobody's own: groups are put together until each has ten people, of each group
 * at least ten are withheld, and what is published goes by steps of ten. Groups do not overlap, so that no difference of two has fewer. Pure.
 */

/** The least number of people that anything is said of, and the step in which numbers are published. */
export const FEWEST = 10;

export const SMALLER_GROUPS = '(smaller groups)';

export interface GroupAnswers {
  readonly group: string;
  readonly yes: number;
  readonly no: number;
  /** Of whom the answer is not known. */
  readonly unknown: number;
}

export interface PublishedGroup {
  readonly group: string;
  /** Multiples of ten. */
  readonly yes: number;
  readonly no: number;
  /** Nought, or ten and more: whoever's answer would be readable, or is not known. */
  readonly withheld: number;
}

const sizeOf = ({ yes, no, unknown }: GroupAnswers): number => yes + no + unknown;

/** By name, what was put together last. Empty where all of them together are fewer than ten. */
export function publishedGroups(groups: readonly GroupAnswers[]): readonly PublishedGroup[] {
  const bySize = groups
    .filter((group) => sizeOf(group) > 0)
    .sort((a, b) => sizeOf(a) - sizeOf(b) || (a.group < b.group ? -1 : 1));
  let together: GroupAnswers = { group: SMALLER_GROUPS, yes: 0, no: 0, unknown: 0 };
  const alone: GroupAnswers[] = [];
  for (const group of bySize) {
    // A rest of fewer than ten would be the difference between everybody and the groups that are published.
    const rest = sizeOf(together);
    if (sizeOf(group) >= FEWEST && (rest === 0 || rest >= FEWEST)) alone.push(group);
    else
      together = {
        group: SMALLER_GROUPS,
        yes: together.yes + group.yes,
        no: together.no + group.no,
        unknown: together.unknown + group.unknown,
      };
  }
  const whole = sizeOf(together) >= FEWEST ? [...alone, together] : alone;
  return whole
    .sort((a, b) => Number(a === together) - Number(b === together) || (a.group < b.group ? -1 : 1))
    .map(publishedOf);
}

function publishedOf(answers: GroupAnswers): PublishedGroup {
  const people = sizeOf(answers);
  // Where everybody has the same answer it would be each one's own: ten of them are withheld.
  const published = (count: number): number => {
    const most = Math.min(count, people - FEWEST);
    return most - (most % FEWEST);
  };
  let [yes, no] = [published(answers.yes), published(answers.no)];
  const withheld = people - yes - no;
  if (withheld > 0 && withheld < FEWEST) {
    if (yes >= no) yes -= FEWEST;
    else no -= FEWEST;
  }
  return { group: answers.group, yes, no, withheld: people - yes - no };
}
