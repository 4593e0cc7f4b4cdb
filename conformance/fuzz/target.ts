/** What a file of targets/ exports; its name is the target's. */
export interface Target {
  /** Texts or bytes to begin with, and what the fuzzer may put anywhere. */
  readonly seeds: () => readonly (string | Uint8Array)[];
  readonly words: readonly string[];
  /** Throws, or rejects, on a finding; a hang is found by the clock. It gets any bytes, and the same read as UTF-8. */
  readonly fuzz: (text: string, bytes: Uint8Array) => void | Promise<void>;
  /** That `fuzz` gives a promise. */
  readonly waits?: boolean;
}
