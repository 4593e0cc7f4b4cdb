import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { type ChainedEntry, digestOf, type Entry, type JournalEvent } from '../../paved/keys/ledger.ts';
import { rotateUnderLoad } from './rotations.ts';
import { journalFault, surviveSigner } from './signer.ts';

const root = mkdtempSync(join(tmpdir(), 'macadam-signer-'));
after(() => rmSync(root, { recursive: true, force: true }));

test('however the processes of a signer are killed, one key signs, and nothing was signed that the journal does not have', async () => {
  const { kills, signatures } = await surviveSigner({ folder: join(root, 'signer'), kills: 4, seed: 7 });
  assert.equal(kills, 4);
  assert.ok(signatures >= 4, `${signatures} signatures`);
});

test('a journal in which two keys sign, or one that does not sign any more, is seen', () => {
  let previous = 'macadam.keys/1';
  const journal = (events: readonly (readonly [JournalEvent, string])[]) => {
    previous = 'macadam.keys/1';
    return events.map(([event, key], index) => {
      const entry: Entry = { at: index, event, key, detail: '' };
      const digest = digestOf(previous, index + 1, entry);
      const chained: ChainedEntry = {
        at: index,
        event,
        key,
        detail: '',
        sequence: index + 1,
        previous,
        digest,
      };
      previous = digest;
      return chained;
    });
  };
  const turn = [
    ['activated', 'a'],
    ['signs', 'a'],
    ['retiring', 'a'],
    ['activated', 'b'],
    ['signs', 'b'],
  ] as const;
  assert.equal(journalFault(journal(turn)), null);
  assert.match(journalFault(journal(turn.toSpliced(2, 1))) ?? '', /entry 3: b becomes active while a is/);
  assert.match(journalFault(journal([...turn, ['signs', 'a']])) ?? '', /entry 6: a signs while b is active/);
  assert.match(journalFault(journal(turn).toSpliced(1, 1)) ?? '', /entry 2 of the journal does not follow/);
});

test('through rotations beside verifiers that keep keys no valid token is refused and no key outlives its grace', async () => {
  const { rotations, checked, refused, forged, late } = await rotateUnderLoad({ rotations: 60, seed: 3 });
  assert.deepEqual({ rotations, refused, late }, { rotations: 60, refused: {}, late: 0 });
  assert.ok(checked > 500 && forged > 100, `${checked} valid, ${forged} forged`);
  const minute = 60_000;
  const short = { publishFor: 12 * minute, activeFor: 15 * minute, acceptFor: minute };
  const leavesEarly = await rotateUnderLoad({ rotations: 30, seed: 3, policy: short });
  assert.ok((leavesEarly.refused['key-unknown'] ?? 0) > 0, 'a key that leaves the set too early is noticed');
  const unforgiving = await rotateUnderLoad({ rotations: 40, seed: 3, grace: 0 });
  assert.ok(unforgiving.late > 0, 'a key that is accepted past its grace is noticed');
});
