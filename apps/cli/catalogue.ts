/** `macadam catalogue`: the standards in force, by pillar. */
import { EXIT } from './exit.ts';
import { complain } from './terminal.ts';
import { loadHere } from './test.ts';

export async function catalogue({ json }: { readonly json?: boolean }): Promise<number> {
  const { standards, kinds, mistakes, digest } = loadHere();
  complain(mistakes);
  if (json) {
    const list = standards.map(({ definition, fix }) => ({ ...definition, fixable: fix !== null }));
    process.stdout.write(
      `${JSON.stringify({ digest, kinds: [...kinds.keys()], standards: list }, null, 2)}\n`,
    );
    return mistakes.length > 0 ? EXIT.usage : EXIT.ok;
  }
  for (const [pillar, list] of Map.groupBy(standards, ({ definition }) => definition.pillar)) {
    process.stdout.write(`${pillar}\n`);
    for (const { id, definition, fix } of list) {
      const { severity, scope, statement } = definition;
      process.stdout.write(
        `  ${id}  (${severity}, ${scope.kind}${fix ? ', can be fixed' : ''})\n    ${statement}\n`,
      );
    }
  }
  process.stdout.write(
    `${standards.length} standards over ${kinds.size} kinds, digest ${digest.slice(0, 12)}\n`,
  );
  return mistakes.length > 0 ? EXIT.usage : EXIT.ok;
}
