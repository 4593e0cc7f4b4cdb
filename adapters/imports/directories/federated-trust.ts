/**
 * Whose word an identity takes for whom: the issuer, the pattern of the subject, and which changes of code have a job whose subject
 * fits it. A subject is written by the issuer's rules, so only issuers whose rules are known here are worked out.
 */
import type { Unobserved, Value } from '@macadam/core/facts/observation';
import { unobserved } from './statement.ts';

/** `anyone`: whoever has an account at the issuer. `any_change`: also what nobody has reviewed, on any branch or in a pull request. */
export type TrustedFrom = 'anyone' | 'any_change' | 'branch' | 'tag' | 'environment' | 'workload';

export interface FederatedTrust {
  /** Without `https://`. */
  readonly issuer: string;
  /** `*` stands for any characters where `isPattern`; null where no subject is asked for. */
  readonly subject: string | null;
  readonly isPattern: boolean;
  /** What else narrows it and is not worked out; null where nothing does. */
  readonly also: string | null;
}

/** github.com, a region of it, or a server of the company. */
const GITHUB = /^(token\.actions\.(githubusercontent\.com|[\w-]+\.ghe\.com)|[^/]+\/_services\/token)$/;
const NARROW: ReadonlySet<TrustedFrom> = new Set(['branch', 'tag', 'environment', 'workload']);

/** The elements of `trusts` of an application, each issuer and subject once. */
export function trustList(trusts: readonly FederatedTrust[]): readonly Value[] {
  const byId = new Map<string, Value>();
  for (const trust of trusts) {
    const { issuer, subject } = trust;
    const id = `${issuer} ${subject ?? '*'}`;
    // Of two that name the same, the one without a further condition is as wide as they are together.
    if (!byId.has(id) || trust.also === null)
      byId.set(id, { id, issuer, subject: subject ?? '*', from: fromOf(trust) });
  }
  return [...byId.values()];
}

/** A condition that is not worked out can only narrow, so what is narrow without it stays so. */
function fromOf(trust: FederatedTrust): TrustedFrom | Unobserved {
  const found = bySubject(trust);
  if (typeof found !== 'string' || NARROW.has(found) || trust.also === null) return found;
  return unobserved(`who can become it is not known: ${trust.also}, which is not worked out; look at it`);
}

function bySubject({ issuer, subject, isPattern }: FederatedTrust): TrustedFrom | Unobserved {
  const host = issuer.toLowerCase();
  // In an exact subject they are characters as others, so that they leave nothing open.
  const pattern = isPattern ? (subject ?? '*') : (subject ?? '').replaceAll(/[*?]/g, '_');
  if (GITHUB.test(host)) return subject === null ? 'anyone' : byGitHub(pattern);
  if (host === 'gitlab.com') return subject === null ? 'anyone' : byGitLab(pattern);
  if (/^system:serviceaccount:[^*?:]+:[^*?:]+$/.test(pattern)) return 'workload';
  return unobserved(
    `what the subjects of ${issuer} stand for is not known here; look at who can get such a token`,
  );
}

const isOpen = (text: string): boolean => /[*?]/.test(text);

/** `repo:OWNER/NAME:` and what the job is about: `ref:…`, `environment:NAME`, `pull_request`. */
function byGitHub(pattern: string): TrustedFrom | Unobserved {
  const [, owner, name = '', about = ''] = /^repo:([^/]*)\/([^:]*):(.*)$/.exec(pattern) ?? [];
  if (owner === undefined) {
    // What the pattern begins with decides whether somebody else's repository fits it.
    const begun = /^repo:([^/*?]+)\//.test(pattern);
    if (isOpen(pattern)) return begun ? 'any_change' : 'anyone';
    return unobserved('its subject is not of the usual form of GitHub; look at what it stands for');
  }
  if (isOpen(owner)) return 'anyone';
  const found = byReference(/^ref:refs\/(heads|tags)\/(.*)$/.exec(about), /^environment:(.+)$/.exec(about));
  return ofRepositories(name, found);
}

/** `project_path:GROUP/PROJECT:ref_type:TYPE:ref:NAME`. */
function byGitLab(pattern: string): TrustedFrom | Unobserved {
  const [, group, name = '', about = ''] = /^project_path:([^/:]*)\/([^:]*):(.*)$/.exec(pattern) ?? [];
  if (group === undefined) {
    if (isOpen(pattern)) return /^project_path:[^/*?]+\//.test(pattern) ? 'any_change' : 'anyone';
    return unobserved('its subject is not of the usual form of GitLab; look at what it stands for');
  }
  if (isOpen(group)) return 'anyone';
  const [, type, reference = ''] = /^ref_type:(branch|tag):ref:(.*)$/.exec(about) ?? [];
  const found = byReference(
    type === undefined ? null : ['', type === 'branch' ? 'heads' : 'tags', reference],
    null,
  );
  return ofRepositories(name, found);
}

/** Where the pattern leaves the repository open, one that somebody makes fits it, with a main branch that nobody else looks at. */
function ofRepositories(name: string, found: TrustedFrom): TrustedFrom | Unobserved {
  if (found === 'any_change' || !isOpen(name)) return found;
  return unobserved(
    'it is not known who may make a repository that fits its pattern; name the repositories that it trusts',
  );
}

/** A branch or environment that a pattern leaves open can be made by whoever may push; a tag names what was released. */
function byReference(
  reference: readonly (string | undefined)[] | null,
  environment: readonly (string | undefined)[] | null,
): TrustedFrom {
  if (environment !== null) return isOpen(environment[1] ?? '*') ? 'any_change' : 'environment';
  if (reference === null) return 'any_change';
  if (reference[1] === 'tags') return 'tag';
  return isOpen(reference[2] ?? '*') ? 'any_change' : 'branch';
}
