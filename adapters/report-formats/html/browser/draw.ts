/// <reference lib="dom" />
/**
 * Draws rows of the list. Every text becomes a text node, so nothing that was read can be markup, and the page runs
 * under `require-trusted-types-for 'script'`. Sent to the browser as source: refers to nothing outside.
 */
import type { Address } from './address.ts';
import type { Payload, Row } from './rows.ts';

type Inside = Node | string | null;
/** A finding, or a piece of its evidence. */
type Shown = Pick<Row, 'location' | 'link' | 'code'> | NonNullable<Row['evidence']>[number];

export interface Draw {
  element(
    name: string,
    attributes: Readonly<Record<string, string>>,
    ...inside: readonly Inside[]
  ): HTMLElement;
  /** Appends the items to `list`, some at a time: what is not asked for is not in the document. */
  paged<Item>(list: HTMLElement, items: readonly Item[], each: (item: Item) => HTMLElement): void;
  row(row: Row): HTMLElement;
  group(name: string, rows: readonly Row[]): HTMLElement;
  count(value: number): string;
  title(standard: string): string;
}

export function draw(
  visible: (text: string) => string,
  safeLink: (link: string | undefined) => string | null,
  address: Address,
  payload: Payload,
): Draw {
  const PAGE = 50;
  const numbers = new Intl.NumberFormat('en-GB');
  const count = (value: number): string => numbers.format(value);
  const titles = new Map(payload.scan.standards.map((standard) => [standard.id, standard.title]));
  const title = (standard: string): string => titles.get(standard) ?? standard;
  const short = (text: string): string =>
    text.length > 300 ? `${text.slice(0, 300).toWellFormed()}…` : text;

  const element: Draw['element'] = (name, attributes, ...inside) => {
    const made = document.createElement(name);
    for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
    for (const child of inside) {
      if (child !== null) made.append(typeof child === 'string' ? visible(child) : child);
    }
    return made;
  };
  const place = (location: Row['location']): string =>
    location === null || location === undefined
      ? ''
      : location.path + (location.line === undefined ? '' : `:${location.line}`);

  const placed = (piece: Shown): HTMLElement => {
    const shown = element('code', { class: 'place' }, place(piece.location));
    const link = safeLink(piece.link);
    return link === null ? shown : element('a', { href: link, rel: 'noreferrer' }, shown);
  };
  const code = ({ code: lines, location }: Shown): HTMLElement | null =>
    lines === undefined
      ? null
      : element(
          'pre',
          { class: 'code' },
          ...lines.lines.map((text, index) =>
            element(
              'span',
              { class: lines.from + index === location?.line ? 'line here' : 'line' },
              element('span', { class: 'number' }, String(lines.from + index)),
              ` ${text}\n`,
            ),
          ),
        );

  const paged: Draw['paged'] = (list, items, each) => {
    let shown = 0;
    const more = element('button', { type: 'button', class: 'more' });
    const show = (): HTMLElement | undefined => {
      const fresh = items.slice(shown, shown + PAGE).map(each);
      list.append(...fresh);
      shown += fresh.length;
      const left = items.length - shown;
      more.textContent = `Show ${count(Math.min(PAGE, left))} more of ${count(left)}`;
      if (left === 0) more.remove();
      return fresh[0];
    };
    show();
    if (shown < items.length) list.after(more);
    more.addEventListener('click', () => show()?.querySelector('summary')?.focus());
  };

  const lazily = (details: HTMLElement, fill: () => readonly HTMLElement[]): HTMLElement => {
    details.addEventListener(
      'toggle',
      () => {
        if (details.querySelector(':scope > .inside') !== null) return;
        const inside = element('div', { class: 'inside' });
        details.append(inside);
        inside.append(...fill());
      },
      { once: true },
    );
    return details;
  };

  const evidence = (row: Row): HTMLElement | null => {
    const pieces = row.evidence ?? [];
    if (pieces.length === 0) return null;
    const list = element('ul', { class: 'evidence' });
    paged(list, pieces, (piece) =>
      element(
        'li',
        {},
        piece.location ? placed(piece) : null,
        element('span', { class: 'text' }, piece.text),
        element(
          'span',
          { class: 'quiet' },
          [piece.source ? `seen by ${piece.source}` : '', piece.observedAt ?? ''].filter(Boolean).join(', '),
        ),
        code(piece),
      ),
    );
    return element('div', {}, element('h3', {}, 'Evidence'), list);
  };

  const fix = (row: Row): HTMLElement | null => {
    if (row.verdict !== 'fail') return null;
    const written = document.getElementById(`fix-${row.standard}`)?.cloneNode(true);
    const box = element('div', { class: 'prose' }, element('h3', {}, 'How to fix'));
    if (payload.fixable.includes(row.standard)) {
      box.append(
        element(
          'p',
          {},
          'A patch can be written for you: ',
          element('code', {}, `macadam fix --standard ${row.standard}`),
        ),
      );
    }
    if (written instanceof HTMLElement) {
      written.removeAttribute('id');
      box.append(written);
    }
    return box.childElementCount > 1 ? box : null;
  };

  const facts = (row: Row): HTMLElement => {
    const list = element('dl', { class: 'facts' });
    const fact = (name: string, value: string, selection?: Parameters<Address['print']>[0]): void => {
      const shown = selection ? element('a', { href: address.print(selection) }, value) : value;
      list.append(element('div', {}, element('dt', {}, name), element('dd', {}, shown)));
    };
    fact('Standard', title(row.standard), { standard: row.standard, verdict: row.verdict });
    fact('Asset', `${row.asset.kind} ${row.asset.name}`);
    fact('Repository', row.repository, { repository: row.repository });
    fact('Owner', row.owner ?? 'nobody is known to own it', { owner: row.owner ?? '' });
    if (row.reason !== undefined) {
      fact('Reason', row.reason, { standard: row.standard, verdict: row.verdict, reason: row.reason });
    }
    if (row.assurance) fact('Assurance', row.assurance);
    if (row.exception) {
      const { reason, approver, until, selfAttested } = row.exception;
      const by = selfAttested
        ? `self-attested in the estate's file, which names ${approver}`
        : `approved by ${approver}`;
      fact('Excepted', `until ${until}, ${by}: ${reason}. It is still a failure.`);
    }
    if (row.fingerprint !== undefined) {
      fact('This finding', row.fingerprint, { finding: row.fingerprint });
      fact('Explain', `macadam explain ${row.fingerprint}`);
    }
    return list;
  };

  const row: Draw['row'] = (item) => {
    const verdict = item.exception ? 'fail, excepted' : item.verdict;
    const details = element(
      'details',
      { class: 'finding' },
      element(
        'summary',
        {},
        element('span', { class: `mark ${item.verdict}` }, verdict),
        element(
          'span',
          { class: 'what' },
          element('bdi', { class: 'name' }, short(item.asset.name)),
          element('span', { class: 'message' }, short(item.message ?? 'meets the standard')),
        ),
        element(
          'span',
          { class: 'where quiet' },
          element('span', { class: 'of' }, short(title(item.standard))),
          element('span', { class: 'who' }, item.owner === null ? 'no known owner' : short(item.owner)),
          element('code', { class: 'place' }, short(place(item.location))),
        ),
      ),
    );
    return element(
      'li',
      {},
      lazily(details, () =>
        [
          // The row above shows two lines of it; only what may be longer stands here again.
          (item.message ?? '').length > 120 ? element('p', { class: 'whole' }, item.message ?? '') : null,
          (item.evidence ?? []).some((piece) => piece.code !== undefined) ? null : code(item),
          evidence(item),
          fix(item),
          facts(item),
        ].filter((part) => part !== null),
      ),
    );
  };

  const group: Draw['group'] = (name, members) => {
    const fails = members.filter((member) => member.verdict === 'fail').length;
    const unknowns = members.filter((member) => member.verdict === 'unknown').length;
    const tally = [
      fails > 0 ? `${count(fails)} failing` : '',
      unknowns > 0 ? `${count(unknowns)} unknown` : '',
      members.length > fails + unknowns ? `${count(members.length - fails - unknowns)} others` : '',
    ];
    const details = element(
      'details',
      { class: 'group' },
      element(
        'summary',
        {},
        element('bdi', { class: 'name' }, short(name)),
        element('span', { class: 'quiet' }, tally.filter(Boolean).join(', ')),
      ),
    );
    return element(
      'li',
      {},
      lazily(details, () => {
        const holder = element('div', {});
        const list = element('ol', { class: 'rows' });
        holder.append(list);
        paged(list, members, row);
        return [holder];
      }),
    );
  };

  return { element, paged, row, group, count, title };
}
