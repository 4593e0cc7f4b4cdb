/// <reference lib="dom" />
/**
 * What keeps a page of work as it is now while somebody looks at it: told of what happened to it, it is asked for again, and its content
 * put in place. What is being typed is left alone. Sent to the browser as source: refers to nothing outside.
 */
export function live(): void {
  const watched = document.querySelector<HTMLElement>('main [data-live]')?.dataset.live;
  if (watched === undefined || typeof EventSource === 'undefined') return;
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
  const typing = (): boolean =>
    [...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('main :is(input, textarea)')].some(
      (field) =>
        field === document.activeElement ||
        (field.type === 'checkbox' || field.type === 'radio'
          ? (field as HTMLInputElement).checked !== (field as HTMLInputElement).defaultChecked
          : field.value !== field.defaultValue),
    );
  const place = (): string | null => {
    const focused = document.activeElement;
    return focused instanceof HTMLAnchorElement ? focused.getAttribute('href') : null;
  };
  const show = async (): Promise<void> => {
    const main = document.querySelector('main');
    const address = new URL(location.href);
    // What was just done was said already.
    address.searchParams.delete('done');
    const answer = await fetch(address, { headers: { accept: 'text/html' }, redirect: 'manual' });
    if (!answer.ok || main === null) return;
    const parsed = new DOMParser().parseFromString(policy.createHTML(await answer.text()), 'text/html');
    const fresh = parsed.querySelector('main');
    if (fresh === null || typing()) return;
    const href = place();
    const open = [...main.querySelectorAll('details')].map((one) => one.open);
    main.replaceChildren(...fresh.childNodes);
    for (const [at, one] of [...main.querySelectorAll('details')].entries()) one.open = open[at] ?? one.open;
    const symbols = document.querySelector('svg.defs');
    const known = new Set([...(symbols?.children ?? [])].map(({ id }) => id));
    for (const one of [...(parsed.querySelector('svg.defs')?.children ?? [])])
      if (!known.has(one.id)) symbols?.append(one);
    if (href !== null)
      [...main.querySelectorAll<HTMLAnchorElement>('a')]
        .find((link) => link.getAttribute('href') === href)
        ?.focus();
    document.dispatchEvent(new Event('macadam:shown'));
  };
  let waiting: ReturnType<typeof setTimeout> | undefined;
  new EventSource('/api/events').addEventListener('entry', ({ data }) => {
    const { subject, action } = JSON.parse(data) as { subject: string; action: string };
    const concerns = watched === '*' ? action.startsWith('batch.') : subject === watched;
    if (!concerns) return;
    clearTimeout(waiting);
    waiting = setTimeout(show, 300);
  });
}
