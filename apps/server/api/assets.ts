/** What is known of one asset, for programs. */
import { z } from 'zod';
import { permittedIn } from '../active-exceptions.ts';
import { anAsset } from '../http/bounds.ts';
import { HttpProblem } from '../http/problem.ts';
import { route } from '../http/route.ts';
import { explainedWithPlaces } from '../pages/history/pages.ts';
import { siteOf } from '../server-context.ts';
import { permitAsset } from '../session/visibility.ts';
import { MOST_PLACES, placeForPrograms, placeSchema } from '../shown-places.ts';

export const routes = [
  route({
    method: 'GET',
    path: '/api/assets/:id',
    summary: 'Say how an asset stands, why, and how it came to it',
    action: 'Fact::read',
    of: 'anywhere',
    params: { id: anAsset },
    answer: z.object({
      id: z.string(),
      kind: z.string().nullable(),
      name: z.string().nullable(),
      exists: z.boolean(),
      verdicts: z.array(
        z.object({
          standard: z.string(),
          title: z.string(),
          verdict: z.string(),
          message: z.string(),
          explanation: z
            .string()
            .describe('Which parts of the check decided, with the values they came from'),
          places: z.array(placeSchema).describe('Where it fails; none of what does not fail'),
        }),
      ),
      life: z.array(
        z.object({
          at: z.iso.datetime(),
          standard: z.string(),
          step: z.string(),
          from: z.string(),
          to: z.string(),
          team: z.string(),
          reason: z.string(),
        }),
      ),
      exceptions: z
        .array(
          z.object({
            id: z.string().nullable().describe('Null: it stands in the file of the estate'),
            standard: z.string(),
            until: z.iso.date(),
            inForce: z.boolean(),
            why: z.string(),
          }),
        )
        .describe('That were approved for it and you may read, those in force first'),
      simulated: z.boolean(),
    }),
    does: async (call, tx) => {
      const { id } = call.params;
      const site = siteOf(call.parts);
      const asset = await site.facts.asset(id);
      const life = await site.past.life(id);
      if (asset === null && life.length === 0) throw new HttpProblem(404, `there is no asset \`${id}\``);
      await permitAsset(call, tx, id, life);
      return {
        id,
        kind: asset?.kind ?? null,
        name: asset?.name ?? null,
        exists: asset !== null,
        verdicts: (asset ? await explainedWithPlaces(site, asset) : []).map((one) => ({
          standard: one.id,
          title: one.title,
          verdict: one.verdict,
          message: one.message,
          explanation: one.text,
          places: (one.finding?.evidence ?? []).slice(0, MOST_PLACES).map(placeForPrograms),
        })),
        life: life.map(({ valid, ...one }) => ({ ...one, at: valid.toISOString() })),
        exceptions: [...((asset && (await permittedIn(tx, site, call.now)?.ofAsset(asset))) ?? [])],
        simulated: site.simulated !== null,
      };
    },
  }),
];
