/** Declares the smallest token that is known to be enough, and moves rights to the job that needs them. */

import type { Value } from '../../../../core/facts/observation.ts';
import type { Fix } from '../../../../core/verdicts/fix.ts';

type Element = { readonly [field: string]: Value | undefined };

/** A change of one line: what stands there afterwards, and what is put before and behind it. */
interface Edit {
  replace?: string;
  readonly before: string[];
  readonly behind: string[];
}

export const fix: Fix = ({ asset, params, read }) => {
  const path = asset.location?.path;
  const text = path === undefined ? undefined : read(path);
  if (path === undefined || text === undefined) return { files: {}, notes: [] };
  const edits = new Map<number, Edit>();
  const notes: string[] = [];
  const lines = text.split('\n');
  const file: File = { lines, edits, notes, end: text.includes('\r\n') ? '\r' : '' };
  const jobs = elements(asset.attributes.jobs);
  const grants = elements(asset.attributes.grants);
  replaceAll(file, grants, jobs, params.allow_read_all !== false);
  moveWrites(file, grants, jobs);
  if (asset.attributes.role !== 'reusable-workflow') declare(file, jobs);
  if (edits.size === 0) return { files: {}, notes };
  const changed = lines.flatMap((line, index) => {
    const edit = edits.get(index);
    return edit === undefined ? [line] : [...edit.before, edit.replace ?? line, ...edit.behind];
  });
  return { files: { [path]: changed.join('\n') }, notes };
};

interface File {
  readonly lines: readonly string[];
  readonly edits: Map<number, Edit>;
  readonly notes: string[];
  /** `\r` in a file with Windows line ends. */
  readonly end: string;
}

function elements(list: Value | undefined): readonly Element[] {
  return Array.isArray(list) ? (list as readonly Element[]) : [];
}

function edit({ edits }: File, line: number): Edit {
  const index = line - 1;
  const known = edits.get(index) ?? { before: [], behind: [] };
  edits.set(index, known);
  return known;
}

function needs(job: Element): readonly string[] {
  return Array.isArray(job.needs_writes) ? job.needs_writes.map(String) : [];
}

function block(indent: string, scopes: ReadonlyMap<string, string>, end: string): string[] {
  const rows = [...scopes].map(([scope, level]) => `${indent}  ${scope}: ${level}${end}`);
  return [`${indent}permissions:${end}`, ...rows];
}

function smallest(writes: readonly string[]): Map<string, string> {
  return new Map([
    ['contents', writes.includes('contents') ? 'write' : 'read'],
    ...writes.filter((scope) => scope !== 'contents').map((scope): [string, string] => [scope, 'write']),
  ]);
}

/** `write-all`, and `read-all` where it is not accepted: a small block instead. */
function replaceAll(
  file: File,
  grants: readonly Element[],
  jobs: readonly Element[],
  readAll: boolean,
): void {
  for (const grant of grants) {
    if (grant.scope !== '*' || (grant.level === 'read' && readAll) || typeof grant.line !== 'number')
      continue;
    const line = file.lines[grant.line - 1] ?? '';
    const written = /^(\s*)permissions:[ \t]*(["']?)(?:write|read)-all\2([ \t]*(?:#.*)?)(\r?)$/.exec(line);
    if (written === null) {
      file.notes.push(`line ${grant.line}: \`permissions\` is not written plainly, replace it by hand`);
      continue;
    }
    const [, indent = '', , comment = '', end = ''] = written;
    const job = jobs.find(({ key }) => key === grant.job);
    const rights = smallest(job === undefined ? [] : needs(job));
    const change = edit(file, grant.line);
    change.replace = `${indent}permissions:${comment}${end}`;
    change.behind.push(...block(indent, rights, end).slice(1));
    const heirs = job === undefined ? jobs.filter(({ token }) => token === 'workflow') : [job];
    for (const heir of heirs) {
      if (job === undefined && needs(heir).length > 0) declareJob(file, heir, smallest(needs(heir)));
      else doubt(file, heir);
    }
  }
}

/** Rights to write that stand at the top go to the jobs that are known to need them. */
function moveWrites(file: File, grants: readonly Element[], jobs: readonly Element[]): void {
  const top = grants.filter(({ declared_at: at, scope }) => at === 'workflow' && scope !== '*');
  const heirs = jobs.filter(({ token }) => token === 'workflow');
  const shared = top.filter(({ level }) => level === 'write');
  if (heirs.length < 2 || shared.length === 0) return;
  const unclear = shared.filter(({ scope }) => !heirs.some((job) => needs(job).includes(String(scope))));
  for (const { scope, line } of unclear)
    file.notes.push(
      `line ${line}: nothing here knows which job needs \`${scope}: write\`; move it to that job`,
    );
  const moved = shared.filter((grant) => !unclear.includes(grant));
  for (const { scope, line } of moved) {
    if (typeof line !== 'number') continue;
    const text = file.lines[line - 1] ?? '';
    const level = scope === 'id-token' ? 'none' : 'read';
    const replaced = text.replace(/^(\s*["']?[\w-]+["']?[ \t]*:[ \t]*)(["']?)write\2/, `$1${level}`);
    if (replaced === text)
      file.notes.push(`line ${line}: \`${scope}\` is not written plainly, move it by hand`);
    else edit(file, line).replace = replaced;
  }
  for (const job of heirs) {
    const own = moved.map(({ scope }) => String(scope)).filter((scope) => needs(job).includes(scope));
    if (own.length === 0) {
      if (moved.length > 0) doubt(file, job);
      continue;
    }
    const rights = new Map<string, string>();
    for (const { scope, level } of top) {
      const name = String(scope);
      if (own.includes(name)) rights.set(name, 'write');
      else if (!moved.some((grant) => grant.scope === scope)) rights.set(name, String(level));
      else if (name !== 'id-token') rights.set(name, 'read');
    }
    declareJob(file, job, rights);
  }
}

/** Jobs without any declaration: a small one at the top, larger ones where a step is known to write. */
function declare(file: File, jobs: readonly Element[]): void {
  const undeclared = jobs.filter(({ token }) => token === 'undeclared');
  if (undeclared.length === 0) return;
  const at = file.lines.findIndex((line) => /^(jobs|"jobs"|'jobs')[ \t]*:/.test(line));
  if (at === -1) {
    file.notes.push('`jobs` does not begin a line of its own: declare `permissions` by hand');
    return;
  }
  edit(file, at + 1).before.push(...block('', smallest([]), file.end), file.end);
  for (const job of undeclared) {
    if (needs(job).length > 0) declareJob(file, job, smallest(needs(job)));
    else doubt(file, job);
  }
}

/** Puts a declaration first in the mapping of a job. */
function declareJob(file: File, job: Element, rights: ReadonlyMap<string, string>): void {
  if (typeof job.line !== 'number') return;
  const own = /^ */.exec(file.lines[job.line - 1] ?? '')?.[0].length ?? 0;
  const first = file.lines.slice(job.line).find((line) => /^\s*[^\s#]/.test(line)) ?? '';
  const indent = /^ */.exec(first)?.[0] ?? '';
  if (!/:[ \t]*(#.*)?\r?$/.test(file.lines[job.line - 1] ?? '') || indent.length <= own) {
    file.notes.push(`job \`${job.key}\` is not written as a block: give it \`permissions\` by hand`);
    return;
  }
  edit(file, job.line).behind.push(...block(indent, rights, file.end));
}

function doubt(file: File, job: Element): void {
  if (job.uses_token === true || job.uses !== undefined)
    file.notes.push(
      job.uses === undefined
        ? `job \`${job.key}\` hands its token to a step: run it once and add the scope that the log asks for`
        : `job \`${job.key}\` calls another workflow: give it the rights that the workflow declares`,
    );
}
