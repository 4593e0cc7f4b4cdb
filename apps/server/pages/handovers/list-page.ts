/** "Not mine", as pages: what is on its way between teams, answered and decided. */
import type { Action } from '@macadam/adapters/authorisation/actions';
import { authorise } from '@macadam/adapters/authorisation/authorise';
import type { HandoverRecord } from '@macadam/adapters/decisions/handovers';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { Attempt } from '@macadam/adapters/report-formats/html/form';
import { divisionOf, heirOf, type OrgTree } from '@macadam/core/org/org';
import { currentTree } from '@macadam/services/ownership/log';
import { z } from 'zod';
import { movedHandover, ofGiver, ofTaker } from '../../api/handovers.ts';
import type { RawAnswer } from '../../http/route.ts';
import {
  type FormCall,
  form,
  namesIn,
  readForm,
  shownPage,
  standingPage,
  type Visit,
  written,
} from '../page.ts';
import { type HandoverActName, type HandoverLine, handoverHeading, handoverListBody } from './list.ts';

const UNDER_WAY = ['asked', 'returned', 'deputy'] as const;
const MOST = 200;
const params = { number: z.coerce.number().int().min(1) };

const DONE = {
  accepted: 'They are your team’s now.',
  refused: 'It is refused.',
  asked: 'The team was asked.',
  withdrawn: 'It is withdrawn.',
  decided: 'It is decided.',
} as const;
type Done = keyof typeof DONE;

/** What the visitor may do with one by how it stands. */
function actsOf({ caller }: Visit, record: HandoverRecord, tree: OrgTree): ReadonlySet<HandoverActName> {
  const { number, division, fromTeam, toTeam, state } = record;
  const may = (action: Action, team: string | null) => {
    const of = team === null ? division : (divisionOf(tree, team) ?? division);
    return authorise(caller, action, { id: `${number}`, division: of, ...(team !== null && { team }) })
      .allowed;
  };
  const giver = heirOf(tree, fromTeam) ?? fromTeam;
  const acts = new Set<HandoverActName>();
  if (state === 'asked' && may('HandOver::answer', toTeam)) acts.add('answer');
  if (state === 'returned' && may('HandOver::ask', giver)) acts.add('ask');
  if (may('HandOver::ask', giver)) acts.add('withdraw');
  if (state === 'deputy' && may('HandOver::decide', giver)) acts.add('decide');
  return acts;
}

async function page(
  call: Visit,
  tx: DecisionTransaction,
  done?: Done,
  attempt: Attempt | null = null,
): Promise<RawAnswer> {
  const tree = await currentTree(call.parts.decisions, tx);
  const { unit, person } = namesIn(tree);
  const rows: HandoverLine[] = [];
  for (const state of UNDER_WAY)
    for (const record of await tx.handovers.handovers({ state, limit: MOST })) {
      const { number, assets, fromTeam, toTeam, bounces } = record;
      const steps = await tx.handovers.steps(number);
      rows.push({
        number,
        assets,
        bounces,
        state,
        from: unit(fromTeam),
        to: toTeam === null ? null : unit(toTeam),
        steps: steps.map(({ saidAt, saidBy, what, why, toTeam: to }) => ({
          at: saidAt,
          by: person(saidBy),
          what,
          why,
          to: to === null ? null : unit(to),
        })),
        may: actsOf(call, record, tree),
      });
    }
  const own = ({ may }: HandoverLine) => Number(may.has('answer') || may.has('decide'));
  rows.sort((a, b) => own(b) - own(a) || a.number - b.number);
  const body = handoverListBody({ rows, attempt, told: done ? DONE[done] : null });
  const title = 'Hand-overs';
  return standingPage(call, {
    section: 'work',
    heading: handoverHeading(rows),
    title,
    when: 'Assets that one team asked another to own. Until that team accepts they stay where they are, with their due dates.',
    below: true,
    body,
  });
}

type Acting = FormCall<typeof params>;

const acting = <S extends z.ZodType>({
  act,
  summary,
  action,
  shape,
  does,
}: {
  readonly act: HandoverActName;
  readonly summary: string;
  readonly action: Action;
  readonly shape: S;
  readonly does: (call: Acting, tx: DecisionTransaction, given: z.output<S>) => Promise<Done>;
}) =>
  form({
    path: `/handovers/:number/${act}`,
    summary,
    params,
    action,
    reads: 'HandOver::read',
    name: (call) => `${act}-${call.params.number}`,
    of: (call, tx) => (act === 'answer' ? ofTaker(call, tx) : ofGiver(call, tx)),
    does: async (call, tx) => `/handovers?done=${await does(call, tx, readForm(shape, call.body))}`,
    page: (call, tx, attempt) => page(call, tx, undefined, attempt),
  });

const asked = z.strictObject({ to: written, why: written });

export const handovers = [
  shownPage({
    path: '/handovers',
    summary: 'Show what changes hands',
    action: 'HandOver::read',
    of: 'anywhere',
    query: { done: z.enum(Object.keys(DONE) as [Done, ...Done[]]).optional() },
    does: (call, tx) => page(call, tx, call.query.done),
  }),
  acting({
    act: 'answer',
    summary: 'Accept or refuse a hand-over',
    action: 'HandOver::answer',
    shape: z.strictObject({
      accepted: z.stringbool('nothing is chosen; choose one'),
      to: written.optional(),
      why: written,
    }),
    does: async (call, tx, { accepted, to, why }) => {
      const refused = to === undefined ? { move: 'refuse' as const } : { move: 'refuse' as const, to };
      await movedHandover(call, tx, accepted ? { move: 'accept' } : refused, { why });
      return accepted ? 'accepted' : 'refused';
    },
  }),
  acting({
    act: 'ask',
    summary: 'Ask another team',
    action: 'HandOver::ask',
    shape: asked,
    does: async (call, tx, { to, why }) => {
      await movedHandover(call, tx, { move: 'ask', to }, { why });
      return 'asked';
    },
  }),
  acting({
    act: 'withdraw',
    summary: 'Withdraw a hand-over',
    action: 'HandOver::ask',
    shape: z.strictObject({ why: written }),
    does: async (call, tx, said) => {
      await movedHandover(call, tx, { move: 'withdraw' }, said);
      return 'withdrawn';
    },
  }),
  acting({
    act: 'decide',
    summary: 'Decide whose it is',
    action: 'HandOver::decide',
    shape: asked,
    does: async (call, tx, { to, why }) => {
      await movedHandover(call, tx, { move: 'decide', to }, { why, deputy: true });
      return 'decided';
    },
  }),
];
