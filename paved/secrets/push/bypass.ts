/** A push that is let through for a reason: what it asks with, and what is recorded of it. */
import { findSecrets } from '../find.ts';
import { crypto } from '../late.ts';
import type { Seen } from './answer.ts';
import type { Environment } from './git.ts';
import { SOURCE } from './log.ts';
import type { Policy, Update } from './receive.ts';

const OPTION = 'macadam.bypass';
const SHORTEST = 10;
const LONGEST = 500;

export interface Bypass {
  readonly reason: string;
  /** Why it is not enough, with what to do; null where it is. */
  readonly mistake: string | null;
}

/** What `git push -o "macadam.bypass=REASON"` gave; null without one. */
export function bypassOf(environment: Environment): Bypass | null {
  const count = Number(environment.GIT_PUSH_OPTION_COUNT ?? 0);
  for (let index = 0; index < count; index++) {
    const option = environment[`GIT_PUSH_OPTION_${index}`] ?? '';
    if (option !== OPTION && !option.startsWith(`${OPTION}=`)) continue;
    const reason = option.slice(OPTION.length + 1).trim();
    return { reason, mistake: mistakeIn(reason) };
  }
  return null;
}

function mistakeIn(reason: string): string | null {
  if (reason.length < SHORTEST)
    return `The reason of \`${OPTION}\` is too short (${reason.length} characters): say why in ${SHORTEST} or more.`;
  if (reason.length > LONGEST)
    return `The reason of \`${OPTION}\` is too long (${reason.length} characters): say why in ${LONGEST} or fewer.`;
  if (findSecrets(reason).some(({ confidence }) => confidence !== 'low'))
    return `The reason of \`${OPTION}\` holds a secret itself, and would be recorded: say it without.`;
  return null;
}

export interface LetThrough {
  readonly reason: string;
  readonly seen: readonly Seen[];
  readonly count: number;
  readonly updates: readonly Update[];
  readonly policy: Pick<Policy, 'repository'>;
  readonly environment: Environment;
  readonly now: Date;
}

/** An observation of kind `push-bypass`, as `macadam ingest` reads it. */
export function bypassRecord({ reason, seen, count, updates, policy, environment, now }: LetThrough): object {
  const at = now.toISOString();
  const push = crypto()
    .hash('sha256', JSON.stringify([at, updates]), 'hex')
    .slice(0, 32);
  const by = pusher(environment);
  return {
    kind: 'push-bypass',
    id: ['push-bypass', policy.repository, push].map(escaped).join('/'),
    name: `${policy.repository} ${at}`,
    source: SOURCE,
    observedAt: at,
    assurance: 'effective',
    attributes: {
      repository: { value: policy.repository },
      push: { value: push },
      pushed_at: { value: at },
      pushed_by: by === null ? { absent: true } : { value: by },
      reason: { value: reason },
      branches: { value: updates.slice(0, MOST_BRANCHES).map(({ reference }) => reference) },
      secrets: { value: count },
      findings: {
        value: seen.map(({ rule, preview, fingerprint, path, line, commit }) => ({
          key: `${fingerprint} ${path} ${line}`,
          rule,
          preview,
          path,
          line,
          ...(commit === null ? {} : { commit }),
        })),
        complete: count === seen.length,
      },
    },
  };
}

/** A push that nobody could look at and that the policy accepts: an asset of the same kind, of which less is known. */
export function unsearchedRecord(
  why: string,
  { repository }: Pick<Policy, 'repository'>,
  environment: Environment,
  now: Date,
): object {
  const at = now.toISOString();
  const push = crypto()
    .hash('sha256', JSON.stringify([at, repository, process.pid]), 'hex')
    .slice(0, 32);
  const by = pusher(environment);
  const unobserved = { unobserved: 'failed', why: 'the push could not be searched' };
  return {
    kind: 'push-bypass',
    id: ['push-bypass', repository, push].map(escaped).join('/'),
    name: `${repository} ${at}`,
    source: SOURCE,
    observedAt: at,
    assurance: 'effective',
    attributes: {
      repository: { value: repository },
      push: { value: push },
      pushed_at: { value: at },
      pushed_by: by === null ? { absent: true } : { value: by },
      reason: { value: `could not be searched: ${why}`.slice(0, 500) },
      branches: unobserved,
      secrets: unobserved,
      findings: unobserved,
    },
  };
}

const MOST_BRANCHES = 100;

/** As `assetId` of the product writes a part of an id. */
const escaped = (part: string): string => encodeURI(part).replaceAll(/[?#&]/g, encodeURIComponent);

/** Who pushed, as far as the server in front of git says. */
function pusher(environment: Environment): string | null {
  for (const name of [
    'GL_USERNAME',
    'GITEA_PUSHER_NAME',
    'GL_ID',
    'GL_USER',
    'REMOTE_USER',
    'LOGNAME',
    'USER',
  ]) {
    const value = environment[name];
    if (value !== undefined && value !== '') return value.slice(0, 200);
  }
  return null;
}
