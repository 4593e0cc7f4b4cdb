/** How owners are decided here: rules and aliases that are data, each change a version with a reason. */

import type { OwnerRulesRecord } from '@macadam/adapters/decisions/organisation';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { heirOf, type OrgTree } from '@macadam/core/org/org';
import { OWNER_RULES, type OwnerRule, ownerRuleSchema } from '@macadam/core/org/owner';
import { BOUNDS } from '@macadam/core/text/bounds';
import type { RequestDiagnostic } from '@macadam/core/text/diagnostic';
import { z } from 'zod';

export interface OwnerSettings {
  /** 0 before anybody has set any: then the usual ones hold. */
  readonly version: number;
  readonly rules: readonly OwnerRule[];
  readonly aliases: ReadonlyMap<string, string>;
  /** Days. */
  readonly confirmFor: number;
}

export const ownerSettingsSchema = z.strictObject({
  rules: z.array(ownerRuleSchema).min(1).max(200),
  /** Names as sources write them → ids of units. */
  aliases: z
    .record(z.string().min(1).max(BOUNDS.id), z.string().min(1).max(BOUNDS.id))
    .refine((all) => Object.keys(all).length <= BOUNDS.items, `it has more than ${BOUNDS.items} names`)
    .meta({ maxProperties: BOUNDS.items })
    .default({}),
  confirmFor: z.int().min(1).max(3650).default(180),
});
export type GivenOwnerSettings = z.infer<typeof ownerSettingsSchema>;

/** Those in force. A version that this release cannot read is refused by throwing, never guessed. */
export async function ownerSettings(tx: DecisionTransaction): Promise<OwnerSettings> {
  const found = await tx.organisation.ownerRules();
  return found ? settingsIn(found) : { version: 0, rules: OWNER_RULES, aliases: new Map(), confirmFor: 180 };
}

/** Those of one version; null where there is no such. Throws as `ownerSettings`. */
export async function earlierSettings(
  tx: DecisionTransaction,
  version: number,
): Promise<OwnerSettings | null> {
  const found = await tx.organisation.ownerRules(version);
  return found && settingsIn(found);
}

function settingsIn(found: OwnerRulesRecord): OwnerSettings {
  const { rules, aliases, confirmFor } = ownerSettingsSchema.parse({
    rules: found.rules,
    aliases: found.aliases,
    confirmFor: found.confirmFor,
  });
  return { version: found.number, rules, aliases: new Map(Object.entries(aliases)), confirmFor };
}

/** A new version, unless something in it names what is not there. */
export async function setOwnerSettings(
  tx: DecisionTransaction,
  given: GivenOwnerSettings,
  reason: string,
  tree: OrgTree,
): Promise<OwnerSettings | { readonly objections: readonly RequestDiagnostic[] }> {
  const objections = objectionsTo(given, tree);
  if (objections.length > 0) return { objections };
  const aliases = Object.fromEntries(
    Object.entries(given.aliases).map(([name, unit]) => [name.toLowerCase(), unit]),
  );
  await tx.organisation.setOwnerRules({
    rules: given.rules,
    aliases,
    confirmFor: given.confirmFor,
    reason,
  });
  return ownerSettings(tx);
}

function objectionsTo({ rules, aliases }: GivenOwnerSettings, tree: OrgTree): readonly RequestDiagnostic[] {
  const strange = (field: string, unit: string): readonly RequestDiagnostic[] =>
    heirOf(tree, unit) === null
      ? [{ field, reason: `there is no unit \`${unit}\``, fix: 'name a unit of today, by its id' }]
      : [];
  const ids = rules.map(({ id }) => id);
  return [
    ...rules.flatMap((rule, at) => [
      ...(ids.indexOf(rule.id) === at
        ? []
        : [
            {
              field: `rules.${at}.id`,
              reason: `there is a rule \`${rule.id}\` already`,
              fix: 'give it another id',
            },
          ]),
      ...('owner' in rule ? strange(`rules.${at}.owner`, rule.owner) : []),
      ...(rule.by === 'fallback' && at < rules.length - 1
        ? [
            {
              field: `rules.${at}`,
              reason: 'what follows a fallback is never asked',
              fix: 'put the fallback last',
            },
          ]
        : []),
    ]),
    ...Object.entries(aliases).flatMap(([name, unit]) => strange(`aliases.${name}`, unit)),
  ];
}
