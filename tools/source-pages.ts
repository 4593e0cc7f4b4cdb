/** Writes the pages of docs/sources/ from what the readers of directories say of themselves: `node tools/source-pages.ts`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourcePage } from '@macadam/adapters/imports/directories/description';
import { loadCatalogue } from '@macadam/services/catalogue/load';
import { EXPORT_DESCRIPTIONS } from '@macadam/services/ingest/export';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'docs/sources');
const { kinds } = loadCatalogue([root]);
mkdirSync(folder, { recursive: true });
for (const description of EXPORT_DESCRIPTIONS)
  writeFileSync(join(folder, `${description.id}.md`), sourcePage(description, kinds));
