import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { visit } from '@macadam/adapters/decisions/postgres/visit';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import { logOf, worksOf } from './inspect.ts';
import { survive } from './lives.ts';

const root = trialFolder();
after(() => rmSync(root, { recursive: true, force: true }));
const folder = join(root, 'data');

test('ten kills under load lose nothing, leave nothing in part, and need no hand', async () => {
  const { points, acknowledged, byVictim, lives } = await survive({ folder, points: 10, seed: 5 });
  assert.equal(points, 10);
  assert.equal(
    Object.values(byVictim).reduce((sum, one) => sum + one, 0),
    10,
  );
  assert.ok(lives >= 2 && acknowledged >= 20, `${lives} lives, ${acknowledged} acknowledged`);
});

test('what is lost or torn would be seen', async () => {
  await visit(join(folder, 'decisions'), new Date(), async (session) => {
    const { whole } = await worksOf(session, 'life0-');
    const [some, other] = [...whole];
    assert.ok(some && other);
    await session.query(`alter table macadam.batch_comment disable trigger user; alter table macadam.audit disable trigger user;
      delete from macadam.batch_comment where batch = '${some}'; delete from macadam.audit where number = 3`);
    const after = await worksOf(session, 'life0-');
    assert.ok(
      after.torn.some((one) => one.startsWith(`${some}: `)) && !after.whole.has(some),
      `${after.torn}`,
    );
    assert.deepEqual(await logOf(session), {
      whole: false,
      number: 3,
      why: 'entry 3 is missing: 4 comes in its place',
    });
  });
});
