/** What all pages of the server stand in: the rail of nouns, the bar above, and the head of a page. */
export const SHELL = `
.shell { display: grid; grid-template: var(--top) 1fr / var(--rail) minmax(0, 1fr); grid-template-areas: 'rail top' 'rail main'; min-height: 100vh; }
.shell.bare { grid-template: var(--top) 1fr / minmax(0, 1fr); grid-template-areas: 'top' 'main'; }
/* All of it is made up: a line along the top of every page. */
.made-up::before { content: ''; position: fixed; z-index: 5; inset: 0 0 auto; height: 3px; background: var(--simulated); }

.brand { display: flex; align-items: center; gap: var(--s-3); height: var(--top); padding: 0 var(--s-3); font-size: var(--t-read); font-weight: 650; letter-spacing: -0.015em; text-decoration: none; }
.brand svg { flex: none; width: 18px; height: 18px; color: var(--pass); }
.rail { grid-area: rail; background: var(--sunken); border-right: 1px solid var(--line);
  .rail-in { position: sticky; top: 0; display: flex; flex-direction: column; height: 100vh; padding: 0 var(--s-3) var(--s-4); overflow-y: auto; }
  .company { padding: 0 var(--s-3) var(--s-4); font-size: var(--t-small); color: var(--ink-2); }
  ul + ul { margin-top: var(--s-4); padding-top: var(--s-4); border-top: 1px solid var(--line); }
  li a { position: relative; display: flex; align-items: center; gap: var(--s-3); height: 30px; padding: 0 var(--s-3); border-radius: var(--r-2); color: var(--ink-2); font-weight: 450; text-decoration: none; white-space: nowrap; }
  li a:hover { background: var(--hover); color: var(--ink); }
  li a[aria-current] { background: var(--chosen); color: var(--ink); font-weight: 600; }
  .n { margin-left: auto; white-space: nowrap; font-size: var(--t-small); font-weight: 400; color: var(--ink-3); }
  .n.call { color: var(--fail); font-weight: 600; }
  .foot { margin-top: auto; padding: var(--s-4) var(--s-3) 0; font-size: var(--t-axis); color: var(--ink-3); }
}
.nav-more, .nav-less { display: none; }

.top { grid-area: top; position: sticky; top: 0; z-index: 4; display: flex; align-items: center; gap: var(--s-4); height: var(--top); padding: 3px 18px 0; background: var(--canvas); border-bottom: 1px solid var(--line); }
.top > :nth-child(2) { margin-left: auto; }
.search { display: flex; align-items: center; gap: var(--s-3); flex: 0 1 340px; min-width: 96px; height: 30px; padding: 0 var(--s-3); border: 1px solid var(--control); border-radius: var(--r-2); background: var(--canvas); color: var(--ink-3);
  &:focus-within { border-color: var(--focus); }
  .icon { width: 14px; height: 14px; }
  input { flex: 1; min-width: 0; border: 0; outline: 0; background: none; color: var(--ink); font: inherit; }
  input::placeholder { color: var(--ink-3); opacity: 1; }
}
kbd { display: inline-grid; place-items: center; min-width: 18px; height: 18px; padding: 0 4px; border: 1px solid var(--line-2); border-bottom-width: 2px; border-radius: var(--r-1); background: var(--canvas); color: var(--ink-2); font: 500 var(--t-axis)/1 var(--sans); }

.when { display: flex; flex: none; align-items: stretch; height: 30px; white-space: nowrap; border: 1px solid var(--line-2); border-radius: var(--r-2);
  & > * { display: flex; align-items: center; gap: 6px; padding: 0 var(--s-3); text-decoration: none; }
  & > * + * { border-left: 1px solid var(--line-2); }
  .icon { width: 14px; height: 14px; }
  .off { color: var(--ink-3); opacity: 0.5; }
  .now { color: var(--pass); font-weight: 600; }
  &.past { border-color: var(--soon); background: var(--soon-soft); }
  &.past .now { color: var(--soon); }
}
.d-short { display: none; }
.pop { position: relative; padding: 0; }
.when > .pop { padding: 0; }
.pop > summary { display: flex; align-items: center; gap: 6px; height: 100%; padding: 0 var(--s-3); list-style: none; white-space: nowrap; }
.pop > summary::-webkit-details-marker { display: none; }
.menu { position: absolute; z-index: 6; top: calc(100% + 6px); right: 0; width: max-content; min-width: 248px; max-width: min(360px, 92vw); max-height: 70vh; overflow-y: auto; padding: var(--s-3); border: 1px solid var(--line-2); border-radius: var(--r-2); background: var(--raised); box-shadow: var(--shadow); white-space: normal;
  :is(a, button) { display: flex; align-items: center; gap: var(--s-3); width: 100%; min-height: 28px; padding: 0 var(--s-3); border: 0; border-radius: var(--r-1); background: none; color: inherit; font: inherit; text-align: left; text-decoration: none; cursor: pointer; }
  :is(a, button):hover { background: var(--hover); }
  a span { margin-left: auto; color: var(--ink-3); font-size: var(--t-small); }
  p { padding: var(--s-2) var(--s-3); color: var(--ink-2); font-size: var(--t-small); }
  form + form, form + a { margin-top: var(--s-2); padding-top: var(--s-2); border-top: 1px solid var(--line); }
  label { display: block; padding: var(--s-2) var(--s-3); }
  label input { width: 100%; margin-top: 2px; }
  .themes button::before { content: ''; flex: none; width: 10px; height: 10px; border: 1px solid var(--control); border-radius: 50%; }
}
:root:not([data-theme]) .themes [value='auto']::before, :root[data-theme='light'] .themes [value='light']::before, :root[data-theme='dark'] .themes [value='dark']::before, :root[data-theme='contrast'] .themes [value='contrast']::before { border: 3px solid var(--ink); }
.sim { display: inline-flex; align-items: center; height: 22px; padding: 0 7px; border: 1px solid var(--simulated); border-radius: var(--r-1); background: var(--simulated-soft); color: var(--simulated); font-size: var(--t-small); font-weight: 600; white-space: nowrap; }
.sim:hover > .hidden { z-index: 6; top: calc(100% - 4px); right: 18px; width: max-content; max-width: 360px; height: auto; padding: var(--s-3) var(--s-4); clip-path: none; border: 1px solid var(--simulated); border-radius: var(--r-2); background: var(--raised); color: var(--ink); font-weight: 400; white-space: normal; }
.me { display: grid; place-items: center; width: 28px; height: 28px; border-radius: 50%; background: var(--chosen); color: var(--ink); font-size: var(--t-axis); font-weight: 600; }
.me-pop > summary { padding: 0; }

.main { grid-area: main; min-width: 0; padding: var(--s-3) 18px var(--s-7); }
.head { display: flex; align-items: flex-start; gap: var(--s-6); margin-bottom: var(--s-3);
  h1 { font-size: var(--t-page); line-height: 1.25; letter-spacing: -0.018em; }
  .lead { margin-top: 2px; color: var(--ink-2); }
  .acts { display: flex; gap: var(--s-3); margin-left: auto; }
}
.crumbs { display: flex; flex-wrap: wrap; gap: 0 6px; margin-bottom: var(--s-2); font-size: var(--t-small); color: var(--ink-3);
  a { display: inline-block; min-height: 24px; line-height: 24px; text-decoration: none; }
  a:hover { text-decoration: underline; }
  li { line-height: 24px; }
  li:not(:last-child)::after { content: '/' / ''; margin-left: 6px; }
}
.banner { margin: 0 0 var(--s-4); padding: var(--s-3) var(--s-4); border: 1px solid var(--soon); border-radius: var(--r-2); background: var(--soon-soft); }
.measuring { margin-bottom: var(--s-3); font-size: var(--t-small); }
.h2 { display: flex; align-items: baseline; gap: var(--s-3); margin-bottom: var(--s-3); }
.h2 :is(.more, .legend) { margin-left: auto; font-size: var(--t-small); color: var(--ink-2); }
.tabs { display: flex; gap: var(--s-2);
  a { display: flex; align-items: center; gap: 6px; height: 26px; padding: 0 10px; border-radius: var(--r-2); color: var(--ink-2); text-decoration: none; white-space: nowrap; }
  a:hover { background: var(--hover); }
  a[aria-current] { background: var(--chosen); color: var(--ink); font-weight: 600; }
  a span { color: var(--ink-3); font-weight: 400; }
}
.btn { display: inline-flex; align-items: center; gap: 6px; min-height: 28px; padding: 0 10px; border: 1px solid var(--line-2); border-radius: var(--r-2); background: var(--canvas); color: var(--ink); font: 500 var(--t-base)/1 var(--sans); text-decoration: none; white-space: nowrap; cursor: pointer;
  &:hover { background: var(--hover); }
  :is(svg, .icon) { width: 14px; height: 14px; }
  &.go { border-color: var(--ink); background: var(--ink); color: var(--canvas); }
  &.go:hover { background: var(--ink-2); }
  &.small { min-height: 24px; padding: 0 var(--s-3); font-size: var(--t-small); }
  &.bare { border-color: transparent; background: none; }
  kbd { margin-left: 2px; }
}
.try-as { display: flex; flex-wrap: wrap; gap: 4px; button { min-height: 24px; padding: 0 8px; font-size: var(--t-small); } }
.demo-line { display: flex; flex-wrap: wrap; align-items: center; gap: var(--s-2) var(--s-3); margin-bottom: var(--s-3); font-size: var(--t-small); color: var(--ink-2); }
.menu .try-as { padding: 0 var(--s-4) var(--s-3); button { width: auto; } }
@media print { .demo-line { display: none; } }
`;
