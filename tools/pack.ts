/**
 * Builds what we publish into dist/ and packs it: the libraries as JavaScript with types, and the command line as one
 * bundle with its catalogue beside it.
 *
 *     node tools/run.mjs tools/pack.ts [OUT]
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { bundleCommandLine } from './bundle.ts';
import { COMPILER_MEMORY, compiler } from './compiler.ts';
import { type Manifest, repositoryFiles, testFiles } from './repository.ts';

export const root: string = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
/** Published, by folder. What is not in this list stays here. */
export const LIBRARIES: readonly string[] = [
  'core',
  'adapters',
  'services',
  ...globSync('paved/*/index.ts', { cwd: root }).map((path) => dirname(path)),
];
const LEGAL = ['LICENSE', 'SECURITY.md', 'CHANGELOG.md', 'README.md'];

export function readManifest(folder: string): Manifest & { readonly name: string } {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
}

export function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function run(command: string, args: readonly string[], cwd: string): string {
  const env = { ...process.env, ...COMPILER_MEMORY };
  const result = spawnSync(command, args, { cwd, env, encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (result.status !== 0)
    throw new Error(`${command} ${args.join(' ')} failed:\n${result.stdout}${result.stderr}`);
  return result.stdout;
}

/** One compilation of all libraries, because their types refer to each other. Its output is the same whether they are checked or not. */
function compile(check: boolean): string {
  const built = join(dist, '.built');
  rmSync(built, { recursive: true, force: true });
  const tests = [...testFiles(repositoryFiles(root))].map((path) => `../${path}`);
  const config = {
    extends: '../tsconfig.json',
    compilerOptions: {
      noEmit: false,
      declaration: true,
      noCheck: !check,
      rootDir: '..',
      outDir: '.built',
      sourceMap: false,
      // Else only what changed since the last time would be written, into a folder that is empty.
      incremental: false,
      tsBuildInfoFile: null,
    },
    include: LIBRARIES.map((folder) => `../${folder}`),
    exclude: ['../**/node_modules', '../**/start', '../**/examples', ...tests],
  };
  write(join(dist, 'tsconfig.json'), JSON.stringify(config));
  run(process.execPath, compiler(root, '-p', join(dist, 'tsconfig.json')), root);
  return built;
}

/** `./a.ts` → types and JavaScript; what is no TypeScript stays as it is. */
function published(target: string): unknown {
  if (!target.endsWith('.ts')) return target;
  return { types: target.replace(/\.ts$/, '.d.ts'), default: target.replace(/\.ts$/, '.js') };
}

function stageLegal(folder: string, stage: string): void {
  for (const file of LEGAL) {
    const own = join(root, folder, file);
    cpSync(existsSync(own) ? own : join(root, file), join(stage, file));
  }
}

function stageLibrary(folder: string, built: string): string {
  const manifest = readManifest(folder);
  const stage = join(dist, manifest.name.replace('/', '-').replace('@', ''));
  rmSync(stage, { recursive: true, force: true });
  cpSync(join(built, folder), stage, { recursive: true });
  for (const path of globSync('**/*.{json,html,css,svg,sql}', {
    cwd: join(root, folder),
    exclude: ['**/node_modules/**'],
  }))
    if (path !== 'package.json') cpSync(join(root, folder, path), join(stage, path));
  const exports = Object.fromEntries(
    Object.entries(manifest.exports ?? {}).map(([name, target]) => [name, published(target)]),
  );
  const commands = Object.entries(manifest.bin ?? {}).map(([name, file]) => [
    name,
    file.replace(/\.ts$/, '.js'),
  ]);
  const bin = commands.length === 0 ? {} : { bin: Object.fromEntries(commands) };
  write(join(stage, 'package.json'), `${JSON.stringify({ ...manifest, exports, ...bin }, null, 2)}\n`);
  stageLegal(folder, stage);
  const entries = Object.values(manifest.exports ?? {});
  if (!entries.some((entry) => entry.includes('*'))) dropTypes(stage, entries);
  return stage;
}

/** Types that no entry leads to: nobody can import what a command is made of, and it would be a tenth of a package. */
function dropTypes(stage: string, entries: readonly string[]): void {
  const needed = new Set<string>();
  const keep = (path: string) => {
    if (needed.has(path)) return;
    needed.add(path);
    const text = readFileSync(path, 'utf8');
    for (const [, target = ''] of text.matchAll(/(?:from|import)\(? ?["'](\.[^"']+)["']/g))
      keep(join(dirname(path), target).replace(/(?:\.d)?\.[jt]s$/, '.d.ts'));
  };
  for (const entry of entries) keep(join(stage, entry.replace(/\.ts$/, '.d.ts')));
  for (const path of globSync('**/*.d.ts', { cwd: stage }).map((path) => join(stage, path)))
    if (!needed.has(path)) rmSync(path);
}

async function stageCommandLine(): Promise<string> {
  const stage = join(dist, 'macadam');
  rmSync(stage, { recursive: true, force: true });
  await bundleCommandLine(root, stage);
  const { dependencies: _bundled, ...manifest } = readManifest('apps/cli');
  write(
    join(stage, 'package.json'),
    `${JSON.stringify({ ...manifest, bin: { macadam: './bin/macadam.js' } }, null, 2)}\n`,
  );
  stageLegal('apps/cli', stage);
  return stage;
}

/** Packs everything into `out`; the tarballs by package name. `check`: whether types are checked too, which `npm test` does by itself. */
export async function pack(
  out: string,
  { check }: { readonly check: boolean },
): Promise<Map<string, string>> {
  mkdirSync(out, { recursive: true });
  const built = compile(check);
  const stages = LIBRARIES.map((folder) => stageLibrary(folder, built));
  stages.push(await stageCommandLine());
  const places = stages.map((stage) => `./${basename(stage)}`);
  const packed: readonly { readonly name: string; readonly filename: string }[] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', resolve(out), ...places], dist),
  );
  return new Map(packed.map(({ name, filename }) => [name, join(out, filename)]));
}

if (import.meta.main)
  for (const [name, path] of await pack(resolve(process.argv[2] ?? dist), { check: true }))
    console.log(`${name}  ${path}`);
