/**
 * Signs of verdicts, standings and changes, of 12 × 12 px: full shapes are cut out of their colour, rings and hatching are gradients. So
 * they need no file and no drawing in the document, in a report that is a file as in the console.
 */
const TICK = 'M3 6.8 5.3 9.1 9.1 4.8 7.9 3.8 5.3 6.7 4.2 5.6z';
const CROSS = 'M1.7 3.1 3.1 1.7 6 4.6 8.9 1.7 10.3 3.1 7.4 6 10.3 8.9 8.9 10.3 6 7.4 3.1 10.3 1.7 8.9 4.6 6z';
const SMALL_CROSS =
  'M2.3 3.7 3.7 2.3 6 4.6 8.3 2.3 9.7 3.7 7.4 6 9.7 8.3 8.3 9.7 6 7.4 3.7 9.7 2.3 8.3 4.6 6z';

export const GLYPHS = `
/* Words within one are heard and not seen. */
:is(.g, .dots i) { display: block; flex: none; width: 12px; height: 12px; overflow: hidden; text-indent: 12px; white-space: nowrap; }
:is(.g-pass, .g-met) { background: var(--pass); clip-path: path(evenodd, 'M6 1a5 5 0 0 1 0 10A5 5 0 0 1 6 1z${TICK}'); }
.g-fixed { background: var(--pass); clip-path: circle(3.6px); }
.g-on-track { background: radial-gradient(circle, var(--pass) 1.7px, transparent 2.1px 3.4px, var(--pass) 3.8px 4.8px, transparent 5.2px); }
.g-became-known { background: radial-gradient(circle, transparent 2.4px, var(--pass) 2.8px 3.8px, transparent 4.2px); }
.g-fail { background: var(--fail); clip-path: path('${CROSS}'); }
.g-newly-failing { background: var(--fail); clip-path: path('${SMALL_CROSS}'); }
.g-off-track { background: var(--fail); clip-path: path(evenodd, 'M6 .4 11.6 6 6 11.6.4 6zM5.2 2.8h1.6v4.2H5.2zM5.2 7.7h1.6v1.6H5.2z'); }
:is(.g-unknown, .g-cannot-tell, .g-became-unknown)::before { content: ''; display: block; width: 10px; height: 10px; border: 1px solid var(--unknown); background: repeating-linear-gradient(-45deg, var(--unknown) 0 0.8px, transparent 0.8px 3px); transform: translate(1px, 1px); }
:is(.g-no-target, .g-said-so) { background: repeating-conic-gradient(var(--ink-3) 0 25deg, transparent 25deg 45deg); mask: radial-gradient(circle, transparent 3.5px, #000 3.9px 4.9px, transparent 5.2px); }
.g-added { background: var(--ink-3); clip-path: path('M5.25 2.8h1.5v2.45h2.45v1.5H6.75v2.45h-1.5V6.75H2.8v-1.5h2.45z'); }
:is(.g-removed, .g-not-applicable) { background: var(--ink-3); clip-path: path('M2.8 5.25h6.4v1.5H2.8z'); }
.dots { display: flex; gap: 3px; }
@media (forced-colors: active) {
  :is(.g, .dots i), :is(.g, .dots i)::before { forced-color-adjust: none; }
  :is(.g, .dots i) { --pass: CanvasText; --fail: Mark; --unknown: GrayText; --ink-3: CanvasText; }
  :is(.g-fail, .g-newly-failing) { --fail: CanvasText; }
}
`;
