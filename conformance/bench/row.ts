/** One row of `npm run bench -- --json`. */
export interface Row {
  readonly id: string;
  readonly what: string;
  readonly unit: string;
  readonly ours: number;
  /** Null when the peer is missing on this machine; then the row is not met, whatever ours is. */
  readonly peer: number | null;
  /** Who the peer is, and why it is missing when it is. */
  readonly peerName: string;
  /** ours / peer. */
  readonly ratio: number | null;
  readonly goal: string;
  readonly met: boolean;
}

/** Quick: so small that figures say nothing, to see that every row can be had. */
export interface Size {
  readonly quick: boolean;
}

export const FULL: Size = { quick: false };

/** What a file of this folder exports, besides this one and main.ts. */
export interface BenchModule {
  readonly bench: (size?: Size) => Promise<readonly Row[]>;
  /** Its rows in short, shown after all others. */
  readonly table?: (rows: readonly Row[]) => string;
}

export interface Goal {
  /** The figure that the goal is about: our own, or ours over the peer's. */
  readonly of: 'ours' | 'ratio';
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Measured {
  readonly id: string;
  readonly what: string;
  readonly unit: string;
  readonly ours: number;
  readonly peer: number | null;
  readonly peerName: string;
  readonly goal: Goal;
}

const rounded = (value: number) => Number(value.toPrecision(4));

/** Works out the ratio and whether the goal is met. A row without its peer is never met. */
export function row({ goal, ...measured }: Measured): Row {
  const ratio = measured.peer === null || measured.peer === 0 ? null : measured.ours / measured.peer;
  const figure = goal.of === 'ours' ? measured.ours : ratio;
  const { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = goal;
  const name = goal.of === 'ours' ? measured.unit : 'times the peer';
  const bounds = [goal.atLeast !== undefined && `≥ ${atLeast}`, goal.atMost !== undefined && `≤ ${atMost}`];
  return {
    ...measured,
    ours: rounded(measured.ours),
    peer: measured.peer === null ? null : rounded(measured.peer),
    ratio: ratio === null ? null : rounded(ratio),
    goal: `${bounds.filter(Boolean).join(', ')} ${name}`,
    met: measured.peer !== null && figure !== null && figure >= atLeast && figure <= atMost,
  };
}
