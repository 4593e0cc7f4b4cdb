/** Expressions over the libraries: texts, numbers, addresses, versions, optionals. */
import type { Writer } from './expressions.ts';
import { WORDS } from './kinds.ts';
import {
  ADDRESSES,
  isContainer,
  type Name,
  NETWORKS,
  quoted,
  type Surroundings,
  VERSIONS,
} from './scenery.ts';

export function split(writer: Writer, around: Surroundings): string {
  const separator = quoted(writer.random.pick(['', ',', 'a', '.', '😀']));
  const limit = writer.random.chance(30) ? `, ${writer.random.int(4) - 1}` : '';
  return `(${writer.string(around)}).split(${separator}${limit})`;
}

export function moreInt(writer: Writer, around: Surroundings): string {
  const random = writer.random;
  const text = `(${writer.string(around)})`;
  switch (random.int(9)) {
    case 0: {
      const from = random.chance(40) ? `, ${random.int(4)}` : '';
      return `${text}.${random.pick(['indexOf', 'lastIndexOf'])}(${writer.string({ ...around, depth: 0 })}${from})`;
    }
    case 1:
      return writer.extreme('int', around);
    case 2:
      return `math.${random.pick(['abs', 'sign', 'bitNot'])}(${writer.int(around)})`;
    case 3:
      return `math.${random.pick(['bitAnd', 'bitOr', 'bitXor', 'bitShiftLeft', 'bitShiftRight'])}(${writer.int(around)}, ${writer.int(around)})`;
    case 4:
      return `size(${split(writer, around)})`;
    case 5:
      return random.chance(50)
        ? `${version(writer, around)}.compareTo(${version(writer, around)})`
        : `${version(writer, around)}.${random.pick(['major', 'minor', 'patch'])}()`;
    case 6:
      return random.chance(50)
        ? `${address(writer, around)}.family()`
        : `cidr(${quoted(random.pick(NETWORKS))}).prefixLength()`;
    case 7: {
      const list = writer.list(around);
      if (!list) return writer.bound('int', around);
      const { variable, text: body } = writer.body(list, { ...around, variables: around.variables + 1 });
      const index = `v${around.variables}`;
      return `size(${list.text}.transformList(${index}, ${variable}, ${random.chance(30) ? `${body}, ` : ''}${index}))`;
    }
    default: {
      const list = writer.list(around, 'int');
      if (!list) return writer.bound('int', around);
      const element = `${list.text}[?${random.int(3)}]`;
      const other = random.chance(30) ? `.or(optional.of(${writer.int(around)}))` : '';
      return `${element}${other}.orValue(${writer.int(around)})`;
    }
  }
}

function address(writer: Writer, around: Surroundings): string {
  return writer.random.chance(70)
    ? `ip(${quoted(writer.random.pick(ADDRESSES))})`
    : `ip(${writer.string(around)})`;
}

function version(writer: Writer, around: Surroundings): string {
  const given = writer.random.chance(70) ? quoted(writer.random.pick(VERSIONS)) : writer.string(around);
  return `semver(${given})`;
}

/** Addresses, versions, optionals and the predicates of numbers. */
export function library(writer: Writer, around: Surroundings): string {
  const random = writer.random;
  const text = writer.string(around);
  switch (random.int(9)) {
    case 0:
      return `${random.pick(['isIP', 'isCIDR', 'isSemver'])}(${text})`;
    case 1:
      return `cidr(${quoted(random.pick(NETWORKS))}).containsIP(${random.chance(50) ? address(writer, around) : text})`;
    case 2:
      return `cidr(${quoted(random.pick(NETWORKS))}).containsCIDR(${random.chance(50) ? quoted(random.pick(NETWORKS)) : `cidr(${text})`})`;
    case 3: {
      const method = random.pick(['isLoopback', 'isUnspecified', 'isLinkLocalUnicast', 'isGlobalUnicast']);
      return random.chance(80)
        ? `${address(writer, around)}.${method}()`
        : `ip.isCanonical(${random.chance(60) ? quoted(random.pick(ADDRESSES)) : text})`;
    }
    case 4:
      return `${version(writer, around)}.${random.pick(['isLessThan', 'isGreaterThan'])}(${version(writer, around)})`;
    case 5:
      return `math.${random.pick(['isNaN', 'isInf', 'isFinite'])}(${writer.double(around)})`;
    case 6:
      return `bool(${text})`;
    case 7:
      return optional(writer, around);
    default: {
      const keys = ['k', 'l', 'm'].slice(0, 1 + random.int(3));
      const name = random.pick<Name>(['int', 'string', 'bool']);
      const entries = keys.map((key) => `${quoted(key)}: ${writer.of(name, { ...around, depth: 0 })}`);
      const map = `{${entries.join(', ')}}`;
      if (random.chance(40)) return `${quoted(random.pick(WORDS.KEYS))} in ${map}`;
      return `${map}[${quoted(random.pick(keys))}] == ${writer.of(name, around)}`;
    }
  }
}

/** `.?` with what follows it, over records that may themselves be absent, and over lists and maps that never are. */
export function optional(writer: Writer, around: Surroundings): string {
  const random = writer.random;
  const read = around.places.filter(
    ({ text, type, needs }) =>
      text.includes('.') &&
      !text.startsWith('params') &&
      (isContainer(type) || needs.some((need) => !around.present.has(need))),
  );
  if (read.length === 0) return writer.comparison(around);
  const containers = read.filter(({ type }) => isContainer(type));
  const place = random.pick(containers.length > 0 && random.chance(30) ? containers : read);
  const { text, type, needs } = place;
  const first = needs.find((need) => !around.present.has(need)) ?? text;
  // From the first that may be absent, every step is an optional one.
  const base = first.slice(0, first.lastIndexOf('.'));
  const chain = `${base}${text.slice(base.length).replaceAll('.', '.?')}`;
  const scalar = ['bool', 'int', 'double', 'string', 'timestamp', 'duration'].find(
    (one) => one === type.name,
  );
  const name = scalar as Name | undefined;
  if (isContainer(type) && random.chance(40)) {
    const other = writer.listLike(place, around);
    if (other !== text || writer.usable(place, around))
      return `size(${chain}.orValue(${other})) == ${random.int(3)}`;
  }
  if (name === undefined || random.chance(40)) return `${chain}.hasValue()`;
  const value = writer.of(name, { ...around, depth: 0 });
  switch (random.int(3)) {
    case 0:
      return `${chain}.orValue(${value}) == ${writer.of(name, around)}`;
    case 1:
      return `${chain}.optMap(v${around.variables}, v${around.variables} == ${value}).orValue(${random.pick(['true', 'false'])})`;
    default:
      return `${chain}.or(optional.of(${value})).value() == ${writer.of(name, around)}`;
  }
}
