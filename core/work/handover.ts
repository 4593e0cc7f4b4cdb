/**
 * "Not mine": an owner stays the owner until another team accepts. Whoever is asked and refuses bounces it; after two
 * bounces the deputy CISO decides, and that decision needs nobody's acceptance.
 */
import type { RequestDiagnostic } from '../text/diagnostic.ts';

export const BOUNCES = 2;

export interface HandoverStep {
  readonly what: 'asked' | 'accepted' | 'refused' | 'decided' | 'withdrawn';
  readonly by: string;
  readonly at: string;
  readonly why: string;
  /** Team that is asked, or that it was given to. */
  readonly to: string | null;
}

export interface Handover {
  readonly assets: readonly string[];
  readonly from: string;
  /**
   * `asked`: `to` has to answer. `returned`: it is back with `from`, who may ask another. `deputy`: the deputy CISO has
   * to decide. `done`: `to` owns the assets. `withdrawn`: nothing came of it.
   */
  readonly state: 'asked' | 'returned' | 'deputy' | 'done' | 'withdrawn';
  readonly to: string | null;
  readonly bounces: number;
  readonly steps: readonly HandoverStep[];
}

export type HandoverMove =
  | { readonly move: 'ask'; readonly to: string }
  | { readonly move: 'accept' }
  /** Whoever refuses may know better: then `to` is asked next. */
  | { readonly move: 'refuse'; readonly to?: string }
  | { readonly move: 'decide'; readonly to: string }
  | { readonly move: 'withdraw' };

export interface HandoverContext {
  readonly by: string;
  /** Teams that the person speaks for, and whether as the deputy CISO that is accountable. */
  readonly teams: ReadonlySet<string>;
  readonly deputy: boolean;
  readonly now: Date;
  readonly why: string;
  readonly exists: (team: string) => boolean;
  /** Whose an asset is by now. Null: nobody's; undefined: there is no such asset. */
  readonly ownerOf: (asset: string) => string | null | undefined;
}

export type HandedOver = { readonly handover: Handover } | { readonly refusal: RequestDiagnostic };

const no = (field: string, reason: string, fix: string): HandedOver => ({ refusal: { field, reason, fix } });

/** An owner says that assets are another team's. */
export function notMine(
  assets: readonly string[],
  from: string,
  to: string,
  context: HandoverContext,
): HandedOver {
  if (assets.length === 0) return no('assets', 'it names no asset', 'name what is not yours');
  const begun = { assets: [...new Set(assets)].sort(), from, to: null, bounces: 0, steps: [] };
  return hand({ ...begun, state: 'returned' }, { move: 'ask', to }, context);
}

export function hand(handover: Handover, move: HandoverMove, context: HandoverContext): HandedOver {
  const { from, to, state, bounces } = handover;
  const step = (what: HandoverStep['what'], next: Partial<Handover>, given: string | null): HandedOver => {
    const own = { what, by: context.by, at: context.now.toISOString(), why: context.why, to: given };
    return { handover: { ...handover, ...next, steps: [...handover.steps, own] } };
  };
  if (context.why.trim() === '') return no('why', 'it gives no reason', 'say why, in a sentence');
  if (state === 'done' || state === 'withdrawn')
    return no('', `it is ${state} already`, 'begin another hand-over');
  switch (move.move) {
    case 'ask':
      if (state !== 'returned')
        return no('', 'somebody has to answer first', 'wait for the answer, or withdraw it');
      if (!context.teams.has(from))
        return no('', `${context.by} does not speak for \`${from}\``, 'let its owner ask');
      return (
        others(handover, context) ??
        stranger(move.to, from, context) ??
        step('asked', { state: 'asked', to: move.to }, move.to)
      );
    case 'withdraw':
      if (!context.teams.has(from))
        return no('', `${context.by} does not speak for \`${from}\``, 'let its owner withdraw it');
      return step('withdrawn', { state: 'withdrawn', to: null }, null);
    case 'decide':
      if (state !== 'deputy')
        return no('', 'the teams have not failed to agree', 'let the team that is asked answer');
      if (!context.deputy)
        return no('', `${context.by} is not the deputy CISO for it`, 'let the deputy CISO decide');
      // Even for the team that does not want it: somebody owns it from here on.
      if (!context.exists(move.to))
        return no('to', `there is no team \`${move.to}\``, 'name a team of today');
      return others(handover, context) ?? step('decided', { state: 'done', to: move.to }, move.to);
    default:
  }
  if (state !== 'asked' || to === null) return no('', 'no team is asked', 'ask one first');
  if (!context.teams.has(to))
    return no('', `${context.by} does not speak for \`${to}\``, `let \`${to}\` answer`);
  if (move.move === 'accept') return others(handover, context) ?? step('accepted', { state: 'done' }, to);
  const next = move.to ?? null;
  const wrong = next === null ? null : stranger(next, from, context);
  if (wrong) return wrong;
  const counted = bounces + 1;
  if (counted >= BOUNCES) return step('refused', { state: 'deputy', to: null, bounces: counted }, null);
  return step('refused', { state: next === null ? 'returned' : 'asked', to: next, bounces: counted }, next);
}

/** Nobody hands over, and nobody accepts, what is not (or no longer) the giver's: its owner was never asked. */
function others({ assets, from }: Handover, { ownerOf }: HandoverContext): HandedOver | null {
  for (const asset of assets) {
    const owner = ownerOf(asset);
    if (owner === from) continue;
    const named = `\`${asset}\``;
    if (owner === undefined)
      return no('assets', `there is no asset ${named}`, 'correct its id, or leave it out');
    return owner === null
      ? no('assets', `nobody owns ${named}`, 'leave it out; who takes it says so among the owners')
      : no(
          'assets',
          `${named} is of \`${owner}\`, not of \`${from}\``,
          `leave it out, or let \`${owner}\` ask`,
        );
  }
  return null;
}

function stranger(to: string, from: string, { exists }: HandoverContext): HandedOver | null {
  if (!exists(to)) return no('to', `there is no team \`${to}\``, 'name a team of today');
  return to === from ? no('to', 'it is the owner already', 'name another team') : null;
}
