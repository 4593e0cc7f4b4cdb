/** `stay/gate.yaml` of a standard: where its gate runs and what it says. What it does stands in the rollout. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ReadDocument, readDocument } from '@macadam/core/text/document';
import { z } from 'zod';

const gateSchema = z.strictObject({
  runs: z.array(z.enum(['pre-commit', 'pre-receive', 'pull-request', 'pipeline', 'creation'])).min(1),
  say: z.string().min(10).max(300),
  on_unknown: z.enum(['allow', 'warn', 'ask', 'block']),
});

export type GateFile = z.infer<typeof gateSchema>;

export const gatePath = (folder: string): string => join(folder, 'stay', 'gate.yaml');

/** Null where the standard has no gate of its own. */
export function readGate(folder: string): ReadDocument<GateFile> | null {
  const path = gatePath(folder);
  return existsSync(path) ? readDocument(readFileSync(path, 'utf8'), path, gateSchema) : null;
}
