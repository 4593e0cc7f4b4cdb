/** Who owns a repository and what is in it: CODEOWNERS as its host would find it, and the org file. */
import {
  isUnobserved,
  type Problem,
  type Statement,
  type Unobserved,
  type Value,
} from '@macadam/core/facts/observation';
import { at, type ExtractContext, type Extraction, type Extractor, type Tree } from '../tree.ts';
import {
  CODEOWNERS_LIMIT,
  CODEOWNERS_PATHS,
  type Codeowners,
  compileCodeowners,
  isCatchAll,
  ownerKind,
  parseCodeowners,
} from './codeowners.ts';
import { type Org, orgSchema, ownerState, teamsOf } from './org.ts';

const NO_ORG: Unobserved = {
  unobserved: 'unobserved',
  why: 'nothing here says who works in the organisation; name an org file in macadam.yaml, or scan with --github',
};

/** How many uncovered paths are listed. */
const UNCOVERED = 10;

/** The CODEOWNERS file that counts. */
type Found =
  | { readonly state: 'absent' }
  | { readonly state: 'unobserved'; readonly path?: string; readonly because: Unobserved }
  | { readonly state: 'found'; readonly path: string; readonly file: Codeowners };

async function find(tree: Tree): Promise<Found> {
  for (const path of CODEOWNERS_PATHS) {
    const entry = tree.entries.find((each) => each.path === path);
    if (entry === undefined) {
      // An entry that could not be listed may stand here, and would win over the next.
      if (tree.incomplete !== undefined) return { state: 'unobserved', because: tree.incomplete };
      continue;
    }
    if (entry.type === 'symlink' || entry.type === 'submodule') {
      const why = `${path} is a ${entry.type === 'symlink' ? 'symbolic link' : 'submodule'}, which is not followed: make it a plain file`;
      return { state: 'unobserved', path, because: { unobserved: 'failed', why } };
    }
    if ((entry.size ?? 0) > CODEOWNERS_LIMIT) {
      const problem = 'the file is larger than 3 MB, so the host does not load it at all';
      return { state: 'found', path, file: { rules: [], errors: [{ line: 1, text: '', problem }] } };
    }
    const text = await tree.read(path, CODEOWNERS_LIMIT);
    if (isUnobserved(text)) return { state: 'unobserved', path, because: text };
    return { state: 'found', path, file: parseCodeowners(text) };
  }
  return { state: 'absent' };
}

/** Whether the rules give every path there can be an owner: the last catch-all has one, and nothing after it takes it away. */
function coversAnything({ rules }: Codeowners): boolean {
  const last = rules.findLastIndex(isCatchAll);
  return last >= 0 && rules.slice(last).every((rule) => rule.owners.length > 0);
}

function coverage(tree: Tree, file: Codeowners): Record<'covers_all' | 'uncovered', Value> {
  const ruleOf = compileCodeowners(file.rules);
  const uncovered: string[] = [];
  for (const entry of tree.entries) {
    if ((ruleOf(entry.path)?.owners.length ?? 0) > 0) continue;
    uncovered.push(entry.path);
    if (uncovered.length === UNCOVERED) break;
  }
  const decided = uncovered.length > 0 || tree.incomplete === undefined || coversAnything(file);
  return {
    covers_all: decided ? uncovered.length === 0 : (tree.incomplete ?? false),
    uncovered: decided ? uncovered : (tree.incomplete ?? uncovered),
  };
}

function namedOwners(path: string, file: Codeowners, org: Org | Unobserved | undefined): Value[] {
  const named = new Map<string, Value>();
  for (const rule of file.rules) {
    for (const name of rule.owners) {
      const kind = ownerKind(name);
      if (kind === null || named.has(name.toLowerCase())) continue;
      const known = ownerState(name, isUnobserved(org) ? undefined : org);
      const state = known ?? (isUnobserved(org) ? org : unlisted(name, org));
      named.set(name.toLowerCase(), { name, path, line: rule.line, kind, state });
    }
  }
  return [...named.values()];
}

function unlisted(name: string, org: Org | undefined): Unobserved {
  if (org === undefined) return NO_ORG;
  return { unobserved: 'unobserved', why: `the org file does not say who \`${name}\` is: add it there` };
}

/** The org file as parameters carry it; one that is not understood makes states unobserved, never silent. */
function readOrg(parameters: ExtractContext['parameters']): Org | Unobserved | undefined {
  const given = parameters.org;
  if (given === undefined) return undefined;
  const parsed = orgSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join('.') || 'the file';
  return {
    unobserved: 'failed',
    why: `the org file cannot be used: ${field}: ${issue?.message ?? 'not understood'}`,
  };
}

/** Owners by path, for assets that stand somewhere in the tree. An empty list: looked, and nobody is named. */
export interface Ownership {
  readonly ownersOf: (path: string) => Statement;
  /** Owners of the repository as a whole: the last catch-all rule's, else those of the org file. */
  readonly whole: Statement;
}

function ownershipOf(found: Found, repository: string, org: Org | Unobserved | undefined): Ownership {
  const byOrg: Statement = isUnobserved(org) ? org : { value: teamsOf(repository, org), complete: true };
  const named = (owners: readonly string[]): Statement =>
    owners.length > 0 ? { value: owners, complete: true } : byOrg;
  switch (found.state) {
    case 'absent':
      return { ownersOf: () => byOrg, whole: byOrg };
    case 'unobserved':
      return { ownersOf: () => found.because, whole: found.because };
    case 'found': {
      const ruleOf = compileCodeowners(found.file.rules);
      return {
        ownersOf: (path) => named(ruleOf(path)?.owners ?? []),
        whole: named(found.file.rules.findLast(isCatchAll)?.owners ?? []),
      };
    }
  }
}

function codeownersStatement(tree: Tree, found: Found, org: Org | Unobserved | undefined): Statement {
  if (found.state === 'absent') return { absent: true };
  if (found.state === 'unobserved') return found.because;
  const { path, file } = found;
  const errors = file.errors.map((error): Value => ({ ...error, path }));
  return { value: { path, ...coverage(tree, file), errors, owners: namedOwners(path, file, org) } };
}

function problemsOf(found: Found, org: Org | Unobserved | undefined, asset: string): Problem[] {
  const problems: Problem[] = [];
  if (found.state === 'unobserved') {
    const { unobserved: cause, why: message } = found.because;
    const place = found.path === undefined ? {} : { location: at(found.path) };
    const remedy = 'make CODEOWNERS a plain text file that can be read';
    problems.push({ code: 'codeowners-unreadable', cause, message, remedy, asset, ...place });
  }
  if (isUnobserved(org)) {
    problems.push({
      code: 'org-invalid',
      cause: org.unobserved,
      message: org.why,
      remedy: 'correct the org file',
      asset,
    });
  }
  return problems;
}

export async function readOwnership(tree: Tree, context: ExtractContext): Promise<Ownership> {
  return ownershipOf(await find(tree), context.repository.name, readOrg(context.parameters));
}

export const extractOwnership: Extractor = async (tree, context): Promise<Extraction> => {
  const found = await find(tree);
  const org = readOrg(context.parameters);
  return {
    attributes: {
      codeowners: codeownersStatement(tree, found, org),
      owners: ownershipOf(found, context.repository.name, org).whole,
    },
    observations: [],
    partitions: [],
    problems: problemsOf(found, org, context.repository.id),
  };
};
