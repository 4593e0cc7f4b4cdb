/** What changed, and how it went. */
export const PAST = `
.banner { border: 1px solid var(--signal); border-radius: 4px; padding: 0.6rem 1rem; margin: 0 0 1rem; background: var(--raised); }
.trend { display: block; width: 15rem; max-width: 100%; height: 3rem; background: var(--raised); border: 1px solid var(--line); border-radius: 2px; }
.trend.wide { width: 100%; height: 8rem; }
.trend .pass { fill: var(--accent); fill-opacity: 0.35; }
.trend .unknown { fill: url(#hatch); }
.trend .edge { fill: none; stroke: var(--accent); stroke-width: 1.5px; vector-effect: non-scaling-stroke; }
.trend .edge.most { stroke: var(--hatch); stroke-dasharray: 4 3; }
.causes { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: 1rem 2rem; margin: 0.75rem 0 1.25rem; }
.causes .value { font-size: 1.5rem; font-weight: 600; line-height: 1.2; display: block; }
.causes .none { color: var(--quiet); font-weight: 400; }
.causes .quiet { font-size: 0.875rem; display: block; }
.scroll { overflow-x: auto; max-width: 100%; }
.scroll:focus-visible { outline-offset: 0; }
.past { border-collapse: collapse; width: 100%; font-size: 0.9375rem; }
.past caption { text-align: left; padding: 0 0 0.5rem; }
.past :is(th, td) { text-align: left; vertical-align: top; padding: 0.45rem 1rem 0.45rem 0; border-top: 1px solid var(--line); font-weight: inherit; overflow-wrap: normal; }
.past td.id, .past th.id { overflow-wrap: anywhere; min-width: 12rem; }
.past thead th { color: var(--quiet); font-size: 0.875rem; border-top: 0; }
.past :is(.amount, thead .amount) { text-align: right; white-space: nowrap; }
.past .of { font-size: 0.875rem; color: var(--quiet); }
details table { border-collapse: collapse; margin: 0.5rem 0 1rem; font-size: 0.9375rem; }
details table caption { text-align: left; }
details table :is(th, td) { text-align: left; font-weight: inherit; padding: 0.2rem 1rem 0.2rem 0; border-top: 1px solid var(--line); }
details table .amount { text-align: right; }
form.ask { display: flex; flex-wrap: wrap; gap: 0.75rem 1.25rem; align-items: end; margin: 0 0 1.25rem; }
form.ask label { display: grid; gap: 0.2rem; font-size: 0.875rem; color: var(--quiet); }
form.ask label.check { display: flex; align-items: center; gap: 0.5rem; min-height: 2.25rem; }
form.ask :is(input:not([type=checkbox]), select) { font: inherit; font-size: 1rem; color: var(--ink); background: var(--raised); border: 1px solid var(--line); border-radius: 4px; padding: 0.3rem 0.5rem; min-height: 2.25rem; max-width: 100%; }
form.ask button { min-height: 2.25rem; }
.pages { display: flex; gap: 1.5rem; margin: 1rem 0; }
.explained { font-family: var(--mono); font-size: 0.8125rem; white-space: pre-wrap; background: var(--code); border-radius: 4px; padding: 0.75rem 1rem; margin: 0.5rem 0 1.5rem; }
.since .answer { margin-bottom: 1rem; }
`;
