/**
 * The part of JMESPath (jmespath.org/specification) that keys of policies use: names, indexes, projections, filters,
 * pipes, comparisons and calls. Multi-select, slices and expression types are refused by name.
 */

export type Path =
  | { readonly type: 'current' }
  | { readonly type: 'field'; readonly of: Path; readonly name: string }
  | { readonly type: 'index'; readonly of: Path; readonly index: number }
  /** `[*]`, or `[]`, which also flattens lists in the list, or `[?where]`; `each` starts at an element. */
  | {
      readonly type: 'project';
      readonly of: Path;
      readonly flatten: boolean;
      readonly where: Path | null;
      readonly each: Path;
    }
  | { readonly type: 'literal'; readonly value: unknown }
  | { readonly type: 'compare'; readonly op: string; readonly left: Path; readonly right: Path }
  | { readonly type: 'logic'; readonly op: '&&' | '||'; readonly left: Path; readonly right: Path }
  | { readonly type: 'not'; readonly of: Path }
  | { readonly type: 'pipe'; readonly left: Path; readonly right: Path }
  | { readonly type: 'call'; readonly name: string; readonly args: readonly Path[] };

const TOKEN =
  /\s*(?:([A-Za-z_][A-Za-z0-9_]*)|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`|(-?\d+)|(\[\?|\[\]|\[\*\]|&&|\|\||==|!=|<=|>=|[.[\]()|!<>,@*&{:]))/y;

interface Token {
  readonly kind: 'name' | 'raw' | 'json' | 'number' | 'mark' | 'end';
  readonly text: string;
}

const NAMED = ['name', 'name', 'raw', 'json', 'number', 'mark'] as const;

function tokens(text: string): Token[] {
  const found: Token[] = [];
  const pattern = new RegExp(TOKEN);
  const end = text.trimEnd().length;
  while (pattern.lastIndex < end) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) throw new Error(`JMESPath: not understood at ${at}: ${text}`);
    const group = match.slice(1).findIndex((part) => part !== undefined);
    const part = match[group + 1] ?? '';
    const kind = NAMED[group] ?? 'mark';
    found.push({ kind, text: group === 1 ? JSON.parse(`"${part}"`) : part.replaceAll("\\'", "'") });
  }
  return found;
}

const CURRENT: Path = { type: 'current' };
/** How tightly what follows binds; a projection takes in everything down to the pipe. */
const POWER: Readonly<Record<string, number>> = {
  '|': 1,
  '||': 2,
  '&&': 3,
  '==': 5,
  '!=': 5,
  '<': 5,
  '<=': 5,
  '>': 5,
  '>=': 5,
  '[]': 9,
  '[*]': 20,
  '[?': 21,
  '.': 40,
  '[': 55,
};
/** What binds less than this ends a projection. */
const PROJECTION = 10;

/** Throws with the construct that is not understood. */
export function parsePath(text: string): Path {
  const list = tokens(text);
  let at = 0;
  const peek = (): Token => list[at] ?? { kind: 'end', text: '' };
  const isMark = (mark: string): boolean => peek().kind === 'mark' && peek().text === mark;
  const expect = (mark: string): void => {
    if (!isMark(mark)) throw new Error(`JMESPath: \`${mark}\` expected, not \`${peek().text}\`: ${text}`);
    at++;
  };

  function expression(least: number): Path {
    let left = prefix();
    for (;;) {
      const { kind, text: mark } = peek();
      const power = kind === 'mark' ? (POWER[mark] ?? 0) : 0;
      if (power <= least) return left;
      at++;
      left = infix(left, mark, power);
    }
  }

  function prefix(): Path {
    const { kind, text: found } = peek();
    if (kind === 'mark' && ['[]', '[*]', '[?', '['].includes(found)) {
      at++;
      return infix(CURRENT, found, 0);
    }
    at++;
    if (kind === 'name') return isMark('(') ? call(found) : { type: 'field', of: CURRENT, name: found };
    if (kind === 'raw') return { type: 'literal', value: found };
    if (kind === 'json') return { type: 'literal', value: jsonOf(found) };
    if (kind === 'mark' && found === '@') return CURRENT;
    if (kind === 'mark' && found === '!') return { type: 'not', of: expression(45) };
    if (kind === 'mark' && found === '(') {
      const inner = expression(0);
      expect(')');
      return inner;
    }
    throw new Error(`JMESPath: \`${found}\` is not translated: ${text}`);
  }

  function call(name: string): Path {
    expect('(');
    const args: Path[] = [];
    while (!isMark(')')) {
      args.push(expression(0));
      if (!isMark(')')) expect(',');
    }
    expect(')');
    return { type: 'call', name, args };
  }

  function infix(left: Path, mark: string, power: number): Path {
    switch (mark) {
      case '.':
        return member(left);
      case '[':
        return bracket(left);
      case '[]':
      case '[*]':
        return { type: 'project', of: left, flatten: mark === '[]', where: null, each: rest() };
      case '[?': {
        const where = expression(0);
        expect(']');
        return { type: 'project', of: left, flatten: false, where, each: rest() };
      }
      case '|':
        return { type: 'pipe', left, right: expression(power) };
      case '||':
      case '&&':
        return { type: 'logic', op: mark, left, right: expression(power) };
      default:
        return { type: 'compare', op: mark, left, right: expression(power) };
    }
  }

  function member(left: Path): Path {
    const { kind, text: name } = peek();
    if (kind !== 'name') throw new Error(`JMESPath: \`.${name}\` is not translated: ${text}`);
    at++;
    return isMark('(') ? { type: 'pipe', left, right: call(name) } : { type: 'field', of: left, name };
  }

  function bracket(left: Path): Path {
    const { kind, text: index } = peek();
    if (kind !== 'number') throw new Error(`JMESPath: \`[${index}\` is not translated: ${text}`);
    at++;
    expect(']');
    return { type: 'index', of: left, index: Number(index) };
  }

  /** What a projection does with each element: `a[*].b[0]` reads `b[0]` of each. */
  function rest(): Path {
    let each: Path = CURRENT;
    for (;;) {
      const { kind, text: mark } = peek();
      const power = kind === 'mark' ? (POWER[mark] ?? 0) : 0;
      if (power < PROJECTION) return each;
      at++;
      each = infix(each, mark, power);
    }
  }

  const path = expression(0);
  if (at < list.length) throw new Error(`JMESPath: \`${peek().text}\` is not expected: ${text}`);
  return path;
}

/** Within back quotes stands JSON; older text also has bare words. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text.replaceAll('\\`', '`'));
  } catch {
    return text;
  }
}
