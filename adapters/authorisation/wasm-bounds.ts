/**
 * To be imported before anything that compiles WebAssembly. Bounds of its memory are otherwise checked by letting the processor fault,
 * which needs a handler of SIGSEGV; with the embedded engine in the same process there is none of Node's (`clickhouse/signals.ts`), and
 * a mistake that is an exception would end the server.
 */
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--wasm-enforce-bounds-checks');
