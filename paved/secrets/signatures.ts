/** SSH signatures of commits, with what a hardware key says of the person in front of it. */
export {
  type AllowedSigners,
  isAllowed,
  matchesPattern,
  parseAllowedSigners,
} from './signatures/allowed-signers.ts';
export { type Commit, dearmor, parseCommit } from './signatures/commit.ts';
export { wireString } from './signatures/ssh-key.ts';
export {
  type FileSignature,
  parseFileSignature,
  signedData,
  verifyFileSignature,
} from './signatures/ssh-signature.ts';
