/// <reference lib="dom" />
/**
 * Shows what would change as soon as somebody stops typing. Without it the same form is sent by its button. Sent to the browser as source:
 * refers to nothing outside.
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
  form.addEventListener('input', () => {
    clearTimeout(waiting);
    // What was given up for something newer says nothing.
    waiting = setTimeout(() => show().catch(() => undefined), 800);
  });
}
