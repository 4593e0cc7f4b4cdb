/** Events of GitHub as its community collected them: each that is of use names what it is of, and no other names anything. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { githubEvents } from '@macadam/adapters/sources/github/events';
import type { Case, Suite } from '../suite.ts';

interface Payload {
  readonly ref?: string;
  readonly repository?: {
    readonly full_name: string;
    readonly default_branch: string;
    readonly owner: { readonly login: string };
  };
  readonly organization?: { readonly login: string };
}
interface Examples {
  readonly name: string;
  readonly examples: readonly Payload[];
}

/** What an event of this name may be of; all others name nothing. */
const OF: Readonly<Record<string, 'repository' | 'people'>> = {
  branch_protection_rule: 'repository',
  deploy_key: 'repository',
  member: 'people',
  membership: 'people',
  org_block: 'people',
  organization: 'people',
  public: 'repository',
  push: 'repository',
  repository: 'repository',
  repository_import: 'repository',
  secret_scanning_alert: 'repository',
  team: 'people',
  team_add: 'people',
};

export const suite: Suite = {
  name: 'github-events',
  proves:
    'events as GitHub sends them name what to read again, and those that say nothing of it name nothing',
  vectors: [],
  needsInstall: true,
  load: async () => {
    const file = join(
      import.meta.dirname,
      '../node_modules/@octokit/webhooks-examples/api.github.com/index.json',
    );
    const all: readonly Examples[] = JSON.parse(readFileSync(file, 'utf8'));
    return all.flatMap(({ name, examples }) =>
      examples.map(
        (payload, index): Case => ({
          id: `${name}/${index + 1}`,
          run: () => {
            const headers = { 'x-github-event': name };
            const raw = Buffer.from(JSON.stringify(payload));
            const names = githubEvents.names({ headers, raw, body: payload });
            const wanted = wantedOf(name, payload);
            return names.join(' ') === wanted.join(' ') ? null : `it names ${names} and not ${wanted}`;
          },
        }),
      ),
    );
  },
};

function wantedOf(name: string, { ref, repository, organization }: Payload): readonly string[] {
  if (OF[name] === 'people') return [(organization ?? repository?.owner)?.login.toLowerCase() ?? ''];
  if (OF[name] !== 'repository' || repository === undefined) return [];
  const isElsewhere = name === 'push' && ref !== `refs/heads/${repository.default_branch}`;
  return isElsewhere ? [] : [repository.full_name.toLowerCase()];
}
