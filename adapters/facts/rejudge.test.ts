import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Statement } from '@macadam/core/facts/observation';
import { type CompiledStandard, compileStandard } from '@macadam/core/verdicts/compiled-standard';
import { standardSchema } from '@macadam/core/verdicts/standard';
import fc from 'fast-check';
import { device, given, kinds, NOW, options } from './devices.ts';
import { openStores } from './open.ts';
import { type Rejudged, type RejudgedStanding, rejudging } from './rejudge.ts';
import { judge } from './sql/judging.ts';

const folder = mkdtempSync(join(tmpdir(), 'macadam-rejudge-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function standard(
  id: string,
  check: string,
  where = 'true',
  reasons: readonly string[] = [],
): CompiledStandard {
  const definition = standardSchema.parse({
    id,
    pillar: 'networks',
    title: 'A rule that a test makes up',
    statement: 'What one expression says is so.',
    why: 'It is asked at once and again by the next pass.',
    origin: { report: 'none', lesson: 'One verdict, whoever is quicker.' },
    scope: { kind: 'device', where },
    check,
    reasons: [
      ...reasons.map((when, at) => ({ id: `reason-${at}`, when, say: 'one of several' })),
      { id: 'rest', when: 'true', say: 'the last' },
    ],
    severity: 'low',
    measure: { kind: 'share' },
    rollout: { state: 'observe', on_unknown: 'allow' },
    toil: { owner_minutes: 0 },
  });
  const compiled = compileStandard(definition, device, { file: id, lineOf: () => 1, kinds });
  assert.ok('definition' in compiled, 'mistakes' in compiled ? JSON.stringify(compiled.mistakes) : '');
  return compiled;
}

const STANDARDS = [
  standard('high-ports', 'asset.ports.all(p, p > 1000)', 'asset.model != "b"', ['22 in asset.ports']),
  standard('in-use', '!has(asset.retired_at) || asset.retired_at > now'),
  standard('of-a-model', 'asset.model in ["a", "b"] && asset.ports.size() < 3'),
];

const unobserved = fc.constantFrom('forbidden', 'failed', 'unobserved').map(
  (cause): Statement => ({
    unobserved: cause as 'failed',
    why: 'down',
  }),
);
const attributes = fc.record(
  {
    model: fc.oneof(
      fc.constantFrom('a', 'b', 'c').map((value): Statement => ({ value })),
      unobserved,
    ),
    ports: fc.oneof(
      fc.record({
        value: fc.array(fc.constantFrom(22, 443, 8080), { maxLength: 3 }),
        complete: fc.boolean(),
      }),
      unobserved,
    ),
    retired_at: fc.oneof(
      fc.constant<Statement>({ absent: true }),
      fc.constantFrom('2020-01-01T00:00:00Z', '2030-01-01T00:00:00Z').map((value): Statement => ({ value })),
      unobserved,
    ),
  },
  { requiredKeys: [] },
);
const saw = fc.dictionary(fc.constantFrom('one', 'two', 'three', 'four', 'five'), attributes);

test('what is judged at once is what the next full pass gives, also of assets that go', async () => {
  const standing = new Map<string, RejudgedStanding>();
  let heard = 0;
  const told = (rejudged: readonly Rejudged[]) => {
    for (const { standard: id, asset, before, after: now } of rejudged) {
      heard += 1;
      const key = `${id} ${asset}`;
      assert.deepEqual(standing.get(key) ?? null, before, `${key}: how it stood`);
      if (now) standing.set(key, now);
      else standing.delete(key);
    }
  };
  const changed = rejudging(STANDARDS, () => NOW, told);
  const stores = await openStores(folder, options({ changed }));
  let started = 0;
  let gone = 0;
  try {
    await fc.assert(
      fc.asyncProperty(saw, fc.boolean(), async (devices, complete) => {
        started += 2;
        const [collection, observations] = given({
          started,
          saw: devices,
          complete,
          witness: sizeOf(devices),
        });
        await stores.facts.append(collection, observations, NOW);
        const size = standing.size;
        await stores.facts.settled();
        if (standing.size < size) gone += 1;
        const { verdicts, refused, left } = await judge(stores.driver, device, STANDARDS, {
          asOf: NOW,
          real: NOW,
        });
        assert.equal(refused.size, 0);
        assert.deepEqual([...left.values()].flat(), []);
        const passed = [...verdicts].flatMap(([{ definition }, own]) =>
          [...own].map(
            ([asset, { verdict, reason }]) => [`${definition.id} ${asset}`, { verdict, reason }] as const,
          ),
        );
        assert.deepEqual(new Map([...standing].sort()), new Map(passed.sort()));
      }),
      { numRuns: 12, endOnFailure: true },
    );
  } finally {
    await stores.close();
  }
  assert.ok(heard > 0, 'something was judged');
  assert.ok(gone > 0, 'something went');
});

const sizeOf = (devices: object) => Object.keys(devices).length;
