/**
 * The repositories of an organisation or a user on GitHub: what the host enforces through its API, what their files say
 * through git. The host's own count of them is the witness. Nothing here ever writes to the host.
 */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Collection, Observation, Partition, Problem } from '@macadam/core/facts/observation';
import { onceEach } from '../../imports/directories/listing.ts';
import { requestBudget, statusOf } from '../collected.ts';
import type { CollectRequest, Progress } from '../port.ts';
import { withEnvironment } from '../stated-environment.ts';
import { accessFor } from './access.ts';
import { appIn } from './app.ts';
import { collectAccount, notInstalled } from './collection.ts';
import { hostOf } from './host.ts';
import { forgetRequests, type Principal, principalProblems } from './principal.ts';

export async function collect(
  request: CollectRequest,
  emit: (observation: Observation) => void,
  report: (progress: Progress) => void,
): Promise<Collection> {
  const { options, now } = request;
  const targets = targetsOf(request.targets);
  const host = hostOf(options.url);
  const budget = requestBudget(options.budget);
  const startedAt = now();
  const cache = join(request.cacheDirectory, 'github', host.name.replaceAll(/[^\w.-]/g, '_'));
  await mkdir(join(cache, 'repositories'), { recursive: true, mode: 0o700 });
  forgetRequests(cache);
  const access = await accessFor({ host, cache, request, budget }, appIn(options.app, request.environment));
  const { everywhere } = access;
  const partitions: Partition[] = [];
  const problems: Problem[] =
    everywhere === null ? [] : principalProblems(everywhere.principal, everywhere.credential);
  const principals: Principal[] = everywhere === null ? [] : [everywhere.principal];
  let seen = 0;
  for (const target of targets) {
    const opened = await access.account(target);
    if ('outcome' in opened) {
      const none = notInstalled(target, opened);
      partitions.push(...none.partitions);
      problems.push(...none.problems);
      continue;
    }
    if (everywhere === null) principals.push(opened.principal);
    const part = await collectAccount(
      { request, host, access: opened, cache, target, startedAt },
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
    ...(principals[0]?.login === undefined ? {} : { principal: principals[0].login }),
    rights: [...new Set(principals.flatMap(({ rights }) => rights))],
    ...(request.alone && { part: true }),
    startedAt: startedAt.toISOString(),
    finishedAt: now().toISOString(),
    status: statusOf({ partitions, problems, isAnythingRead: seen > 0 || listed }),
    partitions,
    problems,
  };
}

/** Each account once: names differ by more than case. */
function targetsOf(names: readonly string[]): readonly string[] {
  if (names.length === 0) throw new TypeError('the github source needs an organisation or a user');
  const odd = names.find((name) => !/^[A-Za-z0-9][\w-]*$/.test(name));
  if (odd !== undefined)
    throw new TypeError(`${JSON.stringify(odd)} is not the name of an organisation or a user`);
  return onceEach(names, (name) => name.toLowerCase());
}
