/** Names of pillars and of causes, as leaders read them. */
import type { Glyph } from '@macadam/adapters/report-formats/html/signs';
import type { CauseOfChange } from '../history/causes.ts';

const PILLAR_NAMES: Readonly<Record<string, string>> = {
  identities: 'Identities and secrets',
  tenants: 'Tenants and isolation',
  networks: 'Networks',
  engineering: 'Engineering systems',
  detection: 'Monitor and detect',
  response: 'Response',
  governance: 'Culture and governance',
};
export const PILLAR_ORDER: readonly string[] = Object.keys(PILLAR_NAMES);
export const pillarName = (pillar: string): string =>
  Object.hasOwn(PILLAR_NAMES, pillar) ? (PILLAR_NAMES[pillar] ?? pillar) : pillar;

/** What each cause of a change is called. */
export const CAUSE_NAMES: Readonly<Record<CauseOfChange, string>> = {
  entered: 'added',
  fixed: 'fixed',
  regressed: 'newly failing',
  lost: 'became unknown',
  revealed: 'became known',
  left: 'removed',
  tightened: 'by a stricter standard',
  relaxed: 'by a looser standard',
  reassigned: 'moved to another team',
  excepted: 'exceptions',
};
export const CAUSE_SIGNS: Readonly<Record<CauseOfChange, Glyph>> = {
  entered: 'added',
  fixed: 'fixed',
  regressed: 'newly-failing',
  lost: 'became-unknown',
  revealed: 'became-known',
  left: 'removed',
  tightened: 'newly-failing',
  relaxed: 'fixed',
  reassigned: 'not-applicable',
  excepted: 'not-applicable',
};
/** How a row of why it moved is drawn. */
export const CAUSE_KINDS: Readonly<Record<CauseOfChange, 'better' | 'worse' | 'unknown' | 'scope'>> = {
  entered: 'scope',
  fixed: 'better',
  regressed: 'worse',
  lost: 'unknown',
  revealed: 'scope',
  left: 'scope',
  tightened: 'worse',
  relaxed: 'better',
  reassigned: 'scope',
  excepted: 'scope',
};

const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
/** `two`; more than ten in figures. */
export const inWords = (value: number): string => NUMBERS[value] ?? value.toLocaleString('en-US');

export const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
