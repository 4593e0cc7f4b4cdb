/** The order of two strings by code unit, or of two numbers: the same everywhere, unlike a locale's. */
export function ascending<T extends string | number | bigint>(a: T, b: T): number {
  if (a < b) return -1;
  return a > b ? 1 : 0;
}
