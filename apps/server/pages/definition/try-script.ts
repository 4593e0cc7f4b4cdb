/// <reference lib="dom" />
/**
 * What helps whoever writes an expression: names while one types, and what would change as soon as one stops. Without it the same form
 * is sent by its button. Sent to the browser as source: refers to nothing outside.
 */
export function tryDraft(): void {
  const form = document.querySelector<HTMLFormElement>('form.trying');
  if (form === null) return;
  interface Policy {
    createHTML(text: string): string;
  }
  const types = (
    window as unknown as {
      trustedTypes?: { createPolicy(name: string, rules: { createHTML: (text: string) => string }): Policy };
    }
  ).trustedTypes;
  // Parsed and never run: nothing of what is put in place is a script.
  const policy: Policy = types?.createPolicy('macadam', { createHTML: (text) => text }) ?? {
    createHTML: (text) => text,
  };

  interface Name {
    readonly name: string;
    readonly type: string;
    readonly says: string;
  }
  const cells = (row: Element): Name => {
    const [name = '', type = '', says = ''] = [...row.children].map((cell) => cell.textContent ?? '');
    return { name, type, says };
  };
  const names: readonly Name[] = [
    ...[...form.querySelectorAll('.attributes tbody tr')].map(cells),
    ...[...form.querySelectorAll('.pair label')].map((label) => ({
      name: `params.${label.firstChild?.textContent ?? ''}`,
      type: 'parameter',
      says: label.querySelector('input')?.value ?? '',
    })),
    { name: 'now', type: 'timestamp', says: 'The moment of the judgement.' },
  ];

  const list = document.createElement('ul');
  list.className = 'complete';
  list.id = 'names';
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', 'Names that fit');
  let shownFor: HTMLTextAreaElement | null = null;
  let chosen = 0;
  const options = () => [...list.children] as HTMLElement[];
  const wordAt = (area: HTMLTextAreaElement): string =>
    /[A-Za-z_][\w.]*$/.exec(area.value.slice(0, area.selectionStart))?.[0] ?? '';
  const hide = (): void => {
    list.remove();
    shownFor?.removeAttribute('aria-activedescendant');
    shownFor = null;
  };
  const mark = (area: HTMLTextAreaElement, at: number): void => {
    const all = options();
    chosen = (at + all.length) % all.length;
    for (const [index, one] of all.entries()) one.setAttribute('aria-selected', String(index === chosen));
    area.setAttribute('aria-activedescendant', all[chosen]?.id ?? '');
  };
  const take = (area: HTMLTextAreaElement, name: string): void => {
    const word = wordAt(area);
    area.setRangeText(name, area.selectionStart - word.length, area.selectionStart, 'end');
    hide();
    area.dispatchEvent(new Event('input', { bubbles: true }));
    hide();
  };
  const offer = (area: HTMLTextAreaElement): void => {
    const word = wordAt(area);
    const fitting = names
      .filter(({ name }) => name !== word && (name.startsWith(word) || name.split('.')[1]?.startsWith(word)))
      .slice(0, 8);
    if (word.length < 2 || fitting.length === 0) {
      hide();
      return;
    }
    list.replaceChildren(
      ...fitting.map(({ name, type, says }, at) => {
        const one = document.createElement('li');
        one.id = `name-${at}`;
        one.setAttribute('role', 'option');
        for (const text of [name, type, says]) {
          const cell = document.createElement('span');
          cell.textContent = text;
          one.append(cell);
        }
        one.addEventListener('mousedown', (event) => {
          event.preventDefault();
          take(area, name);
        });
        return one;
      }),
    );
    area.after(list);
    area.setAttribute('aria-controls', list.id);
    shownFor = area;
    mark(area, 0);
  };

  let asked: AbortController | null = null;
  const show = async (): Promise<void> => {
    asked?.abort();
    asked = new AbortController();
    const fields = [...new FormData(form)].map(([name, value]) => [name, String(value)]);
    const address = `${form.action}?${new URLSearchParams(fields)}`;
    const answer = await fetch(address, {
      headers: { accept: 'text/html' },
      redirect: 'manual',
      signal: asked.signal,
    });
    if (!answer.ok) return;
    const text = await answer.text();
    const fresh = new DOMParser().parseFromString(policy.createHTML(text), 'text/html');
    for (const part of ['.head', '.against', '.result']) {
      const [now, next] = [document.querySelector(part), fresh.querySelector(part)];
      if (now && next) now.replaceWith(next);
    }
    for (const old of form.querySelectorAll('.wrongly')) old.remove();
    for (const area of form.querySelectorAll('[aria-invalid]')) {
      area.removeAttribute('aria-invalid');
      area.removeAttribute('aria-describedby');
    }
    for (const next of fresh.querySelectorAll('form.trying .wrongly')) {
      const of = document.getElementById(next.id.replace('wrong-', ''));
      of?.setAttribute('aria-invalid', 'true');
      of?.setAttribute('aria-describedby', next.id);
      (of?.closest('.editor') ?? of)?.after(next);
    }
    const symbols = document.querySelector('svg.defs');
    const known = new Set([...(symbols?.children ?? [])].map(({ id }) => id));
    for (const one of [...(fresh.querySelector('svg.defs')?.children ?? [])])
      if (!known.has(one.id)) symbols?.append(one);
    history.replaceState(null, '', address);
  };
  let waiting: ReturnType<typeof setTimeout> | undefined;
  form.addEventListener('input', ({ target }) => {
    if (target instanceof HTMLTextAreaElement && target.classList.contains('cel')) offer(target);
    clearTimeout(waiting);
    // What was given up for something newer says nothing.
    waiting = setTimeout(() => show().catch(() => undefined), 800);
  });
  form.addEventListener('focusout', hide);
  form.addEventListener('keydown', (event) => {
    const area = shownFor;
    if (area === null) return;
    if (event.key === 'ArrowDown') mark(area, chosen + 1);
    else if (event.key === 'ArrowUp') mark(area, chosen - 1);
    else if (event.key === 'Enter' || event.key === 'Tab')
      take(area, options()[chosen]?.firstChild?.textContent ?? '');
    else if (event.key === 'Escape') hide();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}
