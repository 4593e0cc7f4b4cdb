/** Any text as an expression: parsing and checking give a value, never a throw; what reads prints so that it reads back. */
import { readFileSync } from 'node:fs';
import { compile } from '@macadam/core/cel/compile';
import { parse } from '@macadam/core/cel/parse';
import { print } from '@macadam/core/cel/print';
import { BOOL, INT, STRING, TIMESTAMP, type Type } from '@macadam/core/cel/type';
import type { Target } from '../target.ts';

const item: Type = {
  name: 'record',
  label: 'item',
  fields: { id: { type: STRING, optional: false }, ends: { type: TIMESTAMP, optional: true } },
};
const SCOPE: Readonly<Record<string, Type>> = {
  asset: {
    name: 'record',
    label: 'thing',
    fields: {
      on: { type: BOOL, optional: false },
      count: { type: INT, optional: false },
      name: { type: STRING, optional: true },
      items: { type: { name: 'list', of: item }, optional: false },
    },
  },
  now: TIMESTAMP,
};

export const target: Target = {
  seeds() {
    const tests = readFileSync(`${import.meta.dirname}/../../../core/cel/parse.test.ts`, 'utf8');
    const quoted = [...tests.matchAll(/^ {2}\['((?:[^'\\]|\\.)*)',/gm)].map(([, text = '']) => text);
    return [
      'asset.items.all(i, has(i.ends) && i.ends < now) || asset.count + 1 == -2',
      'asset.items.filter(i, i.id.matches("^a")).size() > 0 ? asset.on : "x" in ["x"]',
      ...quoted.map((text) => text.replaceAll(/\\([\\'])/g, '$1')),
    ];
  },
  words: [
    '&&',
    '||',
    '?',
    ':',
    '.?',
    '[?',
    '{?',
    '.all(x,',
    'has(',
    'cel.bind(x,',
    '"""',
    '\\U0001F600',
    '//',
  ],
  fuzz(text) {
    for (const macros of ['standard', 'all'] as const) {
      const result = parse(text, { macros });
      if (macros === 'all' || 'mistake' in result) continue;
      const printed = print(result.tree);
      const again = parse(printed);
      if ('mistake' in again || print(again.tree) !== printed)
        throw new Error(`does not read back: ${printed}`);
    }
    compile(text, SCOPE);
  },
};
