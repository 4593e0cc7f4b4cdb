/** Any bytes as a packed attestation: what it says of itself comes out, or a reason, and never more than was asked for. */
import { unsnapped } from '@macadam/adapters/attestations/snappy';
import type { Target } from '../target.ts';

const MOST = 4096;

export const target: Target = {
  seeds: () => [
    '\x08\x0cabcd\x01\x04',
    '\x08\x0cabcd\x0e\x04\x00',
    '\x08\x0cabcd\x0f\x04\x00\x00\x00',
    '\x00',
  ],
  words: ['\x01\x04', '\x0e\x04\x00', '\x0f\x04\x00\x00\x00'],
  fuzz: (_text, bytes) => {
    try {
      const out = unsnapped(bytes, MOST);
      if (out.length > MOST) throw new Error('more came out than was asked for');
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  },
};
