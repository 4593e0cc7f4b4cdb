/** Numbers and times at the ends of what an engine's types hold, as literals that are chosen or not. */
import type { Writer } from './expressions.ts';
import type { Name, Place, Surroundings } from './scenery.ts';

/** The last and the first nanosecond of 64 bits, those beside them, and the ends of CEL's years. */
const TIMES = [
  '2262-04-11T23:47:16.854775807Z',
  '2262-04-11T23:47:16.854775808Z',
  '2262-04-11T23:47:17Z',
  '2554-07-21T23:34:33.709551615Z',
  '2554-07-21T23:34:33.709551616Z',
  '1677-09-21T00:12:43.145224192Z',
  '1677-09-21T00:12:43.145224191Z',
  '9999-12-31T23:59:59.999999999Z',
  '0001-01-01T00:00:00Z',
];

const EDGES: Readonly<Record<'int' | 'uint' | 'timestamp' | 'duration', readonly string[]>> = {
  int: ['9223372036854775807', '(-9223372036854775808)', '(-9223372036854775807)'],
  uint: ['18446744073709551615u', '9223372036854775808u', '9223372036854775807u', '0u'],
  timestamp: TIMES.map((time) => `timestamp("${time}")`),
  duration: ['9223372036854775807ns', '-9223372036854775808ns', '1ns', '-1ns'].map(
    (span) => `duration("${span}")`,
  ),
};

const NAMES = ['int', 'uint', 'timestamp', 'timestamp', 'duration'] as const;
type Edged = (typeof NAMES)[number];

const isEdged = (name: string): name is Edged => Object.hasOwn(EDGES, name);

export function edgeOf({ random }: Writer, name: Edged): string {
  return random.pick(EDGES[name]);
}

/** A value that is such a literal, or another one, by a condition that may be unknown or an optional that may be absent. */
export function chosenEdge(writer: Writer, name: Edged, around: Surroundings): string {
  const { random } = writer;
  const edge = edgeOf(writer, name);
  const optional = writer.optional(name, around);
  if (optional !== null && random.chance(50)) return `${optional.text}.orValue(${edge})`;
  const flat = { ...around, depth: 0 };
  const condition = `(${writer.bool(flat)})`;
  const other = writer.of(name, flat);
  return random.chance(50) ? `(${condition} ? ${edge} : ${other})` : `(${condition} ? ${other} : ${edge})`;
}

/** Two of them in arithmetic, compared. */
export function edges(writer: Writer, around: Surroundings): string {
  const { random } = writer;
  const part = (name: Edged) =>
    random.chance(60) ? chosenEdge(writer, name, around) : writer.of(name, around);
  const sign = () => random.pick(['+', '-']);
  const [name, left] = random.pick<() => readonly [Name, string]>([
    () => ['timestamp', chosenEdge(writer, 'timestamp', around)],
    () => ['timestamp', `(${part('timestamp')} ${sign()} ${part('duration')})`],
    () => ['timestamp', `timestamp(${part('int')})`],
    () => ['duration', `duration(${part('int')})`],
    () => ['duration', `(${part('timestamp')} - ${part('timestamp')})`],
    () => ['duration', `(${part('duration')} ${sign()} ${part('duration')})`],
    () => ['int', `(${part('int')} ${random.pick(['+', '-', '*', '/', '%'])} ${part('int')})`],
    () => ['int', `int(${part(random.pick<Edged>(['timestamp', 'uint', 'duration']))})`],
    () => ['uint', `(${part('uint')} ${random.pick(['+', '-', '*', '/', '%'])} ${part('uint')})`],
  ])();
  const right = isEdged(name) && random.chance(30) ? part(name) : writer.of(name, { ...around, depth: 0 });
  if (random.chance(20)) return `${left} in [${right}, ${writer.of(name, { ...around, depth: 0 })}]`;
  return `${left} ${random.pick(['==', '!=', '<', '<=', '>', '>='])} ${right}`;
}

/** A list that the expression writes itself, some of it such literals. */
export function writtenList(writer: Writer, around: Surroundings): Place {
  const { random } = writer;
  const name = random.pick(NAMES);
  const flat = { ...around, depth: 0 };
  const items = Array.from({ length: 1 + random.int(3) }, () =>
    random.chance(40) ? edgeOf(writer, name) : writer.of(name, flat),
  );
  return { text: `[${items.join(', ')}]`, type: { name: 'list', of: { name } }, needs: [] };
}
