/** Permission to fail for a while: asked for, answered by somebody else, ended, and what it means exactly. */
import type { FailingRecord } from '@macadam/adapters/decisions/failing';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { divisionOf } from '@macadam/core/org/org';
import type { RequestDiagnostic } from '@macadam/core/text/diagnostic';
import { didYouMean } from '@macadam/core/text/suggestion';
import { selects } from '@macadam/core/verdicts/exception';
import { currentTree } from '@macadam/services/ownership/log';
import { approveException } from '@macadam/services/work/exceptions';
import { judgeIn } from '@macadam/services/work/judge';
import { z } from 'zod';
import { anId, aText, selectors } from '../http/bounds.ts';
import { aDay } from '../http/day.ts';
import { HttpProblem } from '../http/problem.ts';
import { type Call, list, route } from '../http/route.ts';
import { requireReadiness } from '../readiness.ts';
import { isMeasuring, ownedStores, siteOf } from '../server-context.ts';
import { requireFilters, requireNone, unknownStandard, unknownUnit } from '../unknown-name.ts';

const day = aDay;
const time = z.string().describe('RFC 3339');
const person = z.string().nullable();

const exceptionRow = z.object({
  id: z.string(),
  standard: z.string(),
  division: z.string(),
  selectors: z.array(z.string()),
  reason: z.string(),
  compensating: z.string().nullable(),
  renews: z.string().nullable(),
  until: day.describe('Last day on which it holds, UTC; it ends by itself'),
  requestedAt: time,
  requestedBy: z.string(),
  approvedAt: time.nullable(),
  approvedBy: person,
  proof: z.string().nullable(),
  refusedAt: time.nullable(),
  refusedBy: person,
  endedAt: time.nullable(),
  endedBy: person,
  endReason: z.string().nullable(),
});
const one = { id: anId };

export async function foundException(tx: DecisionTransaction, id: string) {
  const exception = await tx.permissions.exception(id);
  if (exception) return exception;
  throw new HttpProblem(404, `there is no exception \`${id}\``);
}

export const ofException = async (
  { params }: { readonly params: { readonly id: string } },
  tx: DecisionTransaction,
) => {
  const { id, division, standard, requestedBy } = await foundException(tx, params.id);
  return { id, division, standard, person: requestedBy };
};

interface AskedException {
  readonly team: string;
  readonly standard: string;
  readonly selectors: readonly string[];
  readonly reason: string;
  readonly compensating: string;
  readonly until: string;
  readonly renews?: string | undefined;
}

/** So many names a misspelt one is compared with. */
const NEAR = 2000;

/** What names nothing that fails in the division cannot be approved, and nobody would find out before. */
function idleSelectors(
  failing: readonly Pick<FailingRecord, 'asset' | 'name'>[],
  { standard, selectors }: Pick<AskedException, 'standard' | 'selectors'>,
): readonly RequestDiagnostic[] {
  const near = failing.slice(0, NEAR).flatMap(({ asset, name }) => [asset, name]);
  return selectors
    .filter((one) => !failing.some(({ asset, name }) => selects(one, asset) || selects(one, name)))
    .map((one) => ({
      field: 'selectors',
      reason: `\`${one}\` names nothing that fails ${standard} here now${didYouMean(one, near)}`,
      fix: `name an asset by its id or name, as /api/standards/${standard}/assets?verdict=fail lists it`,
    }));
}

export async function askException(
  tx: DecisionTransaction,
  parts: Call['parts'],
  { team, renews, ...given }: AskedException,
) {
  const tree = await currentTree(parts.decisions, tx);
  const division = divisionOf(tree, team) ?? '';
  const failing = await tx.failing.wanted(given.standard, { assets: [], all: true });
  // One that is no longer in the catalogue may still be failed.
  const unknown = failing.length === 0 ? unknownStandard('standard', given.standard, parts.site()) : [];
  // Without an organisation the policy says for whom somebody may ask.
  const strange = tree.units.size === 0 ? [] : unknownUnit('team', team, tree);
  requireNone(422, [...unknown, ...strange]);
  const own = failing.filter((one) => one.division === division);
  requireNone(422, idleSelectors(own, given));
  const id = parts.random(10).toString('hex');
  await tx.permissions.request({ ...given, id, division, renews });
  return foundException(tx, id);
}

/** Judges what fails at this moment, and accepts that. */
export async function approveAsked(
  {
    params,
    caller,
    parts,
    now,
  }: Pick<Call, 'caller' | 'parts' | 'now'> & { readonly params: { readonly id: string } },
  tx: DecisionTransaction,
  proof: string,
): Promise<void> {
  const { driver, facts, kinds } = ownedStores(parts);
  const standards = [...siteOf(parts).standards.values()].map(({ compiled }) => compiled);
  const judge = judgeIn({ driver, facts, kinds, standards, now: () => now });
  await approveException(tx, params.id, { by: caller.person, proof, judge });
}

const versioned = ({ params }: { readonly params: { readonly id: string } }, tx: DecisionTransaction) =>
  foundException(tx, params.id);

export const routes = [
  list({
    path: '/api/exceptions',
    summary: 'List exceptions',
    action: 'Exception::read',
    of: 'anywhere',
    query: {
      standard: anId.optional(),
      inForceOn: day.optional(),
      waiting: z.stringbool().optional().describe('Those that nobody has answered, or the others'),
    },
    row: exceptionRow,
    sorts: ['id'],
    key: ({ id }) => id,
    rows: async ({ parts, query: { standard, inForceOn, waiting } }, tx, { after, limit }) => {
      await requireFilters({ standard }, tx, parts);
      const all = await tx.permissions.exceptions({
        limit,
        after,
        standard,
        inForceOn,
        waiting,
      });
      // What people decided is known before anybody looks; of what is still being made, it is not.
      if (all.length === 0 && parts.site() === null && isMeasuring(parts)) await requireReadiness(tx, 'work');
      return all;
    },
  }),
  route({
    method: 'GET',
    path: '/api/exceptions/:id',
    summary: 'Show an exception',
    params: one,
    action: 'Exception::read',
    of: ofException,
    answer: exceptionRow,
    does: ({ params }, tx) => foundException(tx, params.id),
  }),
  list({
    path: '/api/exceptions/:id/assets',
    summary: 'List what was accepted of which asset',
    params: one,
    action: 'Exception::read',
    of: ofException,
    row: z.object({ asset: z.string(), accepted: z.string().nullable().describe('Null: anything') }),
    sorts: ['asset'],
    key: ({ asset }) => asset,
    rows: ({ params }, tx, page) => tx.permissions.exceptedAssets(params.id, page),
  }),
  route({
    method: 'POST',
    path: '/api/exceptions',
    summary: 'Ask for an exception',
    status: 201,
    action: 'Exception::request',
    body: z.strictObject({
      team: anId,
      standard: anId,
      selectors,
      reason: aText.min(10),
      compensating: aText.min(10),
      until: day,
      renews: anId.optional().describe('The exception that it follows'),
    }),
    of: async ({ body, parts }, tx) => {
      const division = divisionOf(await currentTree(parts.decisions, tx), body.team) ?? '';
      return { id: '', division, team: body.team, standard: body.standard };
    },
    answer: exceptionRow,
    does: ({ body, parts }, tx) => askException(tx, parts, body),
  }),
  route({
    method: 'POST',
    path: '/api/exceptions/:id/approval',
    summary: 'Approve an exception',
    params: one,
    action: 'Exception::approve',
    of: ofException,
    answer: exceptionRow,
    versioned,
    body: z.strictObject({
      proof: aText.describe('Where an auditor finds the record of the decision'),
    }),
    does: async (call, tx) => {
      await approveAsked(call, tx, call.body.proof);
      return foundException(tx, call.params.id);
    },
  }),
  route({
    method: 'POST',
    path: '/api/exceptions/:id/refusal',
    summary: 'Refuse an exception',
    params: one,
    action: 'Exception::refuse',
    of: ofException,
    answer: exceptionRow,
    versioned,
    does: async ({ params }, tx) => {
      await tx.permissions.refuse(params.id);
      return foundException(tx, params.id);
    },
  }),
  route({
    method: 'POST',
    path: '/api/exceptions/:id/end',
    summary: 'End an exception early',
    params: one,
    action: 'Exception::end',
    of: ofException,
    answer: exceptionRow,
    versioned,
    body: z.strictObject({ reason: aText }),
    does: async ({ params, body }, tx) => {
      await tx.permissions.end(params.id, body.reason);
      return foundException(tx, params.id);
    },
  }),
];
