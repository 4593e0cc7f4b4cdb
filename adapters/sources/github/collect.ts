/**
 * The repositories of an organisation or a user on GitHub: what the host enforces through its API, what their files say
 * through git. The host's own count of them is the witness. Nothing here ever writes to the host.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Collection, Observation, Partition, Problem } from '@macadam/core/facts/observation';
import { requestBudget, statusOf } from '../collected.ts';
import type { CollectRequest, Progress } from '../port.ts';
import { withEnvironment } from '../stated-environment.ts';
import { collectAccount } from './collection.ts';
import { credentialFor } from './credential.ts';
import { hostOf } from './host.ts';
import { connectorTo, principalProblems, readPrincipal } from './principal.ts';

export async function collect(
  request: CollectRequest,
  emit: (observation: Observation) => void,
  report: (progress: Progress) => void,
): Promise<Collection> {
  const { options, now } = request;
  const targets = targetsOf(request.targets);
  const host = hostOf(options.url);
  const budget = requestBudget(options.budget);
  const startedAt = now().toISOString();
  const credential = await credentialFor(host.name, request.environment);
  const cache = join(request.cacheDirectory, 'github', host.name.replaceAll(/[^\w.-]/g, '_'));
  await mkdir(join(cache, 'repositories'), { recursive: true, mode: 0o700 });
  const connector = connectorTo({ host, credential, cache, request, budget });
  const principal = await readPrincipal(connector, credential);
  const partitions: Partition[] = [];
  const problems: Problem[] = principalProblems(principal, credential);
  let seen = 0;
  for (const target of targets) {
    const part = await collectAccount(
      { request, host, connector, credential, principal, cache, target },
      withEnvironment(options.environment, emit),
      report,
    );
    partitions.push(...part.partitions);
    problems.push(...part.problems);
    seen += part.seen;
  }
  const listed = partitions.some((partition) => partition.kind === 'repository' && partition.complete);
  return {
    source: 'github',
    ...(principal.login === undefined ? {} : { principal: principal.login }),
    rights: principal.rights,
    startedAt,
    finishedAt: now().toISOString(),
    status: statusOf({ partitions, problems, isAnythingRead: seen > 0 || listed }),
    partitions,
    problems,
  };
}

/** Each account once: names differ by more than case. */
function targetsOf(names: readonly string[]): string[] {
  if (names.length === 0) throw new TypeError('the github source needs an organisation or a user');
  const odd = names.find((name) => !/^[A-Za-z0-9][\w-]*$/.test(name));
  if (odd !== undefined)
    throw new TypeError(`${JSON.stringify(odd)} is not the name of an organisation or a user`);
  return [...new Map(names.map((name) => [name.toLowerCase(), name])).values()];
}
