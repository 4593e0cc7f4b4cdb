/** Loaded before a hook: ends it, without a word, at the N-th time that it asks anything of the system. A write is cut in the middle. */
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const at = Number(process.env.MACADAM_KILLED_AT);
/** Node asks a good deal itself until the hook begins to read what git says. */
let begun = false;
let asked = 0;
const end = () => process.kill(process.pid, 'SIGKILL');

for (const name of ['readSync', 'openSync', 'fstatSync', 'fsyncSync', 'closeSync', 'mkdirSync']) {
  const real = fs[name];
  fs[name] = (...parameters) => {
    begun ||= name === 'readSync' && parameters[0] === 0;
    if (begun && ++asked === at) end();
    return real(...parameters);
  };
}
const { writeSync } = fs;
fs.writeSync = (file, bytes) => {
  if (++asked !== at) return writeSync(file, bytes);
  writeSync(file, bytes.subarray(0, bytes.length / 2));
  return end();
};
const { spawnSync } = childProcess;
childProcess.spawnSync = (...parameters) => {
  if (++asked === at) end();
  return spawnSync(...parameters);
};
syncBuiltinESMExports();
