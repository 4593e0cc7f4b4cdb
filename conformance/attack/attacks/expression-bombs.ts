/** Standards whose expressions would take for ever: refused where they are loaded and where a gate asks, and nobody else notices. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Attack } from '../attack.ts';
import { folderWithStandards } from '../own-standards.ts';

const doubled = (times: number, start: string, step: (of: string) => string): string => {
  let text = `size(v${times}) > 0`;
  for (let at = times; at > 0; at -= 1) text = `cel.bind(v${at}, ${step(`v${at - 1}`)}, ${text})`;
  return `cel.bind(v0, ${start}, ${text})`;
};

const BOMBS: Readonly<Record<string, string>> = {
  'bomb-of-text': doubled(30, 'asset.?default_branch.orValue("")', (of) => `${of} + ${of}`),
  'bomb-of-replacing': doubled(30, '"a"', (of) => `${of}.replace("a", "aa")`),
  'bomb-of-lists': 'asset.owners.all(a, asset.owners.all(b, asset.owners.all(c, a == b || b == c)))',
  'bomb-of-patterns': 'asset.?default_branch.orValue("").matches("((a{1,100}){1,100}){1,10}")',
};
const SOUND = 'size(asset.owners) >= 0';

export const attack: Attack = {
  finding:
    'A standard that doubles a text thirty times, or goes through lists in lists, was taken and stopped the server at its next run',
  run: async (start) => {
    const folder = folderWithStandards({ ...BOMBS, sound: SOUND });
    const server = await start({ folder });
    for (const id of Object.keys(BOMBS))
      assert.match(
        server.said(),
        new RegExp(`${id}/standard\\.yaml:\\d+:\\d+: .check.: .*(steps|parts)`),
        `${id} is refused by its cost, where it stands: ${server.said()}`,
      );
    const { items } = (await server.done('/api/standards?limit=500')).json<{ items: { id: string }[] }>();
    const ids = items.map(({ id }) => id);
    assert.deepEqual(
      ids.filter((id) => id.startsWith('bomb-')),
      [],
    );
    assert.ok(ids.includes('sound') && ids.length > 1, `the others are judged: ${ids.join()}`);
    assert.ok((await server.done('/api/me')).took < 5000);
    const cli = join(import.meta.dirname, '../../../apps/cli/main.ts');
    const gate = spawnSync(process.execPath, [cli, 'gate', '-', '--kind', 'repository'], {
      cwd: join(folder, 'estate'),
      input: '{"name": "one", "owners": ["a"]}',
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.equal(gate.signal, null, 'the gate ends by itself');
    assert.notEqual(gate.status, 0, 'a gate that cannot ask every standard lets nothing through');
    assert.match(gate.stderr, /bomb-of-text\/standard\.yaml:\d+:\d+: .check.: .*steps/);
  },
};
