/**
 * `npm run pushes`: pushes by real git to a server with push protection, each with the answer that it must get.
 *
 *     npm run pushes [-- --pushes N] [--seed S] [--over folder|http|ssh] [--resident]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { serve } from '../../paved/secrets/push/resident.ts';
import { pushAll } from './pushes.ts';
import { makeScene } from './scene.ts';
import { servedOver, TRANSPORTS, type Transport } from './transports.ts';

const { values } = parseArgs({
  options: {
    pushes: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
    over: { type: 'string', default: 'folder' },
    /** The hook asks a process that stays. */
    resident: { type: 'boolean', default: false },
  },
});
const [pushes, seed] = [Number(values.pushes), Number(values.seed)];
const over = TRANSPORTS.find((name) => name === values.over);
if (!Number.isInteger(pushes) || pushes < 1 || !Number.isInteger(seed) || over === undefined) {
  console.error(
    `usage: npm run pushes [-- --pushes N] [--seed S] [--over ${TRANSPORTS.join('|')}] [--resident]`,
  );
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'macadam-pushes-'));
const started = performance.now();
let close = async () => {};
try {
  const socket = join(folder, 'resident', 'socket');
  const resident = values.resident ? await serve(socket, availableParallelism()) : null;
  const scene = makeScene(folder, resident === null ? undefined : socket);
  const transport = await servedOver(over as Transport, scene, folder);
  close = async () => {
    await transport.close();
    await resident?.close();
  };
  const counts = await pushAll(scene, {
    pushes,
    seed,
    progress: (made) => {
      if (made % 100 === 0) process.stderr.write(`${made} of ${pushes} pushes\n`);
    },
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(
    `✓ ${pushes} pushes over ${over}${resident === null ? '' : ' by a resident'} in ${seconds} s, seed ${seed}: ${counts.refused} with a secret, all refused; ${counts.accepted} clean, all accepted`,
  );
  for (const [name, count] of [...counts.byCase].sort())
    console.log(`  ${String(count).padStart(6)}  ${name}`);
} finally {
  await close();
  rmSync(folder, { recursive: true, force: true });
}
