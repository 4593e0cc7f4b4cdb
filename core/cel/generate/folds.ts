/** The macros as loops. */

import { mapOf } from '../runtime/access.ts';
import { partial } from '../runtime/equality.ts';
import { at, gap, merged, range } from '../runtime/fold.ts';
import { join } from '../runtime/logic.ts';
import { MapValue, PartialList, Unknown } from '../runtime/value.ts';
import { INT, type Type } from '../type.ts';
import type { Typed } from '../typed.ts';
import type { Part } from './code.ts';
import { boxed, type Context, unboxed } from './context.ts';
import { conditionOf } from './logic.ts';

type FoldNode = Typed & { readonly node: 'fold' };

export function fold(context: Context, node: FoldNode): Part {
  if (node.fold === 'all' || node.fold === 'exists') return absorbing(context, node, node.fold === 'exists');
  return collecting(context, node);
}

/** `all` is decided by one false, `exists` by one true, whatever else is undecided, also in a partial list. */
function absorbing(context: Context, node: FoldNode, decisive: boolean): Part {
  const { code } = context;
  const result = code.let(String(!decisive));
  let may = false;
  const open = loop(context, node, result, () => {
    const body = conditionOf(context, node.body);
    code.line(`if (${body.code} === ${decisive}) { ${result} = ${decisive}; break; }`);
    if (!body.may) return;
    may = true;
    const both = `${code.bind(join)}(${result}, ${body.code})`;
    code.line(
      `if (${body.code} !== ${!decisive}) ${result} = ${result} === ${!decisive} ? ${body.code} : ${both};`,
    );
  });
  return { code: result, may: may || open };
}

/** The strict folds: the causes of everything undecided, else what was collected. */
function collecting(context: Context, node: FoldNode): Part {
  const { code, lenient } = context;
  const undecided = code.let('undefined');
  const counts = node.fold === 'exists_one';
  const kept = code.let(counts ? '0' : '[]');
  const skips = lenient && (node.fold === 'filter' || node.fold === 'map');
  const leave = (value: string) =>
    skips
      ? 'continue;'
      : `{ ${undecided} = ${undecided} === undefined ? ${value} : ${code.bind(join)}(${undecided}, ${value}); continue; }`;
  const open = loop(context, node, undecided, ({ index, item }) => {
    const filter = counts || node.fold === 'filter' ? node.body : node.where;
    if (filter) {
      const part = conditionOf(context, filter);
      code.line(`if (${part.code} === false) continue;`);
      if (part.may) code.line(`if (${part.code} !== true) ${leave(part.code)}`);
    }
    if (counts) code.line(`${kept}++;`);
    else if (node.fold === 'filter') code.line(`${kept}.push(${item});`);
    else {
      const body = code.hold(boxed(context, context.emit(node.body), node.body.type));
      if (body.may) code.line(`if (${body.code} instanceof ${code.bind(Unknown)}) ${leave(body.code)}`);
      code.line(`${kept}.push(${node.fold === 'transformMap' ? `${index}, ` : ''}${body.code});`);
    }
  });
  const made = {
    exists_one: `${kept} === 1`,
    transformMap: `${code.bind(mapOf)}(${kept})`,
    transformMapEntry: `${code.bind(merged)}(${kept})`,
  };
  const value = made[node.fold as keyof typeof made] ?? kept;
  const list = { complete: true, ...(node.fold !== 'filter' && { holeless: true }) };
  if (lenient && skips) return { code: value, may: open, ...list };
  return { code: `(${undecided} === undefined ? ${value} : ${undecided})`, may: true, ...list };
}

interface Step {
  /** What stands at the place: the index or the key, and the element as the list holds it. */
  readonly index: string;
  readonly item: string;
}

/**
 * Runs over the elements. What is unknown of the whole (an unknown list, a partial one) goes into `open`; a lenient run
 * takes what there is of a partial one. Returns whether that can happen.
 */
function loop(context: Context, node: FoldNode, open: string, body: (step: Step) => void): boolean {
  const { code, lenient } = context;
  const over = code.hold(context.emit(node.over));
  const { type } = node.over;
  const run = () => {
    const items = code.fresh();
    if (type.name === 'list') {
      code.line(
        over.complete
          ? `const ${items} = ${over.code};`
          : `const ${items} = ${over.code} instanceof ${code.bind(PartialList)} ? ${over.code}.items : ${over.code};`,
      );
      if (!over.complete && !lenient)
        code.line(`if (${items} !== ${over.code}) ${open} = ${code.bind(partial)}(${over.code});`);
    } else {
      code.line(`const ${items} = ${code.bind(range)}(${over.code});`);
      if (!lenient) {
        const more = code.let(`${code.bind(gap)}(${over.code})`);
        code.line(`if (${more} !== undefined) ${open} = ${more};`);
      }
      code.line(`if (${items} instanceof ${code.bind(Unknown)}) ${open} = ${items};`);
      code.block('else', () => each(context, node, over, items, body));
      return;
    }
    each(context, node, over, items, body);
  };
  if (over.may) {
    code.block(`if (${over.code} instanceof ${code.bind(Unknown)})`, () =>
      code.line(`${open} = ${over.code};`),
    );
    code.block('else', run);
    return true;
  }
  code.block('', run);
  return !(type.name === 'list' && over.complete);
}

function each(context: Context, node: FoldNode, over: Part, items: string, body: (step: Step) => void): void {
  const { code, variables } = context;
  const { type } = node.over;
  const place = code.fresh();
  code.block(`for (let ${place} = 0; ${place} < ${items}.length; ${place}++)`, () => {
    const item = code.let(`${items}[${place}]`);
    const [first, second] = node.bindings;
    // An element that is a record is never unknown itself: row.ts gives it fields that all are.
    const may = over.holeless !== true && elementType(type).name !== 'record';
    if (second === undefined) {
      const own = type.name === 'map' ? type.key : elementType(type);
      const part = { code: item, may: type.name === 'map' ? false : may };
      variables.set(first, { part: code.hold(unboxed(context, part, own)), type: own });
      body({ index: place, item });
      return;
    }
    const value = type.name === 'list' ? item : code.let(`${code.bind(at)}(${over.code}, ${item}, ${place})`);
    const index =
      type.name === 'list'
        ? place
        : type.name === 'map'
          ? item
          : code.let(`${over.code} instanceof ${code.bind(MapValue)} ? ${item} : ${place}`);
    const key: Type = type.name === 'map' ? type.key : INT;
    variables.set(first, { part: code.hold(unboxed(context, { code: index, may: false }, key)), type: key });
    const own = elementType(type);
    variables.set(second, { part: code.hold(unboxed(context, { code: value, may }, own)), type: own });
    body({ index, item: value });
  });
}

function elementType(type: Type): Type {
  return type.name === 'list' || type.name === 'map' ? type.of : { name: 'dyn' };
}
