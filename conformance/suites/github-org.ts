/**
 * Checkov's cases for settings of GitHub: the host's answer as it stands, and whether Checkov passes it. Each is read
 * by the source's own requests; what we have no fact for differs, and the ledger says why.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connector } from '@macadam/adapters/connector/connector';
import type { RequestOutcome } from '@macadam/adapters/connector/outcome';
import { readProtection } from '@macadam/adapters/sources/github/settings';
import { isUnobserved, type Statement } from '@macadam/core/facts/observation';
import { z } from 'zod';
import type { Case, Suite } from '../suite.ts';

const file = 'ci-pipelines/checkov-github-org-checks.json';

const material = z.object({
  checks: z.array(
    z.object({
      check: z.string(),
      expected: z.object({ pass: z.array(z.string()).nullable(), fail: z.array(z.string()).nullable() }),
      files: z.record(z.string(), z.unknown()),
    }),
  ),
});

interface Protection {
  readonly approvals?: unknown;
  readonly deletion_allowed?: unknown;
  readonly status_checks?: unknown;
}

/** Checkov's question, put to our facts. */
const QUESTIONS: Readonly<Record<string, (protection: Protection) => boolean>> = {
  GithubBranchDisallowDeletions: ({ deletion_allowed }) => deletion_allowed === false,
  GithubBranchRequireStatusChecks: ({ status_checks }) =>
    Array.isArray(status_checks) && status_checks.length > 0,
  GithubRequire2Approvals: ({ approvals }) => typeof approvals === 'number' && approvals >= 2,
};

export const suite: Suite = {
  name: 'github-org',
  proves: "settings of GitHub are read as Checkov's authors read them",
  vectors: [file],
  async load(vectors) {
    const { checks } = material.parse(JSON.parse(await readFile(join(vectors, file), 'utf8')));
    return checks.flatMap(({ check, expected, files }) =>
      (['pass', 'fail'] as const).flatMap((verdict) =>
        (expected[verdict] ?? []).map((name) => caseOf(check, name, verdict, files[name])),
      ),
    );
  },
};

function caseOf(check: string, name: string, expected: 'pass' | 'fail', answer: unknown): Case {
  return {
    id: `${check}/${name}`,
    run: async () => {
      const question = QUESTIONS[check];
      if (question === undefined) return `there is no fact for ${check}`;
      const statement = await read(answer);
      if (isUnobserved(statement)) return `unobserved: ${statement.why}`;
      const protection = 'value' in statement ? (statement.value as Protection) : undefined;
      const ours = protection !== undefined && question(protection) ? 'pass' : 'fail';
      return ours === expected ? null : `we say ${ours}`;
    },
  };
}

/** The protection that the source reads from a host which gives this answer, and has no rulesets. */
async function read(answer: unknown): Promise<Statement> {
  const none = z.object({ message: z.string() }).safeParse(answer).data;
  const ok = (body: unknown): RequestOutcome => ({
    outcome: 'ok',
    status: 200,
    headers: new Headers(),
    body,
  });
  const connector: Connector = {
    origin: 'https://host.example',
    spent: () => ({ sent: 0, counted: 0 }),
    request: async ({ path }) => {
      if (path.includes('/rules/')) return ok([]);
      return none === undefined ? ok(answer) : { outcome: 'not-found', status: 404, message: none.message };
    },
  };
  const repository = { id: 1, node_id: 'R_1', full_name: 'org/name' };
  const { protection } = await readProtection(connector, repository, 'main', new Map());
  return protection;
}
