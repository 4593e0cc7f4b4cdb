/** The parts that screens are made of: signs, chips, bars, the dense table, evidence, states. */
export const PARTS = `
.hatch-ground { fill: var(--canvas); }
.hatch-line { stroke: var(--unknown); stroke-width: 1.2; }
.hatch-thin { stroke: var(--unknown); stroke-width: 0.8; }
.hatch-fill { position: absolute; inset: 0; width: 100%; height: 100%; }
.hatch-fill rect { fill: url(#hatch); }

.name { display: flex; align-items: center; gap: var(--s-3); min-width: 0; }

.chip { display: inline-flex; align-items: center; gap: 5px; height: 20px; padding: 0 7px; border: 1px solid var(--line-2); border-radius: var(--r-1); font-size: var(--t-small); font-weight: 500; white-space: nowrap; text-decoration: none;
  &.late { border-color: var(--fail); background: var(--fail-soft); color: var(--fail); }
  &.soon { border-color: var(--soon); background: var(--soon-soft); color: var(--ink); }
  &.unknown { border-style: dashed; border-color: var(--unknown); color: var(--ink-2); }
  &.plain { border-color: transparent; background: var(--unknown-soft); color: var(--ink-2); }
}

.bar { width: 100%; height: 14px; overflow: visible; background: linear-gradient(var(--fail), var(--fail)) 0 6px / 100% 2px no-repeat; }
.bar.empty { background: linear-gradient(var(--line-2), var(--line-2)) 0 6.5px / 100% 1px no-repeat; }
.bar rect { y: 3px; height: 8px; fill: url(#hatch); stroke: var(--unknown); stroke-width: 0.75; }
.bar rect + rect { fill: var(--pass); stroke: var(--pass); }
.bar rect[x] { y: 0; width: 2px; height: 14px; fill: var(--ink); stroke: var(--rim, var(--canvas)); stroke-width: 2px; paint-order: stroke; transform: translateX(-1px); }
.bar.measured rect + rect { fill: var(--ink-2); stroke: var(--ink-2); }
.b-pass { fill: var(--pass); }
.b-unknown { fill: url(#hatch); stroke: var(--unknown); stroke-width: 0.75; }
.b-fail { fill: var(--fail); }
.b-target { fill: var(--ink); }
tr:hover .bar { --rim: var(--hover); }
.meter { width: 100%; height: 12px; }
.meter rect { fill: var(--control); }
.meter rect.w-unknown { fill: url(#hatch); }
.legend { display: flex; flex-wrap: wrap; gap: var(--s-2) var(--s-4); font-size: var(--t-small); color: var(--ink-2); }
.legend > span { display: flex; align-items: center; gap: 6px; white-space: nowrap; }
.legend > .quiet { flex: 1 1 20rem; white-space: normal; }
.lg { width: 16px; height: 14px; }
.legend > [class^='lg-']::before { content: ''; width: 16px; height: 8px; background: var(--pass); }
.legend > .lg-unknown::before { border: 1px solid var(--unknown); background: repeating-linear-gradient(-45deg, var(--unknown) 0 1.2px, transparent 1.2px 4.2px); }
.legend > .lg-fail::before { height: 2px; background: var(--fail); }
.legend > .lg-target::before { width: 2px; height: 14px; margin-inline: 7px; background: var(--ink); }

.grid { table-layout: fixed; width: calc(100% + 2 * var(--s-3)); margin-inline: calc(-1 * var(--s-3)); letter-spacing: -0.01em;
  :is(th, td) { height: var(--row); padding: 0 var(--s-2); vertical-align: middle; white-space: nowrap; overflow-wrap: normal; }
  :is(th, td):first-child { padding-left: var(--s-3); }
  :is(th, td):last-child { padding-right: var(--s-3); }
  thead th { position: sticky; z-index: 2; top: var(--top); height: 26px; padding-bottom: 2px; line-height: 24px; border-bottom: 1px solid var(--line-2); background: var(--canvas); color: var(--ink-2); font-size: var(--t-small); vertical-align: bottom; }
  thead th a { display: inline-block; line-height: 24px; vertical-align: bottom; text-decoration: none; }
  thead th a:hover { text-decoration: underline; }
  thead th[aria-sort] { color: var(--ink); font-weight: 600; }
  thead th[aria-sort='descending'] a::after { content: ' ↓' / ''; }
  thead th[aria-sort='ascending'] a::after { content: ' ↑' / ''; }
  thead th.mid { text-align: center; color: var(--ink-3); }
  /* A shadow takes no room: a row is as high as its links, and texts beside them stand on one line. */
  tbody :is(td, th) { box-shadow: inset 0 -1px var(--line); }
  tbody tr:hover > * { background: var(--hover); }
  .group > *, tbody tr.group:hover > * { background: var(--sunken); }
  .group th { font-weight: 600; }
  .name a { overflow: hidden; text-overflow: ellipsis; line-height: var(--row); }
  td > a { line-height: var(--row); }
  .num a { display: inline-block; min-width: 24px; line-height: var(--row); }
  tfoot :is(th, td) { font-weight: 600; }
}
.tall :is(td, th) { height: auto; padding-block: 7px; vertical-align: top; white-space: normal; }
tr[aria-selected='true'] > *, tr:target > * { background: var(--chosen) !important; }

.evidence { display: flex; flex-wrap: wrap; gap: 0 6px; font-size: var(--t-small); color: var(--ink-3);
  b { font-weight: 500; color: var(--ink-2); }
  & > :not(:last-child)::after { content: '·' / ''; margin-left: 6px; font-family: var(--sans); color: var(--ink-3); }
}
.mini, .waterfall { tr { position: relative; } a { line-height: var(--row); } }
.mini td, .mini th { height: var(--row); padding: 0; white-space: nowrap; }
.mini tr:has(a):hover, .waterfall tr:hover { background: var(--hover); }
.mini :is(td, th):first-child a::after, .waterfall th a::after { content: ''; position: absolute; inset: 0; }
.mini td + td a { position: relative; z-index: 1; }
.mini .name { gap: 7px; }
.mini .num { width: 1%; padding-left: var(--s-4); }
.mini .num a { display: inline-block; min-width: 24px; }
.mini .cut { max-width: 0; }
.mini .total > * { border-top: 1px solid var(--line); }
.fig { display: flex; align-items: baseline; gap: 7px; font-size: var(--t-figure); font-weight: 600; line-height: 32px; letter-spacing: -0.024em;
  a, &:is(a) { text-decoration: none; }
  a:hover, &:is(a):hover { text-decoration: underline; text-decoration-thickness: 1px; }
  small { font-size: var(--t-base); font-weight: 400; letter-spacing: 0; color: var(--ink-2); }
}
.facts { display: flex; flex-wrap: wrap; gap: var(--s-3) 28px; margin-bottom: var(--s-5); padding-block: var(--s-3); border-block: 1px solid var(--line);
  dt { font-size: var(--t-small); color: var(--ink-3); }
  dd { min-width: 0; overflow-wrap: anywhere; }
  .taught { flex: 1 1 14rem; min-width: 0; }
  .taught dd { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
  dd:has(> .g) { display: flex; align-items: center; gap: 6px; }
}
.cols { display: grid; gap: var(--s-7); margin-bottom: var(--s-6); & > * { min-width: 0; } }
.stack > section + section { margin-top: var(--s-6); }
.note { margin-top: var(--s-3); font-size: var(--t-small); color: var(--ink-2); }
.after { padding: var(--s-3); font-size: var(--t-small); color: var(--ink-2); }
.pages { display: flex; gap: var(--s-3); margin: var(--s-4) 0; }
.pages :is(a, span) { display: inline-flex; align-items: center; min-height: 28px; padding: 0 10px; }
.pages a { border: 1px solid var(--line-2); border-radius: var(--r-2); text-decoration: none; }

.code { overflow-x: auto; padding: var(--s-3) 0; border: 1px solid var(--line); border-radius: var(--r-2); background: var(--sunken); font-size: var(--t-small); line-height: 1.6;
  .line { display: block; padding: 0 var(--s-4) 0 3.75rem; text-indent: -2.75rem; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; }
  .here { background: var(--chosen); box-shadow: inset 3px 0 0 var(--fail); }
  .number { display: inline-block; min-width: 2.25rem; text-indent: 0; color: var(--ink-3); user-select: none; }
}
.explained { overflow-x: auto; margin: var(--s-3) 0 var(--s-5); padding: var(--s-3) var(--s-4); border: 1px solid var(--line); border-radius: var(--r-2); background: var(--sunken); font: var(--t-small)/1.6 var(--mono); white-space: pre-wrap; overflow-wrap: anywhere; }
.diff { overflow-x: auto; padding: var(--s-3) 0; border: 1px solid var(--line); border-radius: var(--r-2); font-size: var(--t-small); line-height: 1.65;
  span { display: block; width: max-content; min-width: 100%; padding: 0 var(--s-4); }
  .hunk { color: var(--ink-3); }
  .ctx { color: var(--ink-2); }
  .ctx::before { content: '  '; }
}
.del { background: var(--fail-soft); }
.ins { background: var(--pass-soft); }
.del::before { content: '− ' / 'removed '; color: var(--fail); }
.ins::before { content: '+ ' / 'added '; color: var(--pass); }
.cmd, .command { display: flex; align-items: center; gap: var(--s-3); padding: 6px 6px 6px var(--s-4); border: 1px solid var(--line-2); border-radius: var(--r-2);
  code { flex: 1; min-width: 0; font-size: var(--t-small); overflow-wrap: anywhere; }
}
.cmd { border-color: var(--ink); }

.states { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); gap: var(--s-4); }
.state { padding: var(--s-4); border: 1px solid var(--line-2); border-radius: var(--r-2);
  h3 { margin-bottom: 4px; font-size: var(--t-small); font-weight: 500; letter-spacing: 0; color: var(--ink-3); }
  p .g { display: inline-block; margin-right: 6px; vertical-align: -2px; }
  .ink-3 { font-size: var(--t-small); }
  &.bad-state { border-color: var(--fail); }
}
.sk { display: inline-block; height: 9px; border-radius: 2px; background: var(--chosen); }
.sks .sk { display: block; margin: 6px 0; }
.w100 { width: 100%; } .w70 { width: 70%; } .w40 { width: 40%; } .w20 { width: 28px; }
.toast, .told { display: flex; align-items: center; gap: var(--s-4); min-height: 40px; padding: var(--s-2) var(--s-5); border-radius: var(--r-2); background: var(--ink); color: var(--canvas); box-shadow: var(--shadow);
  a { padding: 6px var(--s-3); font-weight: 600; text-decoration: none; }
  a:hover { text-decoration: underline; }
  .ink-3 { color: inherit; opacity: 0.75; white-space: nowrap; }
}
.toast { position: fixed; z-index: 5; right: 20px; bottom: 20px; }
.toast.still, .told { position: static; width: max-content; max-width: 100%; }
.told { margin: 0 0 var(--s-4); }
.cell { position: relative; display: grid; place-items: center; height: 26px; overflow: hidden; border: 1px solid var(--line-2); border-radius: var(--r-1); text-decoration: none;
  b { position: relative; padding: 0 4px; font-weight: 500; background: var(--canvas); }
  &:has(.hatch-fill) { border-color: var(--unknown); }
}
.palette { border: 1px solid var(--line-2); border-radius: var(--r-2); background: var(--raised); box-shadow: var(--shadow); overflow: hidden;
  li { display: flex; align-items: center; gap: var(--s-3); min-height: 32px; padding: 0 var(--s-3); }
  li.is { background: var(--chosen); }
  li svg { width: 15px; height: 15px; color: var(--ink-2); }
}
.keys { display: flex; flex-wrap: wrap; gap: var(--s-3) var(--s-5); margin-top: var(--s-5); padding-top: var(--s-4); border-top: 1px solid var(--line-2); font-size: var(--t-small); color: var(--ink-2); }
.keys kbd { margin-right: 3px; }
.mark { white-space: nowrap; }
.mark::before { content: ''; display: inline-block; width: 0.75em; height: 0.75em; margin-right: 0.5em; vertical-align: -0.04em; border: 1.5px solid var(--ink); border-radius: 1px; }
.mark.pass::before { background: var(--pass); border-color: var(--pass); }
.mark.unknown::before { background: repeating-linear-gradient(-45deg, var(--unknown) 0 1.2px, transparent 1.2px 3.5px); border-color: var(--unknown); }
.mark.fail::before { height: 0; border-color: var(--fail); border-width: 1px 0; vertical-align: 0.22em; }
.mark.not-applicable::before { height: 0; border-width: 1px 0 0; border-color: var(--ink-3); vertical-align: 0.25em; }
dialog.palette[open] { width: min(34rem, calc(100vw - 32px)); margin-top: 12vh; input { width: 100%; } ul { margin-top: var(--s-3); } li { display: flex; gap: var(--s-3); min-height: 28px; align-items: center; a { flex: 1; padding: 4px 0; text-decoration: none; } span { color: var(--ink-3); font-size: var(--t-small); } } }
dialog.all-keys[open] { max-width: 30rem; padding: var(--s-5); border: 1px solid var(--line-2); border-radius: var(--r-2); background: var(--canvas); color: var(--ink); box-shadow: var(--shadow);
  &::backdrop { background: rgb(0 0 0 / 35%); }
  dl { display: grid; grid-template-columns: auto 1fr; gap: 2px var(--s-5); margin: var(--s-4) 0; }
  dt { font: var(--t-small)/1.6 var(--mono); }
  p { margin-bottom: var(--s-4); font-size: var(--t-small); color: var(--ink-2); }
}
.cmd .copy { flex: none; }
.told form { margin-left: var(--s-3); }
.told .btn { background: transparent; color: inherit; border-color: currentcolor; }
`;
