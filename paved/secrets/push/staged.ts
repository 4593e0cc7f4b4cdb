/** `pre-commit`: what is about to be committed, by the same rules as a push, so that nobody hears of it only at the server. */
import { answerFailed, answerStaged } from './answer.ts';
import { bytesFrom } from './bytes.ts';
import { fillFromBuffer, git } from './git.ts';
import { BATCH_FORMAT, END, inNames, readObjects } from './objects.ts';
import type { Answer } from './receive.ts';
import { type Finding, masked } from './search.ts';

/** In the current folder. Never throws. */
export function staged(now: Date): Answer {
  try {
    return judged(now);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { code: 1, text: answerFailed(why, 'refuse').replaceAll('push', 'commit') };
  }
}

interface Change {
  readonly before: string;
  readonly after: string;
  readonly path: string;
}

const NO_OBJECT = /^0+$/;
const SUBMODULE = '160000';

function judged(now: Date): Answer {
  const changes = stagedChanges();
  const found = search(
    changes.map(({ after, path }) => ({ name: after, path })),
    now,
  );
  found.push(
    ...inNames(
      'file name',
      changes.map(({ path }) => path),
      now,
    ),
  );
  const olds = changes.flatMap(({ before, path }) =>
    NO_OBJECT.test(before) ? [] : [{ name: before, path }],
  );
  const earlier = new Set(found.length === 0 ? [] : search(olds, now).map(({ fingerprint }) => fingerprint));
  const fresh = found.filter(({ fingerprint }) => !earlier.has(fingerprint));
  if (fresh.length === 0) return { code: 0, text: '' };
  const seen = fresh
    .slice(0, 20)
    .map((finding) => ({ ...finding, path: masked(finding.path), commit: null }));
  return { code: 1, text: answerStaged(seen, fresh.length) };
}

/** Files that the index changes against HEAD, or against nothing before the first commit. */
function stagedChanges(): Change[] {
  const fields = git(['diff', '--cached', '--raw', '-z', '--no-renames', '--no-abbrev', '--diff-filter=d'])
    .toString()
    .split('\0');
  const changes: Change[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [, mode, before = '', after = ''] = (fields[at] ?? '').split(' ');
    if (mode !== SUBMODULE) changes.push({ before, after, path: fields[at + 1] ?? '' });
  }
  return changes;
}

function search(files: readonly { readonly name: string; readonly path: string }[], now: Date): Finding[] {
  if (files.length === 0) return [];
  const asked = files.map(({ name, path }) => `${name} ${path.replaceAll('\n', ' ')}`);
  const contents = git(['cat-file', `--batch=${BATCH_FORMAT}`], { input: `${asked.join('\n')}\n${END}\n` });
  return [...readObjects(bytesFrom(fillFromBuffer(contents)), now).found].filter(
    ({ place }) => place === 'file',
  );
}
