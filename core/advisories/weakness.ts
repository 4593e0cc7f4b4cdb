/** Weaknesses by their names in MITRE's list (CWE). */
import cwe from './cwe.json' with { type: 'json' };

const NAMES: Readonly<Record<string, string>> = cwe.names;

/** The name of a weakness, such as that of `CWE-79`; null where the list has none. */
export const weaknessName = (id: string): string | null =>
  Object.hasOwn(NAMES, id) ? (NAMES[id] ?? null) : null;
