/** Accounts of AWS as tenants: this one, or all of its organisation where it may list them. */
import { assetId, type Observation, type Statement } from '@macadam/core/facts/observation';
import { type ExportScope, type Listed, observationOf } from '../export.ts';
import type { ListingGap } from '../listing.ts';
import { type Item, required, timeOf, unobserved } from '../statement.ts';
import { type AwsAnswers, errorIn, gapIn } from './answers.ts';

export const tenantId = (account: string): string => assetId('tenant', ['aws', account]);

export function accountsOf(scope: ExportScope, account: string, answers: AwsAnswers): Listed {
  if (!answers.has('organizations/list-accounts'))
    return {
      kind: 'tenant',
      observations: [accountOf(scope, account, null)],
      gaps: [...refusedOrganisation(answers), OTHERS],
    };
  const { items, gaps } = answers.list('organizations/list-accounts', 'Accounts');
  const seen = new Map(
    items.flatMap((item) => (typeof item.record.Id === 'string' ? [[item.record.Id, item] as const] : [])),
  );
  if (!seen.has(account)) {
    const own = accountOf(scope, account, null);
    const others = [...seen].map(([id, item]) => accountOf(scope, id, item));
    return { kind: 'tenant', observations: [own, ...others], gaps: [...gaps, OTHERS] };
  }
  return { kind: 'tenant', observations: [...seen].map(([id, item]) => accountOf(scope, id, item)), gaps };
}

/** Where not even whether there is an organisation could be asked. */
function refusedOrganisation(answers: AwsAnswers): readonly ListingGap[] {
  return answers.of('organizations/describe-organization').flatMap((answer) => {
    const isNone = errorIn(answer.body)?.code === answer.operation.noneCode;
    const gap = isNone ? null : gapIn(answer);
    return gap === null ? [] : [gap];
  });
}

const OTHERS = {
  code: 'tenants-not-listed',
  cause: 'incomplete',
  why: 'an account does not say which others the company has; ask from the management account, which may list them',
} as const;

function accountOf(scope: ExportScope, id: string, item: Item | null): Observation {
  const attributes: Record<string, Statement> = {
    cloud: { value: 'aws' },
    tenant_id: { value: id },
    ...(item === null ? {} : { state: stateOf(item), created_at: createdAt(item) }),
  };
  const name = item === null ? undefined : item.record.Name;
  return observationOf(scope, {
    kind: 'tenant',
    key: ['aws', id],
    name: typeof name === 'string' && name !== '' ? name : id,
    attributes,
  });
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
