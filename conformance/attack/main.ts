/**
 * `npm run attack`: what strangers broke, tried again, each against a server of its own; all of it has to be refused.
 *
 *     npm run attack [-- --attack NAME] [--minutes N] [--callers N] [--rate N] [--server DIR]
 *
 * An attack is a file in attacks/. `--minutes` is how long `callers` lasts (default: one), `--callers` how many
 * there are (a thousand), `--rate` how many requests a second they send together (60). `--server` names
 * another checkout whose server is attacked in place of this one: what succeeds there shows that an attack is one.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Attack } from './attack.ts';
import { type Attacked, forget, type StartOptions, startServer } from './server.ts';

const folder = join(import.meta.dirname, 'attacks');
const { values } = parseArgs({
  options: {
    attack: { type: 'string', multiple: true },
    minutes: { type: 'string', default: '1' },
    callers: { type: 'string', default: '1000' },
    rate: { type: 'string', default: '60' },
    server: { type: 'string' },
  },
});
process.env.MACADAM_ATTACK_MINUTES = values.minutes;
process.env.MACADAM_ATTACK_CALLERS = values.callers;
process.env.MACADAM_ATTACK_RATE = values.rate;
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3))
  .filter((name) => values.attack === undefined || values.attack.includes(name));
if (names.length === 0) {
  console.error(`no attack of that name in ${folder}`);
  process.exit(2);
}

let succeeded = 0;
for (const name of names) {
  const { attack }: { attack: Attack } = await import(join(folder, `${name}.ts`));
  const started = performance.now();
  const failure = await tried(attack);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`${failure === null ? '✓' : '✗'} ${name} (${seconds} s): ${attack.finding}`);
  if (failure !== null) {
    succeeded += 1;
    console.log(`    ${failure.replaceAll('\n', '\n    ')}`);
  }
}
console.log(`attack: ${names.length - succeeded} refused, ${succeeded} succeeded`);
process.exit(succeeded === 0 ? 0 : 1);

/** Null where it was refused; else how it succeeded. */
async function tried({ run, seconds = 120 }: Attack): Promise<string | null> {
  const servers: Attacked[] = [];
  let late: NodeJS.Timeout | undefined;
  try {
    const over = new Promise<never>((_, reject) => {
      late = setTimeout(
        () => reject(new Error(`nothing came of it within ${seconds} seconds`)),
        seconds * 1000,
      );
    });
    const start = async (options: StartOptions = {}) => {
      const server = await startServer({ ...options, ...(values.server && { checkout: values.server }) });
      servers.push(server);
      return server;
    };
    await Promise.race([run(start), over]);
    return null;
  } catch (error) {
    return error instanceof Error
      ? `${error.message}\n${servers.at(-1)?.said().slice(-1000) ?? ''}`
      : String(error);
  } finally {
    clearTimeout(late);
    for (const server of servers) await server.end();
    for (const place of new Set(servers.map((server) => server.folder))) forget(place);
  }
}
