/** A day as people and programs name it: of the calendar, and of the years that a store can keep. */
import { z } from 'zod';

const WORDS = 'it is not a date; give one such as 2027-03-01';

/** ISO 8601 has a year 0000, and PostgreSQL has none. */
export const aDay = z.iso.date(WORDS).refine((day) => !day.startsWith('0000'), WORDS);
