export type {
  Around,
  Candidate,
  Confidence,
  Detector,
  PatternDetector,
  Reading,
  ReadingDetector,
} from './detector.ts';
export { DETECTORS } from './detectors/all.ts';
export { findSecrets, type Match, type Options } from './find.ts';
export { IGNORE_FILES, type IgnoreFiles, readIgnoreFiles } from './ignore-files.ts';
export { isLockFile, type Setting } from './surroundings.ts';
