/**
 * A process with the embedded engine open, for what ends processes.
 *
 *     node engine-fixture.ts wait DIR        says `open`, and waits
 *     node engine-fixture.ts wasm DIR        reads beyond the memory of a WebAssembly module, and says what came of it
 */
import '@macadam/adapters/authorisation/wasm-bounds';
import { openChdb } from '@macadam/adapters/facts/clickhouse/chdb';

/** One page of memory, and `f`, which gives the number at an address. */
const MODULE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0],
  ...[1, 6, 1, 96, 1, 127, 1, 127],
  ...[3, 2, 1, 0],
  ...[5, 3, 1, 0, 1],
  ...[7, 5, 1, 1, 102, 0, 0],
  ...[10, 9, 1, 7, 0, 32, 0, 40, 2, 0, 11],
);

const [what, directory = ''] = process.argv.slice(2);
const driver = await openChdb({ directory });
await driver.query('SELECT 1');
if (what === 'wait') {
  process.stdout.write('open\n');
  setInterval(() => {}, 60_000);
} else {
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(MODULE)).exports;
  try {
    (f as (address: number) => number)(100_000_000);
  } catch (error) {
    process.stdout.write(`${(error as Error).message}\n`);
  }
  await driver.close();
  process.exit(0);
}
