/** `macadam fix --pull-requests`: each repository's fixes as one pull request at its code host. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { githubChanges } from '@macadam/adapters/pull-requests/github/host';
import { openRepository } from '@macadam/adapters/readers/git/repository';
import type { Found } from '@macadam/adapters/sources/git/discovery';
import { credentialFor } from '@macadam/adapters/sources/github/credential';
import { failed } from '@macadam/adapters/trackers/answer';
import { type FixRequest, fix } from '@macadam/services/catalogue/fix';
import type { CatalogueStandard } from '@macadam/services/catalogue/load';
import {
  failureKey,
  type Proposed,
  type ProposedChange,
  propose,
} from '@macadam/services/catalogue/proposal';
import { UsageError } from '../terminal.ts';

export interface PullRequestOptions {
  /** Address of the API; left out: that of github.com. */
  readonly api?: string;
}

/** What is the same for every repository of a run. */
export interface PullRequestRun {
  readonly api: string;
  readonly secret: string;
  /** Ids of the standards of the catalogue that the run leaves out. */
  readonly unasked: readonly string[];
}

const PUBLIC_API = 'https://api.github.com';

/** Throws where nobody could be asked. */
export async function pullRequestRun(
  { api = PUBLIC_API }: PullRequestOptions,
  unasked: readonly string[],
): Promise<PullRequestRun> {
  if (!URL.canParse(api)) throw new UsageError(`--api: \`${api}\` is not an address, such as ${PUBLIC_API}`);
  const { hostname } = new URL(api);
  const credential = await credentialFor(
    hostname === 'api.github.com' ? 'github.com' : hostname,
    process.env,
  );
  if (credential === undefined)
    throw new UsageError(
      '--pull-requests needs a token that may write contents and pull requests: set GITHUB_TOKEN, or sign in with `gh auth login`',
    );
  return { api: api.replace(/\/$/, ''), secret: credential.token, unasked };
}

export type RepositoryFix = Omit<FixRequest, 'tree' | 'repository' | 'name' | 'now'>;

const SAID: Readonly<Record<Proposed['outcome'], string>> = {
  opened: 'opened',
  updated: 'brought in line with the default branch',
  unchanged: 'is as it should be',
  closed: 'closed, as nothing is left to fix',
  nothing: 'nothing to fix',
  kept: 'left as it is: some of what it fixes is there still, and could not be fixed this time; give `--resolve` and every standard',
  behind: 'the clone is not at the tip of the default branch; `git fetch` or push first',
};

/** Proposes, and says what came of it in one line. False: it could not be done. */
export async function proposeFixes(
  found: Found,
  request: RepositoryFix,
  run: PullRequestRun,
): Promise<boolean> {
  const say = (text: string) => process.stdout.write(`${found.key}: ${text}\n`);
  const origin = originOf(found.path);
  if (origin === null) {
    say('it has no remote `origin` whose address ends in owner/name; nobody can be asked');
    return false;
  }
  // Another repository may have the same name at github.com.
  if (run.api === PUBLIC_API && !/^(ssh\.)?github\.com$/.test(origin.host)) {
    say(`its remote \`origin\` is at ${origin.host}, not at github.com; name that host's API with --api`);
    return false;
  }
  const scratch = mkdtempSync(join(tmpdir(), 'macadam-fix-'));
  const opened = await openRepository({
    path: found.path,
    name: found.key,
    within: [found.path],
    scratch: join(scratch, 'git'),
    searchPath: process.env.PATH,
  });
  try {
    const host = githubChanges(run.api, origin.repository, {
      secret: run.secret,
      now: () => new Date(),
      random: Math.random,
    });
    const tree = await opened.tree('head');
    const head = headOf(found.path);
    const answer = await propose(host, head, async (declined): Promise<ProposedChange> => {
      const { files, fixed, notes, left } = await fix({
        ...request,
        tree,
        repository: opened,
        name: found.key,
        now: new Date(),
        skip: (failure) =>
          declined.has(failureKey({ standard: failure.standard, asset: failure.asset.name })) ||
          (request.skip?.(failure) ?? false),
      });
      const executable = new Set(
        tree.entries.filter(({ type }) => type === 'executable').map(({ path }) => path),
      );
      return {
        files: [...files].map(([path, text]) => ({ path, text, executable: executable.has(path) })),
        fixed: fixed.map(({ standard, asset }) => ({ ...told(standard, request.standards), asset })),
        notes: notes.map(({ standard, asset, note }) => `${standard}, ${asset}: ${note}`),
        left: left.map(failureKey),
        unasked: run.unasked,
      };
    });
    if (failed(answer)) {
      say(answer.problem);
      return false;
    }
    const { outcome, url, declined } = answer.done;
    const left = declined === 0 ? '' : `; ${declined} declined earlier and left alone`;
    say(`${url === null ? '' : `${url} `}${SAID[outcome]}${left}`);
    return outcome !== 'behind' && outcome !== 'kept';
  } finally {
    await opened.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

function told(id: string, standards: readonly CatalogueStandard[]) {
  const definition = standards.find((standard) => standard.id === id)?.definition;
  return { standard: id, title: definition?.title ?? id, why: definition?.why ?? '' };
}

const gitIn = (folder: string, ...parameters: string[]): string | null => {
  const { status, stdout } = spawnSync('git', ['-C', folder, ...parameters], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
};

const headOf = (folder: string): string | null =>
  gitIn(folder, 'rev-parse', '-q', '--verify', 'HEAD^{commit}');

/** Where `origin` is: its host, `this machine` where the address names none, and `owner/name` there. */
function originOf(folder: string): { readonly host: string; readonly repository: string } | null {
  const address = gitIn(folder, 'config', 'remote.origin.url') ?? '';
  const [, owner, name] = /[/:]([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?$/.exec(address) ?? [];
  if (owner === undefined || name === undefined) return null;
  const [, host = 'this machine'] = /^(?:\w+:\/\/)?(?:[^@/]*@)?([\w.-]+\.[\w-]+)[:/]/.exec(address) ?? [];
  return { host: host.toLowerCase(), repository: `${owner}/${name}` };
}
