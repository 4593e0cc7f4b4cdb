/** Narrower than a desk: two columns become one, then signs alone in the rail, then a bar at the bottom and rows of short lines. */
export const NARROW = `
/* Beside every column, names of standards would have the width of a word. */
@media screen and (max-width: 1399px) {
  .standards :is(td, th):nth-child(5) { display: none; }
  .standards thead th:nth-child(7) { width: 136px; }
  .standards.accountable :is(td, th):nth-child(7) { display: none; }
}
@media screen and (max-width: 1279px) {
  .answers { grid-template-columns: 156px minmax(0, 1fr) minmax(0, 1fr); }
  .answers > section:nth-child(4) { padding-left: 0; border-left: 0; }
  .answers > section:nth-child(n + 4) { border-top: 1px solid var(--line); }
  .answers:not(.three) > section:nth-child(4) { grid-column: 1 / 3; }
  .answers.three { grid-template-columns: 1fr 1fr; }
  .answers.three > section:nth-child(3) { grid-column: 1 / -1; padding-left: 0; border-left: 0; border-top: 1px solid var(--line); }
  .standards :is(td, th):is(:nth-child(10):nth-last-child(3), :nth-last-child(2)) { display: none; }
  .standards .group .name { max-width: 450px; }
  .cols.who, .cols.two, .cols.two.even, .cols.running, .cols.define, .cols.own, .cols.trend, .work, .asset, .request { grid-template-columns: minmax(0, 1fr); }
  .side { display: grid; grid-template-columns: 1fr 1fr; gap: 0 var(--s-7); }
  .side .now { grid-row: 1 / 3; border: 0; }
  .feeds :is(.w-p, .feed) { display: none; }
  .weigh { display: grid; grid-template-columns: 1fr 1fr; align-items: start; gap: 0 var(--s-7); padding: var(--s-3) 0 0; border-left: 0; border-top: 1px solid var(--line); }
  .force .w-div2, .force :is(th, td):nth-child(3) { display: none; }
}
@media screen and (max-width: 1099px) {
  div.answer { display: flex; flex-direction: column; }
  .force :is(.std, .p) { white-space: normal; line-height: 1.3; }
  table.tree :is(.ft, .w-ft) { display: none; }
  .standards :is(td, th):nth-child(7) { display: none; }
  .standards .group .name { max-width: 270px; }
}
@media screen and (max-width: 899px) {
  :root { --rail: 52px; }
  .rail { .rail-in { padding-inline: 6px; } :is(.company, .foot, .n) { display: none; } li a { gap: 40px; overflow: hidden; padding: 0 12px; } .n.call { display: block; position: absolute; top: 4px; right: 4px; width: 7px; height: 7px; overflow: hidden; border-radius: 50%; background: var(--fail); text-indent: 20px; } }
  .rail .brand { gap: 40px; overflow: hidden; padding: 0 11px; }
  .d-long { display: none; }
  .d-short { display: inline; }
  .standards :is(td, th):nth-child(8) { display: none; }
  .starts, .kit { grid-template-columns: minmax(0, 1fr); }
  .head { flex-wrap: wrap; gap: var(--s-3); .acts { margin-left: 0; } }
  .standard { grid-template-columns: minmax(0, 1fr) auto; h4, .graph, .share, .counts, .note, .about, .about:not([open]) { grid-column: 1 / -1; grid-row: auto; } h4 { grid-column: 1; } .severity { grid-column: 2; grid-row: 1; } }
  .finding > summary { grid-template-columns: minmax(0, 1fr); }
  .finding .inside { padding-left: 0; }
  .masthead { grid-template-columns: minmax(0, 1fr); nav { grid-column: 1; grid-row: auto; } }
}
@media screen and (max-width: 639px) {
  :root { --row: 28px; --t-page: 1.125rem; --t-base: 0.875rem; --t-small: 0.8125rem; }
  .only-wide { display: none; }
  .whatif :is(th, td):nth-child(n + 5) { display: none; }
  .only-narrow { display: block; }
  .shell { grid-template: var(--top) 1fr / minmax(0, 1fr); grid-template-areas: 'top' 'main'; }
  .main { padding: var(--s-4) var(--s-5) calc(72px + env(safe-area-inset-bottom)); }
  .top { gap: var(--s-3); padding-inline: var(--s-5); }
  .search { flex: none; width: 36px; min-width: 0; height: 34px; padding: 0 10px;
    input { flex: 0; width: 0; }
    kbd { display: none; }
    &:focus-within { position: absolute; z-index: 1; inset: 6px var(--s-5); width: auto; }
    &:focus-within input { flex: 1; }
  }
  .when { height: 34px; & > * { border: 0 !important; } & > :not(.pop) { display: none; } }
  .menu { right: -60px; :is(a, button) { min-height: 40px; } }
  .me-pop .menu { right: 0; }
  .btn, button { min-height: 36px; }
  .btn.small { min-height: 32px; }
  .btn kbd, .keys { display: none; }
  .rail { position: fixed; z-index: 5; inset: auto 0 0; border: 0; border-top: 1px solid var(--line-2);
    .rail-in { position: static; height: auto; padding: 0 var(--s-3) env(safe-area-inset-bottom); overflow: visible; }
    :is(.brand, .company, .foot, ul + ul) { display: none; }
    ul { display: flex; justify-content: space-around; }
    li { flex: 1 1 0; min-width: 0; }
    li a { flex-direction: column; justify-content: center; gap: 3px; width: auto; height: 56px; padding: 0; font-size: var(--t-axis); }
    li a[aria-current] { background: none; }
    li .icon { width: 20px; height: 20px; }
    .n.call { top: 6px; right: 16px; }
    li:not(.phone, .nav-more) { display: none; }
    .nav-more { display: block; }
  }
  .rail:target { inset: 0; padding-top: var(--s-6); overflow-y: auto;
    ul, ul + ul { display: block; margin: 0; }
    li, .nav-less { display: block; }
    .nav-more { display: none; }
    li a { flex-direction: row; justify-content: flex-start; gap: var(--s-4); width: auto; height: 44px; padding: 0 var(--s-4); font-size: var(--t-head); }
    .n { display: block; position: static; width: auto; height: auto; overflow: visible; background: none; text-indent: 0; font-size: var(--t-small); }
  }
  .side { display: block; }
  .head .acts { flex-wrap: wrap; width: 100%; .btn { flex: 1; justify-content: center; } }
  .answers, .answers.three { grid-template-columns: minmax(0, 1fr); }
  .answers > section { grid-column: 1 / -1 !important; padding: var(--s-3) 0 !important; border-left: 0 !important; }
  .answers > section + section { border-top: 1px solid var(--line); }
  .answers > .decisions { order: -1; border-top: 0 !important; border-bottom: 1px solid var(--line); }
  .answers h2:has(.sub) { display: block; line-height: 1.4; white-space: normal; .sub { display: block; margin: 0; } }
  .asks li { height: 36px; }
  .tabs { flex-wrap: wrap; a { height: 34px; } }
  .h2 { flex-wrap: wrap; }
  .list-head .legend { width: 100%; margin: var(--s-3) 0; justify-content: space-between; }
  .grid { table-layout: auto; :is(th, td) { white-space: normal; } thead th { position: static; } .name a, td > a, th > a { display: inline-block; padding-block: 4px; line-height: 1.35; } }
  .examples :is(th, td):nth-child(4) { display: none; }
  .kinds :is(th, td) { padding-inline: 2px; }

  .standards, .standards tbody { display: block; }
  .standards thead { display: none; }
  .standards tr { display: grid; grid-template: 'name name fc' auto 'least share most' auto 'pts cause cr' auto / 50px minmax(0, 1fr) auto; gap: 1px var(--s-3); padding: 9px var(--s-3); border-bottom: 1px solid var(--line); }
  .standards tr > * { height: auto !important; min-height: 22px; padding: 0 !important; border: 0 !important; box-shadow: none !important; }
  .standards th { grid-area: name; }
  .standards td:last-child { grid-area: fc; text-align: right; font-size: var(--t-small); }
  .standards td:nth-child(2) { grid-area: least; text-align: left; }
  .standards td:nth-child(3) { grid-area: share; align-self: center; }
  .standards td:nth-child(4) { grid-area: most; text-align: right; }
  .standards td:nth-child(6) { grid-area: pts; text-align: left; color: var(--ink-2); }
  .standards td:nth-child(7) { display: block; grid-area: cause; color: var(--ink-2); }
  .standards td:nth-child(9) { grid-area: cr; font-size: var(--t-small); a::after { content: ' unknown'; font-weight: 400; } }
  .standards .group { grid-template: 'name' auto 'tally' auto / 1fr; background: var(--sunken); > * { background: none; } td:nth-child(n + 3) { display: none; } td:nth-child(2) { grid-area: tally; .name { flex-wrap: wrap; gap: 2px var(--s-3); width: auto; max-width: none; } } }
  .evidence { gap: 0 var(--s-4); & > :not(:last-child)::after { content: none; } }
  .pillars { :is(th, td, col):nth-child(n + 6) { display: none; } .w-k { width: 54px; } thead th { height: auto; white-space: normal; } }
  .facts { display: grid; grid-template-columns: 1fr 1fr; gap: var(--s-3) var(--s-4); & > :first-child { grid-column: 1 / -1; } }
  .w-bar { width: 72px; } .w-n, .w-s { width: 52px; }
  table.failing { &, tbody, tr, th, td { display: block; } :is(colgroup, thead) { display: none; } tr { padding: var(--s-3) 0; border-bottom: 1px solid var(--line); } tr > * { padding: 0 !important; border: 0 !important; box-shadow: none !important; } td { display: inline-flex; gap: 6px; margin: 4px 0 0 20px; } .name { flex-wrap: wrap; gap: 0 var(--s-3); } }
  .when:not(:has(.pop)) { display: none; }
  :is(.tree, .holds) td.num { vertical-align: baseline; a { min-width: 0; line-height: inherit; } }
  .tree td.num, .holds td.num { display: inline-block; width: auto; margin-right: var(--s-4); text-align: left; &::before { color: var(--ink-3); font-weight: 400; } }
  .tree td:nth-child(3)::before, .holds td:nth-child(4)::before { content: 'failing '; }
  .tree td:nth-child(4)::before { content: 'late '; }
  .tree td:nth-child(5)::before, .holds td:nth-child(5)::before { content: 'unknown '; }
  .holds td:nth-child(3)::before { content: 'assets '; }
  .stacked td[data-label]::before { content: attr(data-label) ' '; color: var(--ink-3); }
  .past .id { overflow-wrap: anywhere; }
  .frames td.num { display: inline-block; width: auto; margin-right: var(--s-4); text-align: left; &::before { content: attr(data-label) ' '; color: var(--ink-3); } }
  .heat { width: 100%; table-layout: fixed; font-size: var(--t-small); .w-div { width: 92px; } :is(.heads, .w-head, small) { display: none; } tbody th { padding-right: 4px; white-space: normal; line-height: 1.2; overflow-wrap: normal; hyphens: auto; } td { padding: 1px; } thead th:nth-child(n + 2) { height: 128px; padding: 0 0 4px !important; white-space: nowrap; font-size: var(--t-axis); writing-mode: vertical-rl; transform: rotate(180deg); text-align: left; } thead th.tot { writing-mode: horizontal-tb; transform: none; } .w-tot { width: 36px; } }
  .heat-cell { justify-content: center; height: 30px; padding: 0; gap: 0; i { width: 7px; margin-left: 4px; span { display: none; } } b { margin-left: auto; } &:not(:has(i)) b { margin-right: auto; } }
  .things > li, .events > li { grid-template-columns: minmax(0, 1fr); }
  ul.places ul li, ol.places ul li { grid-template-columns: minmax(0, 1fr); form { grid-column: 1; grid-row: auto; } }
  form.write { padding: var(--s-3); }
  .signs { grid-template-columns: 1fr 1fr; }
  .listed .detail:not(:target) { display: none; }
  .repo li { flex-wrap: wrap; gap: 0; padding-block: 4px; .due { flex: 1; width: auto; margin-left: 20px; } }
  .hit { flex-basis: 100%; padding-right: 0; .what { flex-wrap: wrap; gap: 0 var(--s-3); white-space: normal; } }
  .detail { position: static; }
  .detail .moves .btn { flex: 1 1 40%; justify-content: center; }
  .toast { right: var(--s-4); bottom: 68px; left: var(--s-4); }
  .asset { display: flex; flex-direction: column; align-items: stretch; gap: var(--s-5); & > aside { display: contents; } & > aside > :first-child { order: -1; } &:not(.found) > aside > .box:first-child { padding: var(--s-4); border: 1px solid var(--ink); border-radius: var(--r-2); & + .box { border-top: 0; padding-top: 0; } } }
  .asset.found > aside > :first-child { order: 0; }
  .verdicts td:last-child::before { content: 'since '; color: var(--ink-3); }
  .weigh, .decide { display: block; .mini + .mini, .words { margin-top: var(--s-4); } }
  .case { grid-template-columns: minmax(0, 1fr); gap: 0; dd { margin-bottom: var(--s-3); } }
  .proof li { grid-template-columns: 20px minmax(0, 1fr); .evidence { grid-column: 2; } }
  .acts2 .btn { flex: 1; justify-content: center; }
  .dial { min-height: 44px; }
  .dials .dial { min-height: 48px; }
  .ladder li { grid-template: 'n who mail' auto '. dial dial' auto '. how how' auto / 22px minmax(0, 1fr) auto; }
  :is(.verdicts, .parts, .changes, .force, .feeds, .holds, .found2, .stacked) { &, tbody, tr, :is(th, td) { display: block; } td:empty { display: none; } :is(thead, colgroup, tfoot) { display: none; } tr { padding: 7px var(--s-3); border-bottom: 1px solid var(--line); } tr > * { height: auto !important; min-height: 24px; padding: 0 !important; border: 0 !important; box-shadow: none !important; text-align: left; } }
  ul.least li { grid-template-columns: minmax(0, 1fr) 3.75rem; padding: 4px 0; a { grid-column: 1 / -1; } }
  .cmd, .command { flex-wrap: wrap; }
}
@media screen and (max-width: 359px) {
  .top { gap: 6px; padding-inline: 10px; }
  .when .icon { display: none; }
}
@media (forced-colors: active) {
  :is(.b-pass, .bar rect + rect, .k-dot, .w-up) { fill: CanvasText; }
  :is(.b-fail, .w-down) { fill: Mark; }
  :is(.hatch-line, .hatch-thin, .b-unknown, .bar rect) { stroke: GrayText; }
  :is(.b-target, .bar rect[x]) { fill: Highlight; }
  :is(.chip, .heat-cell, .cell, .mark)::before, .bar, .defs { forced-color-adjust: none; }
  .hatch-ground { fill: Canvas; }
  .mark::before { border-color: CanvasText; }
  .mark.pass::before { background: CanvasText; }
}
@media (prefers-reduced-motion: no-preference) {
  .sk { animation: breathe 1.6s ease-in-out infinite; }
  @keyframes breathe { 50% { opacity: 0.45; } }
}
`;
