/** Narrow screens, print, forced colours, reduced motion. */
export const CONDITIONS = `
@media (min-width: 72rem) {
  main > section { display: grid; grid-template-columns: 13rem minmax(0, 1fr); column-gap: 3rem; }
  main > section > * { grid-column: 2; }
  main > section > h2 { grid-column: 1; grid-row: 1; margin-top: 0.55rem; }
  main > section > .answer { grid-row: 1; margin-top: 0.2rem; }
}
@media (max-width: 48rem) {
  header { grid-template-columns: minmax(0, 1fr); }
  header nav { grid-column: 1; grid-row: auto; }
  header nav ol { justify-content: flex-start; }
  .assets { justify-content: flex-start; }
  .standard { grid-template-columns: minmax(0, 1fr); row-gap: 0.3rem; }
  .standard > :is(h4, .severity, .graph, .share, .counts, .note, .about, .about:not([open])) { grid-column: 1; grid-row: auto; }
  .least li { grid-template-columns: minmax(0, 1fr) 3.75rem; row-gap: 0.2rem; padding: 0.4rem 0; }
  .least a { grid-column: 1 / -1; }
  .finding > summary { grid-template-columns: minmax(0, 1fr); }
  .finding .inside { padding-left: 0; }
}
@media (prefers-reduced-motion: no-preference) { a, button { transition: border-color 120ms, color 120ms; } }
@media (prefers-contrast: more) { :root { --quiet: var(--ink); --line: var(--quiet); } }
@media (forced-colors: active) {
  .mark::before, .bar, .defs { forced-color-adjust: none; }
  .mark::before, .mark.unknown::before, .mark.fail::before, .mark.not-applicable::before { border-color: CanvasText; }
  .mark.pass::before { background: CanvasText; border-color: CanvasText; }
  .mark.unknown::before { background: repeating-linear-gradient(-45deg, CanvasText 0 1.5px, Canvas 1.5px 4px); }
  .bar .fail, .defs .gap { fill: Canvas; }
  .bar .pass, .bar .decided, .defs .stripe { fill: CanvasText; }
  .bar :is(.pass, .decided, .unknown, .fail, line) { stroke: CanvasText; }
  .card { border-color: CanvasText; }
}
@media print {
  :root { color-scheme: light; }
  html { font-size: 10pt; }
  body { max-width: none; padding: 0; }
  header nav, .skip, #filters, .copy, .more { display: none; }
  .mark::before { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .card, .standard, .finding, .blind > li { break-inside: avoid; }
  h2, h3, h4 { break-after: avoid; }
  section { padding: 1.25rem 0; }
  .rest::details-content, .figure::details-content { content-visibility: visible; display: block; }
}
`;
