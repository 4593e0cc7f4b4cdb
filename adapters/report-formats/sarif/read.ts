/**
 * Reads SARIF 2.1.0 logs of any tool: follows indices, message ids, configuration overrides and URI bases, as the
 * OASIS standard says (section numbers beside the code). What a log does not say is a problem, never "nothing found".
 */

import { z } from 'zod';
import { compact } from '../../compact.ts';
import {
  type artifactLocationSchema,
  type Component,
  type DescriptorReference,
  type messageSchema,
  type Result,
  type Rule,
  resultSchema,
  runSchema,
  type SarifRun,
} from './log.ts';

export type SarifLevel = 'none' | 'note' | 'warning' | 'error';

export interface SarifLocation {
  /** Resolved against the bases that the log gives, as far as they go. */
  readonly uri: string;
  /** Path below a base that the log leaves open, decoded; null for an absolute URI. */
  readonly path: string | null;
  readonly line?: number;
  readonly column?: number;
  readonly endLine?: number;
  readonly endColumn?: number;
}

export interface SarifResult {
  readonly tool: string;
  /** Null for a result that names no rule. */
  readonly rule: string | null;
  readonly kind: Result['kind'];
  readonly level: SarifLevel;
  readonly message: string;
  readonly location: SarifLocation | null;
  /** The tool's own stable identity of the result, or null. */
  readonly fingerprint: string | null;
  readonly fingerprints: Readonly<Record<string, string>>;
  readonly suppressed: boolean;
  /** One of an earlier run, which this run looked for and did not find again (§3.27.24). */
  readonly gone: boolean;
  /** `taxonomy/id`, for example `CWE/79`. */
  readonly taxa: readonly string[];
}

export interface SarifProblem {
  readonly code: 'external-properties' | 'results-absent' | 'tool-failed' | 'result-invalid';
  readonly message: string;
}

export type SarifReading =
  | { readonly results: readonly SarifResult[]; readonly problems: readonly SarifProblem[] }
  | { readonly problem: string };

const logSchema = z.object({
  version: z.literal('2.1.0', 'the version is not 2.1.0'),
  runs: z.array(runSchema, 'there is no list of runs'),
  inlineExternalProperties: z.array(z.unknown()).default([]),
});

/** Never throws; `problem` means that it is no SARIF log at all. */
export function readSarifLog(json: unknown): SarifReading {
  const log = logSchema.safeParse(json);
  if (!log.success) return { problem: `this is no SARIF 2.1.0 log: ${firstIssue(log.error)}` };
  const results: SarifResult[] = [];
  const problems: SarifProblem[] = [];
  if (log.data.inlineExternalProperties.length > 0) problems.push(external('the log'));
  for (const run of log.data.runs) {
    const tool = run.tool.driver.name;
    if (run.externalPropertyFileReferences !== undefined) problems.push(external(tool));
    if (run.results === undefined || run.results === null) {
      problems.push({ code: 'results-absent', message: `${tool} gave no results: it may not have looked` });
    }
    if (run.invocations.some((invocation) => invocation.executionSuccessful === false)) {
      problems.push({
        code: 'tool-failed',
        message: `${tool} says that its run failed, so results may be missing`,
      });
    }
    for (const [index, given] of (run.results ?? []).entries()) {
      const parsed = resultSchema.safeParse(given);
      if (parsed.success) results.push(readResult(parsed.data, run));
      else {
        const message = `result ${index} of ${tool} is not understood: ${firstIssue(parsed.error)}`;
        problems.push({ code: 'result-invalid', message });
      }
    }
  }
  return { results, problems };
}

function external(what: string): SarifProblem {
  return { code: 'external-properties', message: `${what} keeps parts elsewhere, which are not read` };
}

function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue === undefined
    ? 'not understood'
    : `${issue.path.join('.')}: ${issue.message}`.replace(/^: /, '');
}

function readResult(result: Result, run: SarifRun): SarifResult {
  const { rule, component } = findRule(result, run);
  return {
    tool: run.tool.driver.name,
    rule: result.ruleId ?? result.rule?.id ?? rule?.id ?? null,
    kind: result.kind,
    level: levelOf(result, rule, run),
    message: messageOf(result.message, rule, component),
    location: locationOf(result, run),
    fingerprint: firstValue(result.fingerprints) ?? firstValue(result.partialFingerprints),
    fingerprints: { ...result.partialFingerprints, ...result.fingerprints },
    // §3.27.23: one that is under review or rejected lets the result stand.
    suppressed:
      result.suppressions.length > 0 && result.suppressions.every((each) => each.status === 'accepted'),
    gone: result.baselineState === 'absent',
    taxa: result.taxa.flatMap((reference) => taxonOf(reference, run)),
  };
}

function firstValue(values: Readonly<Record<string, string>>): string | null {
  const [first] = Object.keys(values).sort();
  return first === undefined ? null : (values[first] ?? null);
}

/** §3.54: a component by index, guid or name; none of them means the driver. */
function componentOf(
  reference: DescriptorReference | undefined,
  among: readonly Component[],
  otherwise: Component,
) {
  const wanted = reference?.toolComponent;
  if (wanted === undefined) return otherwise;
  if (wanted.index >= 0) return among[wanted.index] ?? otherwise;
  return (
    among.find((each) => (wanted.guid ? each.guid === wanted.guid : each.name === wanted.name)) ?? otherwise
  );
}

/** §3.27.5–7, §3.52: by index; else by guid; else by id, of which trailing parts may be left out (§3.27.5). */
function findRule(result: Result, run: SarifRun): { rule: Rule | undefined; component: Component } {
  const component = componentOf(result.rule, run.tool.extensions, run.tool.driver);
  const index = result.ruleIndex >= 0 ? result.ruleIndex : (result.rule?.index ?? -1);
  if (index >= 0) return { rule: component.rules[index], component };
  const guid = result.rule?.guid;
  if (guid !== undefined) return { rule: component.rules.find((each) => each.guid === guid), component };
  let id = result.ruleId ?? result.rule?.id;
  while (id !== undefined) {
    const wanted = id;
    const rule = component.rules.find((each) => each.id === wanted);
    const slash = id.lastIndexOf('/');
    if (rule !== undefined || slash < 0) return { rule, component };
    id = id.slice(0, slash);
  }
  return { rule: undefined, component };
}

/** §3.27.10. */
function levelOf(result: Result, rule: Rule | undefined, run: SarifRun): SarifLevel {
  if (result.level !== undefined) return result.level;
  if (result.kind !== 'fail') return 'none';
  const invocation = run.invocations[result.provenance?.invocationIndex ?? -1];
  const override = invocation?.ruleConfigurationOverrides.find(({ descriptor }) => {
    const rules = componentOf(descriptor, run.tool.extensions, run.tool.driver).rules;
    const meant =
      descriptor.index >= 0 ? rules[descriptor.index] : rules.find((each) => each.id === descriptor.id);
    return meant !== undefined && meant === rule;
  });
  return override?.configuration.level ?? rule?.defaultConfiguration.level ?? 'warning';
}

/** §3.11.5–7: text, or a string of the rule or its component by id, with `{n}` replaced and `{{`, `}}` unescaped. */
function messageOf(
  message: z.infer<typeof messageSchema>,
  rule: Rule | undefined,
  component: Component,
): string {
  if (message.text !== undefined && message.arguments.length === 0) return message.text;
  const template = message.text ?? lookUp(message.id, rule, component);
  if (template === undefined) return message.markdown ?? message.id ?? '';
  return template.replaceAll(/\{\{|\}\}|\{(\d+)\}/g, (found, digits: string | undefined) =>
    digits === undefined ? found.slice(1) : (message.arguments[Number(digits)] ?? found),
  );
}

function lookUp(id: string | undefined, rule: Rule | undefined, component: Component): string | undefined {
  if (id === undefined) return undefined;
  const strings = [rule?.messageStrings ?? {}, component.globalMessageStrings];
  return strings.find((each) => Object.hasOwn(each, id))?.[id]?.text;
}

function locationOf(result: Result, run: SarifRun): SarifLocation | null {
  const physical = result.locations[0]?.physicalLocation;
  const given = physical?.artifactLocation;
  if (given === undefined) return null;
  const artifact = given.uri === undefined ? run.artifacts[given.index]?.location : given;
  if (artifact?.uri === undefined) return null;
  const uri = resolveUri({ ...artifact, uriBaseId: given.uriBaseId ?? artifact.uriBaseId }, run);
  const { startLine, startColumn, endLine, endColumn } = physical?.region ?? {};
  return compact({
    uri,
    path: isAbsolute(uri) ? null : decodedPath(uri),
    line: startLine,
    column: startColumn,
    endLine,
    endColumn,
  });
}

/** §3.14.14: a base may stand on another; one that has no URI stays open. A circle is left where it closes. */
function resolveUri(
  artifact: { readonly uri?: string | undefined; readonly uriBaseId?: string | undefined },
  run: SarifRun,
): string {
  // Some tools write blanks before a URI, which is none then.
  let uri = (artifact.uri ?? '').trim();
  let base = artifact.uriBaseId;
  const seen = new Set<string>();
  while (
    base !== undefined &&
    !isAbsolute(uri) &&
    !seen.has(base) &&
    Object.hasOwn(run.originalUriBaseIds, base)
  ) {
    seen.add(base);
    const next: z.infer<typeof artifactLocationSchema> | undefined = run.originalUriBaseIds[base];
    const prefix = next?.uri?.trim() ?? '';
    uri = `${prefix}${prefix === '' || prefix.endsWith('/') ? '' : '/'}${uri}`;
    base = next?.uriBaseId;
  }
  return uri;
}

function isAbsolute(uri: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]+:/.test(uri);
}

function decodedPath(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}

function taxonOf(reference: DescriptorReference, run: SarifRun): string[] {
  const taxonomy = componentOf(reference, run.taxonomies, run.tool.driver);
  const id = reference.id ?? taxonomy.taxa[reference.index]?.id;
  return id === undefined ? [] : [`${reference.toolComponent?.name ?? taxonomy.name}/${id}`];
}
