/** Vulnerability cases as what is published of them: CSAF 2.0 advisories and CVE records. Nothing is sent anywhere. */
import { csafAdvisory } from '@macadam/core/advisories/csaf';
import { csafFaults } from '@macadam/core/advisories/csaf-tests';
import { cveGaps, cveRecord } from '@macadam/core/advisories/cve';
import { scoresOf } from '@macadam/core/advisories/cvss';
import {
  type AdvisoryWords,
  CASE_KIND,
  type CaseGap,
  caseOf,
} from '@macadam/core/advisories/vulnerability-case';
import { z } from 'zod';
import { anAsset, anId, aText } from '../http/bounds.ts';
import { HttpProblem } from '../http/problem.ts';
import { route } from '../http/route.ts';
import { siteOf } from '../server-context.ts';
import { permitAsset } from '../session/visibility.ts';

const NOT_MADE = 'nothing is published of it as it stands';

/** 422 with every gap, each with what to do. */
function demandNoGaps(gaps: readonly CaseGap[]): void {
  if (gaps.length > 0) throw new HttpProblem(422, NOT_MADE, [...gaps]);
}

interface Asked {
  readonly title: string;
  readonly summary: string;
  readonly publisher: string;
  readonly namespace: string;
  readonly cvss?: string | undefined;
  readonly reference?: string | undefined;
  readonly assigner?: string | undefined;
  readonly assignerName?: string | undefined;
}

function wordsOf(asked: Asked): AdvisoryWords {
  const { title, summary, publisher, namespace, cvss, reference, assigner, assignerName } = asked;
  const version = cvss?.startsWith('CVSS:3.0/') ? '3.0' : '3.1';
  if (cvss !== undefined && scoresOf(version, cvss) === null)
    throw new HttpProblem(422, NOT_MADE, [
      {
        field: 'query.cvss',
        reason: `\`${cvss}\` is not a vector of CVSS 3.0 or 3.1`,
        fix: 'write all base metrics, such as CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N',
      },
    ]);
  return {
    title,
    summary,
    publisher: { name: publisher, namespace },
    cvss,
    reference,
    ...(assigner !== undefined && { assigner: { id: assigner, shortName: assignerName ?? '' } }),
  };
}

export const routes = [
  route({
    action: 'Fact::read',
    of: 'anywhere',
    method: 'GET',
    path: '/api/cases/:id/advisory',
    summary: 'Write a vulnerability case as a CSAF 2.0 advisory or a CVE record',
    params: { id: anAsset.describe('Id of the asset that is the case') },
    query: {
      format: z.enum(['csaf', 'cve']),
      title: aText.max(256),
      summary: aText,
      publisher: aText.max(200).describe('Name of whoever publishes it'),
      namespace: z.url({ protocol: /^https?$/ }).describe('A URL that the publisher controls'),
      cvss: aText.max(300).optional().describe('A vector of CVSS 3.0 or 3.1; the scores follow from it'),
      reference: z
        .url({ protocol: /^https?$/ })
        .optional()
        .describe('Where people read more'),
      assigner: anId.optional().describe('Of a CVE record: UUID of the numbering authority'),
      assignerName: anId.optional().describe('Of a CVE record: its short name'),
    },
    answer: z.record(z.string(), z.unknown()).describe('CSAF 2.0, or CVE JSON 5.1'),
    does: async (call, tx) => {
      const { id } = call.params;
      const site = siteOf(call.parts);
      const asset = await site.facts.asset(id);
      if (asset === null) throw new HttpProblem(404, `there is no asset \`${id}\``);
      await permitAsset(call, tx, id);
      if (asset.kind !== CASE_KIND)
        throw new HttpProblem(422, NOT_MADE, [
          { field: 'params.id', reason: `it is of kind ${asset.kind}`, fix: `name a ${CASE_KIND}` },
        ]);
      const words = wordsOf(call.query);
      const read = caseOf(asset);
      if ('gaps' in read) {
        demandNoGaps(read.gaps);
        throw new TypeError('a case without gaps is found');
      }
      if (call.query.format === 'cve') {
        demandNoGaps(cveGaps(words, read.found));
        return cveRecord(read.found, words);
      }
      if (read.found.rejected)
        demandNoGaps([
          { field: 'state', reason: 'the case was rejected', fix: 'publish a rejected CVE record instead' },
        ]);
      const engine = site.reviews?.source.engine ?? 'macadam';
      const [name = 'macadam', version = '0'] = engine.split(' ');
      const advisory = csafAdvisory(read.found, words, { engine: name, version });
      demandNoGaps(
        csafFaults(advisory).map(({ test, path, reason }) => ({
          field: path,
          reason: `${reason} (CSAF 2.0, ${test})`,
          fix: 'correct the facts of the case',
        })),
      );
      return advisory;
    },
  }),
];
