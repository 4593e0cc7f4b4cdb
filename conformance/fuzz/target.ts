/** What a file of targets/ exports; its name is the target's. */
export interface Target {
  /** Texts to begin with, and what the fuzzer may put anywhere. */
  readonly seeds: () => readonly string[];
  readonly words: readonly string[];
  /** Throws on a finding; a hang is found by the clock. It gets any bytes, read as UTF-8. */
  readonly fuzz: (text: string) => void;
}
