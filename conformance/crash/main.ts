/**
 * `npm run crash`: kills the server, PostgreSQL and both at random points under load, and looks for what that cost: nothing.
 *
 *     npm run crash [-- --points N] [--seed S] [--server] [--by-address]
 *     npm run crash -- --copies N [--seed S]
 *     npm run crash -- --signer N [--seed S]
 *     npm run crash -- --rotations N [--seed S]
 *
 * With `--server` every point kills the server, half of them with its PostgreSQL. With `--by-address` the decisions lie on a PostgreSQL server over TCP, which is
 * killed and comes back. With `--copies` N backups, restores and migrations of
 * each sort are killed, with the decisions in a folder and by address, and nothing else. With `--signer` N processes that sign with one
 * key are killed, in pairs. `--rotations` kills nothing: keys change N times, beside verifiers that keep them, differ in time and restart.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import { surviveCopies } from './copies.ts';
import { survive } from './lives.ts';
import { rotateUnderLoad } from './rotations.ts';
import { surviveSigner } from './signer.ts';

const { values } = parseArgs({
  options: {
    points: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
    server: { type: 'boolean', default: false },
    'by-address': { type: 'boolean', default: false },
    copies: { type: 'string' },
    signer: { type: 'string' },
    rotations: { type: 'string' },
  },
});
const [points, seed] = [
  Number(values.copies ?? values.signer ?? values.rotations ?? values.points),
  Number(values.seed),
];
if (!Number.isInteger(points) || points < 1 || !Number.isInteger(seed)) {
  console.error(
    'usage: npm run crash [-- --points N | --copies N | --signer N | --rotations N] [--seed S] [--server] [--by-address]',
  );
  process.exit(2);
}
if (values.rotations !== undefined) {
  const counts = await rotateUnderLoad({
    rotations: points,
    seed,
    progress: ({ rotations }) => console.log(`${rotations} of ${points} rotations`),
  });
  const refused = Object.values(counts.refused).reduce((sum, one) => sum + one, 0);
  console.log(
    `${refused + counts.late === 0 ? '✓' : '✗'} ${counts.rotations} rotations, seed ${seed}: of ${counts.checked} valid tokens ${refused} refused; of ${counts.forged} by keys past their grace ${counts.late} accepted; ${counts.restarts} restarts of verifiers, ${counts.withdrawn} keys taken out at once`,
  );
  process.exit(refused + counts.late === 0 ? 0 : 1);
}
const root = trialFolder();
if (values.signer !== undefined) {
  const { kills, signatures, rotations } = await surviveSigner({
    folder: root,
    kills: points,
    seed,
    progress: console.log,
  });
  rmSync(root, { recursive: true, force: true });
  console.log(
    `✓ ${kills} killed, seed ${seed}: ${signatures} signatures, each in the journal, by one key at a time through ${rotations} rotations`,
  );
  process.exit(0);
}
if (values.copies !== undefined) {
  console.log(`seed ${seed}, in ${root}`);
  const { killed } = await surviveCopies({ folder: root, kills: points, seed, progress: console.log });
  rmSync(root, { recursive: true, force: true });
  const all = Object.values(killed).reduce((sum, one) => sum + one, 0);
  console.log(
    `✓ ${all} killed, seed ${seed}: what is there is whole, nothing stayed behind, none needed a hand`,
  );
  process.exit(0);
}
console.log(`seed ${seed}, in ${root}`);
const started = performance.now();
let said = 0;
const { byVictim, lives, acknowledged, doubtful } = await survive({
  folder: join(root, 'data'),
  points,
  seed,
  ...(values.server && { hurts: 0 }),
  byAddress: values['by-address'],
  progress: (made, count) => {
    const line = `${made} of ${points} points, ${count} acknowledged`;
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${line}`);
    else if (Math.floor(made / 50) > said) process.stderr.write(`${line}\n`);
    said = Math.floor(made / 50);
  },
});
rmSync(root, { recursive: true, force: true });
const seconds = ((performance.now() - started) / 1000).toFixed(0);
console.log(
  `✓ ${points} points in ${seconds} s, seed ${seed}: ${Object.entries(byVictim)
    .map(([victim, count]) => `${victim} ${count}`)
    .join(
      ', ',
    )}; ${lives} lives, ${acknowledged} changes acknowledged and none lost, ${doubtful} in doubt and none in part`,
);
