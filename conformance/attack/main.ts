/**
 * `npm run attack`: what strangers broke, tried again, each against a server of its own; all of it has to be refused. Each has an end of its
 * own (`seconds`), so all of them together have one. It exits with 1 where one succeeded.
 *
 *     npm run attack [-- --attack NAME …] [--but NAME …] [--minutes N] [--callers N] [--rate N] [--rounds N] [--manner reads|writes|'reads slowly'|'goes away' …] [--counts] [--server DIR]
 *
 * An attack is a file in attacks/; `--but` leaves some out. `--minutes` is how long `callers` sends (default: one), in so many
 * `--rounds` (two), after each of which memory has to be back where it was; `--callers` is how many there are (a thousand), `--rate` how many requests a
 * second they send together (60); `--counts` says after each round what the server asked its stores, and where its processor time and memory went. `--server` names another checkout whose server is attacked in place of this one: what succeeds there shows
 * that an attack is one.
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
    but: { type: 'string', multiple: true },
    minutes: { type: 'string', default: '1' },
    callers: { type: 'string', default: '1000' },
    rate: { type: 'string', default: '60' },
    rounds: { type: 'string', default: '2' },
    manner: { type: 'string', multiple: true },
    counts: { type: 'boolean', default: false },
    server: { type: 'string' },
  },
});
process.env.MACADAM_ATTACK_MINUTES = values.minutes;
process.env.MACADAM_ATTACK_CALLERS = values.callers;
process.env.MACADAM_ATTACK_RATE = values.rate;
process.env.MACADAM_ATTACK_ROUNDS = values.rounds;
process.env.MACADAM_ATTACK_MANNERS = values.manner?.join(',') ?? '';
process.env.MACADAM_ATTACK_COUNTS = values.counts ? 'yes' : 'no';
/** Of an attack that says no other; ten times what it takes on a machine of its own. */
const SECONDS = 400;
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3))
  .filter((name) => values.attack?.includes(name) ?? true)
  .filter((name) => !values.but?.includes(name));
if (names.length === 0) {
  console.error(`no attack of that name in ${folder}`);
  process.exit(2);
}

interface Tried {
  readonly name: string;
  readonly refused: boolean;
  readonly seconds: number;
  readonly most: number;
  readonly finding: string;
}

const began = performance.now();
const tries: Tried[] = [];
for (const name of names) {
  const { attack }: { attack: Attack } = await import(join(folder, `${name}.ts`));
  const started = performance.now();
  const failure = await tried(attack);
  const seconds = secondsSince(started);
  const { finding, seconds: most = SECONDS } = attack;
  tries.push({ name, refused: failure === null, seconds, most, finding });
  console.log(`${failure === null ? '✓' : '✗'} ${name} (${seconds.toFixed(0)} s)`);
  if (failure !== null) console.log(`    ${failure.replaceAll('\n', '\n    ')}`);
}
const succeeded = tries.filter(({ refused }) => !refused).length;
console.log(`\n${tableOf(tries)}\n`);
console.log(
  `attack: ${names.length - succeeded} refused, ${succeeded} succeeded, in ${secondsSince(began).toFixed(0)} s`,
);
process.exit(succeeded === 0 ? 0 : 1);

function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}

/** A row an attack: what came of it, how long it took of how long it may, and what it tries. */
function tableOf(rows: readonly Tried[]): string {
  const widest = Math.max(...rows.map(({ name }) => name.length), 'attack'.length);
  const line = (name: string, outcome: string, took: string, finding: string) =>
    `${name.padEnd(widest)}  ${outcome.padEnd(9)}  ${took.padStart(9)}  ${finding}`;
  return [
    line('attack', '', 'seconds', 'what succeeded once'),
    ...rows.map(({ name, refused, seconds, most, finding }) =>
      line(name, refused ? 'refused' : 'SUCCEEDED', `${seconds.toFixed(0)}/${most.toFixed(0)}`, finding),
    ),
  ].join('\n');
}

/** Null where it was refused; else how it succeeded. */
async function tried({ run, seconds = SECONDS }: Attack): Promise<string | null> {
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
