/** "Not mine": asked by the team that has it, answered by the one that is to have it, decided above both. */
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { divisionOf, heirOf } from '@macadam/core/org/org';
import type { HandoverMove } from '@macadam/core/work/handover';
import { currentTree } from '@macadam/services/ownership/log';
import { askHandover, type HandoverOptions, moveHandover } from '@macadam/services/work/handover';
import { teamsOf } from '@macadam/services/work/teams';
import { z } from 'zod';
import { anId, assets, idOrNone } from '../http/bounds.ts';
import { HttpProblem } from '../http/problem.ts';
import { type Call, list, route } from '../http/route.ts';
import { owned } from './owners.ts';

const time = z.string().describe('RFC 3339');
const team = z.string().nullable();
const count = z.int().min(0);
const state = z.enum(['asked', 'returned', 'deputy', 'done', 'withdrawn']);
const handoverRow = z.object({
  number: count,
  assets: z.array(z.string()),
  fromTeam: z.string(),
  division: z.string(),
  state,
  toTeam: team,
  bounces: count,
  begunAt: time,
  begunBy: z.string(),
  version: count,
});
const one = { number: z.coerce.number().int().min(1) };
const why = z.string().min(1).max(10_000);

async function found(tx: DecisionTransaction, number: number) {
  const record = await tx.handovers.handover(number);
  if (record) return record;
  throw new HttpProblem(404, `there is no hand-over ${number}`);
}

type Moving = Pick<Call, 'caller' | 'now' | 'parts' | 'version'>;

export async function handoverOptions(
  { caller, now, parts }: Moving,
  tx: DecisionTransaction,
  said: { readonly why: string; readonly deputy?: boolean },
): Promise<HandoverOptions> {
  const tree = await currentTree(parts.decisions, tx);
  // Who speaks for a team speaks for those that were merged into it: what they asked for can be withdrawn.
  const merged = [...tree.merged.keys()].filter((team) => caller.teams.includes(heirOf(tree, team) ?? ''));
  return {
    by: caller.person,
    teams: new Set([...caller.teams, ...merged]),
    deputy: said.deputy ?? false,
    why: said.why,
    exists: (id) => tree.units.get(id)?.level === 'team',
    organisation: teamsOf(tree),
    ownersOf: async (within, ids) => {
      const { assets, owners } = await owned(parts, within, ids, now);
      return new Map([...assets].map(([id, asset]) => [id, owners.answerOf(asset).owner]));
    },
  };
}

export async function movedHandover(
  call: Moving & { readonly params: { readonly number: number } },
  tx: DecisionTransaction,
  move: HandoverMove,
  said: { readonly why: string; readonly deputy?: boolean },
) {
  const { params, version } = call;
  await moveHandover(tx, params.number, move, { ...(await handoverOptions(call, tx, said)), version });
  return found(tx, params.number);
}

type Asked = Pick<Call, 'parts'> & { readonly params: { readonly number: number } };
export const ofGiver = async ({ params, parts }: Asked, tx: DecisionTransaction) => {
  const { number, division, fromTeam } = await found(tx, params.number);
  return {
    id: `${number}`,
    division,
    team: heirOf(await currentTree(parts.decisions, tx), fromTeam) ?? fromTeam,
  };
};
export const ofTaker = async ({ params, parts }: Asked, tx: DecisionTransaction) => {
  const { number, division, toTeam } = await found(tx, params.number);
  if (toTeam === null) return { id: `${number}`, division };
  const tree = await currentTree(parts.decisions, tx);
  return { id: `${number}`, division: divisionOf(tree, toTeam) ?? '', team: toTeam };
};

const optional = <K extends string>(key: K, value: string | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { readonly [Key in K]?: string };

export const routes = [
  list({
    path: '/api/handovers',
    summary: 'List hand-overs',
    action: 'HandOver::read',
    of: 'anywhere',
    query: { from: idOrNone.optional(), to: idOrNone.optional(), state: state.optional() },
    row: handoverRow,
    sorts: ['number'],
    key: ({ number }) => number,
    rows: async ({ query }, tx, { after, limit }) => {
      return tx.handovers.handovers({
        limit,
        after,
        ...optional('fromTeam', query.from),
        ...optional('toTeam', query.to),
        state: query.state,
      });
    },
  }),
  route({
    method: 'GET',
    path: '/api/handovers/:number',
    summary: 'Show a hand-over and its steps',
    params: one,
    action: 'HandOver::read',
    of: 'anywhere',
    answer: handoverRow.extend({
      steps: z.array(
        z.object({ what: z.string(), saidAt: time, saidBy: z.string(), why: z.string(), toTeam: team }),
      ),
    }),
    does: async ({ params }, tx) => ({
      ...(await found(tx, params.number)),
      steps: await tx.handovers.steps(params.number),
    }),
  }),
  route({
    method: 'POST',
    path: '/api/handovers',
    summary: 'Say that assets are another team’s',
    status: 201,
    action: 'HandOver::ask',
    body: z.strictObject({ assets, from: anId, to: anId, why }),
    of: async ({ body, parts }, tx) => {
      const tree = await currentTree(parts.decisions, tx);
      return { id: '', division: divisionOf(tree, body.from) ?? '', team: body.from };
    },
    answer: handoverRow,
    does: async (call, tx) => {
      const { number } = await askHandover(tx, call.body, await handoverOptions(call, tx, call.body));
      return found(tx, number);
    },
  }),
  route({
    method: 'POST',
    path: '/api/handovers/:number/asks',
    summary: 'Ask another team',
    params: one,
    action: 'HandOver::ask',
    of: ofGiver,
    body: z.strictObject({ to: anId, why }),
    answer: handoverRow,
    versioned: true,
    does: (call, tx) => movedHandover(call, tx, { move: 'ask', to: call.body.to }, call.body),
  }),
  route({
    method: 'POST',
    path: '/api/handovers/:number/withdrawal',
    summary: 'Withdraw a hand-over',
    params: one,
    action: 'HandOver::ask',
    of: ofGiver,
    body: z.strictObject({ why }),
    answer: handoverRow,
    versioned: true,
    does: (call, tx) => movedHandover(call, tx, { move: 'withdraw' }, call.body),
  }),
  route({
    method: 'POST',
    path: '/api/handovers/:number/answers',
    summary: 'Accept or refuse',
    params: one,
    action: 'HandOver::answer',
    of: ofTaker,
    answer: handoverRow,
    versioned: true,
    body: z.strictObject({
      accepted: z.boolean(),
      to: anId.optional().describe('Of a refusal: the team whose it is'),
      why,
    }),
    does: (call, tx) => {
      const { accepted, to } = call.body;
      const move: HandoverMove = accepted ? { move: 'accept' } : { move: 'refuse', ...optional('to', to) };
      return movedHandover(call, tx, move, call.body);
    },
  }),
  route({
    method: 'POST',
    path: '/api/handovers/:number/decision',
    summary: 'Decide whose it is',
    params: one,
    action: 'HandOver::decide',
    of: ofGiver,
    body: z.strictObject({ to: anId, why }),
    answer: handoverRow,
    versioned: true,
    does: (call, tx) =>
      movedHandover(call, tx, { move: 'decide', to: call.body.to }, { ...call.body, deputy: true }),
  }),
];
