/**
 * Tells words from random letters, without a dictionary: how often one letter follows another in the identifiers and
 * the prose of public repositories. Machine-made text takes every pair as often as any other.
 */

/** A row for each first letter, a digit for each second one: 5 is as often as chance has it, each step double or half. */
const PAIRS = [
  '26762461614868060878553353',
  '62226211520611521442500030',
  '72427207506620820647600040',
  '63348220710422520451520030',
  '74786653423768364987454742',
  '51126510720510610533400040',
  '50006045500425510641400010',
  '62107000600232600424400020',
  '65766660123769850677160406',
  '30004000100000310030300000',
  '41026210500202210151301010',
  '72358211802722740055531060',
  '74117000601351670042400030',
  '72777583624435631278452131',
  '54663450534778560866656321',
  '71237124502720750756500150',
  '00000000000200000000600000',
  '83569341805465730576542150',
  '51638316704433662168613150',
  '71539327800533730776503261',
  '55545340500657260666000201',
  '60107100600000400000200000',
  '50015004500204510430000000',
  '30304201400000050005000100',
  '32314220300433350244002030',
  '30005000300000300010000011',
];
const WEIGHTS = Uint8Array.from(PAIRS.join(''), Number);
const A = 97;
/** The mean weight of the pairs of a word is at least this; of 1,000 random strings of 24 characters ten reach a share of 0.4. */
const WORDLIKE = 5;

/** Letters of the same word: in lower case with one capital before it, or all capitals. */
const WORD = /[A-Z]?[a-z]{2,}|[A-Z]{3,}/g;

/** The share of the characters of `value` that stand in what reads like a word of three letters or more, from 0 to 1. */
export function wordShare(value: string): number {
  let letters = 0;
  for (const [word] of value.matchAll(WORD)) if (isWordlike(word)) letters += word.length;
  return value === '' ? 0 : letters / value.length;
}

function isWordlike(word: string): boolean {
  if (word.length < 3) return false;
  const lower = word.toLowerCase();
  let weight = 0;
  for (let i = 1; i < lower.length; i++) {
    weight += WEIGHTS[(lower.charCodeAt(i - 1) - A) * 26 + lower.charCodeAt(i) - A] ?? 0;
  }
  return weight >= WORDLIKE * (lower.length - 1);
}
