/**
 * SARIF: logs of real tools and of the standard's appendix, read by us and a second time by the plainest means; and our
 * own logs, which read back have to give the findings that went in.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Report } from '@macadam/adapters/report-formats/port';
import { format } from '@macadam/adapters/report-formats/sarif/format';
import { readSarifLog, type SarifResult } from '@macadam/adapters/report-formats/sarif/read';
import { hostileTexts } from '@macadam/testing/report-formats/contract';
import { comparedReport, sampleReport } from '@macadam/testing/report-formats/sample';
import type { Case, Suite } from '../suite.ts';

/** A JSON value that may be asked for anything: what is not there is a node of undefined. */
interface Node {
  readonly value: unknown;
  readonly at: (...path: readonly (string | number | undefined)[]) => Node;
  readonly list: readonly Node[];
  readonly text: string | undefined;
  readonly number: number | undefined;
}

function node(given: unknown): Node {
  return {
    value: given,
    at: (...path) => {
      let value = given;
      for (const key of path) {
        const holds =
          typeof value === 'object' && value !== null && key !== undefined && Object.hasOwn(value, key);
        value = holds ? (value as Record<string | number, unknown>)[key] : undefined;
      }
      return node(value);
    },
    get list() {
      return Array.isArray(given) ? given.map(node) : [];
    },
    text: typeof given === 'string' ? given : undefined,
    number: typeof given === 'number' && given >= 0 ? given : undefined,
  };
}

/** What the standard makes of one result, for the constructs that these logs use. */
function expected(
  result: Node,
  run: Node,
): Partial<SarifResult> & { readonly line: number | null; readonly uri: string | null } {
  const extension = result.at('rule', 'toolComponent', 'index').number;
  const component =
    extension === undefined ? run.at('tool', 'driver') : run.at('tool', 'extensions', extension);
  const rules = component.at('rules').list;
  const index = result.at('ruleIndex').number ?? result.at('rule', 'index').number;
  const named = result.at('ruleId').text ?? result.at('rule', 'id').text;
  const rule =
    index === undefined
      ? (rules.find((each) => each.at('id').text === named) ??
        rules.find((each) => named?.startsWith(`${each.at('id').text}/`)) ??
        node(undefined))
      : (rules[index] ?? node(undefined));
  const kind = result.at('kind').text ?? 'fail';
  const level = kind === 'fail' ? (rule.at('defaultConfiguration', 'level').text ?? 'warning') : 'none';
  const physical = result.at('locations', 0, 'physicalLocation');
  const suppressions = result.at('suppressions').list.map((each) => each.at('status').text ?? 'accepted');
  return {
    rule: named ?? rule.at('id').text ?? null,
    kind: kind as SarifResult['kind'],
    level: (result.at('level').text ?? level) as SarifResult['level'],
    message: expectedMessage(result.at('message'), rule, component),
    suppressed: suppressions.length > 0 && !suppressions.some((status) => status !== 'accepted'),
    uri: expectedUri(physical.at('artifactLocation'), run),
    line: physical.at('region', 'startLine').number ?? null,
  };
}

function expectedMessage(message: Node, rule: Node, component: Node): string {
  const id = message.at('id').text;
  const own = message.at('text').text;
  const template =
    own ??
    rule.at('messageStrings', id, 'text').text ??
    component.at('globalMessageStrings', id, 'text').text ??
    message.at('markdown').text ??
    '';
  const given = message.at('arguments').list;
  if (given.length === 0 && own !== undefined) return own;
  return given
    .reduce((text, each, index) => text.replaceAll(`{${index}}`, each.text ?? ''), template)
    .replaceAll('{{', '{')
    .replaceAll('}}', '}');
}

function expectedUri(given: Node, run: Node): string | null {
  const artifact = run.at('artifacts', given.at('index').number, 'location');
  const uri = given.at('uri').text ?? artifact.at('uri').text;
  if (uri === undefined) return null;
  const climb = (text: string, base: string | undefined): string => {
    const found = run.at('originalUriBaseIds', base);
    const isAbsolute = /^[a-z][a-z0-9+.-]+:/i.test(text);
    if (base === undefined || isAbsolute || found.value === undefined) return text;
    const prefix = (found.at('uri').text ?? '').trim();
    const joined = prefix === '' || prefix.endsWith('/') ? prefix + text : `${prefix}/${text}`;
    return climb(joined, found.at('uriBaseId').text);
  };
  return climb(uri.trim(), given.at('uriBaseId').text ?? artifact.at('uriBaseId').text);
}

function difference(result: SarifResult | undefined, result2: ReturnType<typeof expected>): string | null {
  if (result === undefined) return 'it is not among the results';
  const { rule, kind, level, message, suppressed, location } = result;
  const ours = {
    rule,
    kind,
    level,
    message,
    suppressed,
    uri: location?.uri ?? null,
    line: location?.line ?? null,
  };
  const wanted = { ...result2, line: result2.uri === null ? null : result2.line };
  return isDeepStrictEqual(ours, wanted) ? null : `${JSON.stringify(ours)} is not ${JSON.stringify(wanted)}`;
}

function logCases(name: string, log: unknown): Case[] {
  const root = node(log);
  const reading = readSarifLog(log);
  if (!('results' in reading)) return [{ id: name, run: () => reading.problem }];
  let offset = 0;
  const cases = root.at('runs').list.flatMap((run, at) => {
    const results = run.at('results').list;
    const start = offset;
    offset += results.length;
    return results.map((result, index) => ({
      id: `${name} ${at}/${index}`,
      run: () => difference(reading.results[start + index], expected(result, run)),
    }));
  });
  const counts = `${reading.results.length} results, ${offset} in the log`;
  const unread = reading.problems.filter((each) => each.code === 'result-invalid');
  return [
    ...cases,
    {
      id: `${name} whole`,
      run: () => (reading.results.length !== offset ? counts : (unread[0]?.message ?? null)),
    },
  ];
}

/** Our findings, as their log has to give them back: which, where, how grave, excepted or not. */
async function ownDifference(report: Report): Promise<string | null> {
  const reading = readSarifLog(JSON.parse(await format.render(report, { color: false })));
  if (!('results' in reading)) return reading.problem;
  if (reading.problems.length > 0) return JSON.stringify(reading.problems);
  for (const finding of report.scan.findings) {
    const results = reading.results.filter(
      (each) => each.fingerprints['macadam/finding/v1'] === finding.fingerprint,
    );
    const places = Math.max(1, finding.evidence.filter((each) => each.location !== undefined).length);
    const lines = finding.evidence.flatMap((each) => each.location?.line ?? []);
    const ours = {
      places: results.length,
      rules: [...new Set(results.map((each) => each.rule))],
      kinds: [...new Set(results.map((each) => each.kind))],
      suppressed: [...new Set(results.map((each) => each.suppressed))],
      lines: results.map((each) => each.location?.line ?? 1),
    };
    const wanted = {
      places,
      rules: [finding.standard],
      kinds: [finding.verdict === 'fail' ? 'fail' : 'open'],
      suppressed: [finding.exception !== undefined],
      lines: lines.length > 0 ? lines : [finding.location?.line ?? 1],
    };
    if (!isDeepStrictEqual(ours, wanted)) return `${JSON.stringify(ours)} is not ${JSON.stringify(wanted)}`;
  }
  return null;
}

export const suite: Suite = {
  name: 'sarif',
  proves: 'SARIF of other tools is understood, and ours says what was found',
  vectors: ['sarif'],
  load: async (vectors) => {
    const folder = join(vectors, 'sarif');
    const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
    const cases: Case[] = [
      { id: 'ours: a report', run: () => ownDifference(sampleReport()) },
      { id: 'ours: compared', run: () => ownDifference(comparedReport()) },
      { id: 'ours: many', run: () => ownDifference(sampleReport({ findings: 500 })) },
      ...hostileTexts.map((text, index) => ({
        id: `ours: hostile ${index}`,
        run: () => ownDifference(sampleReport({ text })),
      })),
    ];
    for (const name of names) {
      const { files } = JSON.parse(await readFile(join(folder, name), 'utf8')) as {
        readonly files: Readonly<Record<string, unknown>>;
      };
      for (const [path, log] of Object.entries(files)) cases.push(...logCases(path, log));
    }
    return cases;
  },
};
