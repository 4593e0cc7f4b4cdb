/** Versions by Semantic Versioning 2.0.0, with the functions of Kubernetes' CEL library. */
import { type Int, int } from './arithmetic.ts';
import { excerpt } from './text.ts';
import { Semver, type Unknown, undefinedHere } from './value.ts';

const NUMBER = '(0|[1-9][0-9]*)';
const IDENTIFIER = '(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)';
/** The grammar of the specification (its "Backus–Naur Form Grammar"). */
const VERSION = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-(${IDENTIFIER}(?:\\.${IDENTIFIER})*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
);
/** Longer than any version; a hostile text must not cost time. */
const LONGEST = 256;

/** Null for what is no version. */
export function parseSemver(text: string): Semver | null {
  const match = text.length > LONGEST ? null : VERSION.exec(text);
  if (!match) return null;
  const [, major = '0', minor = '0', patch = '0', prerelease] = match;
  return new Semver([BigInt(major), BigInt(minor), BigInt(patch)], prerelease?.split('.') ?? []);
}

export function stringToSemver(text: string): Semver | Unknown {
  return parseSemver(text) ?? undefinedHere(`${excerpt(text)} is not a version by Semantic Versioning 2.0.0`);
}

export function isSemver(text: string): boolean {
  return parseSemver(text) !== null;
}

/** Section 11: the numbers, then a prerelease before its release, then identifier by identifier. −1, 0 or 1. */
export function compareSemvers(a: Semver, b: Semver): number {
  for (const [index, number] of a.numbers.entries()) {
    const other = b.numbers[index] ?? 0n;
    if (number !== other) return number < other ? -1 : 1;
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0) {
    return Math.sign(b.prerelease.length - a.prerelease.length);
  }
  for (const [index, identifier] of a.prerelease.entries()) {
    const other = b.prerelease[index];
    if (other === undefined) return 1;
    const order = compareIdentifiers(identifier, other);
    if (order !== 0) return order;
  }
  return a.prerelease.length < b.prerelease.length ? -1 : 0;
}

/** Numbers come before words; words are ASCII, so units order them. Numbers have no leading zeros: the longer is greater. */
function compareIdentifiers(a: string, b: string): number {
  if (a === b) return 0;
  const isNumber = /^[0-9]+$/.test(a);
  if (isNumber !== /^[0-9]+$/.test(b)) return isNumber ? -1 : 1;
  if (isNumber && a.length !== b.length) return a.length < b.length ? -1 : 1;
  return a < b ? -1 : 1;
}

export function isGreaterThan(a: Semver, b: Semver): boolean {
  return compareSemvers(a, b) > 0;
}

export function isLessThan(a: Semver, b: Semver): boolean {
  return compareSemvers(a, b) < 0;
}

export function major(version: Semver): Int | Unknown {
  return int(version.numbers[0]);
}

export function minor(version: Semver): Int | Unknown {
  return int(version.numbers[1]);
}

export function patch(version: Semver): Int | Unknown {
  return int(version.numbers[2]);
}
