/// <reference lib="dom" />
/**
 * What keys do on every page: nothing that a link or a field does not do too, and nothing while a field has the focus. Sent to the
 * browser as source: refers to nothing outside.
 */
export function keys(): void {
  const places: Readonly<Record<string, string>> = {
    o: '/',
    w: '/work',
    r: '/reviews',
    s: '/standards',
    a: '/assets',
    e: '/exceptions',
    p: '/owners',
  };
  const rows = (): HTMLElement[] => [
    ...document.querySelectorAll<HTMLElement>(
      'main tbody tr:not(.group) th a, main .things .what a, main .repo li a, main .rows summary',
    ),
  ];
  const step = (by: number): void => {
    const all = rows();
    const at = all.indexOf(document.activeElement as HTMLElement);
    all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))]?.focus();
  };
  let going = false;
  document.addEventListener('keydown', (event) => {
    const at = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (at instanceof HTMLElement && at.matches('input, textarea, select, [contenteditable]')) {
      if (event.key === 'Escape') at.blur();
      return;
    }
    const key = event.key.toLowerCase();
    const place = going ? places[key] : undefined;
    going = key === 'g';
    if (place !== undefined) location.assign(place);
    else if (key === '/') document.querySelector<HTMLInputElement>('.search input')?.focus();
    else if (key === 'j') step(1);
    else if (key === 'k') step(-1);
    else if (key === 't') document.querySelector<HTMLElement>('.when summary')?.click();
    else if (key === '[') document.querySelector<HTMLElement>('.when > a:first-child')?.click();
    else if (key === ']') document.querySelector<HTMLElement>('.when > a:last-child')?.click();
    else if (key === 'escape')
      for (const open of document.querySelectorAll<HTMLDetailsElement>('details.pop[open]'))
        open.open = false;
    else return;
    event.preventDefault();
  });
}
