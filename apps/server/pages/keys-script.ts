/// <reference lib="dom" />
/**
 * What keys do on every page, and what a hand does better than a link: copying. Nothing that a link, a button or a field does not do too,
 * and nothing while a field has the focus. Sent to the browser as source: refers to nothing outside.
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
  const help: readonly (readonly [string, string])[] = [
    ['/', 'search'],
    ['Ctrl K', 'go to a page, a standard, an asset, an owner'],
    ['G, then O W R S A E P', 'overview, work, reviews, standards, assets, exceptions, owners'],
    ['J K', 'next, previous row'],
    ['Enter', 'open the row'],
    ['X', 'choose the row'],
    ['C', 'copy the command'],
    ['R', 'check again'],
    ['H', 'hand over'],
    ['D', 'it is wrong'],
    ['E', 'ask for an exception'],
    ['U', 'undo'],
    ['T', 'date'],
    ['[ ]', 'review before, after'],
    ['F', 'filter'],
    ['P', 'print'],
    ['Esc', 'back, close'],
  ];
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
  /** What the page marked for a key; a link to a folded form opens it. */
  const marked = (key: string): boolean => {
    const found = document.querySelector<HTMLElement>(`main [data-key="${key}"]`);
    found?.click();
    return found !== null;
  };
  const choose = (): void => {
    const row = document.activeElement?.closest('tr, li');
    row?.querySelector<HTMLInputElement>('input[type="checkbox"]')?.click();
  };
  const filter = (): void =>
    document.querySelector<HTMLElement>('main form:is(.ask, #filters) :is(input, select)')?.focus();

  const part = (name: string, text: string): HTMLElement => {
    const made = document.createElement(name);
    made.textContent = text;
    return made;
  };
  const showHelp = (): void => {
    const shown = document.querySelector<HTMLDialogElement>('dialog.all-keys');
    if (shown !== null) {
      shown.showModal();
      return;
    }
    const dialog = document.createElement('dialog');
    dialog.className = 'all-keys';
    dialog.setAttribute('aria-label', 'Keys');
    const list = document.createElement('dl');
    for (const [key, does] of help) list.append(part('dt', key), part('dd', does));
    const close = part('button', 'Close') as HTMLButtonElement;
    close.addEventListener('click', () => dialog.close());
    dialog.append(
      part('h2', 'Keys'),
      list,
      part('p', 'They can be turned off in your menu, at the top right.'),
      close,
    );
    document.body.append(dialog);
    dialog.showModal();
  };

  /** Beside each command and token a button that copies it. */
  const addCopies = (): void => {
    for (const box of document.querySelectorAll<HTMLElement>('main .cmd:not(:has(.copy))')) {
      const text = box.querySelector('code')?.textContent ?? '';
      const button = part('button', 'Copy') as HTMLButtonElement;
      button.type = 'button';
      button.className = 'copy btn small';
      button.dataset.key = 'c';
      button.addEventListener('click', async () => {
        await navigator.clipboard?.writeText(text);
        button.textContent = 'Copied';
      });
      box.append(button);
    }
  };
  if (navigator.clipboard !== undefined) {
    addCopies();
    document.addEventListener('macadam:shown', addCopies);
  }

  let going = false;
  document.addEventListener('keydown', (event) => {
    const at = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (at instanceof HTMLElement && at.matches('input, textarea, select, [contenteditable], cel-editor')) {
      if (event.key === 'Escape') at.blur();
      return;
    }
    const dialog = document.querySelector<HTMLDialogElement>('dialog.all-keys[open]');
    if (dialog !== null) {
      if (event.key === 'Escape') dialog.close();
      return;
    }
    const key = event.key.toLowerCase();
    const place = going ? places[key] : undefined;
    going = key === 'g';
    if (place !== undefined) location.assign(place);
    else if (key === '/') document.querySelector<HTMLInputElement>('.search input')?.focus();
    else if (key === '?') showHelp();
    else if (key === 'j' || key === 'arrowdown') step(1);
    else if (key === 'k' || key === 'arrowup') step(-1);
    else if (key === 'x') choose();
    else if (key === 'f') filter();
    else if (key === 'p') print();
    else if (key === 't') document.querySelector<HTMLElement>('.when summary')?.click();
    else if (key === '[') document.querySelector<HTMLElement>('.when > a:first-child')?.click();
    else if (key === ']') document.querySelector<HTMLElement>('.when > a:last-child')?.click();
    else if ('crhdeu'.includes(key)) {
      if (!marked(key)) return;
    } else if (key === 'escape') {
      const open = [...document.querySelectorAll<HTMLDetailsElement>('details.pop[open]')];
      for (const one of open) one.open = false;
      if (open.length === 0) document.querySelector<HTMLElement>('main a.back')?.click();
    } else return;
    event.preventDefault();
  });
}
