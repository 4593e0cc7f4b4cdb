/** The exact change that a fix makes, and the command that makes it. */
import { html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { sentence } from '@macadam/adapters/report-formats/html/words';
import type { Proposal } from '@macadam/services/work/proposal';

/** `of`: where it is typed. */
export function commandOf(standard: string, proposal: Proposal | null): string {
  // A version that only the code host knows is asked of it by the one who types.
  const asks = proposal?.notes.some((note) => note.includes('--resolve')) ?? false;
  return `macadam fix . --standard ${standard}${asks ? ' --resolve' : ''}`;
}

export const commandBox = (command: string): Markup =>
  html`<div class="cmd"><code tabindex="0">${command}</code></div>`;

/** `patchAt`: address of the same as a file. */
export function changeSection(proposal: Proposal, patchAt: string): Markup {
  const { patch, notes, withheld, commit } = proposal;
  const said = notes.slice(0, MOST_NOTES);
  return html`<div class="h2"><h3>The exact change</h3>${patch !== '' && html`<span class="more"><a href="${patchAt}" download>as a patch</a></span>`}</div>
${patch !== '' && diff(patch)}
${withheld !== null && html`<p class="note">${sentence(withheld)}.</p>`}
${patch === '' && withheld === null && notes.length === 0 && html`<p class="note">The fix finds nothing to change at ${commit === null ? 'what was committed last' : html`<code>${commit.slice(0, 7)}</code>`}: it may be done already.</p>`}
${said.length > 0 && html`<ul class="note">${said.map((note) => html`<li>${sentence(note)}</li>`)}</ul>`}${notes.length > said.length && html`<p class="note">And ${notes.length - said.length} more; the command says all.</p>`}`;
}

const MOST_NOTES = 5;
const MOST_LINES = 120;

export function diff(patch: string): Markup {
  const lines = linesOf(patch);
  const shown = lines.slice(0, MOST_LINES);
  return html`<pre class="diff" tabindex="0">${shown.map(({ kind, text }) => html`<span class="${kind}">${text}</span>`)}${lines.length > shown.length && html`<span class="hunk">${lines.length - shown.length} more lines in the patch</span>`}</pre>`;
}

interface DiffLine {
  readonly kind: 'hunk' | 'ctx' | 'del' | 'ins';
  readonly text: string;
}

/** Lines of a unified diff with the numbers they have in their file, before and after. */
export function linesOf(patch: string): readonly DiffLine[] {
  const lines: DiffLine[] = [];
  let [before, after] = [0, 0];
  for (const line of patch.split('\n')) {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(line);
    if (hunk) [before, after] = [Number(hunk[1]), Number(hunk[2])];
    else if (line.startsWith('+++ ')) lines.push({ kind: 'hunk', text: line.replace(/^\+\+\+ (b\/)?/, '') });
    else if (/^(diff |index |--- |new file|similarity|old mode|new mode|\\ )/.test(line)) continue;
    else if (line.startsWith('-')) lines.push({ kind: 'del', text: numbered(before++, line.slice(1)) });
    else if (line.startsWith('+')) lines.push({ kind: 'ins', text: numbered(after++, line.slice(1)) });
    else if (line.startsWith(' ')) {
      lines.push({ kind: 'ctx', text: numbered(after++, line.slice(1)) });
      before++;
    }
  }
  return lines;
}

const numbered = (number: number, text: string) => `${String(number).padStart(3)}  ${text}`;
