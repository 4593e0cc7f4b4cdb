/** The material of Cloud Custodian: a policy, what AWS answered when its test ran, and how many resources matched. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Recording } from './answers.ts';

export const FILE = 'cloud-inventory/c7n-aws-value-policies.json';

export interface RecordedAnswer {
  readonly testFile: string;
  readonly test: string;
  readonly policy: { readonly resource: string; readonly filters?: readonly unknown[] };
  readonly expectedMatches: number;
  readonly flightData: Recording;
}

export async function readRecorded(vectors: string): Promise<readonly RecordedAnswer[]> {
  const { cases }: { cases: RecordedAnswer[] } = JSON.parse(await readFile(join(vectors, FILE), 'utf8'));
  return cases;
}

export const idOf = ({ testFile, test }: RecordedAnswer): string =>
  `${testFile.replace(/^tests\/test_|\.py$/g, '')}/${test}`;
