/**
 * The page's script: the source text of a few functions that refer to nothing outside themselves and get each other
 * as arguments. So it is type-checked like all code, needs no build and survives bundling of the command line.
 */
import { address } from './browser/address.ts';
import { draw } from './browser/draw.ts';
import { rows } from './browser/rows.ts';
import { safeLink } from './browser/safe-link.ts';
import { start } from './browser/start.ts';
import { visible } from './browser/visible.ts';

export const SCRIPT = `'use strict';
{
const payload = JSON.parse(document.getElementById('payload').textContent);
const visible = (${visible});
const address = (${address})();
const rows = (${rows})(payload);
const safeLink = (${safeLink});
const draw = (${draw})(visible, safeLink, address, payload);
(${start})(address, rows, draw);
}
`;
