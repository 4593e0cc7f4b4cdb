/// <reference lib="dom" />
/**
 * What the waiting page does: asks how far the measuring is, shows the page as it is by then, and loads what was measured when it is
 * there. Sent to the browser as source: refers to nothing outside.
 */
export interface Watched {
  readonly ready: boolean;
  /** What is looked at now; deceptive characters are already visible. */
  readonly doing: string;
  readonly done: number;
  readonly total: number | null;
  /** Which of the page's steps it is in, from 0. */
  readonly stage: number;
}

export async function watch(): Promise<void> {
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
  /** False where the page is another one by now. */
  const show = async (): Promise<boolean> => {
    const headers = { accept: 'text/html' };
    const answer = await fetch(location.href, { cache: 'no-store', redirect: 'manual', headers });
    const parsed = new DOMParser().parseFromString(policy.createHTML(await answer.text()), 'text/html');
    const running = parsed.querySelector('.running');
    if (!answer.ok || running === null) return false;
    document.querySelector('.running')?.replaceWith(running);
    const symbols = document.querySelector('svg.defs');
    const known = new Set([...(symbols?.children ?? [])].map(({ id }) => id));
    for (const one of [...(parsed.querySelector('svg.defs')?.children ?? [])])
      if (!known.has(one.id)) symbols?.append(one);
    return true;
  };
  let shown = '';
  for (;;) {
    try {
      const watched: Watched = await (await fetch('/progress.json', { cache: 'no-store' })).json();
      const now = JSON.stringify(watched);
      if (watched.ready || (now !== shown && !(await show()))) {
        location.reload();
        return;
      }
      shown = now;
    } catch {
      document
        .getElementById('doing')
        ?.replaceChildren('Macadam has stopped. Start it again, then reload this page.');
      document.querySelector('progress')?.remove();
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 700));
  }
}
