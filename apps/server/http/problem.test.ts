import assert from 'node:assert/strict';
import test from 'node:test';
import { EngineError } from '@macadam/adapters/facts/clickhouse/driver';
import { problemOf } from './problem.ts';

const coded = (code: string) => Object.assign(new Error(`${code}: /var/lib/macadam/x`), { code });

test('where there is no room, the answer is to ask again, and names no folder', () => {
  for (const error of [
    coded('ENOSPC'),
    coded('EIO'),
    coded('EMFILE'),
    new EngineError('Code: 243. DB::Exception: no room in /var/lib/macadam', 243),
    new EngineError('ENOSPC: /var/lib/macadam/x', 0, { cause: coded('ENOSPC') }),
  ]) {
    const { status, headers, message } = problemOf(error);
    assert.deepEqual([status, headers['retry-after']], [503, '10']);
    assert.doesNotMatch(message, /var/);
  }
});

test('what is a mistake of ours stays one', () => {
  for (const error of [
    coded('ENOENT'),
    new EngineError('Code: 62. DB::Exception: Syntax error', 62),
    new Error('x'),
  ])
    assert.equal(problemOf(error).status, 500);
});
