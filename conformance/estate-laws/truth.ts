/**
 * What an estate really is, as the generator made it: the slow model and the folders on disk are two readings of this.
 * Nothing here is of the product, so that a mistake of the product cannot be made here too.
 */

export interface Workflow {
  readonly is: 'workflow';
  /** Whether each action is named by a commit. */
  readonly pinned: boolean;
  readonly token: 'none' | 'write-all';
  /** Whether it pastes the title of a pull request into a script. */
  readonly injected: boolean;
}

export interface Manifest {
  readonly is: 'manifest';
  /** Whether a lockfile beside it pins version and content. */
  readonly locked: boolean;
}

export interface Plain {
  readonly is: 'plain';
  /** Distinguishes the contents of two plain files. */
  readonly words: string;
}

/** Holds a token that a checksum proves. */
export interface Secret {
  readonly is: 'secret';
  readonly number: number;
}

export interface UpdateConfiguration {
  readonly is: 'updates';
}

export interface CodeOwners {
  readonly is: 'codeowners';
}

export type File = Workflow | Manifest | Plain | Secret | UpdateConfiguration | CodeOwners;

export interface Repository {
  /** What makes its first commit another one than that of every other repository. */
  readonly seed: number;
  /** Its folder below the estate. */
  folder: string;
  /** Path → content, as the newest commit of the default branch has it. */
  readonly files: Map<string, File>;
  /** Other folders that are clones of it. */
  readonly clones: string[];
  /** Whether what names its newest commit is damaged, so that nothing of it can be read. */
  headless: boolean;
  /** A path whose content is damaged, though the tree names it. */
  damaged: string | null;
  /** A path that macadam.yaml leaves out. */
  excluded: string | null;
  /** Whether a server saw it whole before anything of it was damaged, left out or made unreadable. */
  remembered: boolean;
  /** Whether a branch that is not the default one is checked out. */
  branched: boolean;
}

export interface Estate {
  readonly repositories: Repository[];
  /** Owners of actions that may be named by a tag: a parameter of a standard, which is part of its definition. */
  trusted: readonly string[];
}

/** Where a file of each sort may lie, so that what it means does not depend on its folder. */
export function pathFor(file: File, number: number): string {
  if (file.is === 'workflow') return `.github/workflows/w${number}.yml`;
  if (file.is === 'manifest') return `part${number}/package.json`;
  if (file.is === 'secret') return `src/settings${number}.ts`;
  if (file.is === 'updates') return '.github/dependabot.yml';
  if (file.is === 'codeowners') return '.github/CODEOWNERS';
  return `src/file${number}.txt`;
}
