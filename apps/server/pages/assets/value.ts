/** What is known of an attribute, in few words. */

import { count } from '@macadam/adapters/report-formats/figures';
import { type Child, html } from '@macadam/adapters/report-formats/html/markup';
import { sign } from '@macadam/adapters/report-formats/html/signs';
import { isUnobserved, type Statement, type Value } from '@macadam/core/facts/observation';

const MOST = 3;
const LONGEST = 80;

export function valueSaid(statement: Statement): Child {
  if (isUnobserved(statement)) return html`${sign('unknown', 'unknown')} ${statement.why}`;
  if (!('value' in statement)) return html`<span class="ink-3">there is none</span>`;
  const { value, complete } = statement;
  if (Array.isArray(value)) {
    const partial = complete === false ? ', and perhaps more' : '';
    if (value.length === 0) return html`<span class="ink-3">none${partial}</span>`;
    const texts = value.filter((one): one is string => typeof one === 'string');
    return texts.length === value.length
      ? `${texts.slice(0, MOST).map(shortened).join(', ')}${value.length > MOST ? `, ${count(value.length - MOST)} more` : ''}${partial}`
      : `${count(value.length)}${partial}`;
  }
  return plainValue(value);
}

function plainValue(value: Value): Child {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return count(value);
  if (typeof value === 'string') return html`<bdi>${shortened(value)}</bdi>`;
  if (isUnobserved(value as Statement)) return html`${sign('unknown', 'unknown')} not known`;
  const fields = Object.entries(value).filter(([, one]) => one !== undefined && typeof one !== 'object');
  return html`<bdi>${shortened(fields.map(([name, one]) => `${name} ${one}`).join(', '))}</bdi>`;
}

const shortened = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);
