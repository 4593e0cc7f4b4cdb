/** Drawings: sparkline, band chart, waterfall, heat map, strips of a life. Their geometry is in SVG, so a page needs no inline style. */
export const CHARTS = `
.spark { width: 84px; height: 18px; overflow: visible; }
/* Its last line is at least, what stands before that is the band of what is unknown. */
.spark path { fill: url(#hatch-s); stroke: var(--unknown); stroke-width: 0.5; }
.spark path:last-child { marker-end: url(#k-end); fill: none; stroke: var(--pass); stroke-width: 1.4; stroke-linejoin: round; }
.k-dot { fill: var(--pass); stroke: var(--canvas); stroke-width: 1; }

.chart { width: 100%; height: auto; overflow: visible;
  text { font-family: var(--sans); font-size: 11px; fill: var(--ink-3); font-variant-numeric: tabular-nums; }
  :is(.lab, .lab-2, .lab-bad) { font-size: 12px; paint-order: stroke; stroke: var(--canvas); stroke-width: 3px; stroke-linejoin: round; }
  .lab { fill: var(--ink); font-weight: 500; }
  .lab-2 { fill: var(--ink-2); }
  .lab-bad { fill: var(--fail); font-weight: 500; }
}
.c-grid { stroke: var(--line); stroke-width: 1; }
.c-now { stroke: var(--ink-3); stroke-width: 1; stroke-dasharray: 1 3; }
.c-target { stroke: var(--ink); stroke-width: 1.25; stroke-dasharray: 5 3; }
.c-target-dot { fill: var(--canvas); stroke: var(--ink); stroke-width: 1.5; }
.c-least { fill: none; stroke: var(--pass); stroke-width: 2; stroke-linejoin: round; }
.c-most { fill: none; stroke: var(--unknown); stroke-width: 1.25; stroke-linejoin: round; }
.c-band { fill: url(#hatch); }
.c-fan { fill: var(--pass); opacity: 0.14; }
.c-fan-edge { fill: none; stroke: var(--pass); stroke-width: 1; stroke-dasharray: 2 3; }
.c-mark { fill: var(--canvas); stroke: var(--ink-2); stroke-width: 1.25; }
.c-mark-line { stroke: var(--ink-3); stroke-width: 1; }
.c-scope { fill: var(--unknown-soft); stroke: var(--line-2); stroke-width: 1; }
.marks { display: grid; gap: var(--s-2); margin-top: var(--s-3); font-size: var(--t-small); color: var(--ink-2);
  li { display: flex; gap: var(--s-3); }
  li > b { display: grid; place-items: center; flex: none; width: 17px; height: 17px; border: 1px solid var(--ink-2); border-radius: 50%; font-size: var(--t-axis); font-weight: 500; color: var(--ink); }
  span b { font-weight: 500; color: var(--ink); }
}
details.twin { margin-top: var(--s-3); font-size: var(--t-small); color: var(--ink-2);
  summary { width: max-content; max-width: 100%; min-height: 24px; }
  table { margin-top: var(--s-3); max-width: 560px; }
  :is(th, td) { padding: 2px var(--s-3) 2px 0; border-bottom: 1px solid var(--line); }
}
.waterfall { table-layout: auto;
  :is(th, td) { height: var(--row); padding: 0; white-space: nowrap; }
  th { width: 1%; padding-right: var(--s-4); }
  .num { width: 1%; padding-left: var(--s-4); }
  .num a { display: inline-block; position: relative; z-index: 1; }
  svg { width: 100%; height: var(--row); overflow: visible; }
  .end, .end th { font-weight: 600; }
}
.w-up { fill: var(--pass); }
.w-down { fill: var(--fail); }
.w-unknown { fill: url(#hatch); stroke: var(--unknown); stroke-width: 0.75; }
.w-scope { fill: var(--canvas); stroke: var(--ink-3); stroke-width: 1; }
.waterfall rect { y: 32%; height: 36%; }
.waterfall :is(.w-above, .w-below) { y: 0; width: 1px; height: 32%; fill: var(--control); transform: translateX(-0.5px); }
.waterfall .w-below { y: 68%; }
.w-end { fill: var(--ink); }

.heat { table-layout: fixed;
  :is(td, th) { padding: 2px; }
  tbody :is(td, th) { height: 30px; box-shadow: none; }
  tbody tr:hover > * { background: none; }
  thead th { position: static; white-space: normal; vertical-align: bottom; }
}
.heat-cell { display: flex; align-items: center; gap: 5px; height: 26px; padding: 0 0 0 8px; border-radius: 2px; text-decoration: none;
  b { font-weight: 600; }
  small { font-size: var(--t-axis); color: var(--ink-2); }
  i { position: relative; overflow: hidden; display: grid; place-items: center; align-self: stretch; width: 24px; margin-left: auto; border: 1px solid var(--line-2); border-radius: 0 2px 2px 0; background-color: var(--canvas); font-size: var(--t-axis); font-style: normal; }
  i span { position: relative; padding: 0 3px; background: var(--canvas); color: var(--ink); }
}
.heat-0 { box-shadow: inset 0 0 0 1px var(--line); :is(b, small) { font-weight: 400; color: var(--ink-3); } }
.heat-1 { background: var(--heat-1); }
.heat-2 { background: var(--heat-2); }
.heat-3 { background: var(--heat-3); small { color: var(--ink); } }
.heat-4 { background: var(--heat-4); color: var(--on-heat-4); small { color: inherit; } }
.legend .lg-h { display: block; width: 16px; height: 12px; border-radius: 2px; }
.strip { width: 100%; height: 14px; margin-top: 3px; background: linear-gradient(var(--line-2), var(--line-2)) 0 13px / 100% 1px no-repeat; }
.r-line { fill: none; stroke: var(--control); }
.r-node { fill: var(--canvas); stroke: var(--line-2); &.is { stroke: var(--ink); stroke-width: 1.5; } }
.causes { display: grid; grid-template-columns: repeat(auto-fill, minmax(10rem, 1fr)); gap: var(--s-3) var(--s-6); margin: var(--s-3) 0 var(--s-5);
  .value { display: block; font-size: var(--t-sum); font-weight: 600; }
  .none { color: var(--ink-3); font-weight: 400; }
  .quiet { display: block; font-size: var(--t-small); }
}
svg.trend { display: block; width: 15rem; max-width: 100%; height: 3rem;
  &.wide { width: 100%; height: 8rem; }
  .pass { fill: var(--pass-soft); }
  .unknown { fill: url(#hatch); }
  .edge { fill: none; stroke: var(--pass); stroke-width: 1.5px; vector-effect: non-scaling-stroke; }
  .edge.most { stroke: var(--unknown); stroke-width: 1px; }
}
`;
