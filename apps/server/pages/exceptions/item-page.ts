/** One exception, with what can still be decided about it. */

import type { Action } from '@macadam/adapters/authorisation/actions';
import { authorise } from '@macadam/adapters/authorisation/authorise';
import type { ExceptionRecord } from '@macadam/adapters/decisions/permissions';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { Attempt } from '@macadam/adapters/report-formats/html/form';
import { exceptionAt } from '@macadam/adapters/report-formats/html/link';
import { html } from '@macadam/adapters/report-formats/html/markup';
import { currentTree } from '@macadam/services/ownership/log';
import { z } from 'zod';
import { approveAsked, askException, foundException, ofException } from '../../api/exceptions.ts';
import type { RawAnswer } from '../../http/route.ts';
import {
  type FormCall,
  form,
  namesIn,
  readForm,
  shownPage,
  standingPage,
  type Visit,
  written,
} from '../page.ts';
import { exceptionBody } from './item.ts';
import { askedFor, askingOf, exceptionLine, ofAsked } from './list-page.ts';

const params = { id: z.string().min(1).max(500) };
const PATH = '/exceptions/:id';
const ASSETS = 200;

const DONE = {
  asked: 'It is asked for. Somebody else has to approve it before anything is permitted.',
  approved: 'It is in force.',
  refused: 'It is refused.',
  ended: 'It is over: what it covered is a failure again.',
} as const;
type Done = keyof typeof DONE;

const ACTS = { approve: 'Exception::approve', refuse: 'Exception::refuse', end: 'Exception::end' } as const;

async function page(
  call: Visit & {
    readonly params: { readonly id: string };
    readonly query: { readonly after?: string | undefined; readonly done?: Done | undefined };
  },
  tx: DecisionTransaction,
  attempt: Attempt | null = null,
): Promise<RawAnswer> {
  const { parts, caller } = call;
  const { id } = call.params;
  const resource = await ofException(call, tx);
  call.permit('Exception::read', resource);
  const record = await foundException(tx, id);
  const tree = await currentTree(parts.decisions, tx);
  const { after = '', done } = call.query;
  const accepted = await tx.permissions.exceptedAssets(id, { after, limit: ASSETS + 1 });
  const [grant] = await tx.permissions.granted({ ids: [id] });
  const line = exceptionLine(
    { ...record, assets: grant?.assets.length ?? 0 },
    call,
    tree,
    tx.at.slice(0, 10),
  );
  const may = Object.entries(ACTS).map(([name, action]) => ({
    name: name as keyof typeof ACTS,
    ...authorise(caller, action, resource),
  }));
  const approve = may.find(({ name }) => name === 'approve');
  const last = accepted.slice(0, ASSETS).at(-1);
  const body = exceptionBody({
    ...askingOf(call, tree, tx.at),
    line,
    attempt,
    accepted: accepted.slice(0, ASSETS).map(({ asset, accepted: value }) => ({ asset, value })),
    next: accepted.length > ASSETS && last ? exceptionAt(id, { after: last.asset }) : null,
    events: eventsOf(record, namesIn(tree).person),
    may: new Set(may.flatMap(({ name, allowed }) => (allowed ? [name] : []))),
    lacking:
      line.stage === 'waiting' && approve && !approve.allowed
        ? `You may not approve it: ${approve.reason}. ${await approversSaid(tx, record, namesIn(tree).person)}`
        : null,
    told: done ? DONE[done] : null,
  });
  return standingPage(call, {
    section: 'exceptions',
    heading: html`<bdi>${line.title}</bdi>`,
    title: line.title,
    below: true,
    body,
    when: html`Exception ${id}`,
  });
}

/** Who else could; where nobody can, what a single person does instead. */
async function approversSaid(
  tx: DecisionTransaction,
  { division, requestedBy }: ExceptionRecord,
  person: (id: string) => string,
): Promise<string> {
  const others = new Set<string>();
  for (let after = 0; ; ) {
    const roles = await tx.access.allRoles({ after });
    for (const one of roles)
      if (
        one.role === 'deputy-ciso' &&
        (one.division === '' || one.division === division) &&
        one.person !== requestedBy &&
        !one.person.startsWith('machine:')
      )
        others.add(person(one.person));
    const last = roles.at(-1);
    if (last === undefined) break;
    after = last.number;
  }
  if (others.size > 0) return `${[...others].sort().join(', ')} may.`;
  return (
    'Nobody else is deputy CISO here: an administrator gives a second person that role (POST /api/roles). ' +
    'Who is alone states the exception in macadam.yaml instead: it holds as well, and is shown as self-attested everywhere.'
  );
}

function eventsOf(record: ExceptionRecord, person: (id: string) => string) {
  const {
    requestedAt,
    requestedBy,
    approvedAt,
    approvedBy,
    refusedAt,
    refusedBy,
    endedAt,
    endedBy,
    endReason,
  } = record;
  const event = (at: string | null, by: string | null, what: string, text: string | null = null) =>
    at === null ? [] : [{ at, by: by === null ? null : person(by), what, text }];
  return [
    ...event(endedAt, endedBy, 'ended it', endReason),
    ...event(refusedAt, refusedBy, 'refused it'),
    ...event(approvedAt, approvedBy, 'approved it'),
    ...event(requestedAt, requestedBy, 'asked for it'),
  ];
}

type Acting = FormCall<typeof params>;

const acting = (
  name: string,
  summary: string,
  action: Action,
  does: (call: Acting, tx: DecisionTransaction) => Promise<string>,
) =>
  form({
    path: `${PATH}/${name}`,
    name,
    summary,
    params,
    action,
    of: async (call, tx) =>
      name === 'renew'
        ? ofAsked(call, tx, (await foundException(tx, call.params.id)).standard)
        : ofException(call, tx),
    does,
    reads: 'Exception::read',
    page: (call, tx, attempt) => page({ ...call, query: {} }, tx, attempt),
  });

export const exceptionItem = [
  shownPage({
    path: PATH,
    summary: 'Show an exception',
    params,
    action: 'Exception::read',
    of: ofException,
    query: {
      after: z.string().max(2000).optional(),
      done: z.enum(Object.keys(DONE) as [Done, ...Done[]]).optional(),
    },
    does: (call, tx) => page(call, tx),
  }),
  acting('approve', 'Approve an exception', 'Exception::approve', async (call, tx) => {
    const { proof } = readForm(z.strictObject({ proof: written }), call.body);
    await approveAsked(call, tx, proof);
    return exceptionAt(call.params.id, { done: 'approved' });
  }),
  acting('refuse', 'Refuse an exception', 'Exception::refuse', async ({ params: { id } }, tx) => {
    await tx.permissions.refuse(id);
    return exceptionAt(id, { done: 'refused' });
  }),
  acting('end', 'End an exception early', 'Exception::end', async ({ params: { id }, body }, tx) => {
    await tx.permissions.end(id, readForm(z.strictObject({ reason: written }), body).reason);
    return exceptionAt(id, { done: 'ended' });
  }),
  acting(
    'renew',
    'Ask for a renewal',
    'Exception::request',
    async ({ params: { id: renews }, body, parts }, tx) => {
      const { standard } = await foundException(tx, renews);
      const { id } = await askException(tx, parts, { ...readForm(askedFor, body), standard, renews });
      return exceptionAt(id, { done: 'asked' });
    },
  ),
];
