/** Where work is mirrored: trackers of teams, divisions and the company. */

import { discoverTrackers, trackerObjections } from '@macadam/adapters/trackers/kinds';
import { currentTree } from '@macadam/services/ownership/log';
import { z } from 'zod';
import { bounded } from '../http/bounds.ts';
import { HttpProblem } from '../http/problem.ts';
import { list, route } from '../http/route.ts';
import { requireNone, unknownDivision, unknownUnit } from '../unknown-name.ts';

const kinds = await discoverTrackers();

const id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'it is not an id; give lower-case letters, digits and hyphens');
/** What a sort of tracker needs to know; each says itself what it takes. */
const options = z
  .record(z.string().max(100), z.union([z.string().max(2000), z.number(), z.boolean(), bounded(100)]))
  .refine((all) => Object.keys(all).length <= 50, 'it has more than 50 options')
  .meta({ maxProperties: 50 });
const settings = {
  kind: z
    .string()
    .max(50)
    .describe(`One of ${[...kinds.keys()].join(', ')}`),
  division: z.string().max(200).describe('Empty: the whole company'),
  team: z.string().max(200).describe('Empty: every team of the division'),
  baseUrl: z.string().max(2000),
  project: z
    .string()
    .max(300)
    .describe([...kinds.values()].map((kind) => `${kind.id}: ${kind.project}`).join('; ')),
  secret: z
    .string()
    .max(500)
    .describe(
      'Where the credential is, never what it is: `env:NAME` or `file:/path`, as the operator granted it',
    ),
  options,
  active: z.boolean().describe('False: its issues stay as they are'),
};
const row = z.object({ id, ...settings, version: z.int(), changedAt: z.string() });
type Row = z.input<typeof row>;
const shown = <T extends { readonly options: unknown }>(record: T) => ({
  ...record,
  options: record.options as Row['options'],
});

export const routes = [
  list({
    path: '/api/trackers',
    summary: 'List trackers',
    action: 'Tracker::read',
    of: 'anywhere',
    row,
    sorts: ['id'],
    key: (one) => one.id,
    rows: async (_, tx, page) => (await tx.trackers.trackers(page)).map(shown),
  }),
  route({
    method: 'GET',
    path: '/api/trackers/:id',
    summary: 'Show a tracker',
    action: 'Tracker::read',
    params: { id },
    of: async ({ params }, tx) => ({
      id: params.id,
      division: (await tx.trackers.tracker(params.id))?.division ?? '',
    }),
    answer: row,
    does: async ({ params }, tx) => {
      const record = await tx.trackers.tracker(params.id);
      if (!record) throw new HttpProblem(404, `there is no tracker \`${params.id}\``);
      return shown(record);
    },
  }),
  route({
    method: 'PUT',
    path: '/api/trackers/:id',
    summary: 'Make or change a tracker',
    action: 'Tracker::change',
    params: { id },
    body: z.strictObject(settings),
    of: ({ params, body }) => ({ id: params.id, division: body.division }),
    answer: row,
    versioned: async ({ params }, tx) => {
      const record = await tx.trackers.tracker(params.id);
      return record && shown(record);
    },
    does: async ({ params, body, permit, parts }, tx) => {
      const before = await tx.trackers.tracker(params.id);
      if (before) permit('Tracker::change', { id: params.id, division: before.division });
      const tree = await currentTree(parts.decisions, tx);
      requireNone(422, [
        ...trackerObjections(body, kinds),
        ...unknownDivision(body.division, tree),
        ...(body.team === '' ? [] : unknownUnit('team', body.team, tree)),
      ]);
      return shown(await tx.trackers.put({ ...params, ...body }));
    },
  }),
];
