/** The material of Panther: a policy's name, a resource, and whether it is compliant; and our rules for the policies. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeFileDiagnostic } from '@macadam/core/text/diagnostic';
import { readDocument } from '@macadam/core/text/document';
import { z } from 'zod';
import type { Rule } from '../../judge.ts';

export const FILE = 'cloud-inventory/panther-policies-tests.json';

export interface Test {
  readonly policy: string;
  readonly test: string;
  readonly expectedCompliant: boolean;
  readonly resource: unknown;
}

export async function readTests(vectors: string): Promise<readonly Test[]> {
  const { tests }: { tests: Test[] } = JSON.parse(await readFile(join(vectors, FILE), 'utf8'));
  return tests;
}

const rule = z.strictObject({
  where: z.string().exactOptional(),
  check: z.string(),
  params: z.record(z.string(), z.unknown()).exactOptional(),
});

/** Throws with every mistake of the file. */
export async function readRules(): Promise<Readonly<Record<string, Rule>>> {
  const path = join(import.meta.dirname, 'policies.yaml');
  const read = readDocument(await readFile(path, 'utf8'), path, z.record(z.string(), rule));
  if ('mistakes' in read) throw new Error(read.mistakes.map(describeFileDiagnostic).join('\n'));
  return read.value;
}
