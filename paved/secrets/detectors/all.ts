/** Every detector of the package: a family is a file here and a line below, a detector one entry in its family. */
import type { Detector } from '../detector.ts';
import { ADDRESSES } from './addresses.ts';
import { ASSIGNMENTS } from './assignments.ts';
import { CLOUDS } from './clouds.ts';
import { CODE_HOSTS } from './code-hosts.ts';
import { HASHES } from './hashes.ts';
import { INTELLIGENCE } from './intelligence.ts';
import { KEYS } from './keys.ts';
import { MARKED } from './marked.ts';
import { MESSAGING } from './messaging.ts';
import { OPERATIONS } from './operations.ts';
import { PAYMENTS } from './payments.ts';
import { PROVIDERS } from './providers.ts';
import { REGISTRIES } from './registries.ts';

export const DETECTORS: readonly Detector[] = [
  ...CODE_HOSTS,
  ...REGISTRIES,
  ...CLOUDS,
  ...INTELLIGENCE,
  ...PAYMENTS,
  ...MESSAGING,
  ...MARKED,
  ...OPERATIONS,
  ...KEYS,
  ...HASHES,
  ...ADDRESSES,
  ...ASSIGNMENTS,
  ...PROVIDERS,
];
