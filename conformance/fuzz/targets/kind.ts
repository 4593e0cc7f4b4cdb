/** Any text as a kind's file, read as the catalogue reads it: a kind, or mistakes that say where they are. */
import { readdirSync, readFileSync } from 'node:fs';
import { assetType } from '@macadam/core/cel/type';
import { describeMistake, readDocument } from '@macadam/core/document';
import { kindSchema } from '@macadam/core/kind';
import type { Target } from '../target.ts';

const KINDS = `${import.meta.dirname}/../../../kinds`;

export const target: Target = {
  seeds: () => readdirSync(KINDS).map((name) => readFileSync(`${KINDS}/${name}`, 'utf8')),
  words: [
    'attributes:',
    'type: list',
    'of:',
    'fields:',
    'optional: true',
    '<<: *a',
    '&a',
    '!!',
    '? ',
    '|\n',
    '"',
  ],
  fuzz(text) {
    const read = readDocument(text, 'kind.yaml', kindSchema);
    if ('value' in read) assetType(read.value);
    else for (const mistake of read.mistakes) describeMistake(mistake);
  },
};
