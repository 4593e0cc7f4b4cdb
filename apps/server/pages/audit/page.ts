/** The log of decisions as a page, for auditors. */
import { authorise, COMPANY } from '@macadam/adapters/authorisation/authorise';
import { type AuditVerdict, verifyAudit } from '@macadam/adapters/decisions/audit';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { pathWith } from '@macadam/adapters/report-formats/html/link';
import { currentTree } from '@macadam/services/ownership/log';
import { z } from 'zod';
import { type RawAnswer, stagedAnswer } from '../../http/route.ts';
import { namesIn, standingPage, type Visit } from '../page.ts';
import { HTML } from '../page-answer.ts';
import { auditBody, auditHeading } from './body.ts';

const PAGE = 50;
export const auditPages = [
  stagedAnswer({
    method: 'GET',
    path: '/audit',
    summary: 'Show the audit log, and whether it is whole',
    media: HTML,
    action: 'Audit::read',
    of: 'anywhere',
    // To verify it is to read all of it.
    holds: 'search',
    query: {
      action: z.string().max(100).optional(),
      subject: z.string().max(1000).optional(),
      before: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
      verify: z.enum(['yes']).optional(),
    },
    does: async (call, transact) => {
      // To read the whole log is to read it a page at a time, each in a transaction of its own.
      const { verify } = call.query;
      const verified = verify === undefined ? null : await verifyAudit(call.parts.decisions.auditLog());
      return transact((tx) => auditPage(call, tx, verified), { readOnly: true });
    },
  }),
];

async function auditPage(
  call: Visit & { readonly query: AuditQuery },
  tx: DecisionTransaction,
  verified: AuditVerdict | null,
): Promise<RawAnswer> {
  const { action = '', subject = '', before } = call.query;
  const found = await tx.auditEntries({
    limit: PAGE + 1,
    after: before,
    ...(action !== '' && { action }),
    ...(subject !== '' && { subject }),
  });
  const entries = found.slice(0, PAGE);
  const head = await tx.auditHead();
  const { person } = namesIn(await currentTree(call.parts.decisions, tx));
  const filters = { action: action || undefined, subject: subject || undefined };
  const last = entries.at(-1)?.number;
  const page = {
    entries,
    action,
    subject,
    newest: head.number,
    digest: head.digest,
    verified,
    mayTake: authorise(call.caller, 'Audit::sample', COMPANY).allowed,
    older:
      found.length > PAGE && last !== undefined
        ? pathWith('/audit', { ...filters, before: String(last) })
        : null,
    first: before === undefined ? null : pathWith('/audit', filters),
    person,
  };
  return standingPage(call, {
    section: 'audit',
    title: 'Audit log',
    heading: auditHeading(page),
    when: 'Everything that was decided here and by whom; nothing is ever taken out of it.',
    body: auditBody(page),
  });
}

interface AuditQuery {
  readonly action?: string | undefined;
  readonly subject?: string | undefined;
  readonly before?: number | undefined;
}
