/** Thirty standards over applications, as a catalogue would hold them: lists, what is optional, times, approvals. */
import { join } from 'node:path';
import type { Kind } from '@macadam/core/kinds/kind';
import { type CompiledStandard, compileStandard } from '@macadam/core/verdicts/compiled-standard';
import { standardSchema } from '@macadam/core/verdicts/standard';
import { loadCatalogue } from '@macadam/services/catalogue/load';

interface Written {
  readonly id: string;
  readonly where?: string;
  readonly check: string;
  readonly params?: Readonly<Record<string, string | number | readonly string[]>>;
  /** Reasons before the last, which always holds. */
  readonly when?: readonly string[];
  readonly age: string;
}

const WRITTEN: readonly Written[] = [
  {
    id: 'have-owner-and-contact',
    where: 'asset.enabled',
    check:
      'asset.owners.size() > 0 && has(asset.emergency_contact) && now - asset.emergency_contact.confirmed_at <= params.confirmed',
    params: { confirmed: '4320h' },
    when: ['asset.owners.size() == 0', '!has(asset.emergency_contact)'],
    age: '30d',
  },
  {
    id: 'unused-are-removed',
    where: '!asset.break_glass',
    check:
      'has(asset.last_used_at) ? now - asset.last_used_at <= params.idle : now - asset.created_at <= params.grace',
    params: { idle: '2160h', grace: '720h' },
    when: ['!has(asset.last_used_at)'],
    age: '7d',
  },
  {
    id: 'multi-tenant-contained',
    where: 'asset.enabled && asset.multi_tenant',
    check:
      'asset.consent in params.consent && asset.credentials.all(c, c.kind != "secret") && asset.instances_locked && asset.privileges.all(p, !p.across_tenants || has(p.reviewed_at) && now - p.reviewed_at <= params.review)',
    params: { consent: ['own_tenant', 'listed_tenants'], review: '365d' },
    when: [
      '!(asset.consent in params.consent)',
      'asset.credentials.exists(c, c.kind == "secret")',
      '!asset.instances_locked',
    ],
    age: '7d',
  },
  {
    id: 'hold-no-secrets',
    where: 'asset.enabled',
    check: 'asset.credentials.all(c, c.kind != "secret")',
    age: '7d',
  },
  {
    id: 'credentials-end',
    check: 'asset.credentials.all(c, c.kind in ["federated", "managed"] || has(c.expires_at))',
    age: '7d',
  },
  {
    id: 'credentials-short-lived',
    where: 'asset.enabled',
    check: 'asset.credentials.all(c, !has(c.expires_at) || c.expires_at - c.added_at <= params.longest)',
    params: { longest: '4320h' },
    age: '7d',
  },
  {
    id: 'credentials-not-expired',
    check: 'asset.credentials.all(c, !has(c.expires_at) || c.expires_at > now)',
    age: '7d',
  },
  {
    id: 'production-credentials-renewed-early',
    where: 'asset.environment == "production"',
    check: 'asset.credentials.all(c, !has(c.expires_at) || c.expires_at > now + params.notice)',
    params: { notice: '720h' },
    when: ['asset.credentials.exists(c, has(c.expires_at) && c.expires_at <= now)'],
    age: '7d',
  },
  {
    id: 'credentials-few',
    check: 'asset.credentials.size() <= params.most',
    params: { most: 2 },
    age: '7d',
  },
  {
    id: 'credentials-rotated',
    where: 'asset.enabled',
    check: 'asset.credentials.all(c, c.kind == "managed" || now - c.added_at <= params.rotated)',
    params: { rotated: '8760h' },
    age: '7d',
  },
  {
    id: 'production-prove-by-platform',
    where: 'asset.enabled && asset.environment in ["production", "government"]',
    check: 'asset.credentials.exists(c, c.kind == "managed" || c.kind == "federated")',
    when: ['asset.credentials.size() == 0'],
    age: '7d',
  },
  {
    id: 'owners-two',
    check: 'asset.owners.size() >= params.least',
    params: { least: 2 },
    when: ['asset.owners.size() == 0'],
    age: '30d',
  },
  { id: 'owners-real', check: 'asset.owners.all(o, o != "unassigned")', age: '30d' },
  { id: 'contact-named', check: 'has(asset.emergency_contact)', age: '30d' },
  {
    id: 'contact-answers',
    where: 'asset.environment in ["production", "government"]',
    check: 'has(asset.emergency_contact) && now - asset.emergency_contact.confirmed_at <= params.confirmed',
    params: { confirmed: '2160h' },
    when: ['!has(asset.emergency_contact)'],
    age: '30d',
  },
  {
    id: 'contact-is-a-rota',
    check: '!has(asset.emergency_contact) || asset.emergency_contact.reach.startsWith("rota-")',
    age: '30d',
  },
  {
    id: 'consent-of-own-tenant',
    where: 'asset.multi_tenant',
    check: 'asset.consent == "own_tenant"',
    when: ['asset.consent == "any_tenant"'],
    age: '7d',
  },
  {
    id: 'consent-not-of-anybody',
    check: '!(asset.multi_tenant && asset.consent == "any_tenant")',
    age: '7d',
  },
  { id: 'instances-locked', check: '!asset.multi_tenant || asset.instances_locked', age: '7d' },
  {
    id: 'privileges-reviewed',
    where: 'asset.enabled',
    check: 'asset.privileges.all(p, has(p.reviewed_at) && now - p.reviewed_at <= params.review)',
    params: { review: '4320h' },
    when: ['asset.privileges.exists(p, !has(p.reviewed_at))'],
    age: '7d',
  },
  {
    id: 'privileges-allowed',
    check: 'asset.privileges.all(p, !(p.permission in params.forbidden))',
    params: { forbidden: ['Directory.ReadWrite.All', 'Mail.ReadWrite.All', 'Role.Assign.All'] },
    age: '7d',
  },
  {
    id: 'privileges-write-little',
    check: '!asset.privileges.exists(p, p.permission.endsWith(".ReadWrite.All"))',
    age: '7d',
  },
  {
    id: 'privileges-few',
    check: 'asset.privileges.size() <= params.most',
    params: { most: 3 },
    when: ['asset.privileges.size() > 5'],
    age: '7d',
  },
  {
    id: 'privileges-in-one-tenant',
    check: 'asset.privileges.all(p, !p.across_tenants)',
    age: '7d',
  },
  {
    id: 'government-isolated',
    where: 'asset.environment == "government"',
    check:
      'asset.enabled && !asset.multi_tenant && asset.credentials.all(c, c.kind in ["certificate", "managed"])',
    when: ['!asset.enabled', 'asset.multi_tenant'],
    age: '7d',
  },
  {
    id: 'disabled-are-deleted',
    where: '!asset.enabled',
    check: 'asset.break_glass || now - asset.created_at <= params.kept',
    params: { kept: '8760h' },
    age: '7d',
  },
  {
    id: 'emergency-only',
    where: 'asset.break_glass',
    check: '!has(asset.last_used_at) || now - asset.last_used_at >= params.quiet',
    params: { quiet: '168h' },
    age: '1d',
  },
  {
    id: 'trials-stay-small',
    where: 'asset.environment in ["development", "test"]',
    check: '!asset.multi_tenant && asset.privileges.size() == 0',
    when: ['asset.multi_tenant'],
    age: '7d',
  },
  {
    id: 'production-in-use',
    where: 'asset.environment == "production" && asset.enabled',
    check: 'now - asset.?last_used_at.orValue(asset.created_at) <= params.idle',
    params: { idle: '720h' },
    age: '1d',
  },
  {
    id: 'registered-in-known-directories',
    check: 'asset.directory in params.directories && asset.client_id.size() == 36',
    params: { directories: ['main', 'partners', 'labs'] },
    when: ['asset.client_id.size() != 36'],
    age: '7d',
  },
];

/** The kind as the catalogue has it, and the standards compiled against it. Throws what is wrong with one. */
export function applications(): { readonly kind: Kind; readonly standards: readonly CompiledStandard[] } {
  const { kinds } = loadCatalogue([join(import.meta.dirname, '../../..')]);
  const kind = kinds.get('application');
  if (!kind) throw new Error('the catalogue has no kind application');
  return { kind, standards: WRITTEN.map((written) => compiled(written, kind)) };
}

function compiled({ id, where, check, params, when = [], age }: Written, kind: Kind): CompiledStandard {
  const definition = standardSchema.parse({
    id: `applications-${id}`,
    pillar: 'tenants',
    title: 'A standard that benches measure',
    statement: 'What one condition says of an application.',
    why: 'It is asked of every application at once.',
    origin: { report: 'none', lesson: 'What is slow is not asked.' },
    scope: { kind: kind.kind, ...(where === undefined ? {} : { where }) },
    check,
    params: params ?? {},
    reasons: [
      ...when.map((condition, index) => ({ id: `reason-${index}`, when: condition, say: 'one of several' })),
      { id: 'rest', when: 'true', say: 'whatever else' },
    ],
    severity: 'low',
    measure: { kind: 'share' },
    evidence: { max_age: age },
    rollout: { state: 'observe', on_unknown: 'allow' },
    toil: { owner_minutes: 0 },
  });
  const standard = compileStandard(definition, kind, { file: id, lineOf: () => 1 });
  if ('mistakes' in standard)
    throw new Error(`${id}: ${standard.mistakes.map(({ reason }) => reason).join('; ')}`);
  return standard;
}
