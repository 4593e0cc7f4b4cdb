export type {
  Candidate,
  Confidence,
  Detector,
  PatternDetector,
  Reading,
  ReadingDetector,
} from './detector.ts';
export { DETECTORS } from './detectors/all.ts';
export { findSecrets, type Match, type Options } from './find.ts';
