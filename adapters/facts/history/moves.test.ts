/** The moves that the engine finds beside those of the pure function, for every way through a tick. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { changesAlong, type Judged } from '@macadam/core/figures/tick';
import { openChdb } from '../clickhouse/chdb.ts';
import { prepare } from '../clickhouse/table.ts';
import { insertMoves, MOVE_COLUMNS, STATE } from './moves.ts';
import { rowsOf } from './record.ts';
import { HISTORY, verdictDelta } from './table.ts';

const LETTERS = ['O', 'P', 'F', 'U'] as const;
const said = LETTERS.flatMap((verdict): readonly Judged[] =>
  verdict === 'F' || verdict === 'U'
    ? ['one', 'two'].map((reason) => ({ verdict, reason: `${verdict}-${reason}` }))
    : [{ verdict, reason: verdict === 'P' ? 'meets' : '' }],
);
const BOOLS = [false, true];

/** Every combination that can be: a reason belongs to its verdict, and what is gone is out of every scope. */
const ways = said.flatMap((start) =>
  said.flatMap((definition) =>
    said.flatMap((evidence) =>
      said.flatMap((clock) =>
        BOOLS.flatMap((before) =>
          BOOLS.flatMap((after) =>
            BOOLS.flatMap((handed) =>
              BOOLS.filter(
                (gone) => !gone || (evidence.verdict === 'O' && clock.verdict === 'O' && !handed),
              ).map((gone) => ({
                start,
                steps: { definition, evidence, clock },
                before,
                after,
                handed,
                gone,
              })),
            ),
          ),
        ),
      ),
    ),
  ),
);

test('every way through a tick is the path of the pure function, in order and with reasons', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'macadam-moves-'));
  const driver = await openChdb({ directory });
  try {
    await prepare(driver, HISTORY);
    const moment = { valid: new Date('2026-05-01T00:00:00Z'), known: 7 };
    const expected: string[] = [];
    const lines = ways.map(({ start, steps, before, after, handed, gone }, index) => {
      const team = start.verdict === 'O' ? 'b' : handed ? 'a' : 'b';
      // What failed before shows by itself whether it was excepted.
      const state = start.verdict === 'F' && before ? 'X' : start.verdict;
      const stood = { state, reason: start.reason, team, excepted: before } as const;
      const changes = changesAlong({
        standard: 's',
        asset: `${index}`,
        start: stood,
        steps,
        after: { team: 'b', excepted: after, gone },
      });
      for (const change of changes)
        for (const row of rowsOf(change, 1, moment))
          expected.push(JSON.stringify({ ...row, asset: `${index}` }));
      const { definition, evidence, clock } = steps;
      return JSON.stringify({
        asset: index,
        v0: STATE[start.verdict],
        r0: start.reason,
        vd: STATE[definition.verdict],
        rd: definition.reason,
        ve: STATE[evidence.verdict],
        re: evidence.reason,
        vc: STATE[clock.verdict],
        rc: clock.reason,
        x0: before ? 1 : 0,
        x1: after ? 1 : 0,
        team0: team,
        team1: 'b',
        gone: gone ? 1 : 0,
      });
    });
    const types = MOVE_COLUMNS.filter(
      (name) => !['standard', 'epoch', 'valid', 'known', 'flip', 'on_time'].includes(name),
    ).map(
      (name) =>
        `${name} ${name === 'asset' ? 'UInt64' : /^v/.test(name) ? 'Int8' : /^[rt]/.test(name) ? 'String' : 'UInt8'}`,
    );
    await driver.command(`CREATE TABLE ways (${types.join(', ')}) ENGINE = Memory`);
    await driver.command(`INSERT INTO ways FORMAT JSONEachRow ${lines.join('\n')}`);
    await driver.command(
      insertMoves(
        `SELECT 's' AS standard, toUInt32(1) AS epoch, toDateTime('2026-05-01 00:00:00', 'UTC') AS valid,
           toUInt64(7) AS known, toInt8(1) AS flip, toUInt8(0) AS on_time, * FROM ways`,
      ),
    );
    const rows = await driver.query<Record<string, unknown>>(
      `SELECT * REPLACE(toUnixTimestamp(valid) AS valid, toUInt32(known) AS known, toString(asset) AS asset) FROM ${verdictDelta.name}`,
    );
    assert.deepEqual(rows.map((row) => JSON.stringify(row)).sort(), expected.sort());
    assert.ok(expected.length > 10_000);
  } finally {
    await driver.close();
    rmSync(directory, { recursive: true });
  }
});
