/**
 * Imports point one way: apps → services → adapters → core → nothing. Why: the middle that decides stays a pure function of plain
 * data, so that it can be tested, replayed and compiled to another engine. Code in standards/ takes types from core
 * only, because it is shipped as it stands; packages in paved/ are published alone, so they know nothing of ours.
 */
import {
  finish,
  importedPath,
  imports,
  isSource,
  isTest,
  type Offence,
  type Rule,
  type SourceFile,
  testFiles,
} from './repository.ts';

const MAY: Readonly<Record<string, readonly string[]>> = {
  core: ['core'],
  adapters: ['adapters', 'core', 'paved'],
  services: ['services', 'adapters', 'core', 'paved'],
  simulation: ['simulation', 'services', 'adapters', 'core'],
  apps: ['apps', 'simulation', 'services', 'adapters', 'core', 'paved'],
  testing: ['testing', 'apps', 'simulation', 'services', 'adapters', 'core', 'paved', 'standards'],
  paved: ['paved'],
  standards: ['standards', 'core'],
  conformance: [
    'conformance',
    'testing',
    'apps',
    'simulation',
    'services',
    'adapters',
    'core',
    'paved',
    'standards',
    'tools',
  ],
  tools: [
    'tools',
    'conformance',
    'testing',
    'apps',
    'simulation',
    'services',
    'adapters',
    'core',
    'paved',
    'standards',
  ],
};
const PURE_NODE = ['node:crypto', 'node:util'];

const layer = (path: string) => path.split('/')[0] ?? '';
/** The package a path belongs to: `paved/secrets`, `apps/cli`, a standard's folder; else its layer. */
const unit = (path: string) => {
  const depth: Readonly<Record<string, number>> = { paved: 2, apps: 2, standards: 3 };
  return path
    .split('/')
    .slice(0, depth[layer(path)] ?? 1)
    .join('/');
};

function importOffence(
  file: SourceFile,
  { specifier, typeOnly }: ReturnType<typeof imports>[number],
  forTests: boolean,
): string | null {
  const from = layer(file.path);
  const to = importedPath(file.path, specifier);
  if (from === 'core' && specifier.startsWith('node:') && !isTest(file) && !PURE_NODE.includes(specifier))
    return `core imports ${specifier}; core has no I/O: pass in what it needs`;
  if (to === '')
    return from === 'standards' && !specifier.startsWith('node:test') && !specifier.startsWith('node:assert')
      ? `a standard imports ${specifier}; it takes types from core only`
      : null;
  if (layer(to) === 'testing' && forTests) return null;
  if (!MAY[from]?.includes(layer(to)))
    return `${from} imports ${to}; ${from} may import ${MAY[from]?.join(', ') ?? 'nothing'}: turn the dependency round`;
  if (from === 'standards' && layer(to) === 'core' && !typeOnly)
    return `takes a value from ${to}; use \`import type\``;
  if (unit(to) === unit(file.path) || layer(to) !== from || !['apps', 'paved', 'standards'].includes(from))
    return null;
  return `${unit(file.path)} imports ${unit(to)}; what both need belongs one layer down`;
}

export function checkLayers(files: readonly SourceFile[]): Offence[] {
  const tests = testFiles(files);
  return files
    .filter((file) => isSource(file) && layer(file.path) in MAY)
    .flatMap((file) =>
      imports(file.text).flatMap((one): Offence[] => {
        const what = importOffence(file, one, tests.has(file.path));
        return what === null ? [] : [{ path: file.path, line: one.line, what }];
      }),
    );
}

export const rule: Rule = {
  name: 'layers',
  offences: (files) => checkLayers(files),
};

if (import.meta.main) finish(rule);
