import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Attack } from '../attack.ts';

const CLI = join(import.meta.dirname, '../../../apps/cli/main.ts');

/** Has the server believe in another time. */
const CLOCK = join(import.meta.dirname, '../another-clock.mjs');

interface Standards {
  readonly items: readonly { readonly id: string }[];
}

export const attack: Attack = {
  finding: 'A look under a clock that ran 400 days ahead froze the history, and showed the future as what is',
  seconds: 900,
  run: async (start) => {
    const sound = await start();
    const figures = async (server: typeof sound) =>
      (await server.done('/api/standards')).json<never>() as Standards;
    const before = await figures(sound);
    await sound.end();

    const wrong = await start({
      folder: sound.folder,
      before: CLOCK,
      env: { MACADAM_ATTACK_DAYS: '400' },
      said: /the clock of this machine says/,
    });
    assert.match(
      wrong.said(),
      /says \d{4}-.*Z, and the stores were last written at \d{4}-.*Z, (399|400) days before/,
    );
    assert.match(
      wrong.said(),
      /Set the clock; or, if it is right, start the server once with MACADAM_CLOCK_IS_RIGHT=/,
    );
    assert.deepEqual(await figures(wrong), before, 'what was is served');
    const line = JSON.stringify({
      source: 'a',
      kind: 'repository',
      id: 'repository/file/x',
      name: 'x',
      attributes: {},
    });
    const sent = await wrong.ask('/api/observations', {
      raw: line,
      headers: { 'content-type': 'application/x-ndjson' },
    });
    assert.ok(sent.status >= 400, `facts of the future are taken: ${sent.status}`);
    await wrong.end();

    const made = spawnSync(
      process.execPath,
      [
        CLI,
        'facts',
        'retract-after',
        new Date().toISOString(),
        '--reason',
        'the clock ran ahead',
        '--data',
        join(sound.folder, 'data'),
      ],
      { encoding: 'utf8', env: { PATH: process.env.PATH, HOME: sound.folder } },
    );
    assert.equal(made.status, 0, made.stderr);
    const again = await start({ folder: sound.folder });
    const entry = (await again.log()).find(({ action }) => action === 'fact.correct');
    assert.match(JSON.stringify(entry?.detail), /the clock ran ahead/);
    assert.deepEqual(
      (await figures(again)).items.map(({ id }) => id),
      before.items.map(({ id }) => id),
    );
    await again.end();
  },
};
