/** The organisation of a day: the tree, and who is accountable for what. */

import { count } from '@macadam/adapters/report-formats/figures';
import { pathWith } from '@macadam/adapters/report-formats/html/link';
import { html, joined, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { plural } from '@macadam/adapters/report-formats/html/words';
import { LEVELS, type OrgTree, type OrgUnit } from '@macadam/core/org/org';
import { verifiedSaid } from '../who/contact.ts';

export interface OrganisationPage {
  readonly tree: OrgTree;
  readonly today: string;
}

/** The first line of the page. */
export function organisationHeading({ units, people }: OrgTree): string {
  if (units.size === 0) return 'Nothing is known of the organisation on this day.';
  const number = (level: OrgUnit['level']) =>
    [...units.values()].filter((unit) => unit.level === level).length;
  const levels = LEVELS.slice(1).flatMap((level) =>
    number(level) === 0 ? [] : [plural(number(level), level)],
  );
  return `${levels.join(', ')}, ${count(people.size)} ${people.size === 1 ? 'person' : 'people'}.`;
}

/** A division with more units below it is folded. */
const OPEN = 30;

export function organisationBody({ tree, today }: OrganisationPage): Markup {
  const { units, people, accountabilities, merged, day } = tree;
  const below = Map.groupBy(units.values(), ({ parent }) => parent ?? '');
  const staff = new Map<string, number>();
  for (const { units: own } of people.values())
    for (const unit of own) staff.set(unit, (staff.get(unit) ?? 0) + 1);
  const tops = [...units.values()].filter(({ parent }) => parent === null || !units.has(parent));
  return html`<section aria-labelledby="tree"><h2 id="tree">Teams and people</h2>
<form class="ask" action="/organisation" aria-label="Day"><label>On<input type="date" name="on" value="${day}" required></label><button>Show</button>${day !== today && html` <a href="/organisation">Today</a>`}</form>
<div class="tree"><ul>${tops.map((unit) => unitItem(unit, { below, staff, today }))}</ul></div></section>
<section aria-labelledby="accountable"><h2 id="accountable">Accountable people<span class="sub">${accountabilities.size === 0 ? 'none is named on this day' : count(accountabilities.size)}</span></h2>
${
  accountabilities.size > 0 &&
  html`<div class="scroll" tabindex="0" role="group" aria-label="Accountabilities"><table class="past"><thead><tr><th scope="col">Who</th><th scope="col">For</th></tr></thead><tbody>${[
    ...accountabilities.values(),
  ].map(
    ({ person, for: covers }) =>
      html`<tr><th scope="row"><bdi>${people.get(person)?.name ?? person}</bdi></th><td>${coversSaid(covers, units)}</td></tr>`,
  )}</tbody></table></div>`
}
${merged.size > 0 && html`<h3>Ended, and who took over</h3><ul>${[...merged].map(([from, into]) => html`<li><code>${from}</code> into <bdi>${units.get(into)?.name ?? into}</bdi></li>`)}</ul>`}</section>`;
}

interface Below {
  readonly below: ReadonlyMap<string, readonly OrgUnit[]>;
  readonly staff: ReadonlyMap<string, number>;
  readonly today: string;
}

function unitItem(unit: OrgUnit, around: Below): Markup {
  const { id, name, level, contacts } = unit;
  const own = [...(around.below.get(id) ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
  const staff = around.staff.get(id) ?? 0;
  const line = html`${level === 'team' ? html`<a href="${pathWith('/work', { team: id })}"><bdi>${name}</bdi></a>` : html`<strong><bdi>${name}</bdi></strong>`} <span class="level">${level}${name !== id && html` <code>${id}</code>`}${staff > 0 && `, ${count(staff)} ${staff === 1 ? 'person' : 'people'}`}</span>${contacts.map((one) => html` <span class="level">· ${one.by} ${one.address} (${verifiedSaid(one.verified, around.today)})</span>`)}`;
  const list = html`<ul>${own.map((child) => unitItem(child, around))}</ul>`;
  if (own.length === 0) return html`<li>${line}</li>`;
  return own.length > OPEN
    ? html`<li>${line}<details><summary>${plural(own.length, 'unit')} below</summary>${list}</details></li>`
    : html`<li>${line}${list}</li>`;
}

function coversSaid(
  { unit, pillar, kind }: { readonly unit?: string; readonly pillar?: string; readonly kind?: string },
  units: OrgTree['units'],
) {
  const parts = [
    unit !== undefined && html`<bdi>${units.get(unit)?.name ?? unit}</bdi>`,
    pillar !== undefined && html`the pillar ${pillar}`,
    kind !== undefined && html`everything that is a ${kind.replaceAll('-', ' ')}`,
  ].filter((one) => one !== false);
  return parts.length === 0 ? 'everything' : joined(parts, (one) => one);
}
