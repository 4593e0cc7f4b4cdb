/** Requests that may be repeated, and messages that have to leave: part of the port. */
export interface Delivery {
  /**
   * Takes an idempotency key of the principal for a request of this digest. `fresh`: go on, then `answer` it in the same
   * transaction. Waits for another transaction that has the same key. Rejects with `conflict` for another request.
   */
  claimKey(key: string, request: string): Promise<{ readonly fresh: boolean; readonly answer: unknown }>;
  answer(key: string, answer: unknown): Promise<void>;
  /** What a key of the principal was answered with; null where it was never used. Rejects with `conflict` for another request. */
  answered(key: string, request: string): Promise<{ readonly answer: unknown } | null>;
  /** Forgets keys that were claimed before a time. */
  forgetKeys(before: string): Promise<number>;

  /** Leaves when the transaction does. */
  post(message: Pick<MessageRecord, 'destination' | 'division' | 'subject' | 'body'>): Promise<void>;
  /**
   * Takes messages of a destination that are due, of every subject the oldest only, so that their order holds; nobody
   * else gets them for `seconds`, in which they have to be delivered or given back.
   */
  takeMessages(destination: string, limit: number, seconds: number): Promise<readonly MessageRecord[]>;
  delivered(number: number): Promise<void>;
  /** Gives it back, to be tried again at a time. */
  failed(number: number, problem: string, retryAt: string): Promise<void>;
}

export interface MessageRecord {
  readonly number: number;
  readonly destination: string;
  readonly division: string;
  readonly subject: string;
  readonly body: unknown;
  readonly writtenAt: string;
  readonly dueAt: string;
  readonly attempts: number;
  readonly problem: string | null;
  readonly deliveredAt: string | null;
}
