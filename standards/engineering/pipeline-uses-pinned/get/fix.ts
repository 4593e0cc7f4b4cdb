/** Replaces a tag or branch by the commit it names, and keeps its name as a comment. Touches nothing else. */

import type { Value } from '../../../../core/facts/observation.ts';
import type { Fix } from '../../../../core/verdicts/fix.ts';

type Use = { readonly [field: string]: Value | undefined };

const COMMIT = /^[0-9a-f]{40}$/;

export const fix: Fix = ({ asset, params, read, resolve }) => {
  const path = asset.location?.path;
  const text = path === undefined ? undefined : read(path);
  if (path === undefined || text === undefined) return { files: {}, notes: [] };
  const trusted = params.trusted_owners;
  const lines = text.split('\n');
  const notes = new Set<string>();
  for (const use of movable(asset.attributes.uses)) {
    if (Array.isArray(trusted) && use.kind !== 'container' && trusted.includes(use.owner ?? '')) continue;
    const { line, col, ref } = use;
    if (typeof line !== 'number' || typeof col !== 'number' || typeof ref !== 'string') continue;
    const pinned = pinnedLine(lines[line - 1] ?? '', col, ref, use, resolve);
    if (pinned.line === undefined) notes.add(pinned.note);
    else lines[line - 1] = pinned.line;
  }
  const changed = lines.join('\n');
  return { files: changed === text ? {} : { [path]: changed }, notes: [...notes] };
};

function movable(uses: Value | undefined): readonly Use[] {
  if (!Array.isArray(uses)) return [];
  return (uses as readonly Use[]).filter((use) => use.local === false && use.pinned === false);
}

type Pinned = { readonly line: string } | { readonly line?: undefined; readonly note: string };

function pinnedLine(
  line: string,
  col: number,
  ref: string,
  use: Use,
  resolve: (repository: string, ref: string) => string | undefined,
): Pinned {
  const { kind, repository, revision } = use;
  if (kind === 'container')
    return {
      note: `\`${ref}\`: put the image's digest behind it (docker buildx imagetools inspect ${ref.replace(/^docker:\/\//, '')})`,
    };
  if (kind === 'repository-resource')
    return { note: `\`${ref}\`: choose a tag of the repository and write \`ref: refs/tags/…\`` };
  if (typeof repository !== 'string' || typeof revision !== 'string')
    return { note: `\`${ref}\` names no version: write the one that is meant behind \`@\`` };
  const commit = resolve(repository, revision)?.toLowerCase();
  if (commit === undefined || !COMMIT.test(commit))
    return {
      note: `\`${ref}\`: nothing here knows its commit; give it with --resolve ${repository}@${revision}=COMMIT`,
    };
  const start = col - 1;
  const wanted = ref.slice(0, ref.length - revision.length);
  if (line.slice(start, start + ref.length) !== ref)
    return {
      note: `\`${ref}\` is not written plainly on its line: replace \`${revision}\` by ${commit} by hand`,
    };
  const behind = line.slice(start + ref.length);
  // A comment fits only where nothing but the closing quote, blanks and a comment follow; in a flow mapping it would cut the rest off.
  const tail = /^(["']?)([ \t]*)(#.*)?(\r?)$/.exec(behind);
  if (tail === null) return { line: `${line.slice(0, start)}${wanted}${commit}${behind}` };
  const [, quote = '', gap = '', comment, end = ''] = tail;
  const said = comment?.includes(revision) ? '' : ` # ${revision}`;
  const rest = comment === undefined ? '' : `${gap === '' ? ' ' : gap}${comment}`;
  return { line: `${line.slice(0, start)}${wanted}${commit}${quote}${said}${rest}${end}` };
}
