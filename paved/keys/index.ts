export { type KmsModule, type KmsOptions, kmsStore } from './kms-store.ts';
export {
  brokenEntry,
  type ChainedEntry,
  type Entry,
  fileLedger,
  type JournalEvent,
  type Ledger,
  type LedgerChange,
} from './ledger.ts';
export { type Pkcs11Api, type Pkcs11Module, type Pkcs11Options, pkcs11Store } from './pkcs11-store.ts';
export { type KeyReport, keyReport } from './report.ts';
export type { KeyAlgorithm, KeyState, PublicJwk, Ring, RingKey, RotationPolicy } from './ring.ts';
export {
  type BlastRadius,
  createSigner,
  type KeySetAnswer,
  type Signature,
  type Signer,
  type SignerOptions,
  type SigningKey,
} from './signer.ts';
export { softwareStore } from './software-store.ts';
export { KeyMissing, type KeyStore, type MadeKey, type StoredKey, StoreUnavailable } from './store.ts';
