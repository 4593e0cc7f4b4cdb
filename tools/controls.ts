/**
 * `npm run controls`: takes each control out whose removal docs/asvs.yaml writes down (`without`), one after the other, in a copy of the
 * sources, and sees whether the tests that are named as its proof fail. One that passes without its control proves nothing.
 *
 *     npm run controls [-- --only ID …]
 */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ASVS, type AsvsRequirement, type Control, type NamedProof, readAsvs } from './asvs.ts';
import { runTests, type Unshown, unshown } from './proofs.ts';

const root = join(import.meta.dirname, '..');
const COPIED = ['core', 'adapters', 'services', 'simulation', 'testing', 'paved', 'apps', 'tools'];
const LINKED = ['kinds', 'standards', 'frameworks', 'docs', 'deploy'];
const FILES = ['package.json', 'package-lock.json', 'tsconfig.json', 'SECURITY.md'];

/** A copy of the sources, to be broken, beside all that is installed. */
function copied(): string {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-controls-'));
  const filter = (path: string) => !path.includes('node_modules');
  for (const name of COPIED) cpSync(join(root, name), join(folder, name), { recursive: true, filter });
  for (const name of LINKED) symlinkSync(join(root, name), join(folder, name));
  for (const name of FILES) cpSync(join(root, name), join(folder, name));
  const [installed, modules] = [join(root, 'node_modules'), join(folder, 'node_modules')];
  mkdirSync(join(modules, '@macadam'), { recursive: true });
  for (const name of readdirSync(installed).filter((one) => one !== '@macadam'))
    symlinkSync(join(installed, name), join(modules, name));
  // Links of the workspace are relative, so here they point into the copy.
  for (const name of readdirSync(join(installed, '@macadam')))
    symlinkSync(readlinkSync(join(installed, '@macadam', name)), join(modules, '@macadam', name));
  return folder;
}

/** Takes one out, runs its proofs, and puts it back: the proofs that do not pass any more. */
async function provenWithout(
  folder: string,
  control: Control,
  proofs: readonly NamedProof[],
): Promise<readonly Unshown[]> {
  const path = join(folder, control.file);
  const text = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    text.replace(control.replace, () => control.with),
  );
  try {
    const files = [...new Set(proofs.map(({ test }) => test))];
    return unshown(proofs, await runTests(folder, files));
  } finally {
    writeFileSync(path, text);
  }
}

const proofsOf = ({ id, met = [] }: AsvsRequirement): NamedProof[] =>
  met.flatMap((proof) => ('test' in proof ? [{ id, test: proof.test, title: proof.title }] : []));

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } });
  const read = readAsvs(readFileSync(join(root, ASVS), 'utf8'));
  if ('mistakes' in read) throw new TypeError(`${ASVS}: ${read.mistakes[0]?.reason}`);
  const tried = read.value.requirements.filter(
    ({ id, without }) => without !== undefined && (values.only?.includes(id) ?? true),
  );
  const folder = copied();
  let unnoticed = 0;
  try {
    for (const requirement of tried) {
      const { id, about, without } = requirement;
      if (without === undefined) continue;
      const failing = await provenWithout(folder, without, proofsOf(requirement));
      if (failing.length === 0) unnoticed += 1;
      const [first] = failing;
      const said = first ? `noticed: ${first.proof.test}: ${first.proof.title} ${first.why}` : 'NOT noticed';
      console.log(`${first ? '✓' : '✗'} ${id} ${about}\n    without ${without.file}: ${said}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`controls: ${tried.length - unnoticed} of ${tried.length} are missed when they are taken out`);
  process.exitCode = unnoticed === 0 && tried.length > 0 ? 0 : 1;
}

await main();
