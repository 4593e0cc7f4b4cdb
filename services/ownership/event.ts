/** An event of the organisation as people and programs give it, and as it stands in a row of the log. */

import type { GivenEvent } from '@macadam/adapters/decisions/organisation';
import { LEVELS, type OrgEvent } from '@macadam/core/org/org';
import { z } from 'zod';

const id = z.string().min(1).max(200);
const on = z.iso.date();
const contact = z.strictObject({
  by: z.enum(['phone', 'email', 'page', 'chat']),
  address: z.string().min(3).max(200),
  verified: z.iso.date().nullable(),
});
const covers = z.strictObject({ unit: id.optional(), pillar: id.optional(), kind: id.optional() });

export const orgEventSchema = z.discriminatedUnion('event', [
  z.strictObject({
    on,
    event: z.literal('created'),
    unit: id,
    level: z.enum(LEVELS),
    name: id,
    parent: id.nullable(),
  }),
  z.strictObject({ on, event: z.literal('moved'), unit: id, parent: id }),
  z.strictObject({ on, event: z.literal('renamed'), unit: id, name: id }),
  z.strictObject({ on, event: z.literal('merged'), unit: id, into: id }),
  z.strictObject({ on, event: z.literal('contacts'), unit: id, contacts: z.array(contact).max(20) }),
  z.strictObject({
    on,
    event: z.literal('joined'),
    person: id,
    unit: id,
    name: id.optional(),
    email: id.optional(),
  }),
  z.strictObject({ on, event: z.literal('left'), person: id, unit: id.optional() }),
  z.strictObject({ on, event: z.literal('accountable'), id, person: id, for: covers }),
  z.strictObject({ on, event: z.literal('ended'), id }),
]);

/** The row of an event. */
export function rowOfEvent({ on: effectiveOn, event: kind, ...body }: OrgEvent): GivenEvent {
  return { effectiveOn, kind, body };
}

/** The event of a row; null for one that this release does not know, which no tree counts. */
export function eventOfRow({ effectiveOn, kind, body }: GivenEvent): OrgEvent | null {
  const given = { ...(typeof body === 'object' ? body : {}), on: effectiveOn, event: kind };
  // What an optional field lacks is left out in rows, too.
  return (orgEventSchema.safeParse(given).data ?? null) as OrgEvent | null;
}
