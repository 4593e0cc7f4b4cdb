/**
 * `npm run pushes`: pushes by real git to a server with push protection, each with the answer that it must get.
 *
 *     npm run pushes [-- --pushes N] [--seed S] [--over folder|http|ssh] [--resident|--service]
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { madeCertificate } from '@macadam/testing/self-signed';
import { serveMachines } from '../../paved/secrets/push/other-machines.ts';
import { serve } from '../../paved/secrets/push/resident.ts';
import { newToken } from '../../paved/secrets/push/tokens.ts';
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
    /** The hook asks one of another machine, over TLS. */
    service: { type: 'boolean', default: false },
  },
});
const [pushes, seed] = [Number(values.pushes), Number(values.seed)];
const over = TRANSPORTS.find((name) => name === values.over);
if (!Number.isInteger(pushes) || pushes < 1 || !Number.isInteger(seed) || over === undefined) {
  console.error(
    `usage: npm run pushes [-- --pushes N] [--seed S] [--over ${TRANSPORTS.join('|')}] [--resident|--service]`,
  );
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'macadam-pushes-'));
const started = performance.now();
let close = async () => {};
try {
  const asked = await askedFor(folder);
  const scene = makeScene(folder, asked?.by);
  const searches = join(scene.server, 'searches');
  const hook = join(scene.server, 'hooks/pre-receive');
  writeFileSync(
    hook,
    readFileSync(hook, 'utf8').replace('\nsearch() {\n', `\nsearch() {\n  printf . >> '${searches}'\n`),
  );
  const transport = await servedOver(over as Transport, scene, folder);
  close = async () => {
    await transport.close();
    await asked?.close();
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
    `✓ ${pushes} pushes over ${over}${asked === null ? '' : ` by a ${asked.name}`} in ${seconds} s, seed ${seed}: ${counts.refused} with a secret, all refused; ${counts.accepted} clean, all accepted`,
  );
  for (const [name, count] of [...counts.byCase].sort())
    console.log(`  ${String(count).padStart(6)}  ${name}`);
  // What nobody answered the hook has to search: then what was measured is the hook, and not who was asked.
  const alone = existsSync(searches) ? readFileSync(searches, 'utf8').length : 0;
  if (asked !== null) console.log(`  ${alone} searched by the hook`);
  if (asked !== null && alone > (asked.name === 'service' ? counts.refused : 0))
    throw new Error('the hook searched pushes that it should have been answered');
} finally {
  await close();
  rmSync(folder, { recursive: true, force: true });
}

/** Whom the hook asks first, as it was told to. */
async function askedFor(folder: string) {
  const workers = availableParallelism();
  if (values.resident) {
    const socket = join(folder, 'resident', 'socket');
    const { close } = await serve(socket, workers);
    return { name: 'resident', by: socket, close };
  }
  if (!values.service) return null;
  const { certificate, key } = madeCertificate();
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const tokens = join(folder, 'tokens');
  const token = file('token', newToken('git-1', tokens));
  const authority = file('certificate', certificate);
  const of = { certificate: authority, key: file('key', key), tokens };
  const service = await serveMachines({ host: '127.0.0.1', port: 0, workers, ...of });
  const by = { service: `https://127.0.0.1:${service.port}/push`, token, authority };
  return { name: 'service', by, close: service.close };
}
