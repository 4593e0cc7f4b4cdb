/**
 * A snapshot of a resource of AWS as facts. A null says that there is none; a document of access rights in a text is
 * read; and where AWS takes one or many, it is many.
 */

export function factsOf(value: unknown): unknown {
  if (typeof value === 'string') return documentOf(value);
  if (Array.isArray(value)) return value.filter((each) => each !== null).map(factsOf);
  if (typeof value !== 'object' || value === null) return value;
  const facts = Object.entries(value).filter(([, each]) => each !== null);
  const record = Object.fromEntries(facts.map(([key, each]) => [key, factsOf(each)]));
  return 'Statement' in record ? { ...record, Statement: many(record.Statement).map(statementOf) } : record;
}

/** Text that is not a document stays text. */
function documentOf(text: string): unknown {
  if (!text.trimStart().startsWith('{')) return text;
  try {
    return factsOf(JSON.parse(text));
  } catch {
    return text;
  }
}

function statementOf(statement: unknown): unknown {
  if (typeof statement !== 'object' || statement === null) return statement;
  const entries = Object.entries(statement).map(([key, value]) => {
    if (/^(Not)?(Action|Resource)$/.test(key)) return [key, many(value)];
    if (/^(Not)?Principal$/.test(key)) return [key, manyEach(value === '*' ? { AWS: value } : value)];
    if (key !== 'Condition') return [key, value];
    const operators = Object.entries(value ?? {}).map(([operator, keys]) => [operator, manyEach(keys)]);
    return [key, Object.fromEntries(operators)];
  });
  return Object.fromEntries(entries);
}

/** Values of conditions are texts, whether they were written as such or not. */
const many = (value: unknown): unknown[] =>
  (Array.isArray(value) ? value : [value]).map((each) => (typeof each === 'boolean' ? String(each) : each));

function manyEach(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return many(value);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, many(each)]));
}
