/** Makes a mismatch small: simpler rules and fewer facts, as long as the two sides still differ. */
import { parse } from '@macadam/core/cel/parse';
import { print } from '@macadam/core/cel/print';
import type { Node } from '@macadam/core/cel/tree';
import type { Rule } from './case.ts';
import type { Subject } from './kinds.ts';

export interface Mismatch {
  readonly rule: Rule;
  readonly subject: Subject;
}

/** `differs` says whether a candidate still shows the mismatch (and loads at all). */
export async function shrink(
  start: Mismatch,
  differs: (candidate: Mismatch) => Promise<boolean>,
): Promise<Mismatch> {
  let best = start;
  for (let improved = true, rounds = 0; improved && rounds < 60; rounds++) {
    improved = false;
    for (const candidate of candidates(best)) {
      if (size(candidate) >= size(best) || !(await differs(candidate))) continue;
      best = candidate;
      improved = true;
      break;
    }
  }
  return best;
}

const size = ({ rule, subject }: Mismatch) =>
  JSON.stringify(rule).length + JSON.stringify(subject.facts).length;

function* candidates({ rule, subject }: Mismatch): Generator<Mismatch> {
  if (rule.where !== 'true') yield { subject, rule: { ...rule, where: 'true' } };
  for (let at = 0; at < rule.reasons.length; at++) {
    yield { subject, rule: { ...rule, reasons: rule.reasons.toSpliced(at, 1) } };
  }
  for (const check of simpler(rule.check)) yield { subject, rule: { ...rule, check } };
  for (const where of simpler(rule.where)) yield { subject, rule: { ...rule, where } };
  for (const [at, reason] of rule.reasons.entries()) {
    for (const when of simpler(reason))
      yield { subject, rule: { ...rule, reasons: rule.reasons.with(at, when) } };
  }
  for (const name of Object.keys(subject.facts)) {
    if (name === 'key') continue;
    const { [name]: _, ...facts } = subject.facts;
    yield { rule, subject: { ...subject, facts } };
  }
  for (const [name, said] of Object.entries(subject.facts)) {
    if (!('value' in said.statement) || !Array.isArray(said.statement.value)) continue;
    for (let at = 0; at < said.statement.value.length; at++) {
      const statement = { ...said.statement, value: said.statement.value.toSpliced(at, 1) };
      yield { rule, subject: { ...subject, facts: { ...subject.facts, [name]: { ...said, statement } } } };
    }
  }
}

const CONSTANTS = ['true', 'false', '0', '1', '0.5', '""', '"a"'];

/** The expression with one part replaced by a part of that part, or by a constant. What is not well typed will not load. */
function* simpler(text: string): Generator<string> {
  const parsed = parse(text);
  if ('mistake' in parsed) return;
  for (const { node, put } of parts(parsed.tree, (made) => made)) {
    for (const child of children(node)) yield print(put(child));
    if (node.node === 'literal') continue;
    for (const constant of CONSTANTS) {
      const made = parse(constant);
      if ('tree' in made) yield print(put(made.tree));
    }
  }
}

interface Part {
  readonly node: Node;
  readonly put: (replacement: Node) => Node;
}

function* parts(node: Node, put: (replacement: Node) => Node): Generator<Part> {
  yield { node, put };
  switch (node.node) {
    case 'select':
    case 'has':
      yield* parts(node.of, (of) => put({ ...node, of }));
      return;
    case 'list':
      for (const [at, item] of node.items.entries()) {
        yield* parts(item, (made) => put({ ...node, items: node.items.with(at, made) }));
      }
      return;
    case 'macro':
      yield* parts(node.over, (over) => put({ ...node, over }));
      yield* parts(node.body, (body) => put({ ...node, body }));
      return;
    case 'call':
      for (const [at, argument] of node.arguments.entries()) {
        yield* parts(argument, (made) => put({ ...node, arguments: node.arguments.with(at, made) }));
      }
  }
}

function children(node: Node): readonly Node[] {
  switch (node.node) {
    case 'select':
    case 'has':
      return [node.of];
    case 'list':
      return node.items;
    case 'macro':
      return [node.over, node.body];
    case 'call':
      return node.arguments;
    default:
      return [];
  }
}
