/** Any text as a kind's file, read as the catalogue reads it: a kind, or mistakes that say where they are. */
import { readdirSync, readFileSync } from 'node:fs';
import { assetType } from '@macadam/core/cel/type';
import { kindChange } from '@macadam/core/kinds/change';
import { jsonSchemaOf } from '@macadam/core/kinds/json-schema';
import { kindSchema } from '@macadam/core/kinds/kind';
import { upgraded } from '@macadam/core/kinds/migration';
import { pageOf } from '@macadam/core/kinds/page';
import { typesOf } from '@macadam/core/kinds/typescript';
import { describeFileDiagnostic } from '@macadam/core/text/diagnostic';
import { readDocument } from '@macadam/core/text/document';
import type { Target } from '../target.ts';

const KINDS = `${import.meta.dirname}/../../../kinds`;

const MIGRATED = `kind: thing
description: A thing that changed.
key: [size]
fresh_for: 7d
attributes:
  size: { type: int, description: How large it is. }
  pieces: { type: list, element_key: name, of: { name: { type: string }, on: { type: bool } }, description: What it is made of. }
migrations:
  - version: 2
    why: It is counted now.
    rename: { parts: pieces, "parts[].label": name }
    drop: { legacy: It said nothing. }
    convert:
      size: { from: string, to: int, by: int(value), absent: "0" }
      "pieces[].on": { from: string, to: bool, by: 'value == "yes"' }
`;

const TIME = '2026-11-01T00:00:00Z';
const OBSERVATION = {
  id: 'thing/3',
  name: '3',
  source: 'fuzz',
  observedAt: TIME,
  receivedAt: TIME,
  assurance: 'configured' as const,
};

export const target: Target = {
  seeds: () => [MIGRATED, ...readdirSync(KINDS).map((name) => readFileSync(`${KINDS}/${name}`, 'utf8'))],
  words: [
    'attributes:',
    'type: list',
    'of:',
    'fields:',
    'optional: true',
    'migrations:',
    'convert: { ',
    '[].',
    '<<: *a',
    '&a',
    '!!',
    '? ',
    '|\n',
    '"',
  ],
  fuzz(text) {
    const read = readDocument(text, 'kind.yaml', kindSchema);
    if ('mistakes' in read) {
      for (const mistake of read.mistakes) describeFileDiagnostic(mistake);
      return;
    }
    const kind = read.value;
    assetType(kind);
    typesOf(kind);
    jsonSchemaOf(kind);
    pageOf(kind, new Map([[kind.kind, kind]]), []);
    kindChange({ ...kind, migrations: [] }, kind);
    const attributes = { size: { value: '3' }, parts: { value: [{ label: 'a', on: 'yes' }] } };
    upgraded(kind, 1, { ...OBSERVATION, kind: kind.kind, attributes });
  },
};
