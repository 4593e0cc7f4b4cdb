/**
 * Who owns an asset: ordered rules, written down as data, of which the first that names somebody decides. The answer
 * shows every rule that was tried. An owner never ages out: who cannot be confirmed stays, and is called unconfirmed,
 * until something newer is said.
 */
import { z } from 'zod';
import type { Asset } from '../facts/asset.ts';
import type { Statement } from '../facts/observation.ts';
import { BOUNDS } from '../text/bounds.ts';
import { selects } from '../verdicts/exception.ts';
import { MS_OF_DAY } from '../work/batch.ts';
import { heirOf, type OrgTree } from './org.ts';

const id = z
  .string()
  .max(BOUNDS.id)
  .regex(/^[a-z][a-z0-9-]*$/, 'kebab-case');
const attribute = z
  .string()
  .max(BOUNDS.id)
  .regex(/^[a-z][a-z0-9_]*$/, 'the name of an attribute');
const unit = z.string().min(1).max(BOUNDS.id);
/** When somebody last said that the rule is right. */
const confirmed = z.iso.date().optional();

export const ownerRuleSchema = z.discriminatedUnion('by', [
  /** What people decided for the asset itself: in the backfill queue, or by handing over. */
  z.strictObject({ id, by: z.literal('explicit') }),
  /** Names in an attribute that holds owners. */
  z.strictObject({ id, by: z.literal('codeowners'), attribute: attribute.default('owners') }),
  /** The value of a tag: `key=value` in a list of words, or a record with `key` and `value`. */
  z.strictObject({
    id,
    by: z.literal('tag'),
    attribute: attribute.default('tags'),
    key: z.string().min(1).max(BOUNDS.id),
  }),
  /** Ids, names or places of assets; `*` stands for any characters. */
  z.strictObject({
    id,
    by: z.literal('path'),
    match: z.string().min(1).max(BOUNDS.assetId),
    owner: unit,
    confirmed,
  }),
  /** The owner of the asset that an attribute points to. */
  z.strictObject({ id, by: z.literal('relation'), attribute }),
  z.strictObject({ id, by: z.literal('fallback'), owner: unit, confirmed }),
]);
export type OwnerRule = z.infer<typeof ownerRuleSchema>;

/** The usual order: what people decided, what the files say, what the cloud says, where it stands. */
export const OWNER_RULES: readonly OwnerRule[] = [
  { id: 'decided', by: 'explicit' },
  { id: 'codeowners', by: 'codeowners', attribute: 'owners' },
  { id: 'tag', by: 'tag', attribute: 'tags', key: 'owner' },
  { id: 'repository', by: 'relation', attribute: 'repository' },
];

/** How a rule fared. `unobserved`: nobody could look, so it might have decided otherwise. */
export type RuleOutcome = 'decides' | 'silent' | 'unobserved' | 'not-asked';

export interface OwnerStep {
  readonly rule: string;
  readonly by: OwnerRule['by'];
  readonly outcome: RuleOutcome;
  /** Lower case, no final period. */
  readonly why: string;
}

export interface OwnerAnswer {
  readonly asset: string;
  /** A unit of the tree; null for nobody. */
  readonly owner: string | null;
  readonly state: 'confirmed' | 'unconfirmed' | 'nobody';
  /** When what decides was last seen or said, RFC 3339; null where it never was. */
  readonly confirmedAt: string | null;
  /** The rule that decides, or decided last. */
  readonly rule: string | null;
  readonly chain: readonly OwnerStep[];
}

export interface OwnerContext {
  readonly tree: OrgTree;
  readonly rules: readonly OwnerRule[];
  /** What people decided, by asset. */
  readonly decided: ReadonlyMap<string, { readonly owner: string; readonly by: string; readonly at: string }>;
  /** Names that sources use → units: `@acme/shop` → `shop`. Lower case. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly assetOf: (id: string) => Asset | undefined;
  readonly now: Date;
  /** For how many days a statement confirms an owner. */
  readonly confirmFor: number;
}

/** `before` is the last answer for the asset, which holds where a rule that decided then cannot be asked any more. */
export function owning(asset: Asset, context: OwnerContext, before: OwnerAnswer | null = null): OwnerAnswer {
  return answer(asset, context, before, new Set([asset.id]));
}

interface RuleFound {
  readonly outcome: 'decides' | 'silent' | 'unobserved';
  readonly why: string;
  readonly owner?: string;
  readonly at?: string | null;
  /** Of a relation: whether the owner of the other asset is confirmed. */
  readonly weak?: boolean;
}

const DEEPEST = 8;

function answer(
  asset: Asset,
  context: OwnerContext,
  before: OwnerAnswer | null,
  asked: ReadonlySet<string>,
): OwnerAnswer {
  const chain: OwnerStep[] = [];
  const dark = new Set<string>();
  let held: (RuleFound & { readonly rule: string }) | null = null;
  for (const rule of context.rules) {
    const base = { rule: rule.id, by: rule.by };
    if (held) {
      chain.push({ ...base, outcome: 'not-asked', why: `${held.rule} has decided` });
      continue;
    }
    const found = ask(rule, asset, context, asked);
    chain.push({ ...base, outcome: found.outcome, why: found.why });
    if (found.outcome === 'unobserved') dark.add(rule.id);
    if (found.owner !== undefined) held = { ...found, rule: rule.id };
  }
  const kept =
    before?.owner && before.rule !== null && dark.has(before.rule)
      ? heirOf(context.tree, before.owner)
      : null;
  if (before && kept !== null)
    return {
      asset: asset.id,
      owner: kept,
      state: 'unconfirmed',
      confirmedAt: before.confirmedAt,
      rule: before.rule,
      chain,
    };
  if (!held?.owner)
    return { asset: asset.id, owner: null, state: 'nobody', confirmedAt: null, rule: null, chain };
  const confirmedAt = held.at ?? null;
  const fresh =
    confirmedAt !== null && context.now.getTime() - Date.parse(confirmedAt) <= context.confirmFor * MS_OF_DAY;
  // A rule that could not be asked might have named somebody else.
  const state = fresh && dark.size === 0 && !held.weak ? 'confirmed' : 'unconfirmed';
  return { asset: asset.id, owner: held.owner, state, confirmedAt, rule: held.rule, chain };
}

function ask(rule: OwnerRule, asset: Asset, context: OwnerContext, asked: ReadonlySet<string>): RuleFound {
  switch (rule.by) {
    case 'explicit': {
      const decided = context.decided.get(asset.id);
      if (!decided) return { outcome: 'silent', why: 'nobody has decided' };
      return named([decided.owner], context, `${decided.by} decided`, decided.at);
    }
    case 'codeowners':
      return read(asset, rule.attribute, (names, at) =>
        named(names, context, `\`${rule.attribute}\` names`, at),
      );
    case 'tag':
      return read(asset, rule.attribute, (_, at, value) => {
        const tagged = tagOf(value, rule.key);
        return tagged === null
          ? { outcome: 'silent', why: `it has no tag \`${rule.key}\`` }
          : named([tagged], context, `the tag \`${rule.key}\` says`, at);
      });
    case 'path': {
      const texts = [asset.id, asset.name, asset.location?.path ?? asset.id];
      return texts.some((text) => selects(rule.match, text))
        ? named([rule.owner], context, `\`${rule.match}\` belongs to`, instant(rule.confirmed))
        : { outcome: 'silent', why: `it does not match \`${rule.match}\`` };
    }
    case 'relation':
      return read(asset, rule.attribute, ([id], at) => related(id, at, context, asked));
    case 'fallback':
      return named([rule.owner], context, 'what nobody else owns belongs to', instant(rule.confirmed));
  }
}

const instant = (day: string | undefined) => (day === undefined ? null : `${day}T00:00:00Z`);

/** Lets a rule see the words in an attribute, or says why they cannot be seen. */
function read(
  asset: Asset,
  name: string,
  see: (words: readonly string[], at: string | null, value: unknown) => RuleFound,
): RuleFound {
  const held = asset.attributes.get(name);
  if (!held) return { outcome: 'silent', why: `${asset.kind} has no attribute \`${name}\`` };
  const { statement } = held;
  if ('unobserved' in statement)
    return { outcome: 'unobserved', why: `\`${name}\` is ${statement.unobserved}: ${statement.why}` };
  const words = wordsOf(statement);
  const found = words.length === 0 ? { outcome: 'silent' as const, why: `\`${name}\` is empty` } : null;
  return found ?? see(words, held.observedAt, 'value' in statement ? statement.value : undefined);
}

function wordsOf(statement: Statement): readonly string[] {
  if (!('value' in statement)) return [];
  const values: readonly unknown[] = Array.isArray(statement.value) ? statement.value : [statement.value];
  return values.flatMap((value) =>
    typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : [],
  );
}

function tagOf(value: unknown, key: string): string | null {
  if (Array.isArray(value)) {
    for (const one of value) {
      if (typeof one === 'string' && one.startsWith(`${key}=`)) return one.slice(key.length + 1);
      if (typeof one === 'object' && one !== null && 'key' in one && one.key === key && 'value' in one)
        return String(one.value);
    }
    return null;
  }
  const record =
    typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  return Object.hasOwn(record, key) && typeof record[key] === 'string' ? record[key] : null;
}

/** The first of several names that the tree knows. */
function named(names: readonly string[], context: OwnerContext, says: string, at: string | null): RuleFound {
  for (const name of names) {
    const owner = unitOf(name, context);
    if (owner !== null)
      return {
        outcome: 'decides',
        why: `${says} \`${name}\`${owner === name ? '' : `, which is \`${owner}\``}`,
        owner,
        at,
      };
  }
  return { outcome: 'silent', why: `${says} \`${names.join('`, `')}\`, whom the organisation does not know` };
}

/** A unit as sources write it: its id, an alias, the end of `@acme/shop`, or a person with one team. */
export function unitOf(
  name: string,
  { tree, aliases }: Pick<OwnerContext, 'tree' | 'aliases'>,
): string | null {
  const bare = name.trim().replace(/^@/, '').toLowerCase();
  for (const text of [
    aliases.get(name.toLowerCase()),
    aliases.get(bare),
    name,
    bare,
    bare.split('/').at(-1),
  ]) {
    const unit = text === undefined ? null : heirOf(tree, text);
    if (unit !== null) return unit;
  }
  const person =
    tree.people.get(bare) ??
    [...(bare.includes('@') ? tree.people.values() : [])].find((one) => one.email === bare);
  return person?.units.size === 1 ? ([...person.units][0] ?? null) : null;
}

function related(
  id: string | undefined,
  at: string | null,
  context: OwnerContext,
  asked: ReadonlySet<string>,
): RuleFound {
  if (id === undefined) return { outcome: 'silent', why: 'it points to nothing' };
  if (asked.has(id) || asked.size >= DEEPEST) return { outcome: 'silent', why: `${id} leads back here` };
  const other = context.assetOf(id);
  if (!other) return { outcome: 'unobserved', why: `nobody has seen ${id}` };
  const { owner, state, confirmedAt, rule, chain } = answer(other, context, null, new Set([...asked, id]));
  const dark = chain.find(({ outcome }) => outcome === 'unobserved');
  if (owner === null)
    return {
      outcome: dark ? 'unobserved' : 'silent',
      why: `${id} has no owner${dark ? `: ${dark.why}` : ''}`,
    };
  const older = [at, confirmedAt].includes(null) ? null : ([at, confirmedAt].sort()[0] ?? null);
  return {
    outcome: 'decides',
    why: `${id} belongs to \`${owner}\` (${rule})`,
    owner,
    at: older,
    weak: state !== 'confirmed',
  };
}
