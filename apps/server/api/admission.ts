/** Whether images may run, for whatever deploys: as JSON, and in the form in which Kubernetes asks and wants to be answered. */

import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { imagesIn } from '@macadam/core/builds/images';
import { EFFECTS } from '@macadam/core/verdicts/gate';
import { type AdmissionAnswer, admission } from '@macadam/services/builds/admission';
import { exceptionsInForce } from '@macadam/services/work/exceptions';
import { z } from 'zod';
import { bounded } from '../http/bounds.ts';
import { HttpProblem } from '../http/problem.ts';
import { route, type ServerParts } from '../http/route.ts';
import { ownedStores, siteOf } from '../server-context.ts';

const rows = <T extends z.ZodType>(of: T) => z.array(of).readonly();
/** More containers than any pod has. */
const MOST_IMAGES = 100;
/** All annotations of an object together have 256 KiB at most (Kubernetes, "Annotations: syntax and character set"). */
const LONGEST_ANNOTATION = 256 * 1024;

async function admitted(
  parts: ServerParts,
  tx: DecisionTransaction,
  images: readonly string[],
  now: Date,
): Promise<AdmissionAnswer> {
  const { standards, exceptions: stated = [] } = siteOf(parts);
  const { driver, facts, kinds } = ownedStores(parts);
  const approved = await exceptionsInForce(tx);
  return admission({
    images,
    driver,
    facts,
    kinds,
    standards: [...standards.values()].map(({ compiled }) => compiled),
    exceptions: [...stated, ...approved],
    now,
  });
}

const status = z.object({ code: z.int(), message: z.string() });

export const routes = [
  route({
    method: 'POST',
    path: '/api/admission',
    summary: 'Say whether images may run, by the builds that made them',
    action: 'Fact::read',
    of: 'anywhere',
    holds: 'search',
    body: z.strictObject({
      images: z
        .array(z.string().min(1).max(1000))
        .min(1)
        .max(MOST_IMAGES)
        .readonly()
        .describe('References with their digest: `registry/name@sha256:…`'),
    }),
    answer: z.object({
      allowed: z.boolean(),
      images: rows(
        z.object({
          image: z.string(),
          effect: z.enum(EFFECTS).describe('`ask` is a no: nobody can be asked while something starts'),
          builds: rows(z.string()).describe('Ids of the builds that made it'),
          why: rows(z.string()),
        }),
      ),
    }),
    does: ({ parts, body, now }, tx) => admitted(parts, tx, body.images, now),
  }),
  route({
    method: 'POST',
    path: '/api/admission/kubernetes',
    summary: 'Answer an AdmissionReview (admission.k8s.io/v1): may these containers start',
    action: 'Fact::read',
    of: 'anywhere',
    holds: 'search',
    body: z.object({
      apiVersion: z.literal('admission.k8s.io/v1'),
      kind: z.literal('AdmissionReview'),
      request: z.object({
        uid: z.string().min(1).max(200),
        object: bounded(10_000, LONGEST_ANNOTATION)
          .optional()
          .describe('What is to be made; null where something is deleted'),
      }),
    }),
    answer: z.object({
      apiVersion: z.string(),
      kind: z.string(),
      response: z.object({
        uid: z.string(),
        allowed: z.boolean(),
        status: status.optional(),
        warnings: rows(z.string()).optional(),
      }),
    }),
    does: async ({ parts, body: { request }, now }, tx) => {
      const images = imagesIn(request.object);
      if (images.length > MOST_IMAGES)
        throw new HttpProblem(422, `it names ${images.length} images; at most ${MOST_IMAGES} are looked at`);
      const answer: AdmissionAnswer =
        images.length > 0 ? await admitted(parts, tx, images, now) : { allowed: true, images: [] };
      return {
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        response: responseTo(request.uid, answer),
      };
    },
  }),
];

/** What stops it is the message that people see; what only warns comes as warnings. */
function responseTo(uid: string, { allowed, images }: AdmissionAnswer) {
  const said = images.filter(({ why }) => why.length > 0);
  const lines = (effects: readonly string[]) =>
    said
      .filter(({ effect }) => effects.includes(effect))
      .flatMap(({ image, why }) => why.map((one) => `${image}: ${one}`));
  const warnings = lines(['warn']);
  if (allowed) return warnings.length > 0 ? { uid, allowed, warnings } : { uid, allowed };
  return { uid, allowed, status: { code: 403, message: lines(['ask', 'block']).join('\n') }, warnings };
}
