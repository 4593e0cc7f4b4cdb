/**
 * Writing JavaScript: lines in blocks, fresh names, and values bound from outside. Nothing of an expression's text is
 * spliced: names are made here, strings are JSON, every other value is a parameter of the function.
 */

/** A part of an expression in the generated code. */
export interface Part {
  /** A name or a literal, or an expression without effects that is used once. */
  readonly code: string;
  /** Whether it may be `Unknown`. */
  readonly may: boolean;
  /** Its value where that is known before it runs; in the representation of its static type. */
  readonly constant?: { readonly value: unknown };
  /** A list that is never partial. */
  readonly complete?: boolean;
  /** A list in which no element is `Unknown`. */
  readonly holeless?: boolean;
}

export interface Code {
  readonly line: (text: string) => void;
  readonly fresh: () => string;
  /** The name under which a value is bound. */
  readonly bind: (value: unknown) => string;
  /** Lines written by `inside` stand between `open` and `}`; what was remembered there is forgotten after it. */
  readonly block: (open: string, inside: () => void) => void;
  /** What a key stands for in this block or one around it. */
  readonly recall: (key: string) => Part | undefined;
  readonly remember: (key: string, part: Part) => Part;
  /** The part under a name, so that it can be used twice. */
  readonly hold: (part: Part) => Part;
  /** A new variable with this value. */
  readonly let: (value: string) => string;
  readonly build: (head: readonly string[], result: string) => Generated;
}

export type Generated = (bindings: never, around: never) => unknown;

const ATOM = /^(?:[A-Za-z_$][\w$]*|-?\d+n?|"[^"\\]*")$/;

export function code(): Code {
  const lines: string[] = [];
  const bound: unknown[] = [];
  const names = new Map<unknown, string>();
  const scopes: Map<string, Part>[] = [new Map()];
  let count = 0;
  const fresh = () => `t${count++}`;
  const line = (text: string) => lines.push(text);
  const bind = (value: unknown) => {
    const known = names.get(value);
    if (known !== undefined) return known;
    const name = `k${bound.length}`;
    bound.push(value);
    names.set(value, name);
    return name;
  };
  const make = (value: string) => {
    const name = fresh();
    line(`let ${name} = ${value};`);
    return name;
  };
  return {
    line,
    fresh,
    bind,
    let: make,
    block: (open, inside) => {
      line(`${open} {`);
      scopes.push(new Map());
      inside();
      scopes.pop();
      line('}');
    },
    recall: (key) => scopes.findLast((scope) => scope.has(key))?.get(key),
    remember: (key, part) => {
      scopes.at(-1)?.set(key, part);
      return part;
    },
    hold: (part) => (ATOM.test(part.code) ? part : { ...part, code: make(part.code) }),
    build: (head, result) => {
      const body = [...head, ...lines, `return ${result};`].join('\n');
      const outer = new Function(
        ...bound.map((_, index) => `k${index}`),
        `"use strict"; return function expression(bindings, around) {\n${body}\n};`,
      );
      return outer(...bound);
    },
  };
}
