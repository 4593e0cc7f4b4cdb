/** The newest first-parent commits of HEAD, and what their signatures prove without asking anybody. */
import type { Problem, Statement, Unobserved, Value } from '@macadam/core/facts/observation';
import {
  type AllowedSigners,
  type Commit,
  isAllowed,
  parseAllowedSigners,
  parseCommit,
  parseFileSignature,
  verifyFileSignature,
} from '@macadam/secrets/signatures';
import { isRefusal } from '../git/directory.ts';
import { faultCode } from '../git/head.ts';
import { problem, unobserved } from '../git/problems.ts';
import { isGitFailure } from '../git/process.ts';
import type { Repository } from '../git/repository.ts';
import { isCms, parseOpenPgp } from './openpgp.ts';

const NEWEST = 100;
const COMMIT_BYTES = 2 ** 20;
const SHALLOW = 'the clone is shallow and ends there; fetch the rest with `git fetch --unshallow`';
/** The address that GitHub's merge button and editor commit with; they sign with OpenPGP. */
const WEB_FLOW = 'noreply@github.com';

export interface Commits {
  readonly statement: Statement;
  readonly problems: readonly Problem[];
}

/** Collection parameter: `allowed_signers` (the text of such a file). */
export async function readCommits(
  repository: Repository,
  parameters: Readonly<Record<string, unknown>>,
  name: string,
): Promise<Commits> {
  const { head } = repository;
  if (isRefusal(head)) return { statement: unobserved(head.refused, head.detail), problems: [] };
  if ('unborn' in head) return { statement: { value: [], complete: true }, problems: [] };
  const { allowed_signers: signersText } = parameters;
  const allowed = typeof signersText === 'string' ? parseAllowedSigners(signersText) : undefined;
  const read: { sha: string; commit: Commit }[] = [];
  const problems: Problem[] = [];
  /** Why older commits are not here; null as long as they are. */
  let lacking: string | null = null;
  let sha: string | undefined = head.commit;
  while (sha !== undefined && read.length < NEWEST) {
    const object = await repository.object(sha, COMMIT_BYTES);
    const commit: Commit | undefined =
      isGitFailure(object) || object.type !== 'commit'
        ? undefined
        : parseCommit(object.content, sha.length === 64 ? 'sha256' : 'sha1');
    if (commit === undefined) {
      const code = isGitFailure(object) ? faultCode(object, repository.partial) : 'object-corrupt';
      const detail = isGitFailure(object) ? object.detail : `${sha} is not a commit`;
      // Reading the tree of HEAD says the same of HEAD itself.
      if (read.length === 0) return { statement: unobserved(code, detail), problems: [] };
      problems.push(problem(code, name, `its history: ${detail}`));
      lacking = detail;
      break;
    }
    read.push({ sha, commit });
    if (repository.shallow.has(sha)) {
      lacking = SHALLOW;
      break;
    }
    sha = commit.parents[0];
  }
  const value = elements(read, floorsOf(read), allowed);
  return {
    statement: lacking === null ? { value, complete: true } : { value, complete: false, why: lacking },
    problems,
  };
}

/** Newest first: the latest time that a commit and those below it claim. It cannot be older than what it stands on. */
function floorsOf(read: readonly { commit: Commit }[]): number[] {
  let floor = Number.NEGATIVE_INFINITY;
  return read
    .toReversed()
    .map(({ commit }) => {
      floor = Math.max(floor, commit.committedAt?.getTime() ?? floor);
      return floor;
    })
    .reverse();
}

function elements(
  read: readonly { sha: string; commit: Commit }[],
  floors: readonly number[],
  allowed: AllowedSigners | undefined,
): Value[] {
  return read.map(({ sha, commit }, index): Value => {
    const why = `commit ${sha} has no date that can be read; look at it with \`git cat-file\``;
    const undated: Unobserved = { unobserved: 'failed', why };
    const floor = floors[index] ?? Number.NEGATIVE_INFINITY;
    return {
      sha,
      committed_at: commit.committedAt?.toISOString() ?? undated,
      no_older_than: commit.committedAt === undefined ? undated : new Date(floor).toISOString(),
      committer: shortened(commit.committer ?? ''),
      ...signatureFacts(commit, allowed),
    };
  });
}

function shortened(address: string): string {
  const plain = Buffer.from(address).toString('utf8').replaceAll(/\p{C}/gu, '\ufffd');
  return plain.length > 80 ? `${plain.slice(0, 79)}…` : plain;
}

/** `signature`, `valid`, `present`, `verified`, `made_by_host` and `trusted` of one commit. */
export function signatureFacts(commit: Commit, allowed: AllowedSigners | undefined): Record<string, Value> {
  const { signature, committer = '', committedAt } = commit;
  if (signature === undefined) return { signature: 'none', made_by_host: false, trusted: false };
  const ssh = parseFileSignature(signature);
  if (ssh) {
    const valid = verifyFileSignature(ssh, commit.payload);
    return {
      signature: ssh.securityKey ? 'ssh-sk' : 'ssh',
      valid: decided(valid),
      ...(ssh.presence ? { present: ssh.presence.present, verified: ssh.presence.verified } : {}),
      made_by_host: false,
      trusted:
        allowed === undefined
          ? nobodySays('name the allowed signers in macadam.yaml')
          : committedAt === undefined
            ? {
                unobserved: 'failed',
                why: 'the commit has no date that can be read, so no key is known to be good for it',
              }
            : decided(isAllowed(allowed, ssh, committer, committedAt)),
    };
  }
  const gpg = parseOpenPgp(signature);
  if (gpg) {
    const key = gpg.fingerprint ?? gpg.keyId;
    const by = key === undefined ? '' : ` of the key ${key}`;
    return {
      signature: 'gpg',
      valid: {
        unobserved: 'unobserved',
        why: `it is an OpenPGP signature (${gpg.algorithm})${by}, which only a keyring or the host can verify; measure with \`--github ORG\``,
      },
      // Anybody can write the host's address and a made-up signature: only the host knows what it made.
      made_by_host:
        committer === WEB_FLOW
          ? {
              unobserved: 'unobserved',
              why: 'it says that GitHub made it, which only GitHub can confirm; measure with `--github ORG`',
            }
          : false,
      ...(committer === WEB_FLOW
        ? {
            reviewed_merge: {
              unobserved: 'unobserved',
              why: 'which pull request it is the merge of only GitHub can say; measure with `--github ORG`',
            },
          }
        : {}),
      trusted: nobodySays('measure with `--github ORG`'),
    };
  }
  const known = isCms(signature);
  return {
    signature: known ? 'x509' : 'unrecognised',
    valid: known
      ? {
          unobserved: 'unobserved',
          why: 'it is an X.509 signature, which only the authorities that you trust can verify; measure with `--github ORG`',
        }
      : {
          unobserved: 'failed',
          why: 'its signature is of no form that is understood; look at it with `git cat-file`',
        },
    made_by_host: false,
    trusted: known ? nobodySays('measure with `--github ORG`') : false,
  };
}

function nobodySays(remedy: string): Unobserved {
  return { unobserved: 'unobserved', why: `nothing here ties its key to the committer; ${remedy}` };
}

function decided(answer: boolean | { readonly undecided: string }): Value {
  return typeof answer === 'boolean' ? answer : { unobserved: 'unobserved', why: answer.undecided };
}
