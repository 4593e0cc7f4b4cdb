/** Semantic versions as Kubernetes' CEL has them (library `Semver`), with its ids. */
import { rowsOf, type Signature } from '../signature.ts';
import { BOOL, INT, SEMVER, STRING } from '../type.ts';

const { plain, method } = rowsOf('semver');

export const SEMANTIC_VERSIONS: readonly Signature[] = [
  plain('string_to_semver', 'semver', [STRING], SEMVER),
  plain('is_semver_string', 'isSemver', [STRING], BOOL),
  method('semver_is_greater_than', 'isGreaterThan', [SEMVER, SEMVER], BOOL),
  method('semver_is_less_than', 'isLessThan', [SEMVER, SEMVER], BOOL),
  method('semver_compare_to', 'compareTo', [SEMVER, SEMVER], INT),
  method('semver_major', 'major', [SEMVER], INT),
  method('semver_minor', 'minor', [SEMVER], INT),
  method('semver_patch', 'patch', [SEMVER], INT),
];
