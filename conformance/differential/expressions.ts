/**
 * Random expressions, well typed by construction: text, so that parser and checker are held as well. An optional
 * attribute is read only where `has()` of it holds, or through `.?`.
 */
import type { Type } from '@macadam/core/cel/type';
import { edges, writtenList } from './edges.ts';
import { WORDS, type World } from './kinds.ts';
import { library, moreInt, optional, split } from './library.ts';
import type { Random } from './random.ts';
import {
  isTextual,
  type Name,
  type Place,
  placesBelow,
  quoted,
  rootPlaces,
  type Surroundings,
  sameType,
  ZONES,
} from './scenery.ts';

export function randomExpression(random: Random, { kind, kinds }: World, depth: number): string {
  return new Writer(random).bool({
    places: rootPlaces(kind, kinds.get('other')),
    present: new Set(),
    depth,
    variables: 0,
  });
}

/** A path whose last step is `.?`. */
const asked = (path: string) => path.replace(/\.(?=\w+$)/, '.?');

/** Writes expressions of a type; `around` says what can be read there. */
export class Writer {
  readonly random: Random;
  constructor(random: Random) {
    this.random = random;
  }

  bool(around: Surroundings): string {
    const random = this.random;
    if (around.depth <= 0) return this.leaf('bool', around);
    const inside = { ...around, depth: around.depth - 1 };
    const roll = random.int(100);
    if (roll < 6) return this.leaf('bool', around);
    if (roll < 8) return this.bound('bool', inside);
    if (roll < 16) return edges(this, inside);
    if (roll < 29) return this.comparison(inside);
    if (roll < 34) return `!(${this.bool(inside)})`;
    if (roll < 46) return this.logic(inside);
    if (roll < 52) return this.guarded(inside);
    if (roll < 55) return random.chance(75) ? library(this, inside) : optional(this, inside);
    if (roll < 60) return `(${this.bool(inside)} ? ${this.bool(inside)} : ${this.bool(inside)})`;
    if (roll < 76) return this.fold(inside);
    if (roll < 84) return this.membership(inside);
    if (roll < 93) return this.textual(inside);
    return this.has(inside);
  }

  of(name: Name, around: Surroundings): string {
    switch (name) {
      case 'bool':
        return `(${this.bool(around)})`;
      case 'int':
        return this.int(around);
      case 'uint':
        return this.uint(around);
      case 'double':
        return this.double(around);
      case 'string':
        return this.string(around);
      case 'timestamp':
        return this.timestamp(around);
      case 'duration':
        return this.duration(around);
    }
  }

  comparison(around: Surroundings): string {
    const random = this.random;
    const name = random.pick<Name>([
      'bool',
      'int',
      'int',
      'double',
      'string',
      'timestamp',
      'timestamp',
      'duration',
      'uint',
    ]);
    if (random.chance(8)) {
      const list = this.list(around);
      if (list && list.type.name === 'list' && list.type.of.name !== 'record') {
        return `${list.text} ${random.pick(['==', '!='])} ${this.listLike(list, around)}`;
      }
    }
    const operator = random.pick(['==', '!=', '<', '<=', '>', '>=']);
    return `${this.of(name, around)} ${operator} ${this.of(name, around)}`;
  }

  listLike(list: Place, around: Surroundings): string {
    const other = around.places.filter(
      (place) =>
        place.type.name === 'list' && list.type.name === 'list' && sameType(place.type.of, list.type.of),
    );
    const usable = other.filter((place) => this.usable(place, around));
    return usable.length > 0 ? this.random.pick(usable).text : list.text;
  }

  logic(around: Surroundings): string {
    return `(${this.bool(around)} ${this.random.pick(['&&', '||'])} ${this.bool(around)})`;
  }

  /** `has(p) && …p…` and its two siblings: the ways to reach what may be absent. */
  guarded(around: Surroundings): string {
    const missing = around.places.flatMap(({ needs }) =>
      needs.filter((need) => !around.present.has(need)).slice(0, 1),
    );
    if (missing.length === 0) return this.logic(around);
    const path = this.random.pick(missing);
    const within = { ...around, present: new Set(around.present).add(path) };
    switch (this.random.int(3)) {
      case 0:
        return `(has(${path}) && ${this.bool(within)})`;
      case 1:
        return `(!has(${path}) || ${this.bool(within)})`;
      default:
        return `(has(${path}) ? ${this.bool(within)} : ${this.bool(around)})`;
    }
  }

  has(around: Surroundings): string {
    const reachable = around.places.filter(
      ({ text, needs }) =>
        text.includes('.') &&
        !text.startsWith('params') &&
        needs.every((need) => need === text || around.present.has(need)),
    );
    if (reachable.length === 0) return 'true';
    const { text } = this.random.pick(reachable);
    return this.random.chance(40) ? `${asked(text)}.hasValue()` : `has(${text})`;
  }

  usable(place: Place, around: Surroundings): boolean {
    return place.needs.every((need) => around.present.has(need));
  }

  leaf(name: Name, around: Surroundings): string {
    const random = this.random;
    const usable = this.placesOf(name, around).filter((place) => this.usable(place, around));
    if (usable.length > 0 && random.chance(75)) return random.pick(usable).text;
    const optional = random.chance(40) ? this.optional(name, around) : null;
    if (!optional) return this.literal(name);
    return `${optional.text}.orValue(${optional.type.name === 'enum' ? '"red"' : this.literal(name)})`;
  }

  placesOf(name: Name, { places }: Surroundings): readonly Place[] {
    return places.filter(({ type }) => type.name === name || (name === 'string' && type.name === 'enum'));
  }

  /** `.?` reaches an optional whose only missing need is itself. */
  optional(name: Name, around: Surroundings): Place | null {
    const places = this.placesOf(name, around).filter(
      ({ text, needs }) =>
        needs.at(-1) === text && needs.slice(0, -1).every((need) => around.present.has(need)),
    );
    if (places.length === 0) return null;
    const { text, type } = this.random.pick(places);
    return { text: asked(text), type, needs: [] };
  }

  literal(name: Name): string {
    const random = this.random;
    switch (name) {
      case 'bool':
        return random.pick(['true', 'false']);
      case 'int': {
        const value = random.chance(70)
          ? String(random.int(5) - 1)
          : random.pick([
              '9223372036854775807',
              '-9223372036854775808',
              '9007199254740993',
              ...WORDS.INTEGERS.map(String),
            ]);
        return value.startsWith('-') ? `(${value})` : value;
      }
      case 'uint':
        return random.pick(['0u', '1u', '2u', '7u', '18446744073709551615u']);
      case 'double': {
        const value = random.pick(WORDS.DOUBLES);
        const plain = Object.is(value, -0) ? '-0' : String(value);
        const text = /[.e]/.test(plain) ? plain : `${plain}.0`;
        return text.startsWith('-') ? `(${text})` : text;
      }
      case 'string':
        return quoted(random.pick(WORDS.STRINGS));
      case 'timestamp':
        return `timestamp("${random.pick(WORDS.TIMES)}")`;
      case 'duration':
        return `duration("${random.pick(WORDS.DURATIONS)}")`;
    }
  }

  int(around: Surroundings): string {
    const random = this.random;
    if (around.depth <= 0 || random.chance(45)) return this.leaf('int', around);
    const inside = { ...around, depth: around.depth - 1 };
    const roll = random.int(100);
    if (roll < 30)
      return `(${this.int(inside)} ${random.pick(['+', '-', '*', '/', '%'])} ${this.int(inside)})`;
    if (roll < 40) return moreInt(this, inside);
    if (roll < 46) return `-(${this.int(inside)})`;
    if (roll < 66) {
      const list = this.list(inside);
      return list ? `size(${list.text})` : this.leaf('int', around);
    }
    if (roll < 74) return `size(${this.string(inside)})`;
    if (roll < 77) {
      const maps = around.places.filter((place) => place.type.name === 'map' && this.usable(place, around));
      const map = maps.length > 0 ? random.pick(maps) : null;
      if (map?.type.name === 'map' && map.type.of.name === 'int')
        return `${map.text}[${quoted(random.pick(WORDS.KEYS))}]`;
      return map ? `size(${map.text})` : this.leaf('int', around);
    }
    if (roll < 80)
      return `int(${this.of(random.pick<Name>(['double', 'string', 'timestamp', 'uint']), inside)})`;
    if (roll < 88) {
      const part = random.pick([
        'getFullYear',
        'getMonth',
        'getDate',
        'getDayOfMonth',
        'getDayOfWeek',
        'getDayOfYear',
        'getHours',
        'getMinutes',
        'getSeconds',
        'getMilliseconds',
      ]);
      const zone = random.chance(30) ? quoted(random.pick(ZONES)) : '';
      return `(${this.timestamp(inside)}).${part}(${zone})`;
    }
    if (roll < 94)
      return `(${this.duration(inside)}).${random.pick(['getHours', 'getMinutes', 'getSeconds', 'getMilliseconds'])}()`;
    return `(${this.bool(inside)} ? ${this.int(inside)} : ${this.int(inside)})`;
  }

  double(around: Surroundings): string {
    const random = this.random;
    if (around.depth <= 0 || random.chance(50)) return this.leaf('double', around);
    const inside = { ...around, depth: around.depth - 1 };
    if (random.chance(50))
      return `(${this.double(inside)} ${random.pick(['+', '-', '*', '/'])} ${this.double(inside)})`;
    if (random.chance(40)) {
      const name = random.pick(['ceil', 'floor', 'round', 'trunc', 'abs', 'sign', 'sqrt']);
      return `math.${name}(${this.double(inside)})`;
    }
    if (random.chance(30)) return this.extreme('double', inside);
    if (random.chance(20)) return this.choice('double', inside);
    return random.chance(50) ? `-(${this.double(inside)})` : `double(${this.int(inside)})`;
  }

  string(around: Surroundings): string {
    const random = this.random;
    if (around.depth <= 0 || random.chance(55)) return this.leaf('string', around);
    const inside = { ...around, depth: around.depth - 1 };
    const text = `(${this.string(inside)})`;
    switch (random.int(18)) {
      case 0:
        return `(${this.string(inside)} + ${this.string(inside)})`;
      case 1:
        return `string(${this.of(random.pick<Name>(['int', 'bool', 'uint', 'timestamp', 'duration']), inside)})`;
      case 2:
        return `${text}.lowerAscii()`;
      case 3:
        return `${text}.upperAscii()`;
      case 4:
        return `${text}.substring(${random.int(3)})`;
      case 5:
        return `${text}.charAt(${random.int(3)})`;
      case 6:
        return `${text}.replace(${quoted(random.pick(['a', 'b', '😀']))}, ${quoted(random.pick(['', 'x']))})`;
      case 7:
        return `${text}.trim()`;
      case 8:
        return `${text}.reverse()`;
      case 9:
        return `${text}.replace(${quoted(random.pick(['a', 'b', '', 'aa']))}, ${quoted(random.pick(['', 'x']))}, ${random.int(4) - 1})`;
      case 10:
        return `${split(this, inside)}[${random.int(2)}]`;
      case 11:
        return `strings.quote(${text})`;
      case 12: {
        const values = Array.from({ length: random.int(3) }, () =>
          this.of(random.pick<Name>(['int', 'string', 'bool', 'timestamp', 'duration']), {
            ...inside,
            depth: 0,
          }),
        );
        const clauses = values.map(() => random.pick(['%s', '%s', '%d', '%%', '%d%s']));
        return `${quoted(clauses.join('|'))}.format([${values.join(', ')}])`;
      }
      case 13: {
        const list = this.list(inside, 'string');
        if (list?.type.name !== 'list' || list.type.of.name !== 'string') return text;
        const separator = random.pick(['', '","', '"😀"']);
        return random.chance(70) ? `(${list.text}).join(${separator})` : `"%s".format([${list.text}])`;
      }
      case 14:
        return this.choice('string', inside);
      case 15:
        return this.bound('string', inside);
      case 16:
        return `${text}.substring(${random.int(3)}, ${random.int(4)})`;
      default: {
        const list = this.list(inside, 'string');
        return list ? `${list.text}[${random.int(3)}]` : text;
      }
    }
  }

  uint(around: Surroundings): string {
    const random = this.random;
    if (around.depth <= 0 || random.chance(50)) return this.leaf('uint', around);
    const inside = { ...around, depth: around.depth - 1 };
    const roll = random.int(100);
    if (roll < 45)
      return `(${this.uint(inside)} ${random.pick(['+', '-', '*', '/', '%'])} ${this.uint(inside)})`;
    if (roll < 70) return `uint(${this.of(random.pick<Name>(['int', 'double', 'string']), inside)})`;
    if (roll < 80) return this.extreme('uint', inside);
    if (roll < 90) return this.choice('uint', inside);
    return `math.${random.pick(['bitAnd', 'bitOr', 'bitXor'])}(${this.uint(inside)}, ${this.uint(inside)})`;
  }

  choice(name: Name, around: Surroundings): string {
    return `(${this.bool(around)} ? ${this.of(name, around)} : ${this.of(name, around)})`;
  }

  extreme(name: Name, around: Surroundings): string {
    const values = Array.from({ length: 1 + this.random.int(3) }, () => this.of(name, around));
    return `math.${this.random.pick(['greatest', 'least'])}(${values.join(', ')})`;
  }

  /** `cel.bind`: a name for a value, which is read or not. */
  bound(name: Name, around: Surroundings): string {
    const of = this.random.pick<Name>(['int', 'string', 'bool', 'double', 'timestamp', 'duration']);
    const variable = `v${around.variables}`;
    const place: Place = { text: variable, type: { name: of }, needs: [] };
    const places = [...around.places, place, place, place];
    const within = { ...around, places, variables: around.variables + 1 };
    return `cel.bind(${variable}, ${this.of(of, around)}, ${this.of(name, within)})`;
  }

  timestamp(around: Surroundings): string {
    const random = this.random;
    if (around.depth <= 0 || random.chance(60)) return this.leaf('timestamp', around);
    const inside = { ...around, depth: around.depth - 1 };
    if (random.chance(15)) return this.choice('timestamp', inside);
    if (random.chance(10)) return `timestamp(${this.string(inside)})`;
    return `(${this.timestamp(inside)} ${random.pick(['+', '-'])} ${this.duration(inside)})`;
  }

  duration(around: Surroundings): string {
    const random = this.random;
    if (around.depth <= 0 || random.chance(45)) return this.leaf('duration', around);
    const inside = { ...around, depth: around.depth - 1 };
    if (random.chance(25)) return `${random.pick(['days', 'hours'])}(${this.int(inside)})`;
    if (random.chance(10)) return `duration(${this.string(inside)})`;
    return random.chance(60)
      ? `(${this.timestamp(inside)} - ${this.timestamp(inside)})`
      : `(${this.duration(inside)} ${random.pick(['+', '-'])} ${this.duration(inside)})`;
  }

  /** A list that can be read here, perhaps filtered. */
  list(around: Surroundings, of?: Name): Place | null {
    const lists = around.places.filter(
      (place) =>
        place.type.name === 'list' &&
        (of === undefined || place.type.of.name === of || (of === 'string' && isTextual(place.type.of))) &&
        this.usable(place, around),
    );
    if (of === undefined && around.depth > 0 && this.random.chance(8)) return writtenList(this, around);
    if (lists.length === 0) return null;
    const list = this.random.pick(lists);
    if (around.depth > 0 && this.random.chance(12)) return this.mapped(list, around, of) ?? list;
    if (list.type.name === 'list' && list.type.of.name !== 'record' && this.random.chance(8)) {
      return { ...list, text: `(${list.text} + ${this.listLike(list, around)})` };
    }
    if (around.depth > 0 && this.random.chance(25)) {
      const body = this.body(list, around);
      return { ...list, text: `${list.text}.filter(${body.variable}, ${body.text})` };
    }
    return list;
  }

  /** `list.map(v, …)`, sometimes of those elements only for which a condition holds. */
  mapped(list: Place, around: Surroundings, of?: Name): Place | null {
    const name = of ?? this.random.pick<Name>(['int', 'string', 'bool', 'double']);
    const { variable, within } = this.inside(list, around);
    const what = this.of(name, { ...within, depth: Math.min(within.depth, 1) });
    const where = this.random.chance(30) ? `${this.bool({ ...within, depth: 0 })}, ` : '';
    return {
      text: `${list.text}.map(${variable}, ${where}${what})`,
      type: { name: 'list', of: { name } },
      needs: [],
    };
  }

  inside(list: Place, around: Surroundings): { readonly variable: string; readonly within: Surroundings } {
    const variable = `v${around.variables}`;
    const of: Type = list.type.name === 'list' ? list.type.of : { name: 'dyn' };
    const element: Place = { text: variable, type: of, needs: [] };
    const own = of.name === 'record' ? placesBelow(element) : [element];
    // The element is what a macro is about: it is read more often than the rest.
    const places = [...around.places, ...own, ...own, ...own];
    return {
      variable,
      within: { ...around, places, variables: around.variables + 1, depth: around.depth - 1 },
    };
  }

  body(list: Place, around: Surroundings): { readonly variable: string; readonly text: string } {
    const { variable, within } = this.inside(list, around);
    return { variable, text: this.bool(within) };
  }

  fold(around: Surroundings): string {
    const list = this.list(around);
    if (!list) return this.comparison(around);
    if (this.random.chance(25)) {
      const index = `v${around.variables}`;
      const place: Place = { text: index, type: { name: 'int' }, needs: [] };
      const within = { ...around, places: [...around.places, place], variables: around.variables + 1 };
      const { variable, text } = this.body(list, within);
      return `${list.text}.${this.random.pick(['all', 'exists', 'exists_one'])}(${index}, ${variable}, ${text})`;
    }
    const { variable, text } = this.body(list, around);
    return `${list.text}.${this.random.pick(['all', 'all', 'exists', 'exists', 'exists_one'])}(${variable}, ${text})`;
  }

  membership(around: Surroundings): string {
    const random = this.random;
    const maps = around.places.filter((place) => place.type.name === 'map' && this.usable(place, around));
    if (maps.length > 0 && random.chance(40)) {
      const chosen = random.pick(maps);
      const map = chosen.text;
      if (random.chance(40) && chosen.type.name === 'map') return this.overMap(map, chosen.type.of, around);
      return random.chance(60) ? `${quoted(random.pick(WORDS.KEYS))} in ${map}` : `has(${map}.k)`;
    }
    const name = random.pick<Name>(['int', 'string', 'string', 'timestamp', 'bool', 'double', 'duration']);
    const list = this.list(around, name);
    if (list && list.type.name === 'list' && list.type.of.name === name)
      return `${this.of(name, around)} in ${list.text}`;
    const items = Array.from({ length: random.int(3) + 1 }, () => this.of(name, { ...around, depth: 0 }));
    return `${this.of(name, around)} in [${items.join(', ')}]`;
  }

  overMap(map: string, of: Type, around: Surroundings): string {
    const random = this.random;
    const [key, value] = [`v${around.variables}`, `v${around.variables + 1}`];
    const places: readonly Place[] = [
      { text: key, type: { name: 'string' }, needs: [] },
      { text: value, type: of, needs: [] },
    ];
    const within = {
      ...around,
      places: [...around.places, ...places, ...places],
      variables: around.variables + 2,
    };
    const macro = random.pick(['all', 'exists', 'exists_one']);
    if (random.chance(70)) return `${map}.${macro}(${key}, ${value}, ${this.bool(within)})`;
    if (random.chance(50)) return `size(${map}.transformMap(${key}, ${value}, ${this.bool(within)})) > 1`;
    const keyed = { ...within, places: [...around.places, ...places.slice(0, 1)] };
    return `${map}.${macro}(${key}, ${this.bool(keyed)})`;
  }

  textual(around: Surroundings): string {
    const random = this.random;
    const text = this.string(around);
    const method = random.pick(['startsWith', 'endsWith', 'contains', 'matches']);
    const argument =
      method === 'matches'
        ? quoted(random.pick(['a', '^a', 'b$', 'a.*b', '^.$', '[0-9]+', '(?i)A', '\\.']))
        : this.string({ ...around, depth: 0 });
    return `(${text}).${method}(${argument})`;
  }
}
