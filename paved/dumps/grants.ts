/** Who may read which dump until when: decided from the log and the rules alone. */
import type { Entry } from './log.ts';
import { DumpError } from './refused.ts';
import { ruleFor, type Settings } from './settings.ts';

export type Taken = Extract<Entry, { readonly what: 'taken' }>;
type Requested = Extract<Entry, { readonly what: 'requested' }>;

export interface Grant {
  readonly request: string;
  readonly dump: string;
  readonly by: string;
  readonly reason: string;
  readonly hours: number;
  /** People who may approve it; none where it is. */
  readonly waitsFor: readonly string[];
  /** Null until it is approved. */
  readonly until: string | null;
}

const LEAST_REASON = 10;

export function takenDump(entries: readonly Entry[], id: string): Taken {
  const taken = entries.find((one): one is Taken => one.what === 'taken' && one.dump === id);
  if (taken === undefined)
    throw new DumpError(`dump \`${id}\``, 'was never taken in', 'choose one that `macadam-dumps list` shows');
  return taken;
}

export interface Wanted {
  readonly dump: string;
  readonly by: string;
  readonly reason: string;
  readonly hours: number;
}

/** Throws where the rules refuse it, with what would be allowed. */
export function requireAllowed(entries: readonly Entry[], settings: Settings, wanted: Wanted): void {
  const { dump, by, reason, hours } = wanted;
  const { program } = takenDump(entries, dump);
  const own = settings.people[by];
  if (own !== settings.boundary)
    throw new DumpError(
      `\`${by}\``,
      own === undefined
        ? 'is not named in `people`'
        : `belongs to ${own}, and this store to ${settings.boundary}`,
      'ask somebody of that boundary to look, and take the result out instead of the dump',
    );
  const rule = ruleFor(settings, program, by);
  if (rule === null)
    throw new DumpError(
      `dump \`${dump}\``,
      `no rule lets ${by} read dumps of ${program}`,
      'ask the owners of the store for a rule',
    );
  if (reason.trim().length < LEAST_REASON || /\p{Cc}/u.test(reason))
    throw new DumpError(
      '`--reason`',
      `is \`${reason}\``,
      `say in ${LEAST_REASON} letters or more, on one line, what is looked for, best with the number of the incident`,
    );
  if (!(hours > 0 && hours <= rule.longest_hours))
    throw new DumpError(
      '`--hours`',
      `is ${hours}`,
      `give more than 0 and at most ${rule.longest_hours}, as the rule for ${program} says`,
    );
}

export function grantsIn(entries: readonly Entry[], settings: Settings): readonly Grant[] {
  const programs = new Map(entries.flatMap((one) => (one.what === 'taken' ? [[one.dump, one.program]] : [])));
  const ends = new Map(entries.flatMap((one) => (one.what === 'approved' ? [[one.request, one.until]] : [])));
  return entries
    .filter((one): one is Requested => one.what === 'requested')
    .map(({ request, dump, by, reason, hours }) => {
      const until = ends.get(request) ?? null;
      const rule = ruleFor(settings, programs.get(dump) ?? '', by);
      const others = rule?.approvers.filter((one) => one !== by) ?? [];
      return { request, dump, by, reason, hours, until, waitsFor: until === null ? others : [] };
    });
}

export function grantOf(entries: readonly Entry[], settings: Settings, id: string): Grant {
  const found = grantsIn(entries, settings).find(({ request }) => request === id);
  if (found === undefined)
    throw new DumpError(`request \`${id}\``, 'does not exist', 'make one with `macadam-dumps request`');
  return found;
}
