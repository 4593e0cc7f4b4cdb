/** What every document stands on: elements, links, focus, and the few words that mean the same everywhere. */
export const BASE = `
*, ::before, ::after { box-sizing: border-box; }
html { font-size: 100%; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: calc(var(--top) + var(--s-5)); }
body { margin: 0; background: var(--canvas); color: var(--ink); font: 400 var(--t-base)/1.45 var(--sans); font-optical-sizing: auto;
  font-variant-numeric: tabular-nums; letter-spacing: -0.005em; -webkit-font-smoothing: antialiased; overflow-wrap: anywhere; }
h1, h2, h3, h4, h5, h6, p, ul, ol, dl, dd, figure, table, pre, fieldset, legend, blockquote { margin: 0; padding: 0; }
h1, h2, h3, h4, h5, h6 { font-size: inherit; font-weight: 600; letter-spacing: -0.011em; text-wrap: balance; }
h2 { font-size: var(--t-base); line-height: 20px; }
h2 .sub { margin-left: 6px; font-weight: 400; letter-spacing: 0; color: var(--ink-3); }
p { text-wrap: pretty; }
ul, ol { list-style: none; }
fieldset { border: 0; min-width: 0; }
table { border-collapse: collapse; width: 100%; }
th { font-weight: 400; text-align: left; }
svg { display: block; }
code, pre, kbd, samp { font-family: var(--mono); font-size: 0.92em; font-variant-ligatures: none; }
code { overflow-wrap: anywhere; unicode-bidi: isolate; }
small { font-size: var(--t-small); }
summary { cursor: pointer; }
bdi { overflow-wrap: anywhere; }
[hidden] { display: none !important; }

a { color: inherit; text-decoration: underline; text-decoration-color: var(--control); text-decoration-thickness: 1px; text-underline-offset: 0.22em; }
a:hover { text-decoration-color: currentcolor; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 1px; border-radius: var(--r-1); }
[tabindex='-1']:focus-visible, main:focus-visible { outline: 0; }
/* Where every figure of a list is a link, the line shows under the pointer and the focus alone. */
:is(div, section, table, ul, ol, tbody, nav).quiet a, a.quiet, svg a { text-decoration-color: transparent; }
:is(div, section, table, ul, ol, tbody, nav).quiet a:hover, a.quiet:hover, svg a:hover { text-decoration-color: currentcolor; }

.ink-2, :is(p, span, a, dd, caption, li).quiet { color: var(--ink-2); }
:is(h1, h2, h3) > a.quiet { color: inherit; }
.ink-3 { color: var(--ink-3); }
.bad, .late { color: var(--fail); }
.late { font-weight: 600; }
.soon { color: var(--soon); }
.strong { font-weight: 600; }
.num, .amount { text-align: right; white-space: nowrap; }
.cut { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.hidden, .skip:not(:focus) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip:focus { position: fixed; z-index: 9; top: var(--s-3); left: var(--s-3); padding: var(--s-3) var(--s-4); background: var(--raised); box-shadow: var(--shadow); }
.defs { position: absolute; width: 0; height: 0; }
.only-narrow, .only-print { display: none; }
.severity { font-size: var(--t-small); color: var(--ink-2); }
.severity.critical { color: var(--fail); font-weight: 600; }
.severity.high { color: var(--ink); font-weight: 600; }
.scroll { overflow-x: auto; max-width: 100%; }
`;
