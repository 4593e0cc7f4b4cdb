export { type Cleaned, type CleanOptions, type CleanReport, cleaned } from './clean.ts';
export type { Bytes } from './elf.ts';
export { fileBytes } from './file-bytes.ts';
export type { FindSecrets, TextMatch } from './find.ts';
export type { Grant, Wanted } from './grants.ts';
export type { DumpLog, Entry, Event } from './log.ts';
export { searchStore, storeLines } from './observations.ts';
export { DumpError } from './refused.ts';
export type { ReadRule, Settings } from './settings.ts';
export {
  type Crashed,
  type Detectors,
  type DumpStore,
  type Listed,
  makeStore,
  type Owner,
  openStore,
  type StoreOptions,
} from './store.ts';
