/**
 * Lockfiles of well-known projects, counted a second time by the plainest means, and made into documents that the
 * CycloneDX schema accepts; and the CycloneDX project's own valid and invalid documents.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inventory } from '@macadam/adapters/readers/dependencies/extract';
import { sbom } from '@macadam/adapters/readers/dependencies/sbom';
import { memoryTree } from '@macadam/adapters/readers/tree';
import { readCycloneDx } from '@macadam/testing/readers/cyclonedx';
import { PLACES_BY_GLOBS } from '@macadam/testing/readers/places';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import type { Case, Suite } from '../suite.ts';

/** `name@version` of every package of a lockfile, found without any of our parsers. */
const COUNTS: Readonly<Record<string, (text: string) => string[]>> = {
  'package-lock.json': (text) =>
    Object.entries<{ version: string; name?: string }>(JSON.parse(text).packages)
      .filter(([place]) => place.includes('node_modules/'))
      // An alias stands under a name of the project's choice, and gives the real one.
      .map(([place, { name, version }]) => `${name ?? place.replace(/^.*node_modules\//, '')}@${version}`),
  'uv.lock': (text) =>
    blocks(text)
      .filter((block) => /^source = \{ (registry|git|url) /m.test(block))
      .map((block) => `${value(block, 'name')}@${value(block, 'version')}`),
  'Cargo.lock': (text) =>
    blocks(text)
      .filter((block) => /^source = /m.test(block))
      .map((block) => `${value(block, 'name')}@${value(block, 'version')}`),
  'go.mod': (text) =>
    [...text.matchAll(/^\t([a-z]\S+) (v\S+)/gm)].map(([, name, version]) => `${name}@${version}`),
  'Pipfile.lock': (text) => {
    const lock = JSON.parse(text);
    return Object.entries<{ version: string }>({ ...lock.develop, ...lock.default }).map(
      ([name, { version }]) => `${name}@${version.replace('==', '')}`,
    );
  },
  'pnpm-lock.yaml': (text) => {
    const packages = text.slice(text.indexOf('\npackages:\n'), text.indexOf('\nsnapshots:\n'));
    return [...packages.matchAll(/^ {2}'?([^\s'][^\n']*?)'?:$/gm)].map(([, key]) => key ?? '');
  },
};

const blocks = (text: string): string[] => text.split(/^\[\[package\]\]$/m).slice(1);
const value = (block: string, key: string): string | undefined =>
  new RegExp(`^${key} = "(.*)"$`, 'm').exec(block)?.[1];

export const suite: Suite = {
  name: 'sbom',
  proves: 'lockfiles are read whole, and CycloneDX is written and read as its schema says',
  vectors: [
    'sbom/lockfiles',
    'sbom/cyclonedx-1.5-cases.json',
    'sbom/cyclonedx-1.6-cases.json',
    'sbom/bom-1.6.schema.json',
  ],
  load: async (vectors) => [
    ...(await lockfileCases(join(vectors, 'sbom'))),
    ...(await documentCases(join(vectors, 'sbom'), '1.5')),
    ...(await documentCases(join(vectors, 'sbom'), '1.6')),
  ],
};

async function lockfileCases(folder: string): Promise<Case[]> {
  const cases: Case[] = [];
  for (const file of await readdir(join(folder, 'lockfiles'))) {
    const name = Object.keys(COUNTS).find((known) => file.endsWith(`.${known}`));
    const count = name === undefined ? undefined : COUNTS[name];
    const read = async () => {
      const text = await readFile(join(folder, 'lockfiles', file), 'utf8');
      const context = {
        repository: { id: 'repository/file/case', name: 'case' },
        source: 'git',
        now: new Date(0),
        parameters: {},
        places: PLACES_BY_GLOBS,
      };
      return { text, found: await inventory(memoryTree({ [name ?? file]: text }), context) };
    };
    cases.push({
      id: `lockfile/${file}`,
      run: async () => {
        const { text, found } = await read();
        if (count === undefined) return 'there is no second way of counting for this file';
        const ours = new Set(found.dependencies.map(({ package: one }) => `${one.name}@${one.version}`));
        const theirs = new Set(count(text));
        const missing = [...theirs].filter((one) => !ours.has(one));
        const extra = [...ours].filter((one) => !theirs.has(one));
        if (theirs.size === 0) return 'the second way of counting finds nothing';
        if (found.problems.length > 0) return found.problems.map(({ message }) => message).join('; ');
        return missing.length + extra.length === 0
          ? null
          : `${missing.length} missing (${missing.slice(0, 3).join(', ')}), ${extra.length} too many (${extra.slice(0, 3).join(', ')})`;
      },
    });
    cases.push({
      id: `document/${file}`,
      run: async () => {
        const { found } = await read();
        const text = await sbom(found.dependencies, {
          name: 'case',
          serialNumber: 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79',
          timestamp: new Date(0),
          toolVersion: '0.1.0',
          problems: found.problems,
        });
        const validate = await schemaOf(folder);
        const document = JSON.parse(text);
        if (!validate(document)) return JSON.stringify(validate.errors?.[0]);
        const distinct = new Set(found.dependencies.map(({ package: one }) => `${one.name}@${one.version}`));
        return document.components.length === distinct.size
          ? null
          : `${document.components.length} components for ${distinct.size} packages`;
      },
    });
  }
  return cases;
}

/** The schema that lies beside the cases, not the one that the product carries. */
async function schemaOf(folder: string): Promise<ReturnType<Ajv['compile']>> {
  const load = async (name: string) =>
    JSON.parse(await readFile(join(folder, `${name}.schema.json`), 'utf8'));
  const ajv = new Ajv({ strict: false });
  formats.default(ajv);
  ajv.addFormat('iri-reference', true);
  ajv.addFormat('idn-email', true);
  for (const name of ['spdx', 'jsf-0.82'])
    ajv.addSchema(await load(name), `http://cyclonedx.org/schema/${name}.schema.json`);
  return ajv.compile(await load('bom-1.6'));
}

async function documentCases(folder: string, version: string): Promise<Case[]> {
  const { files } = JSON.parse(await readFile(join(folder, `cyclonedx-${version}-cases.json`), 'utf8'));
  return Object.entries(files).map(([name, document]) => ({
    id: `cyclonedx/${name}`,
    run: async () => {
      const read = await readCycloneDx(JSON.stringify(document));
      const refused = 'problem' in read;
      if (name.startsWith('invalid-')) {
        return refused && read.problem.reason !== '' ? null : 'is read, and should be refused';
      }
      return refused ? `is refused: ${read.problem.field} ${read.problem.reason}` : null;
    },
  }));
}
