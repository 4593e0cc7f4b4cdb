/** What leaders read: the overview, the list of standards, one standard, a review, the first run. */
export const LEADERS = `
.answers { display: grid; grid-template-columns: 156px minmax(0, 1.2fr) minmax(0, 1fr) minmax(0, 1.2fr) minmax(0, 1.1fr); margin-bottom: var(--s-3); border-block: 1px solid var(--line);
  & > section { min-width: 0; padding: 4px 12px 5px; }
  & > section:first-child { padding-left: 0; }
  & > section:last-child { padding-right: 0; }
  & > section + section { border-left: 1px solid var(--line); }
  h2 { display: flex; align-items: baseline; line-height: 26px; white-space: nowrap; }
  .fig { display: inline; margin-left: auto; padding-left: 6px; font-size: var(--t-sum); line-height: 26px; letter-spacing: -0.02em; text-decoration: none; white-space: nowrap; }
  .fig small { font-size: var(--t-small); }
  .mini .num:last-child { padding-left: var(--s-3); }
  .mini td:first-child { max-width: 0; overflow: hidden; text-overflow: ellipsis; & > .g { display: inline-block; margin-right: 7px; vertical-align: -1px; } }
  .mini td + td { width: 1%; padding-left: var(--s-3); text-align: right; }
  .mini td + td + td { color: var(--ink-3); }
  &.three { grid-template-columns: 220px 220px minmax(0, 1fr); margin-bottom: var(--s-4); }
  .note { margin-top: 2px; }
}
.asks { counter-reset: ask;
  li { display: flex; align-items: center; gap: 6px; height: var(--row); counter-increment: ask; white-space: nowrap; }
  li::before { content: counter(ask); flex: none; width: 12px; color: var(--ink-3); }
  a { overflow: hidden; text-overflow: ellipsis; line-height: var(--row); }
  .chip { height: 18px; margin-left: auto; padding: 0 6px; }
}
.list-head { align-items: center; flex-wrap: wrap; margin-bottom: 0; }
.standards {
  /* By their place: at least, share, at most, 26 weeks, change, largest cause, failing, unknown; from the end forecast, target and, where no head of a pillar says it, who is accountable. */
  thead th:nth-child(2) { width: 58px; } thead th:nth-child(3) { width: 116px; } thead th:nth-child(4) { width: 66px; } thead th:nth-child(5) { width: 90px; }
  thead th:nth-child(6) { width: 54px; } thead th:nth-child(7) { width: 180px; } thead th:nth-child(8) { width: 60px; } thead th:nth-child(9) { width: 66px; }
  thead th:nth-last-child(3):nth-child(10) { width: 132px; } thead th:nth-last-child(2) { width: 116px; } thead th:last-child { width: 112px; }
  &.short thead th:nth-child(4) { width: 116px; }
  tr { position: relative; }
  tr > :is(:nth-child(2), :nth-child(6), :nth-child(8), :nth-child(9)) { text-align: right; }
  tr > :nth-child(7) { padding-left: var(--s-4); }
  tr > :nth-last-child(3):nth-child(10) { padding-left: var(--s-3); overflow: hidden; text-overflow: ellipsis; }
  tr > :last-child { overflow: hidden; text-overflow: ellipsis; }
  tbody td:last-child { color: var(--ink-3); span { color: var(--ink); } .bad { color: var(--fail); } }
  thead th:nth-child(3) { text-align: center; color: var(--ink-3); }
  tbody td { font-variant-numeric: tabular-nums; }
  tbody .g { display: inline-block; vertical-align: middle; }
  tbody a { display: inline-block; line-height: var(--row); vertical-align: middle; }
  tbody th a { max-width: calc(100% - 20px); margin-left: var(--s-3); overflow: hidden; text-overflow: ellipsis; }
  tbody th a::after { content: ''; position: absolute; inset: 0; }
  tbody td :is(a, [title]) { position: relative; z-index: 1; }
  tbody td:nth-child(7) a { margin-left: 5px; }
  tbody td:is(:nth-child(8), :nth-child(9)) a { min-width: 24px; }
  /* What is none: a count that leads nowhere. */
  tr:not(.group) td:is(:nth-child(8), :nth-child(9)):not(:has(a)), td:nth-last-child(2) span { color: var(--ink-3); }
  .group td:nth-child(2) { text-align: left; overflow: visible; a { display: inline; line-height: inherit; vertical-align: baseline; } }
  .group .name { gap: var(--s-4); width: max-content; max-width: 540px; & > * { flex: none; }
    & > span:not(.dots) + span { flex: 0 1 auto; min-width: 0; overflow: hidden; text-overflow: ellipsis; color: var(--ink-2); &::before { content: '' / 'accountable: '; } }
  }
}
.cols.trend { grid-template-columns: minmax(0, 1fr) 320px; }
.cols.who { grid-template-columns: minmax(0, 448px) minmax(0, 1fr); }
.cols.two { grid-template-columns: minmax(0, 1fr) 360px; }
.cols.two.even { grid-template-columns: 1fr 1fr; }
.cols.define, .cols.own { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); margin-top: var(--s-4); }
.cols.own { grid-template-columns: minmax(0, 1.3fr) minmax(0, 1fr); }
.agenda td { overflow: hidden; text-overflow: ellipsis; }
.pillars .name { justify-content: flex-end; gap: 6px; }
.side .now { margin-bottom: var(--s-4); padding-bottom: var(--s-3); border-bottom: 1px solid var(--line); }
.side .fig { gap: 0; }
.side .fig small { margin-left: 3px; }
.side .to { margin-inline: 8px; font-size: var(--t-base); font-weight: 400; letter-spacing: 0; color: var(--ink-2); }
.side .bar { margin-block: var(--s-2) var(--s-3); }
.w-bar { width: 128px; } .w-n { width: 66px; } .w-s { width: 48px; } .w-own { width: 132px; } .w-due { width: 120px; } .w-n2 { width: 72px; } .w-say { width: 250px; }
.w-std { width: 238px; } .w-of { width: 132px; } .w-div { width: 156px; } .w-head { width: 112px; } .w-tot { width: 84px; } .w-k { width: 78px; } .w-f { width: 74px; }
.owners td:nth-child(2) { padding-right: var(--s-4); }
table.failing .name { align-items: baseline; }
table.failing .name > a { flex: none; max-width: 55%; }
table.failing .evidence { margin: 1px 0 0 20px; }
table.failing .code { margin: 4px 0 0 20px; }
table.failing td .ink-3 { font-size: var(--t-small); }
.steps { display: flex; margin-bottom: var(--s-4);
  li { position: relative; flex: 1; padding-top: 16px; }
  li::before { content: ''; position: absolute; top: 4px; left: 0; right: 0; height: 2px; background: var(--line-2); }
  li::after { content: ''; position: absolute; top: 0; left: 0; width: 10px; height: 10px; border: 2px solid var(--line-2); border-radius: 50%; background: var(--canvas); }
  .done::before { background: var(--ink); }
  .done::after { border-color: var(--ink); background: var(--ink); }
  .is::after { border-color: var(--ink); box-shadow: inset 0 0 0 2px var(--canvas); background: var(--ink); }
  b { display: block; }
  li:last-child::before { display: none; }
  li:not(.done, .is) b { color: var(--ink-2); }
  span { font-size: var(--t-small); color: var(--ink-2); }
}
textarea.field { field-sizing: content; }
.try { padding-top: var(--s-4); border-top: 1px solid var(--line-2); }
.sheet { max-width: 1180px; margin-inline: auto; }
.sheet-head { display: flex; gap: var(--s-6); margin-bottom: var(--s-4);
  h1 { font-size: var(--t-page); line-height: 1.25; letter-spacing: -0.018em; }
  .lead { margin-top: 2px; color: var(--ink-2); }
  .acts { display: flex; gap: var(--s-3); margin: 18px 0 0 auto; }
}
.sheet-foot { margin-top: var(--s-5); padding-top: var(--s-3); border-top: 1px solid var(--line-2); font-size: var(--t-small); color: var(--ink-2); }
.tot { padding-left: 10px !important; small { font-weight: 400; font-size: var(--t-axis); color: var(--ink-3); } }
.notes { counter-reset: n;
  li { position: relative; padding: 5px 0 6px 22px; border-bottom: 1px solid var(--line); counter-increment: n; }
  li::before { content: counter(n); position: absolute; left: 0; color: var(--ink-3); }
  b { display: block; font-weight: 500; }
  span { font-size: var(--t-small); color: var(--ink-2); }
}
.starts { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: var(--s-5); margin-bottom: var(--s-6); }
.start { padding: var(--s-5); border: 1px solid var(--line-2); border-radius: var(--r-2);
  &.is { border-color: var(--ink); box-shadow: 0 0 0 1px var(--ink); }
  h2 { display: flex; align-items: center; gap: var(--s-3); margin-bottom: 6px; font-size: var(--t-head); line-height: 22px; }
  & > p { color: var(--ink-2); }
}
.cols.running { grid-template-columns: 340px minmax(0, 1fr); padding-top: var(--s-5); border-top: 1px solid var(--line-2); .bar { margin-block: var(--s-2) var(--s-3); } }
progress { width: 100%; height: 10px; margin: var(--s-2) 0 var(--s-3); accent-color: var(--pass); }
.scroll .grid thead th { position: static; }
.lived td:last-child, .frames th[scope='row'] { white-space: normal; }
.frames thead th { white-space: normal; vertical-align: bottom; }
.w-frame { width: 34%; }
.opened .grid :is(th, td):last-child:not(.num) { white-space: normal; }
.sofar tbody td:last-child { width: 110px; } .sofar .bar { margin: 0; } .sofar tbody td:nth-child(2) { width: 40%; }
.stages li { display: flex; align-items: center; gap: var(--s-3); min-height: 26px; border-bottom: 1px solid var(--line); .num { margin-left: auto; } &:not(.done, .is) { color: var(--ink-3); } }
.problems li { display: flex; flex-wrap: wrap; align-items: center; gap: 0 var(--s-3); padding: 4px 0; border-bottom: 1px solid var(--line); span { flex-basis: 100%; padding-left: 20px; font-size: var(--t-small); color: var(--ink-2); } }
.kit { display: grid; grid-template-columns: 1fr 1fr; gap: var(--s-6) var(--s-8);
  section { min-width: 0; padding-top: var(--s-3); border-top: 1px solid var(--line-2); }
  h2 { margin: var(--s-3) 0 6px; }
  .row { display: flex; flex-wrap: wrap; align-items: center; gap: var(--s-4); }
}
.signs { display: grid; grid-template-columns: repeat(3, 1fr); li { display: flex; align-items: center; gap: var(--s-3); height: 24px; } }
.trying > section + section, .against > section + section { margin-top: var(--s-5); }
.trying { h2 { margin-bottom: var(--s-2); } .h2 h2 { margin: 0; } .h2 { margin-bottom: var(--s-2); } h2 label { font: inherit; }
  textarea.field { display: block; width: 100%; resize: vertical; }
  .say { padding: var(--s-3) 10px; font: 400 var(--t-read)/1.5 var(--sans); }
  .cel { font: var(--t-small)/1.6 var(--mono); background: var(--canvas); }
  .note { margin-top: var(--s-2); }
  [aria-invalid='true'] { border-color: var(--fail); }
  .acts { margin-top: var(--s-4); }
}
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: var(--s-3) var(--s-5); margin-top: var(--s-3); label { font-size: var(--t-small); color: var(--ink-2); } .field { display: block; width: 100%; } .was { display: block; margin-top: 2px; } del { color: var(--fail); } }
.wrongly { display: flex; align-items: baseline; gap: var(--s-3); margin-top: 2px; padding: 6px 10px; border: 1px solid var(--fail); border-radius: var(--r-2); background: var(--fail-soft); color: var(--ink); font-size: var(--t-small); .g { align-self: start; margin-top: 2px; } }
.examples td:last-child { white-space: normal; }
.examples tr.odd > * { background: var(--fail-soft); }
.moved { margin-top: var(--s-3); }
.whatif { :is(td, th):nth-child(3) { width: 26%; } .strong { font-weight: 600; } }
.attributes { margin-top: var(--s-3); table { margin: var(--s-2) 0; } td { white-space: normal; } }
.trying section { position: relative; }
cel-editor { display: block; border: 1px solid var(--control); border-radius: var(--r-2); overflow: clip; &:focus-within { border-color: var(--focus); box-shadow: 0 0 0 1px var(--focus); overflow: visible; } }
textarea[aria-invalid='true'] + cel-editor { border-color: var(--fail); }
.editor:has(cel-editor) + .wrongly { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
`;
