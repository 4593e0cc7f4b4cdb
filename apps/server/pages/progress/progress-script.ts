/// <reference lib="dom" />
/**
 * What the waiting page does: asks how far the measuring is, says so, and loads the report when it is there. Sent to
 * the browser as source: refers to nothing outside.
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
  const bar = document.querySelector('progress');
  const doing = document.getElementById('doing');
  const say = (text: string): void => doing?.replaceChildren(text);
  for (;;) {
    let watched: Watched;
    try {
      watched = await (await fetch('/progress.json', { cache: 'no-store' })).json();
    } catch {
      say('Macadam has stopped. Start it again, then reload this page.');
      bar?.remove();
      return;
    }
    if (watched.ready) {
      location.reload();
      return;
    }
    say(watched.doing);
    for (const [at, step] of [...document.querySelectorAll('.stages li')].entries())
      step.className = at < watched.stage ? 'done' : at === watched.stage ? 'is' : '';
    if (bar !== null && watched.total !== null && watched.total > 0) {
      bar.max = watched.total;
      bar.value = watched.done;
    }
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
}
