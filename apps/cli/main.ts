#!/usr/bin/env node
/** The command `macadam`. Its version is answered before anything else is loaded: hooks and prompts ask for it often. */
import { enableCompileCache } from 'node:module';
import { VERSION } from './version.ts';

// Whoever reads us may stop early (`| head`); that is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

if (process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-V')) {
  process.stdout.write(`${VERSION}\n`);
} else {
  // Half of a short command's time is compiling it; the second run need not.
  enableCompileCache();
  const { run } = await import('./program.ts');
  process.exitCode = await run(process.argv.slice(2));
}
