/**
 * What a package imports it declares, and what it declares it imports. Why: an undeclared import works here and breaks
 * at the people who install; an unused one is code from strangers for nothing. A peer that nothing imports stands in
 * tools/ledgers/imports.json (`package.json path: name` → reason), which may only shrink.
 */
import { builtinModules } from 'node:module';
import { manifests } from './check-dependencies.ts';
import {
  finish,
  imports,
  isSource,
  type Manifest,
  type Offence,
  type ReasonLedger,
  type Rule,
  readLedger,
  type SourceFile,
  testFiles,
} from './repository.ts';

const LEDGER = 'tools/ledgers/imports.json';
/** Where people's use of the product begins: nothing for tests may be reached from here. */
const PRODUCT = /^apps\/|^adapters\/.*\/(source|format)\.ts$|^paved\/[^/]+\/index\.ts$/;
const nameOf = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
const isBare = (specifier: string) => !/^[.#]|^node:/.test(specifier) && !builtinModules.includes(specifier);
const runtime = (manifest: Manifest) =>
  Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
const declared = (manifest: Manifest) => [
  ...runtime(manifest),
  ...Object.keys(manifest.devDependencies ?? {}),
];

export function checkImports(files: readonly SourceFile[], ledger: ReasonLedger): Offence[] {
  const found: Offence[] = [];
  const packages = manifests(files);
  const tests = testFiles(files);
  // Tests and conformance also see what the whole workspace has.
  const lent = packages.flatMap(({ manifest }) => [manifest.name, ...declared(manifest)]);
  for (const path of tests)
    if (PRODUCT.test(path) && !path.endsWith('.test.ts'))
      found.push({ path, what: 'rests on a module for tests; part what tests need from what people run' });
  for (const { path, folder, manifest } of packages.filter((one) => one.folder !== '')) {
    const used = new Set<string>();
    for (const file of files.filter((one) => isSource(one) && one.path.startsWith(`${folder}/`)))
      for (const { specifier, line } of imports(file.text).filter((one) => isBare(one.specifier))) {
        const name = nameOf(specifier);
        const borrows = tests.has(file.path) || folder === 'conformance';
        if (!tests.has(file.path)) used.add(name);
        if (name !== manifest.name && !declared(manifest).includes(name) && !(borrows && lent.includes(name)))
          found.push({ path: file.path, line, what: `imports ${name}, which ${path} does not declare` });
      }
    for (const name of runtime(manifest)) {
      const listed = ledger[`${path}: ${name}`] !== undefined;
      if (!used.has(name) && !listed && manifest.private !== true)
        found.push({ path, what: `nothing imports ${name}; remove it, or say why in ${LEDGER}` });
      if (used.has(name) && listed)
        found.push({ path, what: `${name} is imported; take it out of ${LEDGER}` });
    }
    for (const key of Object.keys(ledger).filter((one) => one.startsWith(`${path}: `)))
      if (!runtime(manifest).includes(key.slice(path.length + 2)))
        found.push({ path, what: `\`${key}\` is no dependency; take it out of ${LEDGER}` });
  }
  return found;
}

export const rule: Rule = {
  name: 'imports',
  offences: (files) => checkImports(files, readLedger<ReasonLedger>('imports')),
};

if (import.meta.main) finish(rule);
