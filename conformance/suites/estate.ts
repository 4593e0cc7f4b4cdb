/**
 * A small real estate: five public repositories, measured by the whole catalogue, against a golden file of verdicts. Every failure of
 * the golden file was read in the repository's own files before it was written down; `looked-at` says so, standard by standard.
 * A verdict that moves is a change to look at again, with the finding beside the file, and then an edit of the golden file.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { foundAsset } from '@macadam/core/figures/picture';
import { measure } from '@macadam/services/measure/measure';
import { folderRequest } from '@macadam/testing/server/folder-request';
import { z } from 'zod';
import type { Case, Suite } from '../suite.ts';
import golden from './estate.golden.json' with { type: 'json' };

const ARCHIVES = 'estate/*.tar.xz';
/** Ages are judged as of the day on which the golden file was read. */
const AS_OF = new Date('2026-11-28T00:00:00Z');

const goldenSchema = z.strictObject({
  repositories: z.record(z.string(), z.string().regex(/^[0-9a-f]{40}$/)),
  standards: z.record(
    z.string(),
    z.strictObject({
      'looked-at': z.string().min(20).describe('Who looked at what, and when'),
      /** Asset → reason of the failure. */
      fail: z.record(z.string(), z.string()),
      /** Asset → cause. */
      unknown: z.record(z.string(), z.string()),
      pass: z.array(z.string()),
      'not-applicable': z.array(z.string()),
    }),
  ),
});

/** Standard and asset → what is said of it, for a case and its message. */
type Verdicts = ReadonlyMap<string, string>;

const caseId = (standard: string, asset: string) => `${standard} ${asset}`;

function goldenVerdicts(): Verdicts {
  const { standards } = goldenSchema.parse(golden);
  return new Map(
    Object.entries(standards).flatMap(([standard, { fail, unknown, pass, ...rest }]) => [
      ...Object.entries(fail).map(([asset, reason]) => [caseId(standard, asset), `fail: ${reason}`] as const),
      ...Object.entries(unknown).map(
        ([asset, cause]) => [caseId(standard, asset), `unknown: ${cause}`] as const,
      ),
      ...pass.map((asset) => [caseId(standard, asset), 'pass'] as const),
      ...rest['not-applicable'].map((asset) => [caseId(standard, asset), 'not-applicable'] as const),
    ]),
  );
}

/** Unpacks the estate, measures it, and removes it. */
async function measuredVerdicts(vectors: string): Promise<Verdicts> {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-estate-'));
  try {
    const archives = readdirSync(join(vectors, 'estate')).filter((name) => name.endsWith('.tar.xz'));
    const estate = join(folder, 'estate');
    for (const name of archives.sort()) unpack(join(vectors, 'estate', name), estate);
    const request = await folderRequest({ path: estate, title: 'estate', cache: join(folder, 'cache') });
    const measured = await measure({ ...request, asOf: AS_OF, progress: () => undefined });
    if ('mistakes' in measured) throw new Error(measured.mistakes.map(({ reason }) => reason).join('; '));
    return new Map(
      measured.picture.verdicts.map(({ standard, asset, verdict, reason }) => {
        const { name } = foundAsset(asset, new Map());
        const known = verdict === 'fail' || verdict === 'unknown';
        return [caseId(standard, name), known ? `${verdict}: ${reason}` : verdict];
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function unpack(archive: string, into: string): void {
  spawnSync('mkdir', ['-p', into]);
  const { status, stderr } = spawnSync('tar', ['-xJf', archive, '-C', into], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${archive} cannot be unpacked: ${stderr}`);
}

export const suite: Suite = {
  name: 'estate',
  proves: 'verdicts over five real repositories are those that were read in their files',
  vectors: [ARCHIVES],
  lacks: () => (spawnSync('xz', ['--version']).status === 0 ? null : 'xz, which unpacks the repositories'),
  load: async (vectors) => {
    const expected = goldenVerdicts();
    const found = await measuredVerdicts(vectors);
    const ids = [...new Set([...expected.keys(), ...found.keys()])].sort();
    return ids.map(
      (id): Case => ({
        id,
        run: () => {
          const [wanted = 'no verdict', given = 'no verdict'] = [expected.get(id), found.get(id)];
          return wanted === given ? null : `the golden file says ${wanted}, measured is ${given}`;
        },
      }),
    );
  },
};
