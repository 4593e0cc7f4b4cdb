/**
 * Reads CycloneDX JSON, versions 1.2 to 1.7, and refuses what its schema does not allow. The schemas are those that
 * the CycloneDX project's library carries (Apache-2.0); nothing is fetched.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { field, list, text } from '@macadam/adapters/readers/dependencies/format';
import type { ErrorObject, ValidateFunction } from 'ajv';

export interface CycloneDxComponent {
  readonly type: string;
  readonly name: string;
  readonly group?: string;
  readonly version?: string;
  readonly purl?: string;
  readonly ref?: string;
}

export interface CycloneDxDocument {
  readonly specVersion: string;
  /** All of them, also those inside of others, in document order. */
  readonly components: readonly CycloneDxComponent[];
}

/** Why a document is refused: the field as a JSON pointer (empty for the whole), and the reason. */
export interface CycloneDxProblem {
  readonly problem: { readonly field: string; readonly reason: string };
}

const VERSIONS = ['1.2', '1.3', '1.4', '1.5', '1.6', '1.7'];
/** Beyond this no inventory is read: checking it would take too long. */
const LARGEST = 64_000_000;

const refused = (pointer: string, reason: string): CycloneDxProblem => ({
  problem: { field: pointer, reason },
});

export async function readCycloneDx(source: string): Promise<CycloneDxDocument | CycloneDxProblem> {
  if (source.length > LARGEST) return refused('', `is larger than ${LARGEST / 1e6} MB`);
  let document: unknown;
  try {
    document = JSON.parse(source);
  } catch {
    return refused('', 'is not valid JSON');
  }
  if (field(document, 'bomFormat') !== 'CycloneDX') return refused('/bomFormat', 'must be `CycloneDX`');
  const specVersion = text(field(document, 'specVersion'));
  if (specVersion === undefined || !VERSIONS.includes(specVersion)) {
    return refused('/specVersion', `must be one of ${VERSIONS.join(', ')}`);
  }
  const validate = await validator(specVersion);
  try {
    if (!validate(document)) return refusal(validate.errors ?? []);
  } catch (error) {
    if (error instanceof RangeError) return refused('', 'is nested too deeply');
    throw error;
  }
  const components: CycloneDxComponent[] = [];
  const open = [...list(field(document, 'components'))].reverse();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    components.push({
      type: text(field(next, 'type')) ?? '',
      name: text(field(next, 'name')) ?? '',
      ...present('group', text(field(next, 'group'))),
      ...present('version', text(field(next, 'version'))),
      ...present('purl', text(field(next, 'purl'))),
      ...present('ref', text(field(next, 'bom-ref'))),
    });
    open.push(...[...list(field(next, 'components'))].reverse());
  }
  return { specVersion, components };
}

const present = <K extends string>(key: K, value: string | undefined): { [P in K]?: string } =>
  value === undefined ? {} : ({ [key]: value } as { [P in K]: string });

/** The deepest error says most: those above it are only "no alternative fits". */
function refusal(errors: readonly ErrorObject[]): CycloneDxProblem {
  const [first, ...rest] = errors;
  if (first === undefined) return refused('', 'is not valid');
  const error = rest.reduce((a, b) => (b.instancePath.length > a.instancePath.length ? b : a), first);
  const { additionalProperty, allowedValues, missingProperty } = error.params as Record<string, unknown>;
  if (typeof additionalProperty === 'string') {
    return refused(`${error.instancePath}/${additionalProperty}`, 'is not a field that the schema knows');
  }
  if (typeof missingProperty === 'string')
    return refused(`${error.instancePath}/${missingProperty}`, 'is required');
  if (Array.isArray(allowedValues)) {
    const some = allowedValues.slice(0, 8).join(', ');
    return refused(error.instancePath, `must be one of ${some}${allowedValues.length > 8 ? ' …' : ''}`);
  }
  return refused(error.instancePath, error.message ?? 'is not valid');
}

const compiled = new Map<string, Promise<ValidateFunction>>();

/** Compiling a schema takes about a second, so each is compiled once, when it is first needed. */
function validator(version: string): Promise<ValidateFunction> {
  const known = compiled.get(version) ?? compile(version);
  compiled.set(version, known);
  return known;
}

async function compile(version: string): Promise<ValidateFunction> {
  const [{ Ajv }, formats] = await Promise.all([import('ajv'), import('ajv-formats')]);
  const library = createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library/package.json');
  const load = async (name: string): Promise<object> =>
    JSON.parse(await readFile(join(dirname(library), 'res/schema', `${name}.SNAPSHOT.schema.json`), 'utf8'));
  const ajv = new Ajv({ strict: false });
  formats.default.default(ajv);
  ajv.addFormat('iri-reference', /^[^\s<>"{}|\\^`]*$/);
  ajv.addFormat('idn-email', /^[^\s@]+@[^\s@]+$/);
  // The built-in keyword compares every pair: quadratic, and inventories hold tens of thousands of components.
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    error: { message: 'must not hold the same item twice' },
    validate: (wanted: boolean, items: readonly unknown[]) =>
      !wanted || new Set(items.map(canonical)).size === items.length,
  });
  for (const name of ['spdx', 'jsf-0.82', 'cryptography-defs']) {
    ajv.addSchema(await load(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  }
  return ajv.compile(
    await load(version === '1.2' || version === '1.3' ? `bom-${version}-strict` : `bom-${version}`),
  );
}

/** Text that two values share exactly when they are equal as JSON. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
