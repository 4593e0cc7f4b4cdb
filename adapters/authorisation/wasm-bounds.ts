/**
 * To be imported before anything that compiles WebAssembly. Bounds of its memory are otherwise checked by letting the processor fault,
 * which needs a handler of SIGSEGV; with the embedded engine in the same process there is none of Node's (`clickhouse/signals.ts`), and
 * a mistake that is an exception would end the server.
 */
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--wasm-enforce-bounds-checks');

/**
 * V8 compiles WebAssembly quickly at first, and again with care where it ran for a while. Of the engine of the policies that was half a second of
 * a processor before the first answer, which thousands of questions have to be asked for to pay back: so it is done thirty times later.
 */
setFlagsFromString('--wasm-tiering-budget=400000000');
