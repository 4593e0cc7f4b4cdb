/**
 * The mix of expressions that the closures are measured on: 200 conditions of the kinds that standards are made of, each
 * beside the JavaScript that a person would write for it over plain data (ints are numbers, times milliseconds, what is
 * absent undefined). The shares of the shapes are those of the catalogue's own checks, and of arithmetic a little more.
 */
export interface Pair {
  readonly cel: string;
  /** An expression over `a` and `now` (milliseconds). */
  readonly js: string;
}

const HOUR = 3_600_000;
const WORDS = ['amber', 'birch', 'cedar', 'delta', 'ember', 'flint', 'grove', 'heath', 'inlet', 'jetty'];
const STATES = ['new', 'active', 'retired', 'blocked'];
const word = (n: number) => JSON.stringify(WORDS[n % WORDS.length]);
const state = (n: number) => JSON.stringify(STATES[n % STATES.length]);
const words = (n: number, count: number) => Array.from({ length: count }, (_, at) => word(n + at)).join(', ');

/** Each gives five pairs, by a number from 0 to 4. */
const SHAPES: readonly ((n: number) => Pair)[] = [
  () => ({ cel: 'asset.on && !asset.off', js: 'a.on && !a.off' }),
  (n) => ({ cel: `asset.off || asset.n > ${n}`, js: `a.off || a.n > ${n}` }),
  (n) => ({ cel: `asset.state == ${state(n)}`, js: `a.state === ${state(n)}` }),
  (n) => ({ cel: `asset.state != ${state(n)} && asset.on`, js: `a.state !== ${state(n)} && a.on` }),
  (n) => ({
    cel: `asset.state in [${state(n)}, ${state(n + 1)}]`,
    js: `a.state === ${state(n)} || a.state === ${state(n + 1)}`,
  }),
  (n) => ({ cel: `asset.name in [${words(n, 8)}]`, js: `[${words(n, 8)}].includes(a.name)` }),
  (n) => ({ cel: `${word(n)} in asset.tags`, js: `a.tags.includes(${word(n)})` }),
  (n) => ({ cel: `asset.name.startsWith(${word(n)})`, js: `a.name.startsWith(${word(n)})` }),
  (n) => ({ cel: `asset.name.contains("e${n}") || asset.on`, js: `a.name.includes("e${n}") || a.on` }),
  (n) => ({ cel: `asset.n + ${n} > asset.m * 2`, js: `a.n + ${n} > a.m * 2` }),
  (n) => ({
    cel: `asset.n % ${n + 2} == 0 && asset.m / 3 < ${n + 9}`,
    js: `a.n % ${n + 2} === 0 && Math.trunc(a.m / 3) < ${n + 9}`,
  }),
  (n) => ({ cel: `asset.share * 100.0 >= ${n + 40}.0`, js: `a.share * 100 >= ${n + 40}` }),
  (n) => ({
    cel: `(asset.n - asset.m) * ${n + 1} <= 30 ? asset.on : asset.off`,
    js: `(a.n - a.m) * ${n + 1} <= 30 ? a.on : a.off`,
  }),
  (n) => ({
    cel: `now - asset.seen <= duration("${(n + 1) * 100}h")`,
    js: `now - a.seen <= ${(n + 1) * 100 * HOUR}`,
  }),
  (n) => ({
    cel: `has(asset.used) ? now - asset.used <= duration("${(n + 1) * 300}h") : asset.on`,
    js: `a.used !== undefined ? now - a.used <= ${(n + 1) * 300 * HOUR} : a.on`,
  }),
  (n) => ({
    cel: `!has(asset.used) || asset.used + duration("${n + 1}h") < now`,
    js: `a.used === undefined || a.used + ${(n + 1) * HOUR} < now`,
  }),
  () => ({ cel: 'asset.seen < now && asset.on', js: 'a.seen < now && a.on' }),
  (n) => ({
    cel: `asset.seen > timestamp("2026-0${n + 1}-01T00:00:00Z")`,
    js: `a.seen > ${Date.parse(`2026-0${n + 1}-01T00:00:00Z`)}`,
  }),
  (n) => ({ cel: `size(asset.tags) > ${n}`, js: `a.tags.length > ${n}` }),
  (n) => ({ cel: `size(asset.name) < ${n + 4}`, js: `[...a.name].length < ${n + 4}` }),
  () => ({ cel: 'asset.keys.all(k, k.strong)', js: 'a.keys.every((k) => k.strong)' }),
  (n) => ({
    cel: `asset.keys.exists(k, k.bits < ${(n + 1) * 512})`,
    js: `a.keys.some((k) => k.bits < ${(n + 1) * 512})`,
  }),
  (n) => ({
    cel: `asset.keys.all(k, !has(k.ends) || k.ends > now || k.bits > ${n * 1000})`,
    js: `a.keys.every((k) => k.ends === undefined || k.ends > now || k.bits > ${n * 1000})`,
  }),
  (n) => ({
    cel: `asset.keys.exists_one(k, k.bits == ${1024 * (n + 1)})`,
    js: `a.keys.filter((k) => k.bits === ${1024 * (n + 1)}).length === 1`,
  }),
  (n) => ({
    cel: `asset.keys.filter(k, k.strong).exists(k, k.bits > ${n * 700})`,
    js: `a.keys.filter((k) => k.strong).some((k) => k.bits > ${n * 700})`,
  }),
  (n) => ({
    cel: `size(asset.keys.filter(k, !k.strong)) <= ${n}`,
    js: `a.keys.filter((k) => !k.strong).length <= ${n}`,
  }),
  (n) => ({
    cel: `${word(n)} in asset.keys.map(k, k.id)`,
    js: `a.keys.map((k) => k.id).includes(${word(n)})`,
  }),
  (n) => ({
    cel: `asset.tags.all(t, t != ${word(n)}) && asset.tags.exists(t, t.startsWith("a"))`,
    js: `a.tags.every((t) => t !== ${word(n)}) && a.tags.some((t) => t.startsWith("a"))`,
  }),
  (n) => ({
    cel: `asset.keys.all(k, k.id in asset.tags || k.id in [${words(n, 3)}])`,
    js: `a.keys.every((k) => a.tags.includes(k.id) || [${words(n, 3)}].includes(k.id))`,
  }),
  (n) => ({
    cel: `asset.ports.all(p, p > ${n * 10} && p < 65536)`,
    js: `a.ports.every((p) => p > ${n * 10} && p < 65536)`,
  }),
  (n) => ({ cel: `asset.ports.exists(p, p == ${22 + n})`, js: `a.ports.some((p) => p === ${22 + n})` }),
  (n) => ({ cel: `asset.ports[0] < ${n * 100 + 50}`, js: `a.ports[0] < ${n * 100 + 50}` }),
  (n) => ({ cel: `${22 + n} in asset.ports`, js: `a.ports.includes(${22 + n})` }),
  (n) => ({
    cel: `"team" in asset.labels && asset.labels["team"] == ${word(n)}`,
    js: `"team" in a.labels && a.labels["team"] === ${word(n)}`,
  }),
  (n) => ({
    cel: `asset.on && asset.n < ${n + 6} && asset.state == "active" && !asset.off && asset.m >= 0`,
    js: `a.on && a.n < ${n + 6} && a.state === "active" && !a.off && a.m >= 0`,
  }),
  (n) => ({
    cel: `asset.off || asset.state == "blocked" || asset.name == ${word(n)} || asset.n == ${n}`,
    js: `a.off || a.state === "blocked" || a.name === ${word(n)} || a.n === ${n}`,
  }),
  (n) => ({
    cel: `(asset.on || asset.off) && (asset.n > ${n} || asset.m > ${n}) && asset.share < 0.9`,
    js: `(a.on || a.off) && (a.n > ${n} || a.m > ${n}) && a.share < 0.9`,
  }),
  (n) => ({
    cel: `asset.name.matches("^[a-${'fghij'[n]}].*r$")`,
    js: `/^[a-${'fghij'[n]}].*r$/.test(a.name)`,
  }),
  (n) => ({
    cel: `asset.owner.team == ${word(n)} && size(asset.owner.members) > 0`,
    js: `a.owner.team === ${word(n)} && a.owner.members.length > 0`,
  }),
  (n) => ({
    cel: `asset.owner.members.exists(m, m in asset.tags) || asset.owner.team.endsWith("${'rhatb'[n]}")`,
    js: `a.owner.members.some((m) => a.tags.includes(m)) || a.owner.team.endsWith("${'rhatb'[n]}")`,
  }),
];

export const MIX: readonly Pair[] = SHAPES.flatMap((shape) => [0, 1, 2, 3, 4].map(shape));

/** Plain data of one asset: times in milliseconds. */
export interface Plain {
  readonly on: boolean;
  readonly off: boolean;
  readonly n: number;
  readonly m: number;
  readonly share: number;
  readonly name: string;
  readonly state: string;
  readonly seen: number;
  readonly used: number | undefined;
  readonly tags: readonly string[];
  readonly ports: readonly number[];
  readonly labels: Readonly<Record<string, string>>;
  readonly owner: { readonly team: string; readonly members: readonly string[] };
  readonly keys: readonly {
    readonly id: string;
    readonly strong: boolean;
    readonly bits: number;
    readonly ends: number | undefined;
  }[];
}

export const NOW: number = Date.parse('2026-06-01T00:00:00Z');

/** Assets that differ in everything the mix reads, the same every time. */
export function assets(count: number): Plain[] {
  return Array.from({ length: count }, (_, at) => {
    const pick = (step: number) => WORDS[(at * 7 + step * 3) % WORDS.length] as string;
    const few = (from: number, length: number) => Array.from({ length }, (__, step) => pick(from + step));
    return {
      on: at % 3 !== 0,
      off: at % 4 === 0,
      n: (at * 5) % 13,
      m: (at * 11) % 17,
      share: ((at * 37) % 100) / 100,
      name: pick(0),
      state: STATES[(at * 5) % STATES.length] as string,
      seen: NOW - ((at * 97) % 600) * HOUR,
      used: at % 3 === 1 ? undefined : NOW - ((at * 131) % 2000) * HOUR,
      tags: few(1, (at % 5) + 1),
      ports: Array.from({ length: (at % 4) + 1 }, (__, step) => (at * 31 + step * 22) % 9000),
      labels: at % 2 === 0 ? { team: pick(2), tier: pick(5) } : { tier: pick(5) },
      owner: { team: pick(4), members: few(3, at % 4) },
      keys: Array.from({ length: (at % 4) + 1 }, (__, step) => ({
        id: pick(step + 1),
        strong: (at + step) % 5 !== 0,
        bits: 1024 * (((at + step) % 4) + 1),
        ends: (at + step) % 2 === 0 ? undefined : NOW + (((at + step) % 9) - 3) * 100 * HOUR,
      })),
    };
  });
}
