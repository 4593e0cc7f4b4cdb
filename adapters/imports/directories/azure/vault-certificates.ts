/** Certificates and keys of a key vault, by their public parts: the vault gives those to whoever may read what is in it. */
import { createPublicKey } from 'node:crypto';
import { isRecord } from '../answer.ts';
import type { HeldCertificate, HeldKey, Inventory } from '../certificates/inventory.ts';
import { type ListingGap, listingGap } from '../listing.ts';
import type { VaultAnswers, VaultItem } from './vault-answers.ts';

export function vaultInventory(answers: VaultAnswers, vault: string): Inventory {
  const certificates = answers.versions(vault, 'certificates');
  const keys = answers.versions(vault, 'keys');
  const gaps: ListingGap[] = [...certificates.gaps, ...keys.gaps];
  const held = certificates.items.flatMap((item): readonly HeldCertificate[] => {
    const { cer } = item.body;
    if (typeof cer === 'string' && cer !== '')
      return [
        {
          place: placeOf(item, 'certificates'),
          certificate: Buffer.from(cer, 'base64'),
          holdsKey: true,
          isRevoked: false,
        },
      ];
    gaps.push(misshapen(`${item.file} has no \`cer\``));
    return [];
  });
  const own = keys.items.flatMap((item): readonly HeldKey[] => {
    const spki = publicPart(item);
    if (spki === 'secret') return [];
    if (spki !== null) return [{ place: placeOf(item, 'keys'), spki }];
    gaps.push(misshapen(`\`key\` in ${item.file} is no public key that is known here`));
    return [];
  });
  return { certificates: held, described: [], keys: own, gaps };
}

const misshapen = (why: string): ListingGap =>
  listingGap('answer-misshapen', 'failed', `${why}; save it again`);

const placeOf = ({ vault, name, version }: VaultItem, collection: string): string =>
  `https://${vault}/${collection}/${name}/${version}`;

/** SubjectPublicKeyInfo; `secret` for a key that has no public part; null for what is not known. */
export function publicPart({ body }: VaultItem): Buffer | 'secret' | null {
  const jwk = publicJwk(body.key);
  if (jwk === 'secret' || jwk === null) return jwk;
  try {
    return createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'der' });
  } catch {
    return null;
  }
}

/** The public members alone, by the names of RFC 7517; a key in hardware has a type of its own there. */
export function publicJwk(key: unknown): Readonly<Record<string, string>> | 'secret' | null {
  if (!isRecord(key)) return null;
  const { kty, crv, n, e, x, y } = key;
  if (kty === 'oct' || kty === 'oct-HSM') return 'secret';
  const has = (...members: readonly unknown[]) => members.every((one) => typeof one === 'string');
  if ((kty === 'RSA' || kty === 'RSA-HSM') && has(n, e)) return { kty: 'RSA', n: String(n), e: String(e) };
  if ((kty === 'EC' || kty === 'EC-HSM') && has(crv, x, y))
    return { kty: 'EC', crv: crv === 'P-256K' ? 'secp256k1' : String(crv), x: String(x), y: String(y) };
  return null;
}
