/** Whom to call, owners and teams, exceptions, sources. */
export const PEOPLE = `
.cols.who form.ask { flex-wrap: nowrap; label { flex: 1 1 0; min-width: 0; } :is(input, select) { width: 100%; } }
.ask { display: flex; flex-wrap: wrap; align-items: end; gap: var(--s-3) var(--s-4); margin-bottom: var(--s-4); .field { flex: 0 1 340px; } }
div.answer { display: grid; grid-template: 'first stop' auto 'then stop' 1fr 'sure sure' auto / minmax(0, 1fr) minmax(0, 1fr); gap: var(--s-5) var(--s-7); }
.first { grid-area: first; padding: var(--s-4) var(--s-5) var(--s-5); border: 1px solid var(--ink); border-radius: var(--r-2); :is(h1, h2) { font-size: var(--t-figure); line-height: 36px; letter-spacing: -0.024em; } }
.then { grid-area: then; } .stop { grid-area: stop; } .sure { grid-area: sure; }
.said { font-size: var(--t-read); }
.dials { display: flex; flex-wrap: wrap; gap: var(--s-3); margin: var(--s-4) 0; }
.dial { display: inline-flex; align-items: center; justify-content: center; gap: 7px; min-height: 32px; padding: 0 var(--s-4); border: 1px solid var(--line-2); border-radius: var(--r-2); font-weight: 500; text-decoration: none; white-space: nowrap;
  &:hover { background: var(--hover); }
  .icon { width: 15px; height: 15px; }
  &.go { flex: 1; min-height: 44px; border-color: var(--ink); background: var(--ink); color: var(--canvas); font-size: var(--t-head); font-weight: 600; }
  &.only { width: 44px; padding: 0; }
}
.answered, .ladder p { display: flex; align-items: baseline; gap: var(--s-3); .g { align-self: start; margin-top: 3px; } b { font-weight: 600; } }
.ladder { counter-reset: l;
  li { display: grid; grid-template: 'n who dial mail' auto '. how how how' auto / 22px minmax(0, 1fr) auto auto; align-items: center; gap: 2px var(--s-3); padding: var(--s-3) 0; border-bottom: 1px solid var(--line); counter-increment: l; }
  li::before { content: counter(l); color: var(--ink-3); }
  div { display: flex; flex-wrap: wrap; gap: 0 var(--s-3); }
  b { font-weight: 600; }
  p { grid-area: how; font-size: var(--t-small); color: var(--ink-2); }
}
.runbook { counter-reset: r; margin-top: var(--s-3);
  li { position: relative; padding: 0 0 var(--s-4) 30px; counter-increment: r; }
  li::before { content: counter(r); position: absolute; left: 0; display: grid; place-items: center; width: 20px; height: 20px; border-radius: 50%; background: var(--ink); color: var(--canvas); font-size: var(--t-small); font-weight: 600; }
  h3 { display: flex; gap: var(--s-3); font-size: var(--t-base); line-height: 20px; span { font-weight: 400; } }
  .code { margin: var(--s-2) 0; padding: 6px var(--s-4); white-space: pre-wrap; overflow-wrap: anywhere; }
  p { font-size: var(--t-small); color: var(--ink-2); }
}
.matches mark { background: var(--soon-soft); color: inherit; }
.matches .icon { flex: none; width: 14px; height: 14px; color: var(--ink-2); }
.matches .dial { min-height: 28px; padding: 0 var(--s-3); }
.found2 tr:not(.group) > * { height: 34px; }
.found2 .gone > * { color: var(--ink-3); }
.w-kind { width: 270px; } .w-team2 { width: 180px; } .w-call { width: 190px; } .w-num { width: 184px; }

.w-hd { width: 118px; } .w-s2 { width: 52px; } .w-an { width: 70px; } .w-n4 { width: 62px; } .w-n5 { width: 70px; } .w-ft { width: 88px; } .w-sg { width: 112px; } .w-pick { width: 30px; } .w-kept { width: 82px; } .w-bar2 { width: 168px; } .w-due2 { width: 112px; }
table.tree { .lv0 > * { font-weight: 600; } .lv2 .name { padding-left: 18px; } .lv3 .name { padding-left: 36px; } .hd { overflow: hidden; text-overflow: ellipsis; } .nobody > * { border-top: 1px solid var(--line-2); } }
ul.tree, .tree ul { li { padding: var(--s-2) 0; } ul { padding-left: var(--s-5); border-left: 1px solid var(--line); } .level { color: var(--ink-3); font-size: var(--t-small); } }
.tw { display: grid; flex: none; place-items: center; width: 24px; height: 24px; margin-left: -4px; .icon { width: 12px; height: 12px; color: var(--ink-3); } }
.sugg label { display: block; overflow: hidden; text-overflow: ellipsis; line-height: var(--row); cursor: pointer; }
.sugg .one > * { height: auto; padding-block: 2px; background: var(--sunken); }
.holds .due { padding-left: var(--s-5); }
.holds .chip, .force .chip, .verdicts .chip { height: 18px; }

.law { display: flex; align-items: center; gap: var(--s-3); margin-bottom: var(--s-4); padding: var(--s-3) 0; border-block: 1px solid var(--line); color: var(--ink-2); .icon { width: 15px; height: 15px; } b { font-weight: 600; color: var(--ink); } }
.request { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 344px); gap: var(--s-4) var(--s-6); padding: var(--s-4) var(--s-5); border: 1px solid var(--line-2); border-radius: var(--r-2);
  & + .request { margin-top: var(--s-4); }
  h2 { font-size: var(--t-head); line-height: 22px; }
  h3 { margin: var(--s-4) 0 var(--s-2); font-size: var(--t-base); }
  .tags { display: flex; flex-wrap: wrap; gap: 6px; margin-bottom: var(--s-3); }
}
.from { color: var(--ink-2); }
.case { display: grid; grid-template-columns: 124px minmax(0, 1fr); gap: 6px 0; margin-top: var(--s-4); dt { color: var(--ink-2); } dd { min-width: 0; overflow-wrap: anywhere; } }
.proof li { display: grid; grid-template-columns: 20px minmax(0, 1fr) auto; align-items: baseline; padding: 3px 0; border-bottom: 1px solid var(--line); & > .g { align-self: start; margin-top: 3px; } }
.weigh { padding-left: var(--s-6); border-left: 1px solid var(--line); caption { padding-bottom: 2px; font-weight: 600; text-align: left; } .mini + .mini { margin-top: var(--s-4); } }
.decide { grid-column: 1 / -1; display: grid; grid-template: 'for words' auto 'for acts' auto / 320px minmax(0, 1fr); gap: 0 var(--s-6); padding-top: var(--s-3); border-top: 1px solid var(--line); }
.choose { grid-area: for; legend { font-weight: 600; } label { display: flex; align-items: center; gap: var(--s-3); min-height: var(--row); } }
.choose input[type='radio'], .pick { flex: none; width: 16px; height: 16px; margin: 0; accent-color: var(--ink); }
.decide:not(:has(.choose)) { grid-template: 'words' auto 'acts' auto / minmax(0, 44rem); }
.words { grid-area: words; display: block; font-weight: 600; }
.acts2 { grid-area: acts; display: flex; flex-wrap: wrap; align-items: center; gap: var(--s-3); margin-top: var(--s-3); .ink-2 { font-size: var(--t-small); } }
.nextup { display: flex; flex-wrap: wrap; align-items: center; gap: 2px var(--s-3); padding: var(--s-3) var(--s-5); border-bottom: 1px solid var(--line); }
.nextup .chip { justify-content: center; min-width: 64px; }
.nextup:not(:has(+ .nextup)) { margin-bottom: var(--s-5); }
.w-std2 { width: 272px; } .w-div2 { width: 146px; } .w-n3 { width: 58px; } .w-until { width: 192px; } .w-comp { width: 262px; }
.decide .words .field { display: block; width: 100%; margin-top: var(--s-2); }
.force { .u { padding-left: var(--s-4) !important; } .p .ink-2 { min-width: 0; overflow: hidden; text-overflow: ellipsis; } :is(th, td) { overflow: hidden; text-overflow: ellipsis; } }

.next .grid { margin: 0; width: 100%; :is(td, th) { box-shadow: none; } td:first-child { padding-left: 0; } }
.w-gain { width: 50px; } .w-m { width: 92px; } .w-eff { width: 82px; } .w-own2 { width: 92px; } .w-st { width: 104px; } .w-state { width: 108px; } .w-last { width: 316px; } .w-team { width: 132px; } .w-u { width: 62px; } .w-p { width: 52px; }
.feeds { .under { display: block; padding: 0 0 4px 20px; font-size: var(--t-small); line-height: 16px; white-space: normal; color: var(--ink-3); }
  td .under { padding-left: 0; }
  tbody :is(th, td) { height: 41px; vertical-align: top; }
  tbody td { padding-top: 4px; }
  tbody .amongst { font-size: var(--t-small); line-height: 16px; white-space: normal; }
  th.feed { overflow: hidden; padding: 0; font-size: var(--t-axis); text-align: center; letter-spacing: -0.03em; }
  td.feed { padding: 0 3px; text-align: center; }
}
.legend .lg-cell { position: relative; overflow: hidden; display: grid; place-items: center; width: 22px; height: 15px; border: 1px solid var(--line-2); border-radius: 2px; font-size: var(--t-axis); font-style: normal; }
.log-entries { th:first-child { width: 68px; } th:nth-child(2) { width: 132px; } th:nth-child(3) { width: 18%; } th:nth-child(4) { width: 17%; } th:nth-child(5) { width: 20%; }
  summary { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  details[open] summary { color: var(--ink-3); }
}
.facets { margin-inline: calc(-1 * var(--s-3)); a { display: flex; justify-content: space-between; gap: var(--s-4); padding: 0 var(--s-3); border-radius: var(--r-1); line-height: var(--row); } a:hover { background: var(--hover); } a[aria-current] { background: var(--chosen); font-weight: 600; } }
.roles { th:nth-child(4) { width: 32%; } th:nth-child(n + 5) { width: 108px; } }
`;
