/** The page's style sheet: the ground everything stands on, its sections, and the conditions it must also hold in. */
import { CONDITIONS } from './style/conditions.ts';
import { GROUND } from './style/ground.ts';
import { LIST } from './style/list.ts';
import { PAST } from './style/past.ts';
import { SECTIONS } from './style/sections.ts';

export const STYLE = [GROUND, SECTIONS, LIST, PAST, CONDITIONS].join('');
