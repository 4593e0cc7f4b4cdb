/** Reading fields of records, assets, maps and optionals. */

import { absent, optionalField, optionalOf, present, select } from '../runtime/access.ts';
import { Optional, Unknown, undefinedHere } from '../runtime/value.ts';
import type { Type } from '../type.ts';
import type { Typed } from '../typed.ts';
import type { Part } from './code.ts';
import { boxed, type Context, constant, constantField, unboxed, unknownTest } from './context.ts';

type RecordType = Type & { readonly name: 'record' };

/** What a field of a record holds: a value, `undefined` where it is absent, or Unknown; under a name. */
export function held(context: Context, of: Typed, field: string): Part {
  const { code } = context;
  const record = code.hold(context.emit(of));
  if (record.constant) return constant(context, constantField(record, field));
  const key = `${record.code}.${field}`;
  const known = code.recall(key);
  if (known) return known;
  const name = code.let(`${record.code}[${JSON.stringify(field)}]`);
  // What is unknown has none of the fields, and what is absent is rare.
  if (record.may) {
    const unknown = `${record.code} instanceof ${code.bind(Unknown)}`;
    code.line(`if (${name} === undefined && ${unknown}) ${name} = ${record.code};`);
  }
  const { kind } = of.type as RecordType;
  if (kind !== undefined) {
    const at = `${record.code}[${JSON.stringify(`${field}@`)}]`;
    const call = `around.stale(${record.code}, ${JSON.stringify(field)})`;
    code.line(`if (${context.aged(record, kind)} && ${at} < ${context.cutoff(kind)}) ${name} = ${call};`);
  }
  return code.remember(key, { code: name, may: true });
}

/** Whether a field may be absent; none of a list is the empty list, which is a value. */
function mayLack(type: RecordType, field: string): boolean {
  const definition = type.fields[field];
  return (
    definition === undefined ||
    (definition.optional && definition.type.name !== 'list' && definition.type.name !== 'map')
  );
}

export function selection(context: Context, node: Typed & { readonly node: 'select' }): Part {
  const { code } = context;
  const { of, field } = node;
  if (of.type.name !== 'record') {
    const run = node.optional ? optionalField : select;
    const { code: value } = code.hold(context.emit(of));
    const part = { code: `${code.bind(run)}(${value}, ${JSON.stringify(field)})`, may: true };
    return node.optional ? part : unboxed(context, part, node.type);
  }
  const found = held(context, of, field);
  if (node.optional) {
    const own = of.type.fields[field]?.type ?? node.type;
    return { code: `${code.bind(optionalOf)}(${boxed(context, found, own).code})`, may: true };
  }
  if (found.constant || !mayLack(of.type, field)) return found;
  const missing = code.bind(absent(context.pathOf(node)));
  return { code: `(${found.code} === undefined ? ${missing} : ${found.code})`, may: true };
}

export function presence(context: Context, node: Typed & { readonly node: 'has' }): Part {
  const { code } = context;
  const { of, field } = node;
  if (of.type.name !== 'record') {
    const { code: value } = code.hold(context.emit(of));
    return { code: `${code.bind(present)}(${value}, ${JSON.stringify(field)})`, may: true };
  }
  const found = held(context, of, field);
  if (found.constant) return constant(context, found.constant.value !== undefined);
  const type = of.type.fields[field]?.type ?? node.type;
  const there = `(${unknownTest(context, found.code, type)} ? ${found.code} : true)`;
  if (!mayLack(of.type, field)) return { code: there, may: true };
  return { code: `(${found.code} === undefined ? false : ${there})`, may: true };
}

interface OtherwiseInput {
  readonly context: Context;
  readonly first: Typed;
  readonly second: Typed;
  readonly type: Type;
  readonly wrapped: boolean;
}

/** `a.or(b)` and `a.orValue(b)`: the second is run only where the first is none. */
export function otherwise({ context, first, second, type, wrapped }: OtherwiseInput): Part {
  const { code } = context;
  const result = code.fresh();
  let may = true;
  const instead = (empty: string) =>
    code.block(`if (${empty})`, () => {
      const part = context.emit(second);
      may ||= part.may;
      code.line(`${result} = ${part.code};`);
    });
  if (!wrapped && first.node === 'select' && first.optional && first.of.type.name === 'record') {
    const found = held(context, first.of, first.field);
    code.line(`let ${result} = ${found.code};`);
    instead(`${result} === undefined`);
    return { code: result, may };
  }
  const optional = code.hold(context.emit(first));
  code.line(`let ${result} = ${optional.code};`);
  code.block(`if (${result} instanceof ${code.bind(Optional)})`, () => {
    if (!wrapped) {
      const value = { code: `${optional.code}.value`, may: true };
      const empty = code.let(`${value.code} === undefined`);
      code.line(`if (!${empty}) ${result} = ${unboxed(context, value, type).code};`);
      instead(empty);
    } else instead(`${result}.value === undefined`);
  });
  if (first.type.name !== 'optional') {
    const none = code.bind(undefinedHere('only an optional has a value or none'));
    code.line(`else if (!(${result} instanceof ${code.bind(Unknown)})) ${result} = ${none};`);
  }
  return { code: result, may };
}
