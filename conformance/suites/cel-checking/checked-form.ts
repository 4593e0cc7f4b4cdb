/**
 * A typed tree in cel-go's debug form of a checked one, `_+_(#~int,x~int^x)~int^add_int64`: without white space, `#` for
 * literals, macros expanded as cel-go expands them. `plainForm` brings cel-go's own text to the same.
 */
import { SIGNATURES } from '@macadam/core/cel/language';
import type { Type } from '@macadam/core/cel/type';
import { partsOf, type Typed } from '@macadam/core/cel/typed';
import { typeText } from './type-text.ts';

export function plainForm(text: string): string {
  return text
    .replaceAll(/b?"(?:[^"\\]|\\.)*"(?=~(string|bytes))/gs, '#')
    .replaceAll(/(?<![\w.@)])[-+]?(\d[\w.+-]*|Inf|NaN)(?=~(int|uint|double)\b)/g, '#')
    .replaceAll(/\s+/g, '')
    .replaceAll('type(type(dyn))', 'type(type)')
    .replaceAll('type(optional_type)^', 'type(optional_type(dyn))^');
}

/** Stands for a macro's variable that its body does not use: a typed tree only numbers it. */
export const UNUSED = '¿';

const METHODS: ReadonlySet<string> = new Set(SIGNATURES.filter((row) => row.method).map(({ id }) => id));

export function checkedForm(tree: Typed, methods: ReadonlySet<string>): string {
  const isMethod = (id: string | undefined) => id !== undefined && (METHODS.has(id) || methods.has(id));

  /** Forms that stand for a variable: cel-go writes the operand of `optMap` twice. */
  const inline = new Map<number, string>();

  function form(node: Typed): string {
    const type = typeText(node.type);
    switch (node.node) {
      case 'literal':
        return typeof node.value === 'boolean' || node.value === null ? `${node.value}~${type}` : `#~${type}`;
      case 'variable':
        if (node.binding !== null && inline.has(node.binding)) return inline.get(node.binding) ?? '';
        return `${node.name}~${type}^${node.name}`;
      case 'type': {
        const name = typeName(node.of);
        return `${name}~${type}^${name}`;
      }
      case 'select':
        return `${form(node.of)}.${node.field}~${type}`;
      case 'has':
        return `${form(node.of)}.${node.field}~test-only~~bool`;
      case 'list':
        return `[${node.items.map((item) => form(item.value)).join()}]~${type}`;
      case 'map':
        return `{${node.entries.map(({ key, value }) => `${form(key)}:${form(value)}`).join()}}~${type}`;
      case 'call': {
        const ids = node.overload === null ? [...(node.candidates ?? [])].sort() : [node.overload];
        const parts = node.arguments.map(form);
        const name = NAMES[node.function] ?? node.function;
        const written = isMethod(ids[0])
          ? `${parts[0]}.${name}(${parts.slice(1).join()})`
          : `${name}(${parts.join()})`;
        return `${written}~${type}^${ids.join('|')}`;
      }
      case 'fold':
        return fold(node);
      case 'bind': {
        if (opens(node.body, node.binding)) {
          inline.set(node.binding, form(node.value));
          return form(node.body);
        }
        const name = boundName(node.body, node.binding) ?? UNUSED;
        const value = typeText(node.value.type);
        return comprehension({
          variable: '#unused',
          target: '[]~list(dyn)',
          accumulator: name,
          init: form(node.value),
          condition: 'false~bool',
          step: `${name}~${value}^${name}`,
          result: form(node.body),
          type,
        });
      }
      case 'related':
        return 'related';
    }
  }

  function fold(node: Typed & { readonly node: 'fold' }): string {
    const name =
      boundName(node.body, node.bindings[0]) ??
      (node.where && boundName(node.where, node.bindings[0])) ??
      UNUSED;
    const over = form(node.over);
    const body = form(node.body);
    const result = (type: string) => `@result~${type}^@result`;
    const bool = result('bool');
    const whole = (init: string, condition: string, step: string, end: string) =>
      comprehension({
        variable: name,
        target: over,
        accumulator: '@result',
        init,
        condition,
        step,
        result: end,
        type: typeText(node.type),
      });
    const grown = (item: string, where: string | null) => {
      const type = typeText(node.type);
      const step = `_+_(${result(type)},[${item}]~${type})~${type}^add_list`;
      const kept = where === null ? step : `_?_:_(${where},${step},${result(type)})~${type}^conditional`;
      return whole(`[]~${type}`, 'true~bool', kept, result(type));
    };
    switch (node.fold) {
      case 'all':
        return whole(
          'true~bool',
          `@not_strictly_false(${bool})~bool^not_strictly_false`,
          `_&&_(${bool},${body})~bool^logical_and`,
          bool,
        );
      case 'exists':
        return whole(
          'false~bool',
          `@not_strictly_false(!_(${bool})~bool^logical_not)~bool^not_strictly_false`,
          `_||_(${bool},${body})~bool^logical_or`,
          bool,
        );
      case 'exists_one': {
        const count = result('int');
        const step = `_?_:_(${body},_+_(${count},#~int)~int^add_int64,${count})~int^conditional`;
        return whole('#~int', 'true~bool', step, `_==_(${count},#~int)~bool^equals`);
      }
      case 'map':
        return grown(body, node.where && form(node.where));
      case 'filter': {
        const element = typeText(elementType(node.over.type));
        return grown(`${name}~${element}^${name}`, body);
      }
      default:
        return node.fold;
    }
  }

  return form(tree);
}

/** Whether it is what `optMap` and `optFlatMap` become: a ternary that asks the bound value whether it has one. */
function opens(node: Typed, binding: number): boolean {
  if (node.node !== 'call' || node.overload !== 'conditional') return false;
  const [test] = node.arguments;
  const [of] = test?.node === 'call' && test.overload === 'optional_hasValue' ? test.arguments : [];
  return of?.node === 'variable' && of.binding === binding;
}

const NAMES: Readonly<Record<string, string>> = { 'math.greatest': 'math.@max', 'math.least': 'math.@min' };

interface ComprehensionInput {
  readonly variable: string;
  readonly target: string;
  readonly accumulator: string;
  readonly init: string;
  readonly condition: string;
  readonly step: string;
  readonly result: string;
  readonly type: string;
}

function comprehension({
  variable,
  target,
  accumulator,
  init,
  condition,
  step,
  result,
  type,
}: ComprehensionInput): string {
  return `__comprehension__(//Variable${variable},//Target${target},//Accumulator${accumulator},//Init${init},//LoopCondition${condition},//LoopStep${step},//Result${result})~${type}`;
}

function elementType(type: Type): Type {
  return type.name === 'list' ? type.of : type.name === 'map' ? type.key : { name: 'dyn' };
}

/** A typed tree numbers its variables; their names stand where they are used. */
function boundName(node: Typed, binding: number): string | null {
  if (node.node === 'variable') return node.binding === binding ? node.name : null;
  for (const part of partsOf(node)) {
    const name = boundName(part, binding);
    if (name !== null) return name;
  }
  return null;
}

function typeName(type: Type): string {
  const special: Readonly<Record<string, string>> = {
    null: 'null_type',
    optional: 'optional_type',
    timestamp: 'google.protobuf.Timestamp',
    duration: 'google.protobuf.Duration',
  };
  return special[type.name] ?? type.name;
}
