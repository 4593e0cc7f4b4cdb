/** Version numbers of CSAF documents: whole numbers, or semantic versions. */

export interface Version {
  /** One number, or major, minor and patch. */
  readonly numbers: readonly number[];
  readonly prerelease: readonly string[];
}

const WHOLE = /^(0|[1-9]\d{0,14})$/;
const SEMANTIC =
  /^(0|[1-9]\d{0,14})\.(0|[1-9]\d{0,14})\.(0|[1-9]\d{0,14})(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;

export const isSemantic = ({ numbers }: Version): boolean => numbers.length === 3;

/** Null for what is no version. Build metadata says nothing of order and is left out. */
export function versionOf(text: string | null): Version | null {
  if (text === null) return null;
  if (WHOLE.test(text)) return { numbers: [Number(text)], prerelease: [] };
  const [, major, minor, patch, prerelease] = SEMANTIC.exec(text) ?? [];
  if (major === undefined) return null;
  return {
    numbers: [major, minor, patch].map(Number),
    prerelease: prerelease === undefined ? [] : prerelease.split('.'),
  };
}

/** By Semantic Versioning 2.0.0, section 11. */
export function compareVersions(a: Version, b: Version): number {
  for (let at = 0; at < 3; at++) {
    const difference = (a.numbers[at] ?? 0) - (b.numbers[at] ?? 0);
    if (difference !== 0) return difference;
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0)
    return b.prerelease.length - a.prerelease.length;
  for (let at = 0; at < Math.max(a.prerelease.length, b.prerelease.length); at++) {
    const [own, other] = [a.prerelease[at], b.prerelease[at]];
    if (own === undefined || other === undefined) return own === undefined ? -1 : 1;
    const difference = compareIdentifiers(own, other);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareIdentifiers(a: string, b: string): number {
  const [own, other] = [WHOLE.test(a), WHOLE.test(b)];
  if (own && other) return Number(a) - Number(b);
  if (own !== other) return own ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
