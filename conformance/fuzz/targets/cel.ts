/** Any text as an expression: parsing and checking give a value, never a throw; what reads prints so that it reads back. */
import { readFileSync } from 'node:fs';
import { check } from '@macadam/core/cel/check';
import { compile } from '@macadam/core/cel/compile';
import { language, SIGNATURES } from '@macadam/core/cel/language';
import { parse } from '@macadam/core/cel/parse';
import { print } from '@macadam/core/cel/print';
import { BOOL, DYN, INT, STRING, TIMESTAMP, type Type } from '@macadam/core/cel/type';
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

/** The specification's language with everything there is; the standards' is `compile`'s own. */
const WHOLE = language('cel', [...new Set(SIGNATURES.map(({ library }) => library))]);

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
    ...['&&', '||', '?', ':', '.?', '[?', '{?', '.all(x,', 'has(', 'cel.bind(x,', '"""', '\\U0001F600', '//'],
    ...new Set(SIGNATURES.map((row) => `${row.function}(`).filter((call) => /^[a-z]/.test(call))),
  ],
  fuzz(text) {
    for (const macros of ['standard', 'all'] as const) {
      const result = parse(text, { macros });
      if ('mistake' in result) continue;
      check(result.tree, SCOPE, DYN, { language: WHOLE });
      if (macros === 'all') continue;
      const printed = print(result.tree);
      const again = parse(printed);
      if ('mistake' in again || print(again.tree) !== printed)
        throw new Error(`does not read back: ${printed}`);
    }
    compile(text, SCOPE);
  },
};
