/** What engineers read: their work, one item of it, one asset. */
export const ENGINEERS = `
.work { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 560px); gap: var(--s-6); align-items: start; & > * { min-width: 0; } }
.repo { border-top: 1px solid var(--line-2);
  & + .repo { margin-top: var(--s-3); }
  h3 { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 var(--s-3); min-height: 32px; line-height: 32px; font-size: var(--t-base); .ink-3 { font-size: var(--t-small); font-weight: 400; } }
  li { position: relative; display: flex; align-items: center; gap: var(--s-3); margin-inline: calc(-1 * var(--s-3)); padding: 0 var(--s-3); border-top: 1px solid var(--line); }
  li:hover { background: var(--hover); }
  li.is { background: var(--chosen); box-shadow: inset 2px 0 0 var(--ink); }
  .due { width: 86px; }
  :is(.how, .copy) { width: 62px; justify-content: center; font-size: var(--t-small); text-align: center; }
}
.hit { flex: 1; min-width: 0; display: grid; grid-template: 'g what min' auto '. chg chg' auto / 20px minmax(0, 1fr) auto; align-items: center; padding: 5px 0 5px var(--s-3); text-decoration: none;
  .what { grid-area: what; display: flex; align-items: baseline; gap: var(--s-3); min-width: 0; white-space: nowrap; }
  .t { font-weight: 500; }
  .sev { font-size: var(--t-small); font-weight: 600; color: var(--fail); }
  .chg { grid-area: chg; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font: var(--t-small)/1.6 var(--mono); &.said { font-family: var(--sans); color: var(--ink-2); } }
  .at { overflow: hidden; text-overflow: ellipsis; font-size: var(--t-small); }
  .min { grid-area: min; font-size: var(--t-small); }
  del { margin-right: var(--s-3); color: var(--fail); text-decoration-thickness: 1px; }
  ins { color: var(--pass); text-decoration: none; }
}
.detail :is(th, td) { overflow-wrap: normal; }
.detail { position: sticky; top: calc(var(--top) + 10px); padding: var(--s-4) var(--s-5) var(--s-5); border: 1px solid var(--line-2); border-radius: var(--r-2);
  h2 { font-size: var(--t-head); line-height: 22px; }
  h3 { font-size: var(--t-base); }
  .tags { display: flex; flex-wrap: wrap; gap: 6px; margin: var(--s-3) 0; }
  .why { margin-bottom: var(--s-4); font-size: var(--t-read); line-height: 1.5; }
  .h2 { margin: var(--s-5) 0 6px; }
}
.back { gap: 4px; .icon { width: 14px; height: 14px; } }
.moves { display: flex; flex-wrap: wrap; gap: var(--s-3); margin-top: var(--s-5); padding-top: var(--s-4); border-top: 1px solid var(--line); }
.log li { display: flex; gap: var(--s-4); padding: 2px 0; font-size: var(--t-small); time { flex: none; width: 118px; color: var(--ink-3); } }
.asset { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 324px); gap: var(--s-7); align-items: start; & > * { min-width: 0; } }
.w-hist { width: 268px; } .w-since { width: 64px; } .w-when { width: 138px; } .w-fromto { width: 180px; } .w-why { width: 290px; }
.verdicts td { padding-top: 9px; }
.verdicts :is(.reason, .evidence) { margin: 1px 0 0 20px; }
.span2 { display: flex; justify-content: space-between; }
.name.gap { gap: var(--s-5); }
.box { padding: 0 0 var(--s-5); h2 { margin-bottom: 6px; } & + .box { margin-top: 0; padding-top: var(--s-4); border-top: 1px solid var(--line); } }
div.call, p.call, li.call { display: flex; flex-wrap: wrap; align-items: center; gap: var(--s-3);
  a { font-weight: 600; line-height: 24px; }
  .icon { width: 15px; height: 15px; color: var(--pass); }
  .ink-2 { font-size: var(--t-small); }
  &.second { gap: 6px; padding-left: 23px; }
}
.chain { li { position: relative; display: flex; align-items: baseline; gap: var(--s-3); min-height: 26px; padding-left: 18px; }
  li::before { content: ''; position: absolute; left: 4px; top: 7px; width: 7px; height: 7px; border: 1.5px solid var(--ink-3); border-radius: 50%; }
  li + li::after { content: ''; position: absolute; left: 8px; top: -11px; height: 17px; border-left: 1px solid var(--control); }
  .is { font-weight: 600; }
  .is::before { background: var(--ink); border-color: var(--ink); }
  span { margin-left: auto; font-size: var(--t-small); font-weight: 400; }
}
.attrs { display: grid; grid-template-columns: fit-content(148px) minmax(0, 1fr); gap: 3px var(--s-4); dt { color: var(--ink-2); &::first-letter { text-transform: uppercase; } } &.numbers { grid-template-columns: minmax(0, 1fr) max-content; dd { text-align: right; } } dd { min-width: 0; overflow-wrap: anywhere; } }
`;
