/**
 * Holds the repository against every rule of the house, `tools/check-<name>.ts`, in one process that reads the files once.
 *
 *     node tools/rules.ts [ROOT]
 *
 * A rule by itself: `node tools/check-<name>.ts`.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describeRule, type Rule, repositoryFiles } from './repository.ts';

const folder = import.meta.dirname;
const programs = readdirSync(folder).filter((file) => /^check-[a-z]+\.ts$/.test(file));
const files = repositoryFiles();
let broken = 0;
for (const program of programs) {
  const { rule }: { readonly rule: Rule } = await import(join(folder, program));
  const offences = rule.offences(files);
  if (offences.length > 0) broken += 1;
  console.log(describeRule(rule.name, offences));
}
console.log(`rules of the house: ${programs.length - broken} of ${programs.length} kept`);
process.exitCode = broken === 0 ? 0 : 1;
