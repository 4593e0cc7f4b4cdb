/** The macros as loops. */

import { mapOf } from '../runtime/access.ts';
import { at, gap, merged, range } from '../runtime/fold.ts';
import { join } from '../runtime/logic.ts';
import { steps, tooLong } from '../runtime/steps.ts';
import { MapValue, Unknown } from '../runtime/value.ts';
import { BOOL, INT, type Type } from '../type.ts';
import type { Typed } from '../typed.ts';
import type { Part } from './code.ts';
import { boxed, type Context, isArray, type Operand, strictly, unboxed, unknownTest } from './context.ts';
import { conditionOf } from './logic.ts';

type FoldNode = Typed & { readonly node: 'fold' };

export function fold(context: Context, node: FoldNode): Part {
  if (node.fold === 'all' || node.fold === 'exists') return absorbing(context, node, node.fold === 'exists');
  return collecting(context, node);
}

/** `size(list.filter(x, p))` without the list; null for any other node. */
export function sizeOf(context: Context, node: Typed): Part | null {
  const filter = passing(context, node, 'filter');
  return filter && collecting(context, filter, true);
}

/** A list that is made only to be looked through need not be made; null for any other node. */
function passing(context: Context, node: Typed, fold: 'filter' | 'map'): FoldNode | null {
  const may = !context.lenient && !context.traced && node.node === 'fold' && node.fold === fold;
  return may && node.over.type.name === 'list' && node.bindings.length === 1 ? node : null;
}

/** `list.filter(x, p).exists(y, q)` in one loop; as `filter` is strict, every `p` is run whatever `q` decides. */
function absorbingFiltered(context: Context, node: FoldNode, filter: FoldNode, decisive: boolean): Part {
  const { code } = context;
  const result = code.let(String(!decisive));
  const undecided = code.let('undefined');
  loop(context, filter, undecided, () => {
    const kept = conditionOf(context, filter.body);
    code.line(`if (${kept.code} === false) continue;`);
    if (kept.may)
      code.line(`if (${kept.code} !== true) { ${addTo(context, undecided, kept.code)} continue; }`);
    code.block(`if (${result} !== ${decisive})`, () => {
      const element = context.variables.get(filter.bindings[0]);
      if (element) context.variables.set(node.bindings[0], element);
      const body = conditionOf(context, node.body);
      code.line(`if (${body.code} === ${decisive}) ${result} = ${decisive};`);
      const both = `${code.bind(join)}(${result}, ${body.code})`;
      const open = `${result} === ${!decisive} ? ${body.code} : ${both}`;
      if (body.may) code.line(`else if (${body.code} !== ${!decisive}) ${result} = ${open};`);
    });
  });
  return { code: `(${undecided} === undefined ? ${result} : ${undecided})`, may: true };
}

/** `v in list.map(x, f)` in one loop, where equal is identical; null for any other node. */
export function withinMapped(context: Context, value: Operand, list: Typed): Part | null {
  const map = passing(context, list, 'map');
  if (!map || map.where) return null;
  const { code } = context;
  const result = code.let('false');
  const undecided = code.let('undefined');
  loop(context, map, undecided, () => {
    const body = code.hold(context.emit(map.body));
    code.line(`if (${body.code} === ${value.part.code}) ${result} = true;`);
    if (body.may) {
      const unknown = unknownTest(context, body.code, map.body.type);
      code.line(`else if (${unknown}) { ${addTo(context, undecided, body.code)} }`);
    }
  });
  const found = { code: `(${undecided} === undefined ? ${result} : ${undecided})`, may: true };
  if (!value.part.may) return found;
  return strictly(context, [value, { part: code.hold(found), type: BOOL }], result, false);
}

/** Adds the causes of a value to those that a variable holds. */
function addTo({ code }: Context, undecided: string, value: string): string {
  return `${undecided} = ${undecided} === undefined ? ${value} : ${code.bind(join)}(${undecided}, ${value});`;
}

/** `all` is decided by one false, `exists` by one true, whatever else is undecided, also in a partial list. */
function absorbing(context: Context, node: FoldNode, decisive: boolean): Part {
  const { code } = context;
  const filter = node.bindings.length === 1 ? passing(context, node.over, 'filter') : null;
  if (filter) return absorbingFiltered(context, node, filter, decisive);
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

/**
 * The strict folds: the causes of everything undecided, else what was collected; of a `filter` whose size alone is
 * wanted, `sized`, how many.
 */
function collecting(context: Context, node: FoldNode, sized = false): Part {
  const { code, lenient } = context;
  const undecided = code.let('undefined');
  const counts = node.fold === 'exists_one' || sized;
  const kept = code.let(counts ? '0' : '[]');
  const skips = lenient && (node.fold === 'filter' || node.fold === 'map');
  const leave = (value: string) =>
    skips ? 'continue;' : `{ ${addTo(context, undecided, value)} continue; }`;
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
  if (sized) return { code: `(${undecided} === undefined ? ${kept} : ${undecided})`, may: true };
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
  if (type.name === 'list' && over.complete && !over.may) {
    each({ context, node, over, items: over.code, body });
    return false;
  }
  const items = code.let(over.code);
  // What a list may hold besides can stand anywhere in it, so that no place in it is known.
  const placeless =
    node.bindings.length > 1 && type.name === 'list' && !lenient ? code.let('undefined') : null;
  code.block(`if (!${isArray(context, items)})`, () => {
    code.line(`${items} = ${code.bind(range)}(${over.code});`);
    code.line(`if (${items} instanceof ${code.bind(Unknown)}) { ${open} = ${items}; ${items} = []; }`);
    if (!lenient) {
      const more = code.let(`${code.bind(gap)}(${over.code})`);
      code.line(`if (${more} !== undefined) ${open} = ${more};`);
      if (placeless) code.line(`${placeless} = ${more};`);
    }
  });
  each({ context, node, over, items, body, placeless });
  return true;
}

interface EachInput {
  readonly context: Context;
  readonly node: FoldNode;
  readonly over: Part;
  readonly items: string;
  readonly body: (step: Step) => void;
  readonly placeless?: string | null;
}

/** `placeless`: a variable that holds why the place of an element is not known, where it is not. */
function each({ context, node, over, items, body, placeless = null }: EachInput): void {
  const { code, variables } = context;
  const { type } = node.over;
  const place = code.fresh();
  code.block(`for (let ${place} = 0; ${place} < ${items}.length; ${place}++)`, () => {
    code.line(`if (--${code.bind(steps)}.left < 0) ${code.bind(tooLong)}();`);
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
    const known = placeless ? `(${placeless} === undefined ? ${index} : ${placeless})` : index;
    const part = placeless ? { code: known, may: true } : unboxed(context, { code: index, may: false }, key);
    variables.set(first, { part: code.hold(part), type: key });
    const own = elementType(type);
    variables.set(second, { part: code.hold(unboxed(context, { code: value, may }, own)), type: own });
    body({ index, item: value });
  });
}

function elementType(type: Type): Type {
  return type.name === 'list' || type.name === 'map' ? type.of : { name: 'dyn' };
}
