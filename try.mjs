import { Session } from 'chdb';
import { readFileSync, globSync } from 'node:fs';
import { parse } from 'yaml';
import { kindSchema } from './core/kind.ts';
import { standardSchema } from './core/standard.ts';
import { compileStandard } from './core/compiled-standard.ts';
import { pass } from './adapters/facts/sql/pass.ts';
import { createTable } from './adapters/facts/layout.ts';
const kinds = new Map();
for (const f of globSync('kinds/*.yaml')) { const k = kindSchema.parse(parse(readFileSync(f,'utf8'))); kinds.set(k.kind,k); }
const s = new Session();
for (const k of kinds.values()) s.query(createTable(k));
const clock = { asOf: new Date('2026-11-01'), real: new Date('2026-11-01') };
let n=0;
for (const f of globSync('standards/*/*/standard.yaml')) {
  const d = standardSchema.parse(parse(readFileSync(f,'utf8')));
  const c = compileStandard(d, kinds.get(d.scope.kind), { file: f, lineOf: () => 1 });
  if (c.mistakes) { console.log(f, c.mistakes); continue; }
  const p = pass(c.kind, [c], clock);
  if (p.refused.length) { console.log(d.id, p.refused[0].refusal); continue; }
  try { s.queryBind(p.sql, Object.fromEntries(p.parameters), 'JSONEachRow'); n++; console.log('ok', d.id, p.sql.length); } catch (e) { console.log('FAIL', d.id, e.message.slice(0,600)); }
  if (process.argv[2] === d.id) console.log(p.sql);
}
console.log(n);
