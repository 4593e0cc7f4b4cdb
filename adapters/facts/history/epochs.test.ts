/** When a standard's sums begin anew. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { kindSchema } from '@macadam/core/kinds/kind';
import { compileStandard } from '@macadam/core/verdicts/compiled-standard';
import { standardSchema } from '@macadam/core/verdicts/standard';
import { openStores } from '../open.ts';

const kind = kindSchema.parse({
  kind: 'door',
  description: 'A door for tests.',
  key: ['name'],
  fresh_for: '3d',
  attributes: {
    name: { type: 'string', immutable: true, description: 'What it is called.' },
    locked: { type: 'bool', description: 'Whether it is locked.' },
  },
});
const LOCKED = compileStandard(
  standardSchema.parse({
    id: 'doors-locked',
    pillar: 'engineering',
    title: 'Doors are locked',
    statement: 'Every door is locked at night.',
    why: 'An open door is walked through.',
    origin: { report: 'none', lesson: 'Open doors were walked through.' },
    scope: { kind: 'door' },
    check: 'asset.locked',
    reasons: [{ id: 'open', when: 'true', say: 'it is open' }],
    severity: 'low',
    measure: { kind: 'share' },
    rollout: { state: 'observe', on_unknown: 'allow' },
    toil: { owner_minutes: 0 },
  }),
  kind,
  { file: 'doors-locked', lineOf: () => 1 },
);
const day = (number: number) => new Date(Date.UTC(2026, 4, number));

test('an epoch is opened again once changes have come to half of it, and not when anything changes', async () => {
  assert.ok(!('mistakes' in LOCKED));
  const folder = mkdtempSync(join(tmpdir(), 'macadam-epochs-'));
  const kinds = new Map([[kind.kind, kind]]);
  const { driver, facts, history, close } = await openStores(folder, { kinds, now: () => day(4) });
  try {
    // A store knows of which kinds it has anything by what it was given.
    const at = day(4).toISOString();
    const given = {
      source: 'porter',
      startedAt: at,
      finishedAt: at,
      status: 'complete',
      partitions: [],
      problems: [],
    } as const;
    const door = {
      kind: 'door',
      id: 'door/first',
      name: 'first',
      source: 'porter',
      observedAt: at,
      receivedAt: at,
    } as const;
    const attributes = { name: { value: 'first' }, locked: { value: true } };
    await facts.append(given, [{ ...door, assurance: 'configured', attributes }], day(4));
    await facts.settled();
    // Of 30,000 more 6,000 grow too old on the fifth day, as many on the sixth, and the rest later.
    const seen = `toInt64(${day(1).getTime()} + if(number < 12000, intDiv(number, 6000), 3) * 86400000) * 1000000`;
    await driver.command(
      `INSERT INTO kind_door (\`@id\`, \`@name\`, locked, \`locked@at\`)
       SELECT concat('door/', toString(number)), toString(number), true, ${seen} FROM numbers(30000)`,
    );
    const epochsAfter = async (number: number) => {
      await history.tick({ facts, kinds, standards: [LOCKED], exceptions: [], at: day(number) });
      return (await driver.query('SELECT epoch FROM verdict_epoch')).length;
    };
    assert.equal(await epochsAfter(3), 1);
    // 12,000 rows tell that 6,000 became unknown.
    assert.equal(await epochsAfter(5), 1);
    assert.equal(await epochsAfter(6), 2);
    assert.deepEqual(await history.broken(), []);
  } finally {
    await close();
    rmSync(folder, { recursive: true });
  }
});
