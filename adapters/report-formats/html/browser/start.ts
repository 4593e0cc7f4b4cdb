/// <reference lib="dom" />
/**
 * Brings the page's list to life: the fragment is the only state, so links, the back button and a copied address all
 * do the same. Sent to the browser as source: refers to nothing outside.
 */
import type { Address, Selection } from './address.ts';
import type { Draw } from './draw.ts';
import type { Row, Rows } from './rows.ts';

export function start(address: Address, rows: Rows, draw: Draw): void {
  const OPTIONS = 200;
  const found = (id: string): HTMLElement => {
    const element = document.getElementById(id);
    if (element === null) throw new Error(`the page lacks \`${id}\``);
    return element;
  };
  const form = found('filters') as HTMLFormElement;
  const [heading, result, status, chips] = ['list-title', 'result', 'status', 'chips'].map(found);
  const search = form.elements.namedItem('search') as HTMLInputElement;
  const select = (name: string): HTMLSelectElement => form.elements.namedItem(name) as HTMLSelectElement;
  const grouping = select('group');
  let current: Selection = {};

  const facets: Readonly<Record<string, (row: Row) => string>> = {
    standard: (row) => row.standard,
    verdict: (row) => row.verdict,
    owner: (row) => row.owner ?? '',
    kind: (row) => row.asset.kind,
    repository: (row) => row.repository,
  };
  const worded = (key: string, value: string): string => {
    if (key === 'standard') return draw.title(value);
    if (key === 'owner' && value === '') return 'nobody';
    return value.length > 80 ? `${value.slice(0, 80).toWellFormed()}…` : value;
  };

  // An option's value is `=` and the value, since an owner may be the empty one and "any" needs the empty value.
  const fill = (key: string, of: (row: Row) => string): void => {
    const tally = new Map<string, number>();
    for (const row of rows.all) {
      const counts = key === 'verdict' || row.verdict === 'fail' || row.verdict === 'unknown';
      if (counts) tally.set(of(row), (tally.get(of(row)) ?? 0) + 1);
    }
    const ordered = [...tally].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    for (const [value, times] of ordered.slice(0, OPTIONS)) {
      select(key).append(
        draw.element('option', { value: `=${value}` }, `${worded(key, value)} (${draw.count(times)})`),
      );
    }
    if (ordered.length > OPTIONS) {
      const rest = draw.count(ordered.length - OPTIONS);
      select(key).append(draw.element('option', { disabled: '' }, `${rest} more: search by name`));
    }
  };

  const sync = (): void => {
    for (const key of Object.keys(facets)) {
      const value = current[key as keyof Selection];
      const field = select(key);
      const wanted = value === undefined ? '' : `=${value}`;
      if (![...field.options].some((option) => option.value === wanted)) {
        field.append(draw.element('option', { value: wanted }, worded(key, value ?? '')));
      }
      field.value = wanted;
    }
    grouping.value = current.group ?? '';
    if (document.activeElement !== search) search.value = current.search ?? '';
  };

  const show = (): void => {
    const chosen = rows.select(current);
    const assets = new Set(chosen.map((row) => row.asset.id)).size;
    const plain = current.verdict === 'pass' || current.verdict === 'not-applicable';
    const noun = plain ? 'verdict' : 'finding';
    status?.replaceChildren(
      `${draw.count(chosen.length)} ${noun}${chosen.length === 1 ? '' : 's'} on ` +
        `${draw.count(assets)} asset${assets === 1 ? '' : 's'}`,
    );
    const active = address.keys.filter((key) => key !== 'group' && current[key] !== undefined);
    chips?.replaceChildren(
      ...active.map((key) => {
        const { [key]: value = '', ...rest } = current;
        const href = Object.keys(rest).length === 0 ? '#findings' : address.print(rest);
        const label = `${key}: ${worded(key, value)}`;
        return draw.element(
          'li',
          {},
          draw.element('a', { href, 'aria-label': `Remove ${label}` }, `${label} ×`),
        );
      }),
    );
    const list = draw.element('ol', { class: 'rows' });
    result?.replaceChildren(list);
    if (chosen.length === 0)
      result?.replaceChildren(draw.element('p', { class: 'empty' }, 'Nothing is listed here.'));
    else if (current.group === undefined) draw.paged(list, chosen, draw.row);
    else {
      const group = current.group;
      draw.paged(list, rows.group(chosen, group), ({ name, rows: members }) =>
        draw.group(group === 'standard' ? draw.title(name) : name === '' ? 'no known owner' : name, members),
      );
    }
    if (current.finding !== undefined) {
      for (const details of list.querySelectorAll('details')) details.open = true;
    }
  };

  const follow = (focus: boolean): void => {
    const selection = address.parse(location.hash);
    current = selection ?? {};
    sync();
    show();
    if (selection === null || !focus) return;
    found('findings').scrollIntoView();
    heading?.focus({ preventScroll: true });
  };

  const chosenInForm = (): Selection => {
    const selection: { -readonly [key in keyof Selection]: Selection[key] } = { ...current };
    for (const key of Object.keys(facets) as (keyof Selection)[]) {
      const { value } = select(key);
      if (value === '') delete selection[key];
      else selection[key] = value.slice(1);
    }
    if (grouping.value === '') delete selection.group;
    else selection.group = grouping.value;
    if (search.value.trim() === '') delete selection.search;
    else selection.search = search.value;
    delete selection.finding;
    return selection;
  };
  const asFragment = (selection: Selection): string =>
    Object.keys(selection).length === 0 ? '#findings' : address.print(selection);

  for (const [key, of] of Object.entries(facets)) fill(key, of);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('change', (event) => {
    if (event.target === search) return;
    history.pushState(null, '', asFragment(chosenInForm()));
    follow(false);
  });
  // Typing is one step of the history, not one for each letter.
  search.addEventListener('input', () => {
    const href = asFragment(chosenInForm());
    if (current.search === undefined) history.pushState(null, '', href);
    else history.replaceState(null, '', href);
    follow(false);
  });
  addEventListener('hashchange', () => follow(true));
  for (const button of document.querySelectorAll<HTMLButtonElement>('button.copy')) {
    button.hidden = false;
    button.addEventListener('click', async () => {
      const code = button.previousElementSibling;
      const said = await navigator.clipboard.writeText(code?.textContent ?? '').then(
        () => 'Copied',
        () => 'Press Ctrl+C',
      );
      if (said !== 'Copied' && code !== null) getSelection()?.selectAllChildren(code);
      button.textContent = said;
      setTimeout(() => {
        button.textContent = 'Copy';
      }, 2000);
    });
  }
  found('live').hidden = false;
  follow(true);
}
