/** On paper: light, without anything to press, with the date and what is made up at the foot. */
export const PRINT = `
@media print {
  @page { size: A4; margin: 12mm 12mm 14mm; @bottom-right { content: counter(page) ' of ' counter(pages); font: 8pt sans-serif; } @bottom-left { content: 'Macadam'; font: 8pt sans-serif; } }
  @page wide { size: A4 landscape; }
  @page made-up { @bottom-center { content: 'Simulated: every team, asset and figure is made up'; font: 8pt sans-serif; color: #6939a6; } }
  @page made-up-wide { size: A4 landscape; @bottom-center { content: 'Simulated: every team, asset and figure is made up'; font: 8pt sans-serif; color: #6939a6; } }
  :root { color-scheme: light !important; --row: 20px; --t-base: 8.5pt; --t-small: 7.5pt; --t-axis: 7pt; --t-page: 14pt; --t-read: 9pt; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .rail, .top, .acts, .tabs, .toast, .told, .skip, .made-up::before, .keys, details.twin, .btn, .copy, button, form, .pages, .masthead nav, #filters, #chips { display: none !important; }
  .shell, .main { display: block; padding: 0; }
  .main:has(.answers, .feeds, .force, table.tree) { page: wide; }
  .made-up .main { page: made-up; }
  .made-up .main:has(.answers, .feeds, .force, table.tree) { page: made-up-wide; }
  .only-print { display: block; }
  .print-head { display: flex; align-items: center; gap: var(--s-4); margin-bottom: 4mm; padding-bottom: 2mm; border-bottom: 1px solid var(--line-2); color: var(--ink-2); }
  .print-head .sim { margin-left: auto; height: 16px; }
  a { text-decoration: none !important; }
  .grid { width: 100%; margin-inline: 0; thead th { position: static; } }
  thead { display: table-header-group; }
  tfoot { display: table-row-group; }
  tr, .answers, .chart, .waterfall, .box, .card, .standard, .finding, .blind > li, .request { break-inside: avoid; }
  h2, h3, h4, .h2, .group { break-after: avoid; }
  .cols, .work, .asset, div.answer { display: block; }
  .cols > *, .work > *, .asset > * { margin-bottom: 6mm; }
  .detail { position: static; }
  .rest::details-content, .figure::details-content { content-visibility: visible; display: block; }
}
`;
