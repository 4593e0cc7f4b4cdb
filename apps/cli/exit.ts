/** Exit codes: part of the interface, the same for every command. */

export const EXIT = { ok: 0, fails: 1, usage: 2, unjudged: 3 } as const;
