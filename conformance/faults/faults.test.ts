import './drivers.ts';
import assert from 'node:assert/strict';
import test from 'node:test';
import { runPlan } from './plan.ts';

test('whatever fails, nothing is lost, half done, or said to be done that is not: a few faults of each sort', async () => {
  // Copies of a whole store take their time: they are for the long plan, which is run by hand.
  const flows = ['exception', 'token', 'observations', 'judged', 'endpoint'];
  const { faults, violations } = await runPlan({ seed: 7, every: 24, flows });
  assert.deepEqual(violations, []);
  assert.ok(faults >= 5, `${faults} faults`);
});
