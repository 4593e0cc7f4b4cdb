/** `node detectors.ts FOLDER`: every place of which our detectors are sure, `path:line`, read from files as a peer reads them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { secretsInText, textOf } from '@macadam/adapters/readers/secrets/scan';

const folder = process.argv[2] ?? '.';
const places: string[] = [];
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const path = join(entry.parentPath, entry.name);
  const text = textOf(readFileSync(path));
  if (text === null) continue;
  for (const { confidence, line } of secretsInText(text, path).secrets)
    if (confidence !== 'low') places.push(`${relative(folder, path)}:${line}`);
}
console.log(JSON.stringify(places));
