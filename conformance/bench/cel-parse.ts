/** Parsing: CEL expressions a second of processor time beside @bufbuild/cel, over the conformance data that both read. */
import { parse } from '@macadam/core/cel/parse';
import { ensureInstalled } from '../install.ts';
import { type Row, row } from './row.ts';

interface Group {
  readonly suites?: readonly Group[];
  readonly tests?: readonly { readonly original: { readonly expr: string }; readonly ast?: string }[];
}

const texts = (group: Group): string[] => [
  ...(group.tests ?? []).filter(({ ast }) => ast !== undefined).map(({ original }) => original.expr),
  ...(group.suites ?? []).flatMap(texts),
];

/** Expressions a second, after a round that is not counted. */
function rate(read: (text: string) => unknown, expressions: readonly string[], rounds: number): number {
  for (const text of expressions) read(text);
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round++) for (const text of expressions) read(text);
  const { user, system } = process.cpuUsage(before);
  return (rounds * expressions.length) / ((user + system) / 1e6);
}

export async function bench(): Promise<readonly Row[]> {
  ensureInstalled(`${import.meta.dirname}/..`);
  const data = 'testdata/conformance.js';
  const { tests }: { tests: Group } = await import(`@bufbuild/cel-spec/${data}`);
  const peer = '@bufbuild/cel';
  const theirs: { parse: (text: string) => unknown } = await import(peer);
  // The data holds cel-go's tree of each; the peer throws at none of them, and ours refuses those that build messages.
  const expressions = texts(tests).filter((text) => 'tree' in parse(text));
  return [
    row({
      id: 'cel-parse',
      what: `${expressions.length} expressions of CEL's conformance data, text to tree`,
      unit: 'expressions/s',
      ours: rate(parse, expressions, 30),
      peer: rate(theirs.parse, expressions, 3),
      peerName: '@bufbuild/cel 0.6.1',
      goal: { of: 'ratio', atLeast: 10 },
    }),
  ];
}
