/**
 * CVSS 2.0, 3.0 and 3.1: what a vector says in words, and the scores that follow from it, by the published equations. Pure;
 * arithmetic in tenths is as the specification of each version rounds it.
 */

/** One metric: its key in a vector, its name in JSON, and its values, letter → word. */
interface Metric {
  readonly key: string;
  readonly name: string;
  readonly values: Readonly<Record<string, string>>;
  /** It has to be in every vector. */
  readonly base: boolean;
}

export type CvssVersion = '2.0' | '3.0' | '3.1';

export interface CvssScores {
  readonly baseScore: number;
  /** Null where the vector holds no such metric. */
  readonly temporalScore: number | null;
  readonly environmentalScore: number | null;
}

const metric = (key: string, name: string, values: Metric['values'], base = false): Metric => ({
  key,
  name,
  values,
  base,
});
const NOT = { X: 'NOT_DEFINED' };
const AV = { N: 'NETWORK', A: 'ADJACENT_NETWORK', L: 'LOCAL', P: 'PHYSICAL' };
const LH = { L: 'LOW', H: 'HIGH' };
const NLH = { N: 'NONE', L: 'LOW', H: 'HIGH' };
const UI = { N: 'NONE', R: 'REQUIRED' };
const SCOPE = { U: 'UNCHANGED', C: 'CHANGED' };
const LMH = { L: 'LOW', M: 'MEDIUM', H: 'HIGH', X: 'NOT_DEFINED' };

const THREE: readonly Metric[] = [
  metric('AV', 'attackVector', AV, true),
  metric('AC', 'attackComplexity', LH, true),
  metric('PR', 'privilegesRequired', NLH, true),
  metric('UI', 'userInteraction', UI, true),
  metric('S', 'scope', SCOPE, true),
  metric('C', 'confidentialityImpact', NLH, true),
  metric('I', 'integrityImpact', NLH, true),
  metric('A', 'availabilityImpact', NLH, true),
  metric('E', 'exploitCodeMaturity', {
    ...NOT,
    U: 'UNPROVEN',
    P: 'PROOF_OF_CONCEPT',
    F: 'FUNCTIONAL',
    H: 'HIGH',
  }),
  metric('RL', 'remediationLevel', {
    ...NOT,
    O: 'OFFICIAL_FIX',
    T: 'TEMPORARY_FIX',
    W: 'WORKAROUND',
    U: 'UNAVAILABLE',
  }),
  metric('RC', 'reportConfidence', { ...NOT, U: 'UNKNOWN', R: 'REASONABLE', C: 'CONFIRMED' }),
  metric('CR', 'confidentialityRequirement', LMH),
  metric('IR', 'integrityRequirement', LMH),
  metric('AR', 'availabilityRequirement', LMH),
  metric('MAV', 'modifiedAttackVector', { ...NOT, ...AV }),
  metric('MAC', 'modifiedAttackComplexity', { ...NOT, ...LH }),
  metric('MPR', 'modifiedPrivilegesRequired', { ...NOT, ...NLH }),
  metric('MUI', 'modifiedUserInteraction', { ...NOT, ...UI }),
  metric('MS', 'modifiedScope', { ...NOT, ...SCOPE }),
  metric('MC', 'modifiedConfidentialityImpact', { ...NOT, ...NLH }),
  metric('MI', 'modifiedIntegrityImpact', { ...NOT, ...NLH }),
  metric('MA', 'modifiedAvailabilityImpact', { ...NOT, ...NLH }),
];

const NPC = { N: 'NONE', P: 'PARTIAL', C: 'COMPLETE' };
const ND = { ND: 'NOT_DEFINED' };
const LMH2 = { ...ND, L: 'LOW', M: 'MEDIUM', H: 'HIGH' };
const TWO: readonly Metric[] = [
  metric('AV', 'accessVector', { L: 'LOCAL', A: 'ADJACENT_NETWORK', N: 'NETWORK' }, true),
  metric('AC', 'accessComplexity', { H: 'HIGH', M: 'MEDIUM', L: 'LOW' }, true),
  metric('Au', 'authentication', { M: 'MULTIPLE', S: 'SINGLE', N: 'NONE' }, true),
  metric('C', 'confidentialityImpact', NPC, true),
  metric('I', 'integrityImpact', NPC, true),
  metric('A', 'availabilityImpact', NPC, true),
  metric('E', 'exploitability', {
    ...ND,
    U: 'UNPROVEN',
    POC: 'PROOF_OF_CONCEPT',
    F: 'FUNCTIONAL',
    H: 'HIGH',
  }),
  metric('RL', 'remediationLevel', {
    ...ND,
    OF: 'OFFICIAL_FIX',
    TF: 'TEMPORARY_FIX',
    W: 'WORKAROUND',
    U: 'UNAVAILABLE',
  }),
  metric('RC', 'reportConfidence', { ...ND, UC: 'UNCONFIRMED', UR: 'UNCORROBORATED', C: 'CONFIRMED' }),
  metric('CDP', 'collateralDamagePotential', {
    ...ND,
    N: 'NONE',
    L: 'LOW',
    LM: 'LOW_MEDIUM',
    MH: 'MEDIUM_HIGH',
    H: 'HIGH',
  }),
  metric('TD', 'targetDistribution', { ...LMH2, N: 'NONE' }),
  metric('CR', 'confidentialityRequirement', LMH2),
  metric('IR', 'integrityRequirement', LMH2),
  metric('AR', 'availabilityRequirement', LMH2),
];

export const metricsOf = (version: CvssVersion): readonly Metric[] => (version === '2.0' ? TWO : THREE);

/** Key → letter. Null for what is no vector of that version. */
export function readVector(version: CvssVersion, vector: string): ReadonlyMap<string, string> | null {
  const metrics = metricsOf(version);
  const parts = vector.split('/');
  if (version !== '2.0' && parts.shift() !== `CVSS:${version}`) return null;
  const found = new Map<string, string>();
  for (const part of parts) {
    const [key = '', value = '', ...rest] = part.split(':');
    const known = metrics.find((one) => one.key === key);
    if (known === undefined || rest.length > 0 || !Object.hasOwn(known.values, value) || found.has(key))
      return null;
    found.set(key, value);
  }
  return metrics.every(({ key, base }) => !base || found.has(key)) ? found : null;
}

/** Name of a metric in JSON → its word, for what a vector holds. */
export function wordsOf(version: CvssVersion, vector: ReadonlyMap<string, string>): Map<string, string> {
  return new Map(
    metricsOf(version).flatMap(({ key, name, values }) => {
      const letter = vector.get(key);
      const word = letter === undefined ? undefined : values[letter];
      return word === undefined ? [] : [[name, word] as const];
    }),
  );
}

/** Null for what is no vector of that version. */
export function scoresOf(version: CvssVersion, vector: string): CvssScores | null {
  const letters = readVector(version, vector);
  if (letters === null) return null;
  return version === '2.0' ? two(letters) : three(version, letters);
}

/** Of a 3.x score. */
export function severityOf(score: number): 'NONE' | 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL' {
  if (score === 0) return 'NONE';
  if (score < 4) return 'LOW';
  if (score < 7) return 'MEDIUM';
  return score < 9 ? 'HIGH' : 'CRITICAL';
}

type Letters = ReadonlyMap<string, string>;
type Weights = Readonly<Record<string, number>>;

const has = (letters: Letters, keys: readonly string[]) => keys.some((key) => letters.has(key));
const weight = (letters: Letters, key: string, weights: Weights, other: number): number =>
  weights[letters.get(key) ?? ''] ?? other;

const WEIGHTS: Readonly<Record<string, Weights>> = {
  AV: { N: 0.85, A: 0.62, L: 0.55, P: 0.2 },
  AC: { L: 0.77, H: 0.44 },
  UI: { N: 0.85, R: 0.62 },
  CIA: { N: 0, L: 0.22, H: 0.56 },
};
const PRIVILEGES: Readonly<Record<string, Weights>> = {
  U: { N: 0.85, L: 0.62, H: 0.27 },
  C: { N: 0.85, L: 0.68, H: 0.5 },
};
const EXPLOIT: Weights = { U: 0.91, P: 0.94, F: 0.97, H: 1 };
const REMEDY: Weights = { O: 0.95, T: 0.96, W: 0.97, U: 1 };
const CONFIDENCE: Weights = { U: 0.92, R: 0.96, C: 1 };
const REQUIREMENT: Weights = { L: 0.5, M: 1, H: 1.5 };
const ENVIRONMENT = ['CR', 'IR', 'AR', 'MAV', 'MAC', 'MPR', 'MUI', 'MS', 'MC', 'MI', 'MA'];

/** 3.0 takes the tenth above; 3.1 does so in whole hundred-thousandths, so that no binary fraction lifts a score. */
function roundUp(version: CvssVersion, score: number): number {
  if (version === '3.0') return Math.ceil(score * 10) / 10;
  const whole = Math.round(score * 100_000);
  return whole % 10_000 === 0 ? whole / 100_000 : (Math.floor(whole / 10_000) + 1) / 10;
}

function three(version: CvssVersion, letters: Letters): CvssScores {
  const up = (score: number) => roundUp(version, score);
  const own = (key: string) => letters.get(key) ?? '';
  const modified = (key: string) => {
    const letter = letters.get(`M${key}`);
    return letter === undefined || letter === 'X' ? own(key) : letter;
  };
  const cia = (letter: string) => WEIGHTS.CIA?.[letter] ?? 0;
  const exploitability = (of: (key: string) => string) =>
    8.22 *
    (WEIGHTS.AV?.[of('AV')] ?? 0) *
    (WEIGHTS.AC?.[of('AC')] ?? 0) *
    (PRIVILEGES[of('S')]?.[of('PR')] ?? 0) *
    (WEIGHTS.UI?.[of('UI')] ?? 0);
  const total = (impact: number, exploit: number, changed: boolean) =>
    impact <= 0 ? 0 : up(Math.min((changed ? 1.08 : 1) * (impact + exploit), 10));
  const iss = 1 - (1 - cia(own('C'))) * (1 - cia(own('I'))) * (1 - cia(own('A')));
  const changed = own('S') === 'C';
  const impact = changed ? 7.52 * (iss - 0.029) - 3.25 * (iss - 0.02) ** 15 : 6.42 * iss;
  const baseScore = total(impact, exploitability(own), changed);
  const time =
    weight(letters, 'E', EXPLOIT, 1) *
    weight(letters, 'RL', REMEDY, 1) *
    weight(letters, 'RC', CONFIDENCE, 1);
  const required = (key: string, requirement: string) =>
    1 - cia(modified(key)) * weight(letters, requirement, REQUIREMENT, 1);
  const miss = Math.min(1 - required('C', 'CR') * required('I', 'IR') * required('A', 'AR'), 0.915);
  const moved = modified('S') === 'C';
  const tail = version === '3.0' ? (miss - 0.02) ** 15 : (miss * 0.9731 - 0.02) ** 13;
  const modifiedImpact = moved ? 7.52 * (miss - 0.029) - 3.25 * tail : 6.42 * miss;
  const environmental = up(total(modifiedImpact, exploitability(modified), moved) * time);
  const temporal = has(letters, ['E', 'RL', 'RC']);
  return {
    baseScore,
    temporalScore: temporal ? up(baseScore * time) : null,
    environmentalScore: has(letters, ENVIRONMENT) ? environmental : null,
  };
}

const round = (score: number) => Math.round(score * 10) / 10;

function two(letters: Letters): CvssScores {
  const cia = (key: string) => weight(letters, key, { N: 0, P: 0.275, C: 0.66 }, 0);
  const exploitability =
    20 *
    weight(letters, 'AV', { L: 0.395, A: 0.646, N: 1 }, 0) *
    weight(letters, 'AC', { H: 0.35, M: 0.61, L: 0.71 }, 0) *
    weight(letters, 'Au', { M: 0.45, S: 0.56, N: 0.704 }, 0);
  const base = (impact: number) =>
    round((0.6 * impact + 0.4 * exploitability - 1.5) * (impact === 0 ? 0 : 1.176));
  const impact = 10.41 * (1 - (1 - cia('C')) * (1 - cia('I')) * (1 - cia('A')));
  const time =
    weight(letters, 'E', { U: 0.85, POC: 0.9, F: 0.95, H: 1 }, 1) *
    weight(letters, 'RL', { OF: 0.87, TF: 0.9, W: 0.95, U: 1 }, 1) *
    weight(letters, 'RC', { UC: 0.9, UR: 0.95, C: 1 }, 1);
  const required = (key: string, requirement: string) =>
    1 - cia(key) * weight(letters, requirement, { L: 0.5, M: 1, H: 1.51 }, 1);
  const adjusted = Math.min(
    10,
    10.41 * (1 - required('C', 'CR') * required('I', 'IR') * required('A', 'AR')),
  );
  const adjustedTemporal = round(base(adjusted) * time);
  const damage = weight(letters, 'CDP', { N: 0, L: 0.1, LM: 0.3, MH: 0.4, H: 0.5 }, 0);
  const spread = weight(letters, 'TD', { N: 0, L: 0.25, M: 0.75, H: 1 }, 1);
  const environmental = round((adjustedTemporal + (10 - adjustedTemporal) * damage) * spread);
  return {
    baseScore: base(impact),
    temporalScore: has(letters, ['E', 'RL', 'RC']) ? round(base(impact) * time) : null,
    environmentalScore: has(letters, ['CDP', 'TD', 'CR', 'IR', 'AR']) ? environmental : null,
  };
}
