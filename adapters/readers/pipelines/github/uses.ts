/** Code from elsewhere that a workflow runs: actions, reusable workflows and container images. */

import type { Value } from '@macadam/core/facts/observation';
import { compact } from '../../../compact.ts';
import { child, entriesOf, keyAt, type Node, namedIn, type Place, type Scalar } from '../document.ts';
import { DECIDED_LATER } from '../facts.ts';
import { possibleTexts } from './resolution.ts';
import type { Workflow } from './workflow.ts';

export type UseKind = 'action' | 'workflow' | 'container';

export interface Reference {
  readonly kind: UseKind;
  /** Runs from the same repository at the same commit: nothing to pin. */
  readonly local: boolean;
  readonly owner?: string;
  /** `owner/repository`, or the image without tag and digest. */
  readonly repository?: string;
  /** Path inside the repository. */
  readonly path?: string;
  /** What stands behind `@`, or the tag. */
  readonly revision?: string;
  readonly pinned: boolean;
  /** Only of what refuses to be called by a commit, because it reads its own tag: whether a full version tag names it. */
  readonly by_tag?: boolean;
}

/**
 * Repositories whose workflows verify themselves by the tag that they were called with
 * (github.com/slsa-framework/slsa-github-generator, "Referencing SLSA builders and generators").
 */
const BY_TAG: ReadonlySet<string> = new Set(['slsa-framework/slsa-github-generator']);
const FULL_VERSION = /^v\d+\.\d+\.\d+([-+][\w.+-]+)?$/;

const COMMIT = /^([0-9a-f]{40}|[0-9a-f]{64})$/i;

/** Reads a `uses:` text. `$/…` is GitHub's own way to say "this repository". */
export function referenceOf(text: string, kind: 'action' | 'workflow'): Reference {
  const trimmed = text.trim();
  if (/^docker:\/\//i.test(trimmed)) return imageOf(trimmed.slice('docker://'.length));
  if (/^(\.{1,2}\/|\$\/)/.test(trimmed)) return { kind, local: true, pinned: true };
  const separator = trimmed.indexOf('@');
  const name = separator === -1 ? trimmed : trimmed.slice(0, separator);
  const revision = separator === -1 ? undefined : trimmed.slice(separator + 1);
  const [owner = '', repository = '', ...path] = name
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  return compact({
    kind,
    local: false,
    owner,
    repository: `${owner}/${repository}`,
    ...(path.length === 0 ? {} : { path: path.join('/') }),
    revision,
    pinned: revision !== undefined && COMMIT.test(revision),
    ...(BY_TAG.has(`${owner}/${repository}`.toLowerCase())
      ? { by_tag: revision !== undefined && FULL_VERSION.test(revision) }
      : {}),
  });
}

/** Reads an image name: `[registry/]name[:tag][@digest]`. */
export function imageOf(text: string): Reference {
  const trimmed = text.trim();
  const [, name = trimmed, digest] = /^([^@]*)(?:@(.*))?$/.exec(trimmed) ?? [];
  const tag = /:([^:/]+)$/.exec(name);
  const repository = tag === null ? name : name.slice(0, tag.index);
  const revision = digest ?? tag?.[1];
  return compact({
    kind: 'container',
    local: false,
    repository,
    revision,
    pinned: /^sha(256:[0-9a-f]{64}|512:[0-9a-f]{128})$/i.test(digest ?? ''),
  });
}

export function usesOf(workflow: Workflow): readonly Value[] {
  const found: Value[] = [];
  const seen = new Map<string, number>();
  const add = (scalar: Scalar, text: string, reference: Reference, job: string): void => {
    const place: Place = contentPlace(workflow, scalar);
    const base = keyAt(place);
    const again = seen.get(base) ?? 0;
    seen.set(base, again + 1);
    const { path: _, ...rest } = reference;
    found.push(
      compact({
        key: again === 0 ? base : `${base}#${again}`,
        ref: text,
        ...rest,
        ...place,
        ...(job === '' ? {} : { job }),
        comment: scalar.comment,
      }),
    );
  };
  const image = (node: Node | undefined, job: Workflow['jobs'][number]): void => {
    const scalar = namedIn(node, 'image');
    if (scalar?.type !== 'scalar' || scalar.value === null) return;
    const texts = possibleTexts({ workflow, job }, scalar);
    if (texts === undefined) {
      const { line, col } = scalar;
      found.push({
        key: keyAt(scalar),
        ref: scalar.text.trim(),
        kind: 'container',
        local: false,
        pinned: DECIDED_LATER,
        line,
        col,
        job: job.id,
      });
      return;
    }
    for (const text of texts) if (text.trim() !== '') add(scalar, text.trim(), imageOf(text), job.id);
  };
  for (const job of workflow.jobs) {
    if (job.uses !== undefined)
      add(job.uses, job.uses.text.trim(), referenceOf(job.uses.text, 'workflow'), job.id);
    if (workflow.type === 'workflow') {
      image(child(job.node, 'container'), job);
      for (const service of entriesOf(child(job.node, 'services'))) image(service.value, job);
    }
    for (const { uses } of job.steps)
      if (uses !== undefined) add(uses, uses.text.trim(), referenceOf(uses.text, 'action'), job.id);
  }
  if (workflow.using?.toLowerCase() === 'docker') {
    const scalar = child(child(workflow.root, 'runs'), 'image');
    if (scalar?.type === 'scalar' && /^docker:\/\//i.test(scalar.text))
      add(scalar, scalar.text, referenceOf(scalar.text, 'action'), '');
  }
  return found;
}

/** Where the text itself begins: behind the quote, or on the first line of a block. */
function contentPlace({ document }: Workflow, scalar: Scalar): Place {
  const first = scalar.text.trim().split(/\s/)[0] ?? '';
  const inside = first === '' ? -1 : scalar.raw.indexOf(first);
  return inside <= 0 ? { line: scalar.line, col: scalar.col } : document.place(scalar.offset + inside);
}
