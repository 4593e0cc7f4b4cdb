/** Keys of vaults that sign, each version of each: where they live, and who makes the next one. */
import { hash } from 'node:crypto';
import type { Observation, Statement } from '@macadam/core/facts/observation';
import { isRecord, type Json, recordIn } from '../answer.ts';
import { type ExportScope, type Listed, observationOf } from '../export.ts';
import { type ListingGap, listingGap, unobservedBy } from '../listing.ts';
import { unobserved } from '../statement.ts';
import type { VaultAnswers, VaultItem } from './vault-answers.ts';
import { publicJwk } from './vault-certificates.ts';

export function vaultKeysOf(
  scope: ExportScope,
  answers: VaultAnswers,
  /** Hosts of the vaults that the tenant has, and what keeps that list from being whole. */
  known: { readonly vaults: readonly string[]; readonly gaps: readonly ListingGap[] },
): Listed {
  const observations: Observation[] = [];
  const gaps: ListingGap[] = [...known.gaps];
  for (const vault of new Set([...known.vaults, ...answers.vaults])) {
    const { items, gaps: own } = answers.versions(vault, 'keys');
    gaps.push(...own);
    for (const item of items) {
      const signs = doesSign(item);
      if (signs === null)
        gaps.push(
          listingGap(
            'answer-misshapen',
            'failed',
            `\`key\` in ${item.file} does not say by \`key_ops\` what it is for; save it again`,
          ),
        );
      else if (signs) observations.push(keyOf(scope, item, answers));
    }
  }
  return { kind: 'signing-key', observations, gaps: distinct(gaps) };
}

/** One for each reason: a permission that is missing is missing of every key. */
const distinct = (gaps: readonly ListingGap[]): readonly ListingGap[] => [
  ...new Map(
    gaps.map((gap) => [
      `${gap.code}\n${gap.cause}\n${gap.code === 'permission-missing' ? '' : gap.why}`,
      gap,
    ]),
  ).values(),
];

/** What a key may do, by the names of RFC 7517 and some of the vault's own. */
const OPERATIONS: ReadonlySet<unknown> = new Set(
  'encrypt decrypt sign verify wrapKey unwrapKey import export'.split(' '),
);

function doesSign({ body: { key } }: VaultItem): boolean | null {
  const operations = isRecord(key) ? key.key_ops : undefined;
  if (!Array.isArray(operations)) return null;
  if (operations.includes('sign')) return true;
  return operations.every((one) => OPERATIONS.has(one)) ? false : null;
}

function keyOf(scope: ExportScope, item: VaultItem, answers: VaultAnswers): Observation {
  const { vault, name, version, body, file } = item;
  const id = `https://${vault}/keys/${name}/${version}`;
  const key: Json = recordIn(body.key);
  const properties: Json = recordIn(body.attributes);
  return observationOf(scope, {
    kind: 'signing-key',
    key: [scope.directory, id],
    name: `${name} in ${vault}`,
    attributes: {
      issuer: { value: scope.directory },
      key_id: { value: id },
      created_at: secondsOf(properties.created, file),
      storage: storageOf(key.kty, file),
      exportable: exportableOf(body, properties, file),
      made_in_hardware: madeOf(key.kty, file),
      public_thumbprint: thumbprintOf(key, file),
      rotation: rotationOf(item, answers),
    },
  });
}

const LATEST = 253_402_300_799;

function secondsOf(value: unknown, file: string): Statement {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= LATEST
    ? { value: new Date(value * 1000).toISOString() }
    : unobserved(`\`created\` in ${file} is no time in seconds; save the answer again`);
}

const strange = (type: unknown, file: string): Statement =>
  unobserved(`\`kty\` in ${file} is ${JSON.stringify(type) ?? 'missing'}, which is not known here`);

function storageOf(type: unknown, file: string): Statement {
  if (type === 'RSA-HSM' || type === 'EC-HSM') return { value: 'hsm' };
  return type === 'RSA' || type === 'EC' ? { value: 'key_service' } : strange(type, file);
}

function madeOf(type: unknown, file: string): Statement {
  if (type === 'RSA' || type === 'EC') return { value: false };
  return type === 'RSA-HSM' || type === 'EC-HSM'
    ? unobserved('a key that was brought into the module looks like one that was made there; state it')
    : strange(type, file);
}

function exportableOf({ managed }: Json, { exportable }: Json, file: string): Statement {
  if (managed === true)
    return unobserved(
      'it is the key of a certificate, whose policy says whether it is given out; look at `key_props` of the certificate',
    );
  return typeof exportable === 'boolean'
    ? { value: exportable }
    : unobserved(`\`exportable\` is not said in ${file}; ask with api-version 7.4`);
}

/** RFC 7638: the members that make the key, in their order. */
function thumbprintOf(key: Json, file: string): Statement {
  const jwk = publicJwk(key);
  if (jwk === null || jwk === 'secret')
    return unobserved(`\`key\` in ${file} is no public key that is known here; save the answer again`);
  const members = Object.keys(jwk).toSorted();
  // As tokens name the curve, whatever Node calls it.
  const text = JSON.stringify(jwk, members);
  return { value: hash('sha256', text, 'base64url') };
}

const ACTIONS: ReadonlySet<string> = new Set(['rotate', 'notify']);

/** The vault makes the next version by itself where its policy says so; who else might, it does not know. */
function rotationOf({ vault, name, body }: VaultItem, answers: VaultAnswers): Statement {
  if (body.managed === true)
    return unobserved(
      'it is the key of a certificate, which is renewed by the policy of that; look at its `lifetime_actions`',
    );
  const answer = answers.one(vault, `/keys/${name}/rotationpolicy`);
  if ('why' in answer) return unobservedBy(answer);
  const actions = answer.body?.lifetimeActions;
  const types = Array.isArray(actions) ? actions.map(actionOf) : [null];
  if (types.some((one) => one === null))
    return unobserved(`\`lifetimeActions\` in ${answer.file} are not known here; look at the policy`);
  return types.includes('rotate')
    ? { value: 'automatic' }
    : unobserved(
        `the rotation policy of ${name} makes no next version, and who makes one the vault does not know; let it rotate`,
      );
}

/** `rotate` or `notify`; null for what is not known, or has nothing that sets it off. */
function actionOf(one: unknown): string | null {
  const action = isRecord(one) && isRecord(one.action) ? one.action.type : undefined;
  const trigger = isRecord(one) && isRecord(one.trigger) ? one.trigger : {};
  const isSetOff = [trigger.timeAfterCreate, trigger.timeBeforeExpiry].some(
    (time) => typeof time === 'string' && /^P\d/.test(time),
  );
  const type = String(action).toLowerCase();
  return ACTIONS.has(type) && isSetOff ? type : null;
}
