/** The settings of a store: what it is, and who may read which dumps. Every mistake names its field. */
import { DumpError } from './refused.ts';

export interface ReadRule {
  /** Names of programs; a star at the end stands for anything. */
  readonly programs: readonly string[];
  readonly readers: readonly string[];
  /** People of whom one has to approve, who is not the reader. None: what the rule says is enough. */
  readonly approvers: readonly string[];
  readonly longest_hours: number;
}

export interface Settings {
  readonly cloud: string;
  readonly store_id: string;
  readonly environment: (typeof ENVIRONMENTS)[number];
  readonly owners: readonly string[];
  /** Security boundary of the processes whose memory it holds. */
  readonly boundary: string;
  /** The boundary that each person belongs to. Only those of the store's own read. */
  readonly people: Readonly<Record<string, string>>;
  readonly rules: readonly ReadRule[];
  /** Module that exports `findSecrets`. */
  readonly detectors: string;
}

const ENVIRONMENTS = ['production', 'government', 'productivity', 'development', 'test'] as const;
const MOST_HOURS = 72;

export function settingsFrom(text: string, path: string): Settings {
  const wrong = (field: string, reason: string, fix: string) =>
    new DumpError(`${path}: \`${field}\``, reason, fix);
  const given = parsed(text, path);
  const word = (field: string, record: Readonly<Record<string, unknown>> = given): string => {
    const value = record[field];
    if (typeof value !== 'string' || value === '') throw wrong(field, 'is missing', 'give a text in quotes');
    return value;
  };
  const words = (field: string, value: unknown, least: number): readonly string[] => {
    if (
      !Array.isArray(value) ||
      value.length < least ||
      value.some((one) => typeof one !== 'string' || one === '')
    )
      throw wrong(field, 'is no list of names', `give ${least} or more, as ["ana"]`);
    return value;
  };
  const environment = ENVIRONMENTS.find((one) => one === given.environment);
  if (environment === undefined)
    throw wrong(
      'environment',
      `is \`${String(given.environment)}\``,
      `give one of ${ENVIRONMENTS.join(', ')}`,
    );
  const { people = {}, rules = [] } = given;
  if (!isRecord(people) || Object.values(people).some((one) => typeof one !== 'string'))
    throw wrong('people', 'does not give each person a boundary', 'give {"ana": "payments-production"}');
  if (!Array.isArray(rules))
    throw wrong(
      'rules',
      'is no list',
      'give [{"programs": ["api"], "readers": ["ana"], "longest_hours": 8}]',
    );
  return {
    cloud: word('cloud'),
    store_id: word('store_id'),
    environment,
    owners: words('owners', given.owners, 1),
    boundary: word('boundary'),
    people: people as Readonly<Record<string, string>>,
    rules: rules.map((rule: unknown, index): ReadRule => {
      const at = `rules[${index}]`;
      if (!isRecord(rule))
        throw wrong(at, 'is no rule', 'give {"programs", "readers", "approvers", "longest_hours"}');
      const { longest_hours: longest } = rule;
      if (typeof longest !== 'number' || !(longest > 0 && longest <= MOST_HOURS))
        throw wrong(
          `${at}.longest_hours`,
          `is ${String(longest)}`,
          `give more than 0 and at most ${MOST_HOURS}`,
        );
      return {
        programs: words(`${at}.programs`, rule.programs, 1),
        readers: words(`${at}.readers`, rule.readers, 1),
        approvers: words(`${at}.approvers`, rule.approvers ?? [], 0),
        longest_hours: longest,
      };
    }),
    detectors: given.detectors === undefined ? '@macadam/secrets' : word('detectors'),
  };
}

function parsed(text: string, path: string): Readonly<Record<string, unknown>> {
  try {
    const given: unknown = JSON.parse(text);
    if (isRecord(given)) return given;
  } catch {
    // Said below, as of anything else that is none.
  }
  throw new DumpError(path, 'is no object of JSON', 'write it as `macadam-dumps init` does');
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The first rule of a program that names the reader. */
export function ruleFor({ rules }: Settings, program: string, reader: string): ReadRule | null {
  return (
    rules.find(
      ({ programs, readers }) =>
        readers.includes(reader) && programs.some((pattern) => fits(pattern, program)),
    ) ?? null
  );
}

const fits = (pattern: string, program: string): boolean =>
  pattern.endsWith('*') ? program.startsWith(pattern.slice(0, -1)) : program === pattern;
