/**
 * Replaces a tag or branch by the commit it names, with the version that this is as a comment: what people and update
 * tools read must not be a branch, whose name says nothing about the commit tomorrow. Touches nothing else.
 */

import type { Value } from '../../../../core/facts/observation.ts';
import type { Fix, FixInput } from '../../../../core/verdicts/fix.ts';

type Use = { readonly [field: string]: Value | undefined };

const COMMIT = /^[0-9a-f]{40}$/;
/** What reads as a version: `v4`, `4.2.2`, `release-1.2`. */
const VERSION = /^(\w+[-/])?v?\d+(\.\d+)*([-+.][\w.+-]*)?$/;

export const fix: Fix = ({ asset, params, read, resolve, versionOf }) => {
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
    const pinned = pinnedLine({ line: lines[line - 1] ?? '', col, ref }, use, { resolve, versionOf });
    if (pinned.line === undefined) notes.add(pinned.note);
    else lines[line - 1] = pinned.line;
  }
  const changed = lines.join('\n');
  return { files: changed === text ? {} : { [path]: changed }, notes: [...notes] };
};

function movable(uses: Value | undefined): readonly Use[] {
  if (!Array.isArray(uses)) return [];
  return (uses as readonly Use[]).filter(
    (use) => use.local === false && use.pinned === false && use.by_tag !== true,
  );
}

type Pinned = { readonly line: string } | { readonly line?: undefined; readonly note: string };

interface Written {
  readonly line: string;
  readonly col: number;
  readonly ref: string;
}

function pinnedLine(
  { line, col, ref }: Written,
  use: Use,
  { resolve, versionOf }: Pick<FixInput, 'resolve' | 'versionOf'>,
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
  if (use.by_tag === false)
    return {
      note: `\`${ref}\` refuses to be called by a commit: name a full version tag, as in \`@v2.1.0\``,
    };
  const commit = resolve(repository, revision)?.toLowerCase();
  if (commit === undefined || !COMMIT.test(commit))
    return {
      note: `\`${ref}\`: nothing here knows its commit; give it with --resolve ${repository}@${revision}=COMMIT`,
    };
  const version = versionOf(repository, commit) ?? (VERSION.test(revision) ? revision : undefined);
  if (version === undefined)
    return {
      note: `\`${ref}\`: \`${revision}\` is a branch, and no version of ${repository} names its newest commit; choose a version`,
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
  const [, quote = '', gap = '', written = '', end = ''] = tail;
  const comment = written.replace(/^#\s*/, '').trim();
  const kept = comment === revision || comment === version ? '' : written;
  const said = comment.split(/\s+/).includes(version) && kept !== '' ? '' : ` # ${version}`;
  const rest = kept === '' ? '' : `${gap === '' ? ' ' : gap}${kept}`;
  return { line: `${line.slice(0, start)}${wanted}${commit}${quote}${said}${rest}${end}` };
}
