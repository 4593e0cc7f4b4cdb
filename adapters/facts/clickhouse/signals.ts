/**
 * The embedded engine catches the signals by which a process ends itself, reports, and then waits for a thread that a process like
 * ours does not have: after SIGABRT, which is also how running out of memory ends, it would stay for ever, with port and lock. So
 * the system's own action is put back.
 */

/** By which the system, the C library or the runtime end a process. SIGINT and SIGTERM are Node's, and stay so. */
const CAUGHT = [
  'SIGABRT',
  'SIGSEGV',
  'SIGBUS',
  'SIGILL',
  'SIGFPE',
  'SIGTRAP',
  'SIGSYS',
  'SIGTSTP',
] as const satisfies readonly NodeJS.Signals[];

/**
 * Puts the system's action back for each of them. Node sets a signal to it when its last listener goes, whoever's handler was
 * there before the first one came; where somebody listens here already, the handler is Node's, and nothing is to be done.
 */
export function restoreSignals(): void {
  if (process.platform === 'win32') return;
  for (const signal of CAUGHT) {
    if (process.listenerCount(signal) > 0) continue;
    const listener = () => {};
    process.on(signal, listener);
    process.off(signal, listener);
  }
}
