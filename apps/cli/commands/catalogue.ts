/** `macadam catalogue`: the standards in force, by pillar; or one kind, as what follows from it. */
import { EXIT } from '../exit.ts';
import { complain, UsageError } from '../terminal.ts';
import { kindText } from './kind.ts';
import { loadHere } from './test.ts';

export interface CatalogueOptions {
  readonly json?: boolean;
  readonly kind?: string;
  readonly as?: string;
}

export async function catalogue({ json, kind, as }: CatalogueOptions): Promise<number> {
  if (as !== undefined && kind === undefined)
    throw new UsageError('--as says how a kind is shown: name it with --kind');
  const loaded = loadHere();
  const { standards, kinds, mistakes, digest } = loaded;
  complain(mistakes);
  if (kind !== undefined) {
    process.stdout.write(kindText(loaded, kind, as ?? 'docs'));
    return mistakes.length > 0 ? EXIT.usage : EXIT.ok;
  }
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
