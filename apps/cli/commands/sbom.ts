/** `macadam sbom`: the dependencies of one repository as CycloneDX 1.6. */
import { hash } from 'node:crypto';
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { inventory } from '@macadam/adapters/readers/dependencies/extract';
import { sbom } from '@macadam/adapters/readers/dependencies/sbom';
import { openRepository } from '@macadam/adapters/readers/git/repository';
import { readPlaces } from '@macadam/adapters/readers/places/places';
import { assetId } from '@macadam/core/facts/observation';
import { readEstate } from '@macadam/services/measure/read';
import { EXIT } from '../exit.ts';
import { complain, deliver, UsageError } from '../terminal.ts';
import { VERSION } from '../version.ts';

export async function sbomCommand(
  target: string,
  options: { readonly out?: string; readonly worktree?: boolean },
): Promise<number> {
  if (!existsSync(target)) throw new UsageError(`there is no folder \`${target}\``);
  const path = realpathSync(target);
  const now = new Date();
  const estate = readEstate(path, now);
  if ('mistakes' in estate) {
    complain(estate.mistakes);
    return EXIT.usage;
  }
  const scratch = mkdtempSync(join(tmpdir(), 'macadam-sbom-'));
  const name = basename(path);
  const stated = estate.estate.estate;
  const repository = await openRepository({
    path,
    name,
    within: [path],
    scratch,
    searchPath: process.env.PATH,
  });
  try {
    const tree = await repository.tree(options.worktree ? 'worktree' : 'head');
    if (tree.incomplete)
      throw new UsageError(`\`${target}\` could not be read whole: ${tree.incomplete.why}`);
    const { dependencies, problems } = await inventory(tree, {
      repository: {
        id: assetId('repository', [stated === undefined ? 'file' : `file:${stated}`, name]),
        name,
      },
      source: 'git',
      now,
      parameters: estate.parameters,
      places: await readPlaces(tree),
    });
    const commit = 'commit' in repository.head ? repository.head.commit : undefined;
    const text = await sbom(dependencies, {
      name,
      ...(commit && { version: commit }),
      serialNumber: serialNumber(`${name}\n${commit}\n${now.toISOString()}`),
      timestamp: now,
      toolVersion: VERSION,
      problems,
    });
    deliver(text, options.out);
    for (const { message } of problems) process.stderr.write(`macadam: ${message}\n`);
    return problems.length > 0 ? EXIT.unjudged : EXIT.ok;
  } finally {
    await repository.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** A UUID of version 8 (RFC 9562) made of a digest, so that one document of one instant has one number. */
function serialNumber(text: string): string {
  const hex = hash('sha256', text).slice(0, 32);
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}
