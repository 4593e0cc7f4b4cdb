/** What the source is called with. What it does is loaded when it is asked: most runs ask another. */
import type { Source } from '../port.ts';

export const source: Source = {
  id: 'jwks',
  description:
    "Keys that an issuer publishes for others to trust, as https://login.example.com: read from outside, beside what the issuer's key store says.",
  target: 'ISSUER',
  options: [],
  collect: async (request, emit, report) => (await import('./collect.ts')).collect(request, emit, report),
};
