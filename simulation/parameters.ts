/**
 * What the simulated company sets its standards to, as an estate may in `macadam.yaml`. It looks every other day, so
 * "within the last day" would be broken by the clock at every tick, and mended by the evidence of the same tick.
 */
export const SIMULATED_PARAMETERS = {
  'logs-emitted': { silence: '72h' },
  'forged-tokens-detected': { silence: '72h' },
  'production-access-from-compliant-devices': { evaluated: '72h' },
} as const;
