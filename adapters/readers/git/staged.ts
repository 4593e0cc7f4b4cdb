/** Lists the index through `git ls-files`, which reads every version of its format. */
import { entryType, type Listed, type Listing } from './head.ts';
import { isUnsafeName, type Notes, pathNames, quote } from './listing.ts';
import { isGitFailure, type Place, run } from './process.ts';

/** NUL-terminated records, as bytes: paths need not be text. */
export function* records(output: Buffer): Generator<Buffer> {
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(0, at);
    if (end < 0) return;
    yield output.subarray(at, end);
    at = end + 1;
  }
}

export function isSafePath(raw: Buffer): boolean {
  return !raw.toString('latin1').split('/').some(isUnsafeName);
}

/** `index` is undefined where there is none, which is an index without entries. */
export async function listIndex(place: Place, index: string | undefined, log: Notes): Promise<Listing> {
  if (index === undefined) return { entries: [], complete: true };
  const output = await run(place, ['ls-files', '-t', '--stage', '-z'], { env: { GIT_INDEX_FILE: index } });
  if (isGitFailure(output)) {
    log.add(output.fault === 'git-failed' ? 'index-invalid' : output.fault, output.detail);
    return { entries: [], complete: false };
  }
  const entries: Listed[] = [];
  const toPath = pathNames(log);
  let complete = true;
  for (const record of records(output)) {
    if (entries.length >= place.limits.entries) {
      log.add('tree-too-large', `more than ${place.limits.entries} entries`);
      return { entries, complete: false };
    }
    const tab = record.indexOf(9);
    const fields = record.toString('latin1', 0, tab);
    const [, tag, mode = '', oid = '', stage] = /^(\S) ([0-7]{6}) ([0-9a-f]+) ([0-3])$/.exec(fields) ?? [];
    const raw = record.subarray(tab + 1);
    if (tag === undefined || !isSafePath(raw)) {
      log.add('path-unsafe', quote(raw.toString()));
      complete = false;
    } else if (stage !== '0') {
      log.add('index-unmerged', quote(raw.toString()));
      complete = false;
    } else {
      const path = toPath(raw);
      const same = Buffer.from(path).equals(raw);
      entries.push({
        path,
        type: entryType(mode),
        oid,
        ...(same ? {} : { raw: Buffer.from(raw) }),
        ...(tag === 'S' ? { skipped: true } : {}),
      });
    }
  }
  return { entries, complete };
}
