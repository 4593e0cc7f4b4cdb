/**
 * Webhooks of GitHub. What an event says is never taken for what is so: it names what to read again, and the host is asked. So one that is lost, late, repeated,
 * in another order or made up changes when something is known, and not what.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { DeliveredEvent, SourceEvents } from '../port.ts';

const name = z.string().regex(/^[\w.-]{1,100}$/);
const payloadSchema = z.object({
  ref: z.string().optional(),
  repository: z
    .object({ full_name: z.string().max(200), default_branch: z.string().optional() })
    .nullish()
    .catch(undefined),
  organization: z.object({ login: name }).nullish().catch(undefined),
  repository_ruleset: z.object({ source_type: z.string().optional() }).nullish().catch(undefined),
});
type Payload = z.infer<typeof payloadSchema>;

/** Events after which a repository may be otherwise than it was read. A push is one where it moves the default branch: nothing else is read of files. */
const OF_REPOSITORY: ReadonlySet<string> = new Set([
  'branch_protection_configuration',
  'branch_protection_rule',
  'deploy_key',
  'deployment_protection_rule',
  'public',
  'push',
  'repository',
  'repository_import',
  'repository_ruleset',
  'secret_scanning_alert',
  'security_and_analysis',
]);
/** After which members, teams, what they administer, or who opens a repository from outside may be. */
const OF_PEOPLE: ReadonlySet<string> = new Set([
  'member',
  'membership',
  'org_block',
  'organization',
  'personal_access_token_request',
  'team',
  'team_add',
]);

/** What to read again: `owner/name`, `owner` for who is in an organisation, `owner/*` for all of its repositories. */
function namesIn(event: string, payload: Payload): readonly string[] {
  const { repository, organization, ref, repository_ruleset: ruleset } = payload;
  const [ownerOf] = (repository?.full_name ?? '').split('/');
  const owner = organization?.login ?? ownerOf ?? '';
  if (OF_PEOPLE.has(event)) return owner === '' ? [] : [owner];
  if (!OF_REPOSITORY.has(event)) return [];
  const isOfAll = repository == null || (ruleset?.source_type ?? 'Repository') !== 'Repository';
  if (event === 'repository_ruleset' && isOfAll) return owner === '' ? [] : [`${owner}/*`];
  if (repository == null) return [];
  const { full_name: full, default_branch: branch } = repository;
  if (event === 'push' && branch !== undefined && ref !== `refs/heads/${branch}`) return [];
  return [full];
}

export const githubEvents: SourceEvents = {
  secret: 'GITHUB_WEBHOOK_SECRET',
  isSigned: ({ headers, raw }, secret) => {
    const expected = createHmac('sha256', secret).update(raw).digest();
    const [, given] = /^sha256=([0-9a-f]{64})$/.exec(String(headers['x-hub-signature-256'] ?? '')) ?? [];
    return given !== undefined && timingSafeEqual(Buffer.from(given, 'hex'), expected);
  },
  names: ({ headers, body }: DeliveredEvent) => {
    const payload = payloadSchema.safeParse(body).data;
    const names = payload === undefined ? [] : namesIn(String(headers['x-github-event'] ?? ''), payload);
    return names
      .map((one) => one.toLowerCase())
      .filter((one) => /^[\w-]+(\/(\*|(?!\.{1,2}$)[\w.-]+))?$/.test(one));
  },
};
