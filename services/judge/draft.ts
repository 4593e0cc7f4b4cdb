/**
 * A standard as somebody would change it: whether it loads, what its examples come out as, and the change as a patch to its file. Nothing is
 * saved; standards are kept in a repository, and a patch is what that takes.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { memoryTree } from '@macadam/adapters/readers/tree';
import type { Value } from '@macadam/core/facts/observation';
import type { Kind } from '@macadam/core/kinds/kind';
import type { FileDiagnostic } from '@macadam/core/text/diagnostic';
import {
  type CompiledStandard,
  compileStandard,
  overrideMistake,
} from '@macadam/core/verdicts/compiled-standard';
import { type Standard, standardSchema } from '@macadam/core/verdicts/standard';
import { parse } from 'yaml';
import { type Edit, editedText, writtenText } from '../catalogue/edited.ts';
import { type Example, judge } from '../catalogue/example.ts';
import { readExamples } from '../catalogue/examples.ts';
import type { CatalogueStandard } from '../catalogue/load.ts';
import { patchOf } from '../catalogue/patch.ts';

/** The texts of a standard that can be tried otherwise, as they are typed. */
export interface DraftTexts {
  readonly statement: string;
  readonly where: string;
  readonly check: string;
  /** Lists and numbers as YAML writes them. */
  readonly params: Readonly<Record<string, string>>;
}

/** Which field of a draft is wrong (`check`, `where`, `statement`, or a parameter's name), and where in it. */
export type DraftMistake = Pick<FileDiagnostic, 'field' | 'line' | 'column' | 'reason'>;

export interface Draft {
  readonly standard: CatalogueStandard;
  readonly edits: readonly Edit[];
  /** Parameters that macadam.yaml sets: a change of the standard's file would not reach them. */
  readonly setByEstate: readonly string[];
}

const LIST = /^\s*\[/;

/** As it is in force, in the words of its file. */
export function textsOf(standard: CatalogueStandard): DraftTexts {
  const { definition, compiled, file } = standard;
  const text = standard.lastGood === undefined ? readFileSync(file, 'utf8') : '';
  // A file that was changed since it was read says something else than what judges.
  const asWritten = (path: readonly string[], value: string): string => {
    const found = text === '' ? null : writtenText(text, path);
    return found !== null && plain(found) === plain(value) ? found : value;
  };
  return {
    statement: definition.statement,
    where: asWritten(['scope', 'where'], definition.scope.where),
    check: asWritten(['check'], definition.check.trim()),
    params: Object.fromEntries(Object.entries(compiled.params).map(([name, value]) => [name, textOf(value)])),
  };
}

const plain = (text: string): string => text.replace(/\s+/g, ' ').trim();
const textOf = (value: Value): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** What is typed over what is in force, or every mistake in it. */
export function draftOf(
  standard: CatalogueStandard,
  typed: DraftTexts,
  kinds: ReadonlyMap<string, Kind>,
): Draft | { readonly mistakes: readonly DraftMistake[] } {
  const before = textsOf(standard);
  const { definition, compiled } = standard;
  const edits: Edit[] = [];
  const mistakes: DraftMistake[] = [];
  const overrides: Record<string, Value> = {};
  const setByEstate: string[] = [];
  const params: Record<string, Standard['params'][string]> = { ...definition.params };
  for (const [name, value] of Object.entries(compiled.params)) {
    const text = typed.params[name] ?? before.params[name] ?? '';
    const given = typeof definition.params[name] === 'string' ? text.trim() : fromYaml(text);
    const reason = overrideMistake(definition, name, given);
    if (reason !== null) mistakes.push({ field: name, line: 1, column: 1, reason });
    const ofEstate = JSON.stringify(value) !== JSON.stringify(definition.params[name]);
    if (ofEstate) overrides[name] = given as Value;
    if (reason !== null || text === before.params[name]) continue;
    if (ofEstate) setByEstate.push(name);
    else {
      params[name] = given as Standard['params'][string];
      edits.push({ path: ['params', name], value: given as Edit['value'] });
    }
  }
  const changed = (field: 'statement' | 'where' | 'check', path: readonly string[]): string => {
    const now = typed[field].trim();
    if (plain(now) !== plain(before[field])) edits.push({ path, value: now });
    return plain(now) === plain(before[field]) ? before[field] : now;
  };
  const whole = {
    ...definition,
    params,
    statement: changed('statement', ['statement']),
    scope: { kind: definition.scope.kind, where: changed('where', ['scope', 'where']) },
    check: changed('check', ['check']),
  };
  const said = standardSchema.shape.statement.safeParse(whole.statement);
  for (const issue of said.error?.issues ?? [])
    mistakes.push({ field: 'statement', line: 1, column: 1, reason: issue.message });
  if (mistakes.length > 0) return { mistakes };
  const made = compiledDraft(whole, compiled.kind, overrides, kinds);
  if ('mistakes' in made) return { mistakes: made.mistakes.map(inDraft) };
  return { standard: { ...standard, definition: whole, compiled: made }, edits, setByEstate };
}

const compiledDraft = (
  definition: Standard,
  kind: Kind,
  overrides: Readonly<Record<string, Value>>,
  kinds: ReadonlyMap<string, Kind>,
): CompiledStandard | { readonly mistakes: readonly FileDiagnostic[] } =>
  compileStandard(definition, kind, {
    file: definition.id,
    lineOf: () => 1,
    within: (_, inside) => inside,
    overrides,
    kinds,
  });

const inDraft = ({ field, line, column, reason }: FileDiagnostic): DraftMistake => ({
  field: field === 'scope.where' ? 'where' : field,
  line,
  column,
  reason,
});

function fromYaml(text: string): unknown {
  try {
    return parse(LIST.test(text) ? text : text.trim());
  } catch {
    return text;
  }
}

export interface ExampleResult {
  readonly name: string;
  readonly describe: string;
  readonly expected: Example['expect'];
  /** Null where it does not come to a verdict; `reason` says why then. */
  readonly verdict: Example['expect']['verdict'] | null;
  readonly reason: string;
  readonly asExpected: boolean;
}

/** What the examples of a standard come out as. One that cannot be read is left out: `standards check` tells of it. */
export async function exampleResults(
  standard: CatalogueStandard,
  kinds: ReadonlyMap<string, Kind>,
): Promise<readonly ExampleResult[]> {
  const results: ExampleResult[] = [];
  for (const { name, example } of readExamples(standard)) {
    if (example === null) continue;
    const found = await judge(standard, example, kinds);
    const { expect, describe } = example;
    const own = { name: basename(name, '.yaml'), describe, expected: expect };
    if (typeof found === 'string') results.push({ ...own, verdict: null, reason: found, asExpected: false });
    else
      results.push({
        ...own,
        verdict: found.verdict,
        reason: found.reason,
        asExpected: found.verdict === expect.verdict && found.reason === expect.reason,
      });
  }
  return results;
}

/** A unified diff of the standard's file, from the root of its catalogue on; empty where nothing of the file changes. */
export async function draftPatch(standard: CatalogueStandard, edits: readonly Edit[]): Promise<string> {
  if (edits.length === 0) return '';
  const path = pathInCatalogue(standard);
  const text = readFileSync(standard.file, 'utf8');
  return patchOf(new Map([[path, editedText(text, edits)]]), memoryTree({ [path]: text }));
}

/** `standards/engineering/x/standard.yaml`; of one in a single file its name. */
export function pathInCatalogue({ file }: Pick<CatalogueStandard, 'file'>): string {
  const parts = file.replaceAll('\\', '/').split('/');
  if (parts.at(-1) === 'standard.yaml') return parts.slice(-4).join('/');
  return parts.slice(parts.at(-2) === 'standards' ? -2 : -1).join('/');
}
