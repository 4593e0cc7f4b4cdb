/// <reference lib="dom" />
/**
 * A box that goes anywhere, at Ctrl K: pages and standards by any part of their name, and everything else by a search. Nothing that links
 * and the search field do not do too. Sent to the browser as source: refers to nothing outside.
 */
export function palette(): void {
  interface Goal {
    readonly label: string;
    readonly href: string;
    readonly sort: string;
  }
  const MOST = 9;
  let goals: readonly Goal[] = [];
  const pages = (): Goal[] =>
    [...document.querySelectorAll<HTMLAnchorElement>('.rail li a[href^="/"]')].map((link) => ({
      label: [...link.childNodes]
        .filter((node) => node.nodeType === Node.TEXT_NODE)
        .map((node) => node.textContent ?? '')
        .join(' ')
        .trim(),
      href: link.getAttribute('href') ?? '/',
      sort: 'page',
    }));
  const standards = async (): Promise<Goal[]> => {
    try {
      const answer = await fetch('/api/standards?limit=500');
      const { items } = (await answer.json()) as {
        items: { id: string; label?: string; title: string }[];
      };
      return items.map(({ id, label, title }) => ({
        label: label ?? title,
        href: `/standards/${encodeURIComponent(id)}`,
        sort: 'standard',
      }));
    } catch {
      // Then the search finds what the list would have.
      return [];
    }
  };
  const fitting = (text: string): Goal[] => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const found = goals.filter(({ label }) => words.every((word) => label.toLowerCase().includes(word)));
    const asked = encodeURIComponent(text);
    const searches = [
      { label: `Whom to call about “${text}”`, href: `/who?text=${asked}`, sort: 'search' },
      { label: `Assets called “${text}”`, href: `/assets?text=${asked}`, sort: 'search' },
    ];
    return [...found.slice(0, MOST), ...(text === '' ? [] : searches)];
  };

  const made = <K extends keyof HTMLElementTagNameMap>(name: K, text = ''): HTMLElementTagNameMap[K] => {
    const one = document.createElement(name);
    one.textContent = text;
    return one;
  };
  const build = (): HTMLDialogElement => {
    const dialog = made('dialog');
    dialog.className = 'all-keys palette';
    dialog.setAttribute('aria-label', 'Go to');
    const input = made('input');
    input.type = 'search';
    input.placeholder = 'A page, a standard, an asset, an owner';
    input.setAttribute('aria-label', 'Go to');
    input.autocomplete = 'off';
    const list = made('ul');
    const draw = (): void =>
      list.replaceChildren(
        ...fitting(input.value.trim()).map(({ label, href, sort }) => {
          const row = made('li');
          const link = made('a', label);
          link.href = href;
          row.append(link, made('span', sort));
          return row;
        }),
      );
    input.addEventListener('input', draw);
    dialog.addEventListener('keydown', (event) => {
      const links = [...list.querySelectorAll('a')];
      const at = links.indexOf(document.activeElement as HTMLAnchorElement);
      if (event.key === 'ArrowDown') links[Math.min(links.length - 1, at + 1)]?.focus();
      else if (event.key === 'ArrowUp') (at <= 0 ? input : links[at - 1])?.focus();
      else if (event.key === 'Enter' && at < 0) links[0]?.click();
      else return;
      event.preventDefault();
    });
    dialog.append(input, list);
    document.body.append(dialog);
    draw();
    void standards().then((more) => {
      goals = [...pages(), ...more];
      draw();
    });
    return dialog;
  };
  document.addEventListener('keydown', (event) => {
    if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    event.preventDefault();
    goals = goals.length > 0 ? goals : pages();
    const dialog = document.querySelector<HTMLDialogElement>('dialog.palette') ?? build();
    if (!dialog.open) dialog.showModal();
    const input = dialog.querySelector('input');
    input?.focus();
    input?.select();
  });
}
