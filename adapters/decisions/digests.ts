/** Who was sent the mail of which week: part of the port. */
export interface Digests {
  /** Takes a person's digest of the week that begins on a Monday; false where it is taken. */
  make(person: string, week: string, items: number): Promise<boolean>;
  /** Whether everybody's digest of the week was made. */
  whole(week: string): Promise<boolean>;
  finish(week: string): Promise<void>;
  digest(person: string, week: string): Promise<DigestRecord | null>;
  /** About to be handed over; false where an earlier attempt said so and never came back. */
  sending(person: string, week: string): Promise<boolean>;
  sent(person: string, week: string): Promise<void>;
  /** It is certain that nothing went out. */
  unsent(person: string, week: string, problem: string): Promise<void>;
}

export interface DigestRecord {
  readonly person: string;
  /** Its Monday. */
  readonly week: string;
  readonly madeAt: string;
  readonly items: number;
  readonly sendingAt: string | null;
  readonly sentAt: string | null;
  readonly problem: string | null;
}
