/**
 * Whether a person was there when each commit of a push was made: a signature by a hardware key that waited for a touch, and that the server's
 * own list ties to the committer. What proves less is refused with what it is.
 */
import { readFileSync } from 'node:fs';
import { isAllowed, matchesPattern, parseAllowedSigners } from '../signatures/allowed-signers.ts';
import { parseCommit } from '../signatures/commit.ts';
import { parseFileSignature, verifyFileSignature } from '../signatures/ssh-signature.ts';

export interface PresencePolicy {
  /** File in the form of ssh-keygen's ALLOWED SIGNERS; never one of the repository. */
  readonly allowedSigners: string;
  /** Addresses of programs: a valid signature by a key that is allowed, without a touch. */
  readonly bots: readonly string[];
}

/** A commit that does not show it, and why: lower case, no final period. */
export interface WithoutPresence {
  readonly commit: string;
  readonly committer: string;
  readonly why: string;
}

/** Tells of one commit whether it may come in; null where it may. */
export type PresenceCheck = (commit: string, content: Buffer) => WithoutPresence | null;

/** Throws where the list cannot be read: nobody may then come in. `now`: the time by which a key is good, since a commit says any. */
export function presenceCheck({ allowedSigners, bots }: PresencePolicy, now: Date): PresenceCheck {
  const allowed = parseAllowedSigners(readFileSync(allowedSigners, 'utf8'));
  const isBot = (address: string) => bots.some((pattern) => matchesPattern(pattern, address));
  const wrongWith = (
    content: Buffer,
    sha256: boolean,
  ): { readonly committer: string; readonly why: string | null } => {
    const commit = parseCommit(content, sha256 ? 'sha256' : 'sha1');
    if (commit === undefined) return { committer: '', why: 'is no commit that can be read' };
    const { committer = '', signature } = commit;
    const no = (why: string) => ({ committer, why });
    if (signature === undefined) return no('carries no signature');
    const ssh = parseFileSignature(signature);
    if (ssh === undefined)
      return no('is signed in a way that proves no touch (OpenPGP, X.509 or a host’s own key)');
    const valid = verifyFileSignature(ssh, commit.payload);
    if (valid === false) return no('carries a signature that does not hold');
    if (valid !== true) return no(`cannot be verified here: ${valid.undecided}`);
    const tied = isAllowed(allowed, ssh, committer, now);
    if (tied === false)
      return no('is signed with a key that the allowed signers do not tie to its committer today');
    if (tied !== true) return no(`cannot be verified here: ${tied.undecided}`);
    if (isBot(committer)) return { committer, why: null };
    if (!ssh.securityKey) return no('is signed with a key in a file, which proves no touch');
    return ssh.presence?.present === true
      ? { committer, why: null }
      : no('is signed with a hardware key that did not wait for a touch');
  };
  return (commit, content) => {
    const { committer, why } = wrongWith(content, commit.length === 64);
    return why === null ? null : { commit, committer, why };
  };
}
