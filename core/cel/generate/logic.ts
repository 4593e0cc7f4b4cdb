/** `!`, `&&`, `||` and the ternary, over three states. */
import { condition, join } from '../runtime/logic.ts';
import type { Type } from '../type.ts';
import type { Typed } from '../typed.ts';
import type { Part } from './code.ts';
import { type Context, constant, converted, unknownTest } from './context.ts';

/** A part that is true, false or unknown, under a name. */
export function conditionOf(context: Context, node: Typed): Part {
  const part = context.emit(node);
  if (node.type.name === 'bool') return context.code.hold(part);
  return context.code.hold({ code: `${context.code.bind(condition)}(${part.code})`, may: true });
}

export function not(context: Context, part: Part): Part {
  if (part.constant) return constant(context, !part.constant.value);
  if (!part.may) return { code: `!${part.code}`, may: false };
  const { code } = context.code.hold(part);
  return { code: `(${code} === true ? false : ${code} === false ? true : ${code})`, may: true };
}

/**
 * `&&` and `||`: `decisive` is what one operand alone decides. When the first leaves it open the second is run too, and
 * the causes of both stand together, so that which stands first never matters.
 */
export function either(context: Context, first: Typed, second: Typed, decisive: boolean): Part {
  const { code } = context;
  const left = conditionOf(context, first);
  if (left.constant) return left.constant.value === decisive ? left : conditionOf(context, second);
  const result = code.let(left.code);
  let may = left.may;
  code.block(`if (${result} !== ${decisive})`, () => {
    const right = conditionOf(context, second);
    may ||= right.may;
    if (!left.may) code.line(`${result} = ${right.code};`);
    else {
      const clear = `${result} === ${!decisive} || ${right.code} === ${decisive}`;
      const open = right.may
        ? `${right.code} === ${!decisive} ? ${result} : ${code.bind(join)}(${result}, ${right.code})`
        : result;
      code.line(`${result} = ${clear} ? ${right.code} : ${open};`);
    }
  });
  return { code: result, may };
}

/** Strict in its condition: an undecided one is the result, whatever the branches are. */
export function ternary(context: Context, nodes: readonly Typed[], type: Type): Part {
  const { code } = context;
  const [test, yes, no] = nodes as [Typed, Typed, Typed];
  const held = conditionOf(context, test);
  if (held.constant) {
    const taken = held.constant.value === true ? yes : no;
    return converted(context, context.emit(taken), taken.type, type);
  }
  const result = code.let('undefined');
  let may = held.may;
  const branch = (node: Typed) => () => {
    const part = converted(context, context.emit(node), node.type, type);
    may ||= part.may;
    code.line(`${result} = ${part.code};`);
  };
  code.block(`if (${held.code} === true)`, branch(yes));
  if (held.may) {
    code.block(`else if (${unknownTest(context, held.code, test.type)})`, () =>
      code.line(`${result} = ${held.code};`),
    );
  }
  code.block('else', branch(no));
  return { code: result, may };
}
