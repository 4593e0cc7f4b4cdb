/** Accounts of AWS as tenants: this one, or all of its organisation where it may list them. */

import { assetId, type Observation, type Statement } from '@macadam/core/facts/observation';
import { compact } from '../../../compact.ts';
import { isRecord, type Json, textIn } from '../answer.ts';
import { type ExportScope, type Listed, observationOf } from '../export.ts';
import { type ListingGap, lackingIds, listingGap, unobservedBy } from '../listing.ts';
import { type Item, required, timeOf, unobserved } from '../statement.ts';
import { lastActiveOf } from './activity.ts';
import { type AwsAnswers, errorIn, gapIn } from './answers.ts';

export const tenantId = (account: string): string => assetId('tenant', ['aws', account]);

export function accountsOf(scope: ExportScope, account: string, answers: AwsAnswers): Listed {
  if (!answers.has('organizations/list-accounts'))
    return {
      kind: 'tenant',
      observations: [accountOf(scope, account, null, answers)],
      gaps: [...refusedOrganisation(answers), OTHERS],
    };
  const { items, gaps: listed } = answers.list('organizations/list-accounts', 'Accounts');
  const without = items.filter(({ record }) => typeof record.Id !== 'string').length;
  const gaps = [...listed, ...lackingIds(without, 'accounts have no `Id`; save them again')];
  const seen = new Map(
    items.flatMap((item) => (typeof item.record.Id === 'string' ? [[item.record.Id, item] as const] : [])),
  );
  if (!seen.has(account)) {
    const [gap = OTHERS] = gaps;
    const own = accountOf(scope, account, gap, answers);
    const others = [...seen].map(([id, item]) => accountOf(scope, id, item, answers));
    return { kind: 'tenant', observations: [own, ...others], gaps: [...gaps, OTHERS] };
  }
  return {
    kind: 'tenant',
    observations: [...seen].map(([id, item]) => accountOf(scope, id, item, answers)),
    gaps,
  };
}

/** Where not even whether there is an organisation could be asked. */
function refusedOrganisation(answers: AwsAnswers): readonly ListingGap[] {
  return answers.of('organizations/describe-organization').flatMap((answer) => {
    const isNone = errorIn(answer.body)?.code === answer.operation.noneCode;
    const gap = isNone ? null : gapIn(answer);
    return gap === null ? [] : [gap];
  });
}

const OTHERS = listingGap(
  'tenants-not-listed',
  'incomplete',
  'an account does not say which others the company has; ask from the management account, which may list them',
);

/** `told`: its record, or why there is none in a list that was asked for; null where nobody asked for one. */
function accountOf(
  scope: ExportScope,
  id: string,
  told: Item | ListingGap | null,
  answers: AwsAnswers,
): Observation {
  const item = told !== null && 'record' in told ? told : null;
  const missing = told === null || 'record' in told ? null : unobservedBy(told);
  const active = lastActiveOf(id, answers, Date.parse(scope.takenAt));
  const name = item === null ? undefined : item.record.Name;
  return observationOf(scope, {
    kind: 'tenant',
    key: ['aws', id],
    name: textIn(name) ?? id,
    attributes: compact({
      cloud: { value: 'aws' },
      tenant_id: { value: id },
      ...(item === null ? {} : { state: stateOf(item), created_at: createdAt(item) }),
      ...(missing === null ? {} : { state: missing, created_at: missing }),
      ...(answers.has('organizations/list-tags-for-resource') ? { owners: ownersOf(id, answers) } : {}),
      last_active_at: active,
      ...(answers.has('scheduler/list-schedules') ? { expires_at: endOf(id, answers) } : {}),
    }),
  });
}

const OWNER_KEYS: ReadonlySet<string> = new Set(['owner', 'team']);

/** A tag says which team; an account without one may have owners elsewhere. */
function ownersOf(account: string, answers: AwsAnswers): Statement {
  const answer = answers.about('organizations/list-tags-for-resource', account);
  if ('why' in answer) return unobservedBy(answer);
  const tags = 'body' in answer && Array.isArray(answer.body.Tags) ? answer.body.Tags.filter(isRecord) : [];
  const owners = tags
    .filter(({ Key }) => OWNER_KEYS.has(String(Key).toLowerCase()))
    .flatMap(({ Value: value }) => (typeof value === 'string' && value !== '' ? [value] : []));
  return owners.length === 0
    ? unobserved(
        'it has no tag `owner` or `team`; add it, or state the owner in the organisation (`org.yaml`)',
      )
    : { value: [...new Set(owners)], complete: true, assurance: 'attested' };
}

const CLOSES = /^arn:aws[\w-]*:scheduler:::aws-sdk:organizations:closeAccount$/i;
const ONCE = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/;

export const closesAccounts = ({ Target }: Json): boolean =>
  isRecord(Target) && CLOSES.test(String(Target.Arn));

/** Its name, below the name of its group where that is not the usual one. */
export const subjectOfSchedule = ({ Name, GroupName }: Json): string =>
  typeof GroupName === 'string' && GroupName !== 'default' ? `${GroupName}/${String(Name)}` : String(Name);

/** A schedule that closes the account ends it, unless somebody moves that; a date in a tag ends nothing. */
function endOf(account: string, answers: AwsAnswers): Statement {
  const { items, gaps } = answers.list('scheduler/list-schedules', 'Schedules');
  const ends: string[] = [];
  for (const { record, region } of items) {
    if (!closesAccounts(record)) continue;
    const name = subjectOfSchedule(record);
    const answer = answers.about('scheduler/get-schedule', name, region);
    if ('why' in answer) return unobservedBy(answer);
    if (!('body' in answer) || answer.body.State !== 'ENABLED') continue;
    const { Target: full, ScheduleExpression: when, ScheduleExpressionTimezone: zone = 'UTC' } = answer.body;
    if (!isRecord(full) || accountIn(full.Input) !== account) continue;
    const time = ONCE.exec(String(when))?.[1];
    if (time === undefined || zone !== 'UTC')
      return unobserved(
        `the schedule ${name} closes it by ${String(when)} in ${String(zone)}, which is not worked out; write \`at(…)\` in UTC`,
      );
    ends.push(`${time}Z`);
  }
  const [first] = ends.toSorted();
  if (first !== undefined) return { value: first };
  const [gap] = gaps;
  return gap === undefined
    ? unobserved('no schedule closes it; make one, or state its end where accounts are vended')
    : unobservedBy(gap);
}

function accountIn(input: unknown): unknown {
  try {
    const parsed: unknown = JSON.parse(String(input));
    return isRecord(parsed) ? parsed.AccountId : undefined;
  } catch {
    return undefined;
  }
}

const STATES: Readonly<Record<string, string | undefined>> = {
  ACTIVE: 'active',
  SUSPENDED: 'disabled',
  PENDING_CLOSURE: 'deleting',
  CLOSED: 'deleting',
};

/** `State` is the newer name of the same, with more states; AWS goes on to give both. */
function stateOf({ record, file }: Item): Statement {
  const { State, Status } = record;
  const told = State ?? Status;
  const state = STATES[String(told)];
  if (state !== undefined) return { value: state };
  return unobserved(`\`State\` in ${file} is ${JSON.stringify(told) ?? 'missing'}; look at the answer`);
}

/** An account that was invited is older than its place in the organisation. */
function createdAt(item: Item): Statement {
  if (item.record.JoinedMethod !== 'CREATED')
    return unobserved('it was not created in the organisation, and says nothing of when it was; state it');
  return required(timeOf(item, 'JoinedTimestamp'), 'the organisation does not say when it joined');
}
