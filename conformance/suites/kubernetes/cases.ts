/** The material of regolibrary: a rule's name, manifests, and what alerts; and our rules. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeFileDiagnostic } from '@macadam/core/text/diagnostic';
import { readDocument } from '@macadam/core/text/document';
import { z } from 'zod';
import type { Rule } from '../../judge.ts';

export const FILE = 'kubernetes/regolibrary-cases.json';

export interface Alert {
  readonly alertMessage: string;
  readonly failedPaths: readonly string[] | null;
  readonly reviewPaths: readonly string[] | null;
  /** None for what is not an object of a cluster: a subject, a cloud's answer, a host's file. */
  readonly object: readonly { readonly kind: string; readonly name: string | null }[];
}

export interface Material {
  readonly rule: string;
  readonly case: string;
  /** Text of a manifest by the file's name. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly expected: readonly Alert[];
}

export async function readMaterial(vectors: string): Promise<readonly Material[]> {
  const { cases }: { cases: Material[] } = JSON.parse(await readFile(join(vectors, FILE), 'utf8'));
  return cases;
}

/** A rule as it is judged; `at` gives the paths at fault of an asset that fails, as list of texts. */
export interface Written extends Rule {
  readonly family: string;
  readonly at?: string;
}

const parts = {
  kinds: z.array(z.string()).exactOptional(),
  where: z.string().exactOptional(),
  check: z.string().exactOptional(),
  at: z.string().exactOptional(),
  params: z.record(z.string(), z.unknown()).exactOptional(),
};
const part = z.strictObject(parts);
const rule = z.strictObject({ ...parts, like: z.string().exactOptional() });
const schema = z.strictObject({
  /** Kinds that go together, by the name that a rule may give them. */
  kinds: z.record(z.string(), z.array(z.string())),
  shapes: z.record(z.string(), part),
  families: z.record(z.string(), z.record(z.string(), rule)),
});

type Part = z.output<typeof rule>;

/**
 * Rules by name. A rule may be like a shape, of which it takes what it does not say itself; without a check, it holds
 * where no path is at fault. Throws with every mistake of the file.
 */
export async function readRules(): Promise<ReadonlyMap<string, Written>> {
  const path = join(import.meta.dirname, 'rules.yaml');
  const read = readDocument(await readFile(path, 'utf8'), path, schema);
  if ('mistakes' in read) throw new Error(read.mistakes.map(describeFileDiagnostic).join('\n'));
  const { kinds, shapes, families } = read.value;
  return new Map(
    Object.entries(families).flatMap(([family, rules]) =>
      Object.entries(rules).map(([name, each]) => {
        if (each.like !== undefined && shapes[each.like] === undefined)
          throw new Error(`${name} is like ${each.like}, which is no shape`);
        const part = { ...shapes[each.like ?? ''], ...each };
        const spread = part.kinds?.flatMap((kind) => kinds[kind] ?? kind);
        return [
          name,
          written(family, name, spread === undefined ? part : { ...part, kinds: spread }),
        ] as const;
      }),
    ),
  );
}

function written(family: string, name: string, part: Part): Written {
  if (part.kinds === undefined) throw new Error(`${name} does not say of which kinds it speaks`);
  const check = part.check ?? (part.at === undefined ? undefined : `size(${part.at}) == 0`);
  if (check === undefined) throw new Error(`${name} has neither check nor at`);
  const kinds = `asset.kind in ${JSON.stringify(part.kinds)}`;
  return {
    family,
    where: part.where === undefined ? kinds : `${kinds} && (${part.where})`,
    check,
    ...(part.at === undefined ? {} : { at: part.at }),
    params: part.params ?? {},
  };
}
