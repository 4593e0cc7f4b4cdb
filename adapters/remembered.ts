/**
 * Answers that never change: each question is asked once and its answer given to all who ask, also to those who ask while it is looked for.
 * What failed is asked again.
 */
export interface Remembered<T> {
  /** Rejects as `ask` does. */
  of(question: string, ask: () => Promise<T>): Promise<T>;
  forget(): void;
}

/** Keeps the answers to so many questions that were asked last. */
export function remembered<T>(most: number): Remembered<T> {
  let answers = new Map<string, Promise<T>>();
  return {
    of: (question, ask) => {
      const own = answers;
      const answer = own.get(question) ?? ask();
      own.delete(question);
      own.set(question, answer);
      answer.catch(() => {
        if (own.get(question) === answer) own.delete(question);
      });
      for (const oldest of own.keys()) {
        if (own.size <= most) break;
        own.delete(oldest);
      }
      return answer;
    },
    // What is being looked for is given to those who asked before, and to nobody after.
    forget: () => {
      answers = new Map();
    },
  };
}
