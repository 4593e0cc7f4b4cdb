/** What cannot be done, for whoever asked: what is wrong, where, and what to do about it. */
export class DumpError extends Error {
  constructor(where: string, reason: string, fix: string) {
    super(`${where}: ${reason}; ${fix}`);
    this.name = 'DumpError';
  }
}
