/** The stores of the paved packages that are files: several processes of one service begin at the same moment, on no file at all. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Worker } from 'node:worker_threads';

const OPENERS = 4;
const ROUNDS = 40;

const root = mkdtempSync(join(tmpdir(), 'macadam-opening-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** Opens when all of them are about to; answers with what went wrong, or an empty text. */
const OPENER = `
  import { parentPort, workerData } from 'node:worker_threads';
  const { [workerData.name]: open } = await import(workerData.module);
  parentPort.on('message', ({ path, ready }) => {
    Atomics.add(ready, 0, 1);
    while (Atomics.load(ready, 0) < ${OPENERS});
    try {
      open(path).close();
      parentPort.postMessage('');
    } catch (error) {
      parentPort.postMessage(String(error));
    }
  });
`;

for (const { name, module } of [
  { name: 'fileLedger', module: '../../paved/keys/ledger.ts' },
  { name: 'fileIssuanceLog', module: '../../paved/issuer/log.ts' },
  { name: 'fileStore', module: '../../paved/broker/store.ts' },
])
  test(`${name}: whoever opens a file while others make it waits, and is not refused`, async () => {
    const url = new URL(`data:text/javascript,${encodeURIComponent(OPENER)}`);
    const workerData = { name, module: new URL(module, import.meta.url).href };
    const openers = Array.from({ length: OPENERS }, () => new Worker(url, { workerData }));
    try {
      for (let round = 0; round < ROUNDS; round++) {
        const path = join(root, `${name}-${round}.db`);
        const ready = new Int32Array(new SharedArrayBuffer(4));
        const said = openers.map((opener) => once(opener, 'message'));
        for (const opener of openers) opener.postMessage({ path, ready });
        assert.deepEqual([...new Set((await Promise.all(said)).flat())], [''], `round ${round}`);
      }
    } finally {
      await Promise.all(openers.map((opener) => opener.terminate()));
    }
  });
