/** How much has an owner, and the queue in which people give the rest to somebody. */
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { Attempt } from '@macadam/adapters/report-formats/html/form';
import { pathWith } from '@macadam/adapters/report-formats/html/link';
import { html } from '@macadam/adapters/report-formats/html/markup';
import { BOUNDS } from '@macadam/core/text/bounds';
import { ownership } from '@macadam/services/ownership/answers';
import { currentTree } from '@macadam/services/ownership/log';
import { z } from 'zod';
import { decidedBy, unownedIn } from '../../api/owners.ts';
import { anId } from '../../http/bounds.ts';
import { HttpProblem } from '../../http/problem.ts';
import type { RawAnswer } from '../../http/route.ts';
import { passedStores, siteOf } from '../../server-context.ts';
import {
  form,
  namesIn,
  optional,
  readForm,
  shownPage,
  standingPage,
  type TypedForm,
  ticked,
  type Visit,
  written,
} from '../page.ts';
import { type OwnersPage, ownersBody, ownersHeading } from './page.ts';
import { headsOf, sumsOf } from './sums.ts';

const ROWS = 15;

interface QueueAsked {
  readonly kind?: string | undefined;
  readonly prefix?: string | undefined;
  readonly after?: string | undefined;
  readonly done?: number | undefined;
  /** The unit whose parts are shown. */
  readonly open?: string | undefined;
  /** An earlier moment, of which this page knows nothing. */
  readonly at?: string | undefined;
}

async function page(
  call: Visit,
  { kind, prefix, after, done, open, at }: QueueAsked,
  tx: DecisionTransaction,
  attempt: Attempt | null = null,
): Promise<RawAnswer> {
  const { parts, now } = call;
  const tree = await currentTree(parts.decisions, tx);
  const names = namesIn(tree);
  const query = { kind: optional(kind), prefix: optional(prefix), after: optional(after) };
  const found = await unownedIn({
    parts,
    asking: tx,
    filter: query,
    now,
    page: { after: query.after, limit: ROWS + 1 },
  });
  const last = found.slice(0, ROWS).at(-1);
  const shown: OwnersPage = {
    tree: {
      tree,
      sums: await sumsOf(tx, siteOf(parts), tree),
      heads: headsOf(tree),
      open: optional(open) ?? null,
    },
    kinds: await ownership((await passedStores(parts)).driver),
    query,
    attempt,
    told: done === undefined ? null : `${done} given to their owners.`,
    queue: found.slice(0, ROWS).map(({ asset, answer: said, suggestions }) => ({
      id: asset.id,
      kind: asset.kind,
      name: asset.name,
      suggestions: suggestions.map((one) => ({ ...one, name: names.unit(one.owner) })),
      chain: said.chain.map(({ rule, why }) => ({ rule, why })),
    })),
    next: found.length > ROWS && last ? pathWith('/owners', { ...query, after: last.asset.id }) : null,
  };
  const { heading, lead } = ownersHeading(shown);
  return standingPage(call, {
    section: 'owners',
    heading,
    title: 'Owners',
    when: lead,
    acts: html`<a class="btn" href="/who">Whom to call</a>`,
    pastAsked: at,
    body: ownersBody(shown),
  });
}

/** What the page had suggested: what was seen is what is decided, whatever the facts say by now. */
const suggested = z.union([z.string(), z.array(z.string())]).transform((all, context) => {
  const pairs = [all].flat().map((text) => {
    try {
      return z.tuple([z.string(), z.string()]).parse(JSON.parse(text));
    } catch {
      context.addIssue({ code: 'custom', message: 'it is no suggestion of the page' });
      return z.NEVER;
    }
  });
  return new Map(pairs);
});

const decision = z.strictObject({
  assets: ticked,
  to: z.enum(['suggested', 'team']),
  team: written.optional(),
  reason: written,
  suggested: suggested.optional(),
  kind: anId.optional(),
  prefix: z.string().max(BOUNDS.assetId).optional(),
  after: z.string().max(2000).optional(),
});

/** Who gets which. */
function teamsGiven({
  assets,
  to,
  team,
  suggested: proposed,
}: z.output<typeof decision>): ReadonlyMap<string, string[]> {
  const object = (field: string, reason: string, fix: string) =>
    new HttpProblem(422, reason, [{ field, reason, fix }]);
  const given = new Map<string, string[]>();
  for (const asset of assets) {
    const taker = to === 'team' ? team : proposed?.get(asset);
    if (taker === undefined)
      throw to === 'team'
        ? object('team', 'it names no team', 'give the id of one')
        : object('assets', `nobody is suggested for ${asset}`, 'leave it out, or name a team');
    given.set(taker, [...(given.get(taker) ?? []), asset]);
  }
  return given;
}

const asTyped = (typed: TypedForm): QueueAsked => {
  const text = (name: string) => (typeof typed[name] === 'string' ? typed[name] : undefined);
  return { kind: text('kind'), prefix: text('prefix'), after: text('after') };
};

export const owners = [
  shownPage({
    path: '/owners',
    summary: 'Show how much has an owner, and what has none',
    action: 'Owner::read',
    of: 'anywhere',
    holds: 'search',
    query: {
      kind: z.string().max(200).optional(),
      prefix: z.string().max(500).optional(),
      after: z.string().max(2000).optional(),
      done: z.coerce.number().int().optional(),
      open: z.string().max(500).optional(),
      at: z.string().max(500).optional(),
    },
    does: (call, tx) => page(call, call.query, tx),
  }),
  form({
    path: '/owners',
    name: 'decide',
    summary: 'Give assets to owners',
    action: 'Owner::read',
    of: 'anywhere',
    reads: 'Owner::read',
    does: async (call, tx) => {
      const { reason, ...given } = readForm(decision, call.body);
      let decided = 0;
      for (const [team, assets] of teamsGiven({ ...given, reason }))
        decided += await decidedBy(call, tx, { assets, act: { move: 'assign', team }, reason });
      return pathWith('/owners', { kind: given.kind, prefix: given.prefix, done: String(decided) });
    },
    page: (call, tx, attempt) => page(call, asTyped(call.body), tx, attempt),
  }),
];
