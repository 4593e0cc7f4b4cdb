/**
 * `pre-receive` of a git server: every object that a push brings, read from where git keeps it until the push is accepted.
 * Nothing is checked out. What could not be looked at is refused, or let through where the policy says so, never silently.
 */
import {
  answerBypassed,
  answerFailed,
  answerRefused,
  answerUnrecorded,
  answerWithoutPresence,
  type Seen,
} from './answer.ts';
import { type Bypass, bypassOf, bypassRecord, unsearchedRecord } from './bypass.ts';
import { type Bytes, bytesFrom } from './bytes.ts';
import { type Environment, fillFromBuffer, git } from './git.ts';
import { appendRecord } from './log.ts';
import { BATCH_FORMAT, inNames, readBatch, readObjects } from './objects.ts';
import type { PresenceCheck, PresencePolicy } from './presence.ts';
import { type Finding, masked } from './search.ts';

export interface Policy {
  /** What the repository is called in the log. */
  readonly repository: string;
  /** File that bypasses are appended to. */
  readonly log: string;
  /** `reason`: a push that gives one is let through and recorded. */
  readonly bypass: 'reason' | 'never';
  /** What happens to a push that could not be looked at. */
  readonly onFailure: 'refuse' | 'accept';
  /** Every commit has to show that a person was there; left out: signatures are not looked at. */
  readonly presence?: PresencePolicy;
}

/** `check` makes what looks at signatures: most servers ask for none, and a push need not wait until that is loaded. */
export type RunningPolicy = Omit<Policy, 'presence'> & { readonly check?: (now: Date) => PresenceCheck };

export interface Answer {
  /** 0: the push goes on; 1: it is refused. */
  readonly code: 0 | 1;
  /** For the person who pushes. */
  readonly text: string;
}

export interface Update {
  readonly before: string;
  readonly after: string;
  readonly reference: string;
}

/** Written by the hook behind the names of the objects that the push brought. */
export const ALL_NAMED = 'end';
const NO_OBJECT = /^0+$/;

/** `bytes`: what the hook writes, see `hook.ts`. Never throws. */
export function receive(bytes: Bytes, policy: RunningPolicy, environment: Environment, now: Date): Answer {
  try {
    return judged(bytes, policy, environment, now);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return unsearched(why, policy, environment, now);
  }
}

function unsearched(why: string, policy: RunningPolicy, environment: Environment, now: Date): Answer {
  if (policy.onFailure === 'refuse') return { code: 1, text: answerFailed(why, 'refuse') };
  try {
    appendRecord(policy.log, unsearchedRecord(why, policy, environment, now));
    return { code: 0, text: answerFailed(why, 'accept') };
  } catch (error) {
    const unrecorded = error instanceof Error ? error.message : String(error);
    return { code: 1, text: answerFailed(`${why}; and ${unrecorded}`, 'refuse') };
  }
}

function judged(bytes: Bytes, policy: RunningPolicy, environment: Environment, now: Date): Answer {
  const updates = updatesFrom(bytes);
  const check = policy.check?.(now) ?? null;
  const { found: inObjects, names, again, withoutPresence } = readObjects(bytes, now, check);
  const found = [...inObjects];
  found.push(
    ...inNames(
      'branch or tag name',
      updates.map(({ reference }) => reference),
      now,
    ),
  );
  found.push(...unreachable(bytes, names, environment, now));
  if (again.size > 0) found.push(...read([...again.keys()], again, environment, now));
  // No reason stands for a person: whoever could give one could also touch a key.
  if (withoutPresence.length > 0)
    return { code: 1, text: answerWithoutPresence(withoutPresence.slice(0, TOLD), withoutPresence.length) };
  if (found.length === 0) return { code: 0, text: '' };
  const earlier = fingerprintsBefore(found, updates, environment, now);
  const fresh = found.filter(({ fingerprint }) => !earlier.has(fingerprint));
  if (fresh.length === 0) return { code: 0, text: '' };
  const seen = described(fresh, updates, environment);
  const asked = bypassOf(environment);
  if (asked === null || policy.bypass === 'never' || asked.mistake !== null)
    return { code: 1, text: answerRefused(seen, fresh.length, policy.bypass, asked) };
  return bypassed(asked, seen, fresh.length, { updates, policy, environment, now });
}

interface Push {
  readonly updates: readonly Update[];
  readonly policy: RunningPolicy;
  readonly environment: Environment;
  readonly now: Date;
}

/** Recorded first: a push that cannot be recorded is not let through. */
function bypassed({ reason }: Bypass, seen: readonly Seen[], count: number, push: Push): Answer {
  try {
    appendRecord(push.policy.log, bypassRecord({ reason, seen, count, ...push }));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { code: 1, text: answerUnrecorded(count, why) };
  }
  return { code: 0, text: answerBypassed(count, reason) };
}

function updatesFrom(bytes: Bytes): Update[] {
  const updates: Update[] = [];
  for (let line = bytes.line(); line !== ''; line = bytes.line()) {
    const [, before, after, reference] = /^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) (.+)$/.exec(line ?? '') ?? [];
    if (before === undefined || after === undefined || reference === undefined)
      throw new Error('git did not say which branches the push updates');
    updates.push({ before, after, reference });
  }
  return updates;
}

/** What a push brings and none of its branches and tags needs is kept by the server all the same, so it is searched. */
function unreachable(
  bytes: Bytes,
  reached: ReadonlySet<string>,
  environment: Environment,
  now: Date,
): Finding[] {
  const others: string[] = [];
  for (let line = bytes.line(); line !== ALL_NAMED; line = bytes.line()) {
    if (line === null) throw new Error('git stopped before it had named every object that the push brought');
    if (!reached.has(line)) others.push(line);
  }
  if (others.length === 0) return [];
  // Bases of what came as differences are among them, and have been here before.
  const kept = git(['cat-file', '--batch-check=%(objectname)'], {
    input: `${others.join('\n')}\n`,
    environment: outsideQuarantine(environment),
  });
  const missing = kept
    .toString()
    .split('\n')
    .flatMap((line) => (line.endsWith(' missing') ? [line.slice(0, -' missing'.length)] : []));
  return missing.length === 0 ? [] : read(missing, new Map(), environment, now);
}

function outsideQuarantine(environment: Environment): Environment {
  const {
    GIT_OBJECT_DIRECTORY: _quarantine,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: _others,
    ...outside
  } = environment;
  return outside;
}

function read(
  names: readonly string[],
  paths: ReadonlyMap<string, string>,
  environment: Environment,
  now: Date,
): Finding[] {
  const contents = git(['cat-file', `--batch=${BATCH_FORMAT}`], {
    input: `${names.join('\n')}\n`,
    environment,
  });
  return readBatch(bytesFrom(fillFromBuffer(contents)), paths, now);
}

/** What the same files held on the branches before: this push does not make it worse, and cannot take it back. */
function fingerprintsBefore(
  found: readonly Finding[],
  updates: readonly Update[],
  environment: Environment,
  now: Date,
): Set<string> {
  const tips = new Set(updates.map(({ before }) => before).filter((name) => !NO_OBJECT.test(name)));
  const revisions = [...tips, 'HEAD'];
  const paths = new Set(found.filter(({ place }) => place === 'file').map(({ path }) => path));
  const asked = [...paths].flatMap((path) => revisions.map((revision) => `${revision}:${path}`));
  if (asked.length === 0) return new Set();
  const objects = git(['cat-file', '--batch-check=%(objectname) %(objecttype)'], {
    input: `${asked.join('\n')}\n`,
    environment,
  });
  const pathOf = new Map<string, string>();
  for (const [index, line] of objects.toString().split('\n').entries()) {
    const [name, type] = line.split(' ');
    if (name !== undefined && type === 'blob') pathOf.set(name, (asked[index] ?? '').replace(/^[^:]*:/, ''));
  }
  if (pathOf.size === 0) return new Set();
  return new Set(read([...pathOf.keys()], pathOf, environment, now).map(({ fingerprint }) => fingerprint));
}

/** Findings that are told one by one. */
const TOLD = 20;

function described(found: readonly Finding[], updates: readonly Update[], environment: Environment): Seen[] {
  const tips = updates.map(({ after }) => after).filter((name) => !NO_OBJECT.test(name));
  return found.slice(0, TOLD).map((finding) => ({
    rule: finding.rule,
    title: finding.title,
    preview: finding.preview,
    fingerprint: finding.fingerprint,
    place: finding.place,
    path: masked(finding.path),
    line: finding.line,
    commit: commitOf(finding, tips, environment),
    ignoredBy: finding.ignoredBy,
  }));
}

/** The first commit of the push that has it; null where there is none, as of a tag. */
function commitOf({ place, object, path }: Finding, tips: readonly string[], environment: Environment) {
  if (place === 'commit message') return object;
  if (place === 'file' && object !== '') {
    const commits = log([`--find-object=${object}`], tips, environment);
    return commits.at(-1) ?? null;
  }
  if (place !== 'file name') return null;
  return log(['--', `:(literal)${path}`], tips, environment).at(-1) ?? null;
}

function log(parameters: readonly string[], tips: readonly string[], environment: Environment): string[] {
  const [at, ...paths] = parameters[0] === '--' ? ['-s', ...parameters] : [parameters[0] ?? '-s'];
  const said = git(['log', '-m', '-s', '--format=%H', '--stdin', '--not', '--all', at, ...paths], {
    input: `${tips.join('\n')}\n`,
    environment,
  });
  return said.toString().split('\n').filter(Boolean);
}
