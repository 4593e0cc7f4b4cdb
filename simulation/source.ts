/** The sources of the simulated company. Their ids say what they are, wherever one is shown. */
export const SOURCES = [
  'simulated-directory',
  'simulated-cloud',
  'simulated-network',
  'simulated-code-host',
  'simulated-event-store',
  'simulated-device-management',
  'simulated-response-desk',
  'simulated-academy',
] as const;
export type SourceName = (typeof SOURCES)[number];
