/** The organisation: its tree on any day, the log behind it, and what directories export taken in. */

import type { OrgEvent } from '@macadam/core/org/org';
import { orgEventSchema } from '@macadam/services/ownership/event';
import { importOrganisation, ORG_FORMATS } from '@macadam/services/ownership/intake';
import { orgTree, recordEvents } from '@macadam/services/ownership/log';
import { z } from 'zod';
import { aDay } from '../http/day.ts';
import { HttpProblem } from '../http/problem.ts';
import { list, route } from '../http/route.ts';

const day = aDay;
/** The organisation belongs to no division. */
const company = () => ({ id: '', division: '' });
const contact = z.object({ by: z.string(), address: z.string(), verified: z.string().nullable() });
const objection = z.object({ field: z.string(), reason: z.string(), fix: z.string() });
const formats = Object.keys(ORG_FORMATS) as [keyof typeof ORG_FORMATS, ...(keyof typeof ORG_FORMATS)[]];

const asOf = {
  on: day.optional().describe('The tree of that day; today where it is left out'),
  known: z.iso.datetime().optional().describe('As it was known then; now where it is left out'),
};

export const routes = [
  route({
    method: 'GET',
    path: '/api/organisation',
    summary: 'Show the organisation of a day',
    action: 'Organisation::read',
    of: 'anywhere',
    query: asOf,
    answer: z.object({
      day,
      units: z.array(
        z.object({
          id: z.string(),
          level: z.string(),
          name: z.string(),
          parent: z.string().nullable(),
          contacts: z.array(contact),
        }),
      ),
      people: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          email: z.string().nullable(),
          units: z.array(z.string()),
        }),
      ),
      accountable: z.array(
        z.object({
          id: z.string(),
          person: z.string(),
          for: z.object({
            unit: z.string().optional(),
            pillar: z.string().optional(),
            kind: z.string().optional(),
          }),
        }),
      ),
      merged: z.record(z.string(), z.string()).describe('Unit that has ended → the one that took over'),
    }),
    does: async ({ query: { on, known }, now }, tx) => {
      const tree = await orgTree(tx, on ?? now.toISOString().slice(0, 10), known);
      return {
        day: tree.day,
        merged: Object.fromEntries(tree.merged),
        units: [...tree.units.values()],
        people: [...tree.people.values()].map((one) => ({ ...one, units: [...one.units].sort() })),
        accountable: [...tree.accountabilities.values()],
      };
    },
  }),
  list({
    path: '/api/organisation/events',
    summary: 'List the log of the organisation',
    action: 'Organisation::read',
    of: 'anywhere',
    row: z.object({
      number: z.int(),
      effectiveOn: day,
      kind: z.string(),
      recordedAt: z.string(),
      recordedBy: z.string(),
      body: z.unknown(),
    }),
    sorts: ['number'],
    key: ({ number }) => number,
    rows: async (_, tx, { after = 0, limit }) =>
      (await tx.organisation.events())
        .filter(({ number }) => number > after)
        .sort((a, b) => a.number - b.number)
        .slice(0, limit),
  }),
  route({
    method: 'POST',
    path: '/api/organisation/events',
    status: 201,
    summary: 'Record what changes in the organisation, and from which day on',
    action: 'Organisation::change',
    of: company,
    body: z.strictObject({ events: z.array(orgEventSchema).min(1).max(10_000) }),
    answer: z.object({ recorded: z.int() }),
    does: async ({ body: { events }, caller }, tx) => {
      const recorded = await recordEvents(tx, events as OrgEvent[], `events of ${caller.person}`);
      if ('events' in recorded) return { recorded: recorded.events.length };
      const errors = recorded.refusals.map(({ at, field, reason, fix }) => ({
        field: at >= 0 ? `body.events.${at}.${field}` : field,
        reason,
        fix,
      }));
      throw new HttpProblem(422, errors.map(({ reason }) => reason).join('; '), errors);
    },
  }),
  route({
    method: 'POST',
    path: '/api/organisation/imports',
    summary: 'Take what a directory exports, or say what would happen',
    action: 'Organisation::import',
    of: company,
    body: z.strictObject({
      format: z.enum(formats),
      text: z.string().max(4_000_000).describe('The file itself'),
      file: z.string().min(1).max(200).describe('What mistakes call it'),
      on: day.optional().describe('First day on which it is so; today where it is left out'),
      preview: z.boolean().default(false).describe('Writes nothing'),
    }),
    answer: z.object({
      written: z.boolean(),
      events: z.array(z.looseObject({ on: z.string(), event: z.string() })),
      people: z.array(z.string()).describe('People whose record is made, changed, or who are shut out'),
      refusals: z.array(objection).describe('Why it cannot be taken; then nothing is'),
    }),
    does: async ({ body }, tx) => {
      const { on, ...given } = body;
      const taken = await importOrganisation(tx, { ...given, on });
      if (taken.refusals.length > 0 && !body.preview)
        throw new HttpProblem(422, taken.refusals.map(({ reason }) => reason).join('; '), taken.refusals);
      return {
        ...taken,
      };
    },
  }),
];
