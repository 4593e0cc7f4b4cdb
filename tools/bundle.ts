/**
 * The command line as one folder that needs no other package. Modules are split, so that a command loads what it uses;
 * each believes that it stands where it stands in the repository, so that what lies beside it there (the catalogue, a
 * page's template) is found here by the same path.
 */

import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { codeDigest } from '@macadam/adapters/cache/code';
import { describeFileDiagnostic, type FileDiagnostic } from '@macadam/core/text/diagnostic';
import { prepareCatalogue } from '@macadam/services/catalogue/load';
import { writePrepared } from '@macadam/services/catalogue/prepared';
import { build, type Metafile, type Plugin } from 'esbuild';

const OURS = /\/(core|adapters|services|apps|paved)\//;
const CATALOGUE = ['kinds', 'standards', 'frameworks'];
/** What the CycloneDX library uses where it finds it: XML and validation, which the command line does without. */
const CYCLONEDX_EXTRAS = ['xmlbuilder2', 'libxmljs2', 'ajv', 'ajv-formats', 'ajv-formats-draft2019'];
/** The embedded engine is half a gigabyte: whoever keeps facts beside the command installs it. */
const OPTIONAL = [...CYCLONEDX_EXTRAS, 'chdb'];
const posix = (path: string) => path.split(sep).join('/');

/** Discovery by readdir needs folders of modules; a bundle has a list instead, made in the same way. */
function discovery(root: string): string {
  const names = (folder: string, file: string) =>
    readdirSync(join(root, 'adapters', folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(join(root, 'adapters', folder, entry.name, file)))
      .map((entry) => entry.name)
      .sort();
  const list = (folder: string, file: string, name: string) =>
    names(folder, file)
      .map(
        (id) =>
          `${JSON.stringify(id)}: () => import('./${folder}/${id}/${file}').then((module) => module.${name})`,
      )
      .join(',\n');
  return `const sources = {${list('sources', 'source.ts', 'source')}};
const formats = {${list('report-formats', 'format.ts', 'format')}};
const all = (parts) => Promise.all(Object.values(parts).map((load) => load()));
export const discoverSources = () => all(sources);
export const discoverFormats = () => all(formats);
export const formatIds = () => Object.keys(formats);
export const discoverFormat = async (id) => Object.hasOwn(formats, id) ? formats[id]() : undefined;
`;
}

/** Modules that look at the files of the repository, and what stands in their place where there are none. */
const REPLACED: Readonly<Record<string, (root: string) => string>> = {
  'adapters/discover.ts': discovery,
  'adapters/cache/code.ts': () => `export const codeDigest = () => ${JSON.stringify(codeDigest())};`,
};

function inPlace(root: string): Plugin {
  return {
    name: 'in-place',
    setup: ({ onLoad }) => {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const at = posix(relative(root, path));
        if (at.includes('node_modules/') || !OURS.test(`/${at}`)) return undefined;
        const text = REPLACED[at]?.(root) ?? readFileSync(path, 'utf8');
        // Every output lies in bin/, one below the root of the package.
        const contents = text.replaceAll(
          'import.meta.dirname',
          `(import.meta.dirname + '/../${dirname(at)}')`,
        );
        return { contents, loader: 'ts' };
      });
    },
  };
}

async function copyCatalogue(root: string, stage: string): Promise<void> {
  for (const folder of CATALOGUE.filter((name) => existsSync(join(root, name))))
    cpSync(join(root, folder), join(stage, folder), { recursive: true });
  // A file inside node_modules is never stripped of its types when it is run: each fix becomes one module of JavaScript.
  const fixes = globSync('standards/**/get/fix.ts', { cwd: stage }).map((path) => join(stage, path));
  for (const fix of fixes)
    await build({
      entryPoints: [fix],
      outfile: fix.replace(/ts$/, 'js'),
      bundle: true,
      format: 'esm',
      logLevel: 'error',
    });
  for (const path of globSync('standards/**/get/*.ts', { cwd: stage })) rmSync(join(stage, path));
}

/** Nobody who runs the command has to wait for our YAML to be read and compiled. */
function prepare(stage: string): void {
  const prepared = prepareCatalogue(stage);
  if ('mistakes' in prepared)
    throw new Error((prepared.mistakes as readonly FileDiagnostic[]).map(describeFileDiagnostic).join('\n'));
  writePrepared(stage, prepared);
}

/** What lies beside our modules and is no module: templates, schemas, styles. */
function copyBeside(root: string, stage: string): void {
  for (const path of globSync('{core,adapters,services,apps/cli}/**/*.{json,html,css,svg}', {
    cwd: root,
    exclude: ['**/node_modules/**'],
  }))
    if (path.includes('package.json') === false) cpSync(join(root, path), join(stage, path));
}

/** The licences of what the bundle contains, which they ask to be carried along. */
function notices(root: string, { inputs }: Metafile): string {
  const found = Object.keys(inputs).flatMap(
    (path) => /^(?:.*\/)?(node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [],
  );
  return [...new Set(found)]
    .sort()
    .map((folder) => {
      const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
      const file = readdirSync(join(root, folder)).find((name) => /^(licen[cs]e|copying)/i.test(name));
      const text = file === undefined ? '' : readFileSync(join(root, folder, file), 'utf8').trim();
      return `## ${manifest.name} ${manifest.version} (${manifest.license})\n\n${text.replaceAll(/^/gm, '    ')}\n`;
    })
    .join('\n');
}

/** Modules that are started by their path, as threads: each is found where it lies in the repository. */
const THREADS = ['adapters/readers/secrets/worker.ts'];

async function bundleThread(root: string, stage: string, path: string): Promise<void> {
  await build({
    entryPoints: [join(root, path)],
    outfile: join(stage, path.replace(/ts$/, 'js')),
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'error',
    plugins: [inPlace(root)],
  });
}

export async function bundleCommandLine(root: string, stage: string): Promise<void> {
  mkdirSync(stage, { recursive: true });
  const { metafile } = await build({
    entryPoints: [{ in: join(root, 'apps/cli/main.ts'), out: 'macadam' }],
    outdir: join(stage, 'bin'),
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'error',
    metafile: true,
    chunkNames: '[name]-[hash]',
    // Packages in the older module format ask for Node's own modules by `require`. What makes it has a name that no module takes:
    // the bundler does not know of it, and one that imports the same would not run.
    banner: {
      js: "import { createRequire as requireOfBundle } from 'node:module'; const require = requireOfBundle(import.meta.url);",
    },
    external: OPTIONAL,
    plugins: [inPlace(root)],
  });
  for (const thread of THREADS) await bundleThread(root, stage, thread);
  await copyCatalogue(root, stage);
  prepare(stage);
  copyBeside(root, stage);
  writeFileSync(join(stage, 'THIRD-PARTY.md'), `# What this package contains\n\n${notices(root, metafile)}`);
}
