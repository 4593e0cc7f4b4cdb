/** Tells systemd that the server is ready, and that it still turns, where it was started by a unit that wants to know (`Type=notify`). */
import { spawn } from 'node:child_process';

export interface SystemdOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told once, where systemd cannot be told. */
  readonly say: (sentence: string) => void;
}

export interface Systemd {
  /** The server answers; from now on the watchdog is fed. */
  ready(): void;
  /** It ends because it was told to. */
  stopping(): void;
}

/** Does nothing where no unit asks. */
export function systemd({ env, say }: SystemdOptions): Systemd {
  if (!env.NOTIFY_SOCKET) return { ready: () => {}, stopping: () => {} };
  let failed = false;
  // Node has no sockets of datagrams in the file system, which is how systemd listens: its own program has.
  const notify = (...words: readonly string[]) => {
    const fail = (reason: string) => {
      if (!failed) say(`systemd cannot be told of the state of the server: systemd-notify: ${reason}`);
      failed = true;
    };
    const child = spawn('systemd-notify', words, { stdio: 'ignore', env: { ...env } });
    child.on('error', (error) => fail(error.message));
    child.on('exit', (code) => {
      if (code !== 0) fail(`exit code ${code}`);
    });
    child.unref();
  };
  const everyMs = watchdogMs(env);
  let beat: NodeJS.Timeout | null = null;
  return {
    ready: () => {
      notify('--ready');
      if (everyMs === null || beat !== null) return;
      beat = setInterval(() => notify('WATCHDOG=1'), everyMs);
      beat.unref();
    },
    stopping: () => {
      if (beat !== null) clearInterval(beat);
      notify('STOPPING=1');
    },
  };
}

/** A third of the time that the watchdog gives, so that two beats may be late; null where there is none. */
function watchdogMs({ WATCHDOG_USEC: given }: SystemdOptions['env']): number | null {
  const microseconds = Number(given);
  return microseconds > 0 ? Math.max(1000, Math.floor(microseconds / 3000)) : null;
}
