/**
 * The change that a standard's own fix makes in one repository, for whoever has the work: made from the files as they were committed last, never
 * applied. Only fixes of the product's own catalogue run here: a fix is code, and a server runs nobody else's.
 */
import { resolve as absolute, sep } from 'node:path';
import type { OpenedRepository, RepositoryFiles } from '@macadam/adapters/sources/port';
import type { Kind } from '@macadam/core/kinds/kind';
import { findSecrets } from '@macadam/secrets';
import { fix } from '../catalogue/fix.ts';
import type { CatalogueStandard } from '../catalogue/load.ts';
import { patchOf } from '../catalogue/patch.ts';

export interface ProposalAsked {
  /** Id of the repository. */
  readonly repository: string;
  readonly standard: string;
  /** Files of what fails; where they are given nothing else is read. */
  readonly paths: readonly string[];
}

export interface Proposal {
  /** A unified diff; empty where the fix changes nothing. */
  readonly patch: string;
  /** Full id of the commit that it applies to; null where the repository has none. */
  readonly commit: string | null;
  /** What a person must decide or do, a sentence each. */
  readonly notes: readonly string[];
  /** Why there is no patch to be seen, in a sentence; null where there is one, or nothing to change. */
  readonly withheld: string | null;
}

/** Null: the standard has no fix that runs here, or the repository cannot be read here. */
export type Proposals = (asked: ProposalAsked) => Promise<Proposal | null>;

export interface ProposalSources {
  readonly files: readonly RepositoryFiles[];
  readonly standards: ReadonlyMap<string, CatalogueStandard>;
  readonly kinds: ReadonlyMap<string, Kind>;
  /** Parameters of the estate, which extraction needs. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The product's own catalogue. */
  readonly catalogueRoot: string;
  readonly now: () => Date;
}

/** Proposals that are remembered: pages are looked at again and again while somebody works. */
const REMEMBERED = 200;

export function proposalsOf(sources: ProposalSources): Proposals {
  const remembered = new Map<string, Promise<Proposal | null>>();
  return async (asked) => {
    const standard = sources.standards.get(asked.standard);
    if (!standard || !isOurs(standard, sources.catalogueRoot)) return null;
    const opened = await openedIn(sources.files, asked.repository);
    if (opened === null) return null;
    try {
      const { head } = opened.repository;
      const commit = 'commit' in head ? head.commit : null;
      const key = JSON.stringify([asked, commit]);
      const known = remembered.get(key);
      if (known) return await known;
      const made = proposed({ opened, standard, asked, sources, commit });
      remembered.set(key, made);
      made.catch(() => remembered.delete(key));
      const [oldest] = remembered.keys();
      if (remembered.size > REMEMBERED && oldest !== undefined) remembered.delete(oldest);
      return await made;
    } finally {
      await opened.repository.close();
    }
  };
}

const isOurs = ({ fix: path, folder }: CatalogueStandard, root: string): boolean =>
  path !== null && absolute(folder).startsWith(absolute(root) + sep);

async function openedIn(
  files: readonly RepositoryFiles[],
  repository: string,
): Promise<OpenedRepository | null> {
  for (const one of files) {
    const opened = await one.open?.(repository);
    if (opened) return opened;
  }
  return null;
}

interface ProposedInput {
  readonly opened: OpenedRepository;
  readonly standard: CatalogueStandard;
  readonly asked: ProposalAsked;
  readonly sources: ProposalSources;
  readonly commit: string | null;
}

async function proposed({
  opened: { repository, name, includes },
  standard,
  asked: { paths },
  sources: { kinds, parameters, now },
  commit,
}: ProposedInput): Promise<Proposal> {
  const tree = await repository.tree('head');
  const wanted = new Set(paths);
  const fixed = await fix({
    tree,
    repository,
    name,
    standards: [standard],
    kinds,
    now: now(),
    parameters,
    resolve: () => undefined,
    versionOf: () => undefined,
    includes: (path) => includes(path) && (wanted.size === 0 || wanted.has(path)),
  });
  const notes = [...new Set(fixed.notes.map(({ note }) => note))];
  const secret = await secretIn(fixed.files, tree);
  if (secret !== null)
    return {
      patch: '',
      commit,
      notes,
      withheld: `${secret} holds what looks like a secret, so it is not shown here; the command makes the change`,
    };
  return { patch: await patchOf(fixed.files, tree), commit, notes, withheld: null };
}

/** The first changed file in which a secret stands: lines beside a change would show it. */
async function secretIn(
  files: ReadonlyMap<string, string>,
  tree: Awaited<ReturnType<OpenedRepository['repository']['tree']>>,
): Promise<string | null> {
  for (const [path, text] of files) {
    const before = tree.has(path) ? await tree.read(path) : '';
    const texts = [text, typeof before === 'string' ? before : ''];
    if (texts.some((one) => findSecrets(one, { path, limit: 1 }).length > 0)) return path;
  }
  return null;
}
