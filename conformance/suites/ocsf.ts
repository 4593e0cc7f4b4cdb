/**
 * OCSF 1.8.0: our Compliance Findings against the schema's own sources, broken ones that must be refused, and events
 * of another tool that must be accepted, so that the judge is neither blind nor too strict.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format } from '@macadam/adapters/report-formats/ocsf/format';
import { hostileTexts } from '@macadam/testing/report-formats/contract';
import { comparedReport, emptyReport, sampleReport } from '@macadam/testing/report-formats/sample';
import { ocsfValidator } from '../ocsf-schema.ts';
import type { Case, Suite } from '../suite.ts';

type Event = Record<string, unknown> & Record<'compliance' | 'metadata', Record<string, unknown>>;

/** A change to a valid event, and what the judge must say of it. */
const broken: readonly (readonly [string, (event: Event) => void, string])[] = [
  ['a missing required attribute', (event) => delete event.severity_id, 'severity_id is required'],
  [
    'a missing attribute of an object',
    (event) => delete event.metadata.product,
    'metadata.product is required',
  ],
  [
    'an attribute of no schema',
    (event) => Object.assign(event, { verdict: 1 }),
    'verdict is no attribute here',
  ],
  [
    'an attribute of a profile that is not named',
    (event) => Object.assign(event, { cloud: {} }),
    'cloud is no attribute here',
  ],
  ['text for a number', (event) => Object.assign(event, { time: 'now' }), 'time is not of type timestamp_t'],
  [
    'an id outside its enumeration',
    (event) => Object.assign(event.compliance, { status_id: 7 }),
    'compliance.status_id is 7',
  ],
  [
    'a caption of another id',
    (event) => Object.assign(event.compliance, { status: 'Pass' }),
    'compliance.status is "Pass"',
  ],
  [
    'a type that is not class and activity',
    (event) => Object.assign(event, { type_uid: 200_399 }),
    'type_uid is 200399',
  ],
  ['an object for a list', (event) => Object.assign(event, { resources: {} }), 'resources is not a list'],
  [
    'a resource without a name and id',
    (event) => Object.assign(event, { resources: [{ type: 'x' }] }),
    'needs one of name, uid',
  ],
];

export const suite: Suite = {
  name: 'ocsf',
  proves: 'our OCSF events are Compliance Findings by the schema’s own sources',
  vectors: ['ocsf/ocsf-schema-1.8.0-raw.json', 'ocsf/prowler'],
  load: async (vectors) => {
    const folder = join(vectors, 'ocsf');
    const read = async (path: string): Promise<unknown> =>
      JSON.parse(await readFile(join(folder, path), 'utf8'));
    const { files } = (await read('ocsf-schema-1.8.0-raw.json')) as {
      readonly files: Readonly<Record<string, unknown>>;
    };
    const judge = ocsfValidator(files);
    const events = async (report: Parameters<typeof format.render>[0]) =>
      JSON.parse(await format.render(report, { color: false })) as Event[];
    const verdict = (all: readonly unknown[]): string | null => all.flatMap(judge)[0] ?? null;

    const cases: Case[] = [
      { id: 'ours: a report', run: async () => verdict(await events(sampleReport())) },
      { id: 'ours: compared', run: async () => verdict(await events(comparedReport())) },
      { id: 'ours: nothing', run: async () => verdict(await events(emptyReport())) },
      ...hostileTexts.map((text, index) => ({
        id: `ours: hostile ${index}`,
        run: async () => verdict(await events(sampleReport({ text }))),
      })),
      ...broken.map(([what, change, expected]) => ({
        id: `refused: ${what}`,
        run: async () => {
          const [event] = await events(sampleReport());
          if (event === undefined) return 'there is no event to break';
          change(event);
          const said = judge(event);
          return said.some((line) => line.includes(expected))
            ? null
            : `expected \`${expected}\`, got ${said.join('; ') || 'nothing'}`;
        },
      })),
    ];
    for (const name of (await readdir(join(folder, 'prowler'))).sort()) {
      const given = (await read(`prowler/${name}`)) as readonly unknown[];
      cases.push(
        ...given.map((event, index) => ({
          id: `prowler: ${name} ${index}`,
          run: () => judge(event).join('; ') || null,
        })),
      );
    }
    return cases;
  },
};
