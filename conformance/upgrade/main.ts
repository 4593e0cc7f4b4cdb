/**
 * `npm run upgrade`: a store that an earlier release wrote is opened by this one, says the same of what was, and goes on; also where the
 * first starts after the upgrade are killed.
 *
 *     npm run upgrade [-- --from COMMIT] [--kills N] [--estate DIR]
 *
 * `--from` is the earlier release (default: fifty commits back); its server is run from a worktree of its own, with the packages of
 * this one. `--estate` is a folder of repositories, which is copied; left out: one small one.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { verifyAudit } from '@macadam/adapters/decisions/audit';
import { openDecisions } from '@macadam/adapters/decisions/open';
import { openStores } from '@macadam/adapters/facts/open';
import { loadCatalogue } from '@macadam/services/catalogue/load';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import { type Attacked, forget, newFolder, startServer } from '../attack/server.ts';

const ROOT = join(import.meta.dirname, '../..');
const { values } = parseArgs({
  options: {
    from: { type: 'string', default: 'HEAD~50' },
    kills: { type: 'string', default: '6' },
    estate: { type: 'string' },
  },
});

function run(program: string, words: readonly string[], cwd = ROOT): string {
  const { status, stdout, stderr } = spawnSync(program, words, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${words.join(' ')}: ${stderr}`);
  return stdout.trim();
}

/** The earlier release as it can be run: its own sources, and packages as hard links where they can be, with its workspaces among them. */
function checkout(commit: string, to: string): void {
  run('git', ['worktree', 'add', '--quiet', '--detach', to, commit]);
  // A link cannot lead to another file system, such as a folder in memory.
  const linked = statSync(ROOT).dev === statSync(to).dev;
  run('cp', [linked ? '-al' : '-a', join(ROOT, 'node_modules'), join(to, 'node_modules')]);
  const { workspaces } = JSON.parse(readFileSync(join(to, 'package.json'), 'utf8')) as {
    readonly workspaces: readonly string[];
  };
  for (const folder of globSync(
    workspaces.map((one) => `${one}/package.json`),
    { cwd: to },
  )) {
    const { name } = JSON.parse(readFileSync(join(to, folder), 'utf8')) as { readonly name: string };
    const link = join(to, 'node_modules', name);
    mkdirSync(join(link, '..'), { recursive: true });
    rmSync(link, { recursive: true, force: true });
    symlinkSync(relative(join(link, '..'), join(to, folder, '..')), link);
  }
}

interface Standing {
  readonly id: string;
  readonly at: string;
  readonly pass: number;
  readonly fail: number;
  readonly unknown: number;
}

/** What the earlier release knew when it ended. */
interface Known {
  readonly standards: readonly Standing[];
  readonly entries: number;
  readonly token: string;
}

async function written(server: Attacked): Promise<Known> {
  const token = await server.machine('reader', { roles: ['auditor'], scopes: ['*::read'] });
  const { items } = (await server.done('/api/standards?limit=500')).json<{ items: Standing[] }>();
  return { standards: items, entries: (await server.log()).length, token };
}

/** The stores themselves, opened by this release. */
async function same(folder: string, { standards, entries }: Known): Promise<string> {
  const { kinds } = loadCatalogue([ROOT]);
  const now = () => new Date();
  const stores = await openStores(join(folder, 'data/facts'), { kinds, now });
  let compared = 0;
  try {
    assert.deepEqual(await stores.history.broken(), [], 'the history is whole');
    const ticks = await stores.history.ticks();
    for (const { id, at, pass, fail, unknown } of standards) {
      const moment = ticks.find(({ valid }) => valid.getTime() === Date.parse(at));
      assert.ok(moment, `the tick of ${at} is gone`);
      const [count] = await stores.history.slice(moment, { standard: id });
      const found = { pass: count?.pass ?? 0, fail: count?.fail ?? 0, unknown: count?.unknown ?? 0 };
      assert.deepEqual(found, { pass, fail, unknown }, `${id} as of ${at}`);
      compared += pass + fail + unknown > 0 ? 1 : 0;
    }
  } finally {
    await stores.close();
  }
  const decisions = await openDecisions(join(folder, 'data/decisions'), { now });
  try {
    const verdict = await verifyAudit(decisions.auditLog());
    assert.ok(verdict.whole, 'the log is whole');
    const head = await decisions.transaction({ id: 'audit', divisions: 'all' }, (tx) => tx.auditHead(), {
      readOnly: true,
    });
    assert.ok(head.number >= entries, `${head.number} of ${entries} entries`);
  } finally {
    await decisions.close();
  }
  return `${compared} standards`;
}

async function goesOn(folder: string, { token }: Known): Promise<void> {
  const server = await startServer({ folder });
  try {
    const ready = await server.ask('/api/health/ready');
    assert.equal(ready.status, 200, `${ready.text}\n${server.said()}`);
    assert.equal((await server.ask('/api/standards', { token })).status, 200, 'a token of before is good');
  } finally {
    await server.end();
  }
}

/** Started and killed, so long after its start. */
async function killedAfter(folder: string, milliseconds: number): Promise<void> {
  const words = ['--estate', join(folder, 'estate'), '--data', join(folder, 'data'), '--port', '0'];
  const child = spawn(process.execPath, [join(ROOT, 'apps/server/main.ts'), ...words], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, XDG_CACHE_HOME: join(folder, 'cache') },
    stdio: 'ignore',
  });
  const exit = once(child, 'exit');
  await pause(milliseconds);
  child.kill('SIGKILL');
  await exit;
}

const root = trialFolder();
const earlier = join(root, 'earlier');
const folder = newFolder();
const commit = run('git', ['rev-parse', '--short', values.from]);
console.log(`from ${commit} (${run('git', ['show', '-s', '--format=%cs %s', commit])})`);
try {
  checkout(commit, earlier);
  if (values.estate !== undefined) run('cp', ['-a', `${values.estate}/.`, join(folder, 'estate')]);
  const old = await startServer({ folder, checkout: earlier });
  const known = await written(old).finally(() => old.end());
  console.log(`written: ${known.standards.length} standards, ${known.entries} entries`);
  for (let kill = 1; kill <= Number(values.kills); kill += 1) {
    const copy = join(root, `copy-${kill}`);
    run('cp', ['-a', folder, copy]);
    const after = 250 * 1.6 ** kill;
    await killedAfter(copy, after);
    await goesOn(copy, known);
    console.log(
      `✓ killed ${after.toFixed(0)} ms after its first start: ${await same(copy, known)} stand as they did, and it goes on`,
    );
    forget(copy);
  }
  console.log(`✓ opened: ${await same(folder, known)} stand as they did`);
  await goesOn(folder, known);
  console.log('✓ goes on');
} finally {
  spawnSync('git', ['worktree', 'remove', '--force', earlier], { cwd: ROOT });
  forget(root);
  forget(folder);
}
