/**
 * A ring of keys that changes by itself. `library` is `await import('@macadam/keys')`, `module` the module of PKCS#11. Call `rotate` of the signer every minute, in every
 * process.
 */
export function signerOf({ createSigner, pkcs11Store, fileLedger }, module) {
  const hour = 3_600_000;
  return createSigner({
    store: pkcs11Store({
      module,
      library: '/usr/lib/softhsm/libsofthsm2.so',
      token: 'issuer',
      pin: () => process.env.TOKEN_PIN ?? '',
    }),
    ledger: fileLedger('/var/lib/issuer/ring.db'),
    algorithm: 'ES256',
    // Published for two days before it signs, in force for thirty, accepted for the two hours that a token lives.
    policy: { publishFor: 48 * hour, activeFor: 720 * hour, acceptFor: 2 * hour },
  });
}

/** A line for `macadam ingest`; send it on once a day. */
export const reportOf = ({ keyReport }, signer) =>
  JSON.stringify(keyReport(signer.ring(), 'https://login.example.com'));
