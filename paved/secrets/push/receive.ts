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
import { fillFromBuffer, git, type Hook, here } from './git.ts';
import { appendRecord } from './log.ts';
import {
  BATCH_FORMAT,
  headsIn,
  inNames,
  type Objects,
  otherNames,
  readBatch,
  readObjects,
} from './objects.ts';
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
/** The last line of what a resident answers; a hook believes no other. */
export const ACCEPTED = 'accepted';
export const REFUSED = 'refused';
export const NO_OBJECT: RegExp = /^0+$/;

/** What a push brings, however it is read: each part once, in this order. Throws where it cannot be read whole. */
export interface Incoming {
  readonly updates: () => readonly Update[];
  readonly objects: (now: Date, check: PresenceCheck | null) => Objects;
  /** Names of all objects of the push, and of others that it was sent as differences of. */
  readonly brought: () => Iterable<string>;
}

/** `bytes`: what the hook writes, see `hook.ts`. Never throws. */
export function receive(bytes: Bytes, policy: RunningPolicy, now: Date, hook: Hook = here()): Answer {
  try {
    return judge(streamed(bytes), policy, now, hook);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return unsearched(why, policy, now, hook);
  }
}

function streamed(bytes: Bytes): Incoming {
  return {
    updates: () => updatesFrom(bytes.line),
    objects: (now, check) => readObjects(bytes, now, check),
    brought: () => namesIn(bytes),
  };
}

function* namesIn(bytes: Bytes): Generator<string> {
  for (let line = bytes.line(); line !== ALL_NAMED; line = bytes.line()) {
    if (line === null) throw new Error('git stopped before it had named every object that the push brought');
    yield line;
  }
}

function unsearched(why: string, policy: RunningPolicy, now: Date, { environment }: Hook): Answer {
  if (policy.onFailure === 'refuse') return { code: 1, text: answerFailed(why, 'refuse') };
  try {
    appendRecord(policy.log, unsearchedRecord(why, policy, environment, now));
    return { code: 0, text: answerFailed(why, 'accept') };
  } catch (error) {
    const unrecorded = error instanceof Error ? error.message : String(error);
    return { code: 1, text: answerFailed(`${why}; and ${unrecorded}`, 'refuse') };
  }
}

/** Whether there is nothing in it that anybody would have to be told of. Throws where it could not be looked at whole. */
export function isClean(incoming: Incoming, now: Date, hook: Hook): boolean {
  return searched(incoming, null, now, hook).found.length === 0;
}

function searched(incoming: Incoming, check: PresenceCheck | null, now: Date, hook: Hook) {
  const updates = incoming.updates();
  const objects = incoming.objects(now, check);
  const { names, locks, trees, withoutPresence } = objects;
  const found = [...objects.found];
  found.push(
    ...inNames(
      'branch or tag name',
      updates.map(({ reference }) => reference),
      now,
    ),
  );
  found.push(...unreachable(incoming.brought(), names, hook, now));
  const again = locks.size === 0 ? new Map<string, string>() : namedElse(locks, trees, hook);
  if (again.size > 0) found.push(...read([...again.keys()], again, hook, now));
  return { updates, found, withoutPresence };
}

/** Throws where the push could not be looked at whole. */
export function judge(incoming: Incoming, policy: RunningPolicy, now: Date, hook: Hook): Answer {
  const check = policy.check?.(now) ?? null;
  const { updates, found, withoutPresence } = searched(incoming, check, now, hook);
  // No reason stands for a person: whoever could give one could also touch a key.
  if (withoutPresence.length > 0)
    return { code: 1, text: answerWithoutPresence(withoutPresence.slice(0, TOLD), withoutPresence.length) };
  if (found.length === 0) return { code: 0, text: '' };
  const earlier = fingerprintsBefore(found, updates, hook, now);
  const fresh = found.filter(({ fingerprint }) => !earlier.has(fingerprint));
  if (fresh.length === 0) return { code: 0, text: '' };
  const seen = described(fresh, updates, hook);
  const asked = bypassOf(hook.environment);
  if (asked === null || policy.bypass === 'never' || asked.mistake !== null)
    return { code: 1, text: answerRefused(seen, fresh.length, policy.bypass, asked) };
  return bypassed(asked, seen, fresh.length, { updates, policy, environment: hook.environment, now });
}

/** So many folders are asked for at once: a first push has millions. */
const TREES_TOGETHER = 10_000;

/** Blobs that were searched as lock files alone and that some folder calls something else: they have to be searched again. */
export function namedElse(
  locks: ReadonlySet<string>,
  trees: readonly string[],
  hook: Hook,
): Map<string, string> {
  const again = new Map<string, string>();
  for (let from = 0; from < trees.length; from += TREES_TOGETHER) {
    const bytes = contentsOf(trees.slice(from, from + TREES_TOGETHER), hook);
    for (const { name, size } of headsIn(bytes)) otherNames(bytes.take(size), name.length / 2, locks, again);
  }
  return again;
}

interface Push {
  readonly updates: readonly Update[];
  readonly policy: RunningPolicy;
  readonly environment: Hook['environment'];
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

/** `next`: line by line, an empty one behind the last. */
export function updatesFrom(next: () => string | null): Update[] {
  const updates: Update[] = [];
  for (let line = next(); line !== ''; line = next()) {
    const [, before, after, reference] = /^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) (.+)$/.exec(line ?? '') ?? [];
    if (before === undefined || after === undefined || reference === undefined)
      throw new Error('git did not say which branches the push updates');
    updates.push({ before, after, reference });
  }
  return updates;
}

/** What a push brings and none of its branches and tags needs is kept by the server all the same, so it is searched. */
function unreachable(
  brought: Iterable<string>,
  reached: ReadonlySet<string>,
  hook: Hook,
  now: Date,
): Finding[] {
  const others: string[] = [];
  for (const name of brought) if (!reached.has(name)) others.push(name);
  if (others.length === 0) return [];
  // Bases of what came as differences are among them, and have been here before.
  const kept = git(['cat-file', '--batch-check=%(objectname)'], {
    input: `${others.join('\n')}\n`,
    hook: outsideQuarantine(hook),
  });
  const missing = kept
    .toString()
    .split('\n')
    .flatMap((line) => (line.endsWith(' missing') ? [line.slice(0, -' missing'.length)] : []));
  return missing.length === 0 ? [] : read(missing, new Map(), hook, now);
}

function outsideQuarantine({ folder, environment }: Hook): Hook {
  const {
    GIT_OBJECT_DIRECTORY: _quarantine,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: _others,
    ...outside
  } = environment;
  return { folder, environment: outside };
}

function contentsOf(names: readonly string[], hook: Hook): Bytes {
  const contents = git(['cat-file', `--batch=${BATCH_FORMAT}`], { input: `${names.join('\n')}\n`, hook });
  return bytesFrom(fillFromBuffer(contents));
}

function read(
  names: readonly string[],
  paths: ReadonlyMap<string, string>,
  hook: Hook,
  now: Date,
): Finding[] {
  return readBatch(contentsOf(names, hook), paths, now);
}

/** What the same files held on the branches before: this push does not make it worse, and cannot take it back. */
function fingerprintsBefore(
  found: readonly Finding[],
  updates: readonly Update[],
  hook: Hook,
  now: Date,
): Set<string> {
  const tips = new Set(updates.map(({ before }) => before).filter((name) => !NO_OBJECT.test(name)));
  const revisions = [...tips, 'HEAD'];
  const paths = new Set(found.filter(({ place }) => place === 'file').map(({ path }) => path));
  const asked = [...paths].flatMap((path) => revisions.map((revision) => `${revision}:${path}`));
  if (asked.length === 0) return new Set();
  const objects = git(['cat-file', '--batch-check=%(objectname) %(objecttype)'], {
    input: `${asked.join('\n')}\n`,
    hook,
  });
  const pathOf = new Map<string, string>();
  for (const [index, line] of objects.toString().split('\n').entries()) {
    const [name, type] = line.split(' ');
    if (name !== undefined && type === 'blob') pathOf.set(name, (asked[index] ?? '').replace(/^[^:]*:/, ''));
  }
  if (pathOf.size === 0) return new Set();
  return new Set(read([...pathOf.keys()], pathOf, hook, now).map(({ fingerprint }) => fingerprint));
}

/** Findings that are told one by one. */
const TOLD = 20;

function described(found: readonly Finding[], updates: readonly Update[], hook: Hook): Seen[] {
  const tips = updates.map(({ after }) => after).filter((name) => !NO_OBJECT.test(name));
  return found.slice(0, TOLD).map((finding) => ({
    rule: finding.rule,
    title: finding.title,
    preview: finding.preview,
    fingerprint: finding.fingerprint,
    place: finding.place,
    path: masked(finding.path),
    line: finding.line,
    commit: commitOf(finding, tips, hook),
    ignoredBy: finding.ignoredBy,
  }));
}

/** The first commit of the push that has it; null where there is none, as of a tag. */
function commitOf({ place, object, path }: Finding, tips: readonly string[], hook: Hook) {
  if (place === 'commit message') return object;
  if (place === 'file' && object !== '') {
    const commits = log([`--find-object=${object}`], tips, hook);
    return commits.at(-1) ?? null;
  }
  if (place !== 'file name') return null;
  return log(['--', `:(literal)${path}`], tips, hook).at(-1) ?? null;
}

function log(parameters: readonly string[], tips: readonly string[], hook: Hook): string[] {
  const [at, ...paths] = parameters[0] === '--' ? ['-s', ...parameters] : [parameters[0] ?? '-s'];
  const said = git(['log', '-m', '-s', '--format=%H', '--stdin', '--not', '--all', at, ...paths], {
    input: `${tips.join('\n')}\n`,
    hook,
  });
  return said.toString().split('\n').filter(Boolean);
}
