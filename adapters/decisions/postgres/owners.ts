import { sql } from 'kysely';
import type { Organisation, OwnerDecision, OwnerRecord } from '../organisation.ts';
import { chunks, PAGE, ROWS, type Session } from './schema.ts';

type Owners = Pick<
  Organisation,
  'setOwnerRules' | 'ownerRules' | 'decideOwner' | 'decideOwners' | 'ownersSettled' | 'ownersDecided'
>;

export function owners({ db, enter }: Session): Owners {
  /** One act about assets of one team. First where they are taken from: the entry of a refusal is the last one. */
  const logged = (some: readonly OwnerDecision[], detail: object) => {
    const [first] = some;
    if (!first) return;
    const { act, asset, division, previousDivision = division } = first;
    const subject = some.length === 1 ? asset : `${some.length} assets`;
    if (previousDivision !== division) enter('owner.leave', subject, previousDivision, { act, ...detail });
    enter(`owner.${act}`, subject, division, detail);
  };
  return {
    setOwnerRules: async ({ rules, aliases, confirmFor, reason }) => {
      enter('owner.rules', 'owner rules', undefined, { rules, aliases, confirmFor, reason });
      return db
        .insertInto('macadam.ownerRules')
        .values({ rules: JSON.stringify(rules), aliases: JSON.stringify(aliases), confirmFor, reason })
        .returningAll()
        .executeTakeFirstOrThrow();
    },
    ownerRules: async (number) => {
      const query = db.selectFrom('macadam.ownerRules').selectAll().orderBy('number', 'desc').limit(1);
      const found = number === undefined ? query : query.where('number', '=', number);
      return (await found.executeTakeFirst()) ?? null;
    },

    decideOwner: async (decision) => {
      const { asset, act, team, previousTeam, division, reason } = decision;
      logged([decision], { team, previousTeam, reason });
      return db
        .insertInto('macadam.ownerDecision')
        .values({ asset, act, team, previousTeam, division, reason })
        .returningAll()
        .executeTakeFirstOrThrow();
    },
    decideOwners: async (decisions) => {
      const acts = Map.groupBy(decisions, (one) =>
        JSON.stringify([one.act, one.division, one.team, one.previousTeam, one.reason, one.previousDivision]),
      );
      for (const some of acts.values()) {
        const { team, previousTeam, reason } = some[0] ?? {};
        logged(some, { team, previousTeam, reason, assets: some.map(({ asset }) => asset) });
      }
      const written: OwnerRecord[] = [];
      for (const some of chunks(decisions, ROWS))
        written.push(
          ...(await db
            .insertInto('macadam.ownerDecision')
            .values(
              some.map(({ asset, act, team, previousTeam, division, reason }) => ({
                asset,
                act,
                team,
                previousTeam,
                division,
                reason,
              })),
            )
            .returningAll()
            .execute()),
        );
      return written;
    },
    ownersSettled: async (assets) => {
      const { rows } =
        await sql<OwnerRecord>`select * from macadam.owners_settled(${[...assets]}::text[])`.execute(db);
      return rows;
    },
    ownersDecided: ({ after = '', limit = PAGE } = {}) =>
      db
        .selectFrom('macadam.ownerDecision')
        .distinctOn('asset')
        .selectAll()
        // As the index has it, so that it serves.
        .where(sql<boolean>`act in ('assign', 'accept', 'confirm', 'release')`)
        .where('asset', '>', after)
        .orderBy('asset')
        .orderBy('number', 'desc')
        .limit(limit)
        .execute(),
  };
}
