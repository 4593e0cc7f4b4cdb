/** Leaves out what is undefined, so that "not said" and "said to be undefined" cannot differ. */
export function compact<T extends object>(record: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;
}
