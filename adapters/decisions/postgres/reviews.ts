import type { ReviewRecord, Reviews } from '../reviews.ts';
import { PAGE, type Session } from './schema.ts';

const COLUMNS = [
  'number',
  'title',
  'frozenAt',
  'frozenBy',
  'at',
  'known',
  'previous',
  'digest',
  'key',
] as const;

export function reviews({ db, enter }: Session): Reviews {
  const listed = () => db.selectFrom('macadam.review').select([...COLUMNS]);
  return {
    freeze: async (review) => {
      const { number, title, at, known, previous, digest, key } = review;
      enter('review.freeze', number, undefined, { title, at, known, previous, digest, key });
      return db
        .insertInto('macadam.review')
        .values({ ...review })
        .returning([...COLUMNS])
        .executeTakeFirstOrThrow();
    },
    review: async (number): Promise<ReviewRecord | null> =>
      (await listed().where('number', '=', number).executeTakeFirst()) ?? null,
    content: async (number) => {
      const row = await db
        .selectFrom('macadam.review')
        .select('content')
        .where('number', '=', number)
        .executeTakeFirst();
      return row?.content ?? null;
    },
    reviews: ({ after, limit = PAGE } = {}) => {
      const query = listed().orderBy('number', 'desc').limit(limit);
      return (after === undefined ? query : query.where('number', '<', after)).execute();
    },
  };
}
