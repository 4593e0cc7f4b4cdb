/** Colours, type and the frame of the page. One accent; failure has the only other hue, and never colour alone. */
export const GROUND = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#fdfcfa, #141618);
  --raised: light-dark(#ffffff, #1b1e21);
  --ink: light-dark(#1b1d21, #ecebe7);
  --quiet: light-dark(#585d66, #a6abb2);
  --line: light-dark(#e2dfd8, #30353a);
  --accent: light-dark(#0c5a66, #6cc5cd);
  --signal: light-dark(#a5301c, #ff9d82);
  --hatch: light-dark(#5f646d, #a6abb2);
  --code: light-dark(#f4f2ed, #22262a);
  --mono: ui-monospace, 'SF Mono', 'Cascadia Code', Menlo, Consolas, 'DejaVu Sans Mono', monospace;
}
*, ::before, ::after { box-sizing: border-box; }
html { font: 100%/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 84rem; padding: 0 clamp(1rem, 4vw, 4rem); background: var(--paper); color: var(--ink);
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
h1, h2, h3, h4, h5, h6, p, ul, ol, dl, dd { margin: 0; padding: 0; font-weight: inherit; font-size: inherit; }
ul, ol { list-style: none; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 0.2em; }
a:hover { text-decoration-thickness: 2px; }
a.quiet { color: var(--quiet); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 2px; }
[tabindex='-1']:focus-visible { outline: none; }
code { font-family: var(--mono); font-size: 0.875em; unicode-bidi: isolate; }
[hidden] { display: none !important; }
.defs { position: absolute; }
.quiet { color: var(--quiet); }
.skip { position: absolute; left: -100vw; background: var(--raised); padding: 0.5rem 1rem; }
.skip:focus { left: 1rem; top: 1rem; z-index: 2; }
summary { cursor: pointer; }

header { display: grid; grid-template-columns: 1fr auto; gap: 0.25rem 2rem; align-items: baseline; padding: 1.5rem 0 1.25rem; }
header .brand { grid-column: 1; color: var(--accent); font-weight: 650; letter-spacing: 0.01em; }
header nav { grid-column: 2; grid-row: 1; }
header nav ol { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 0.25rem 1.5rem; }
header nav a { color: var(--quiet); text-decoration: none; font-size: 0.9375rem; }
header nav a:hover { color: var(--ink); text-decoration: underline; }
.sections { grid-column: 1 / -1; grid-row: auto; display: flex; flex-wrap: wrap; gap: 0.5rem 2rem; justify-content: space-between; align-items: center; border-bottom: 1px solid var(--line); padding: 0 0 0.6rem; margin-bottom: 0.5rem; }
.sections ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; }
.sections li a { display: inline-block; padding: 0.2rem 0; color: var(--quiet); text-decoration: none; font-size: 0.9375rem; border-bottom: 2px solid transparent; }
.sections a:hover { color: var(--ink); text-decoration: underline; }
.sections a[aria-current] { color: var(--ink); font-weight: 650; border-bottom-color: var(--accent); }
.visitor { display: flex; gap: 0.75rem; align-items: center; font-size: 0.9375rem; color: var(--quiet); }
body > .sections { padding-top: 0.75rem; margin: 0; }
h1 { grid-column: 1 / -1; font-size: clamp(1.75rem, 1.3rem + 1.6vw, 2.5rem); font-weight: 650; line-height: 1.15; letter-spacing: -0.02em; margin-top: 0.75rem; }
.when { color: var(--quiet); }
.assets { display: flex; flex-wrap: wrap; gap: 0 1.25rem; justify-content: flex-end; color: var(--quiet); }
footer { border-top: 1px solid var(--line); padding: 1.5rem 0 3rem; color: var(--quiet); font-size: 0.875rem; }

section { border-top: 1px solid var(--line); padding: 1.75rem 0 3rem; scroll-margin-top: 0; }
h2 { color: var(--quiet); font-weight: 600; }
.answer { font-size: clamp(1.25rem, 1.05rem + 0.9vw, 1.75rem); line-height: 1.25; letter-spacing: -0.01em; font-weight: 550; margin: 0.35rem 0 1.5rem; max-width: 54ch; text-wrap: balance; }
h3 { font-weight: 650; margin: 2rem 0 0.75rem; }
h4 { font-weight: 600; }

.mark { white-space: nowrap; }
.mark::before { content: ''; display: inline-block; width: 0.75em; height: 0.75em; margin-right: 0.5em; vertical-align: -0.04em; border-radius: 1px; border: 1.5px solid var(--ink); }
.mark.pass::before { background: var(--accent); border-color: var(--accent); }
.mark.unknown::before { background: repeating-linear-gradient(-45deg, var(--hatch) 0 1.5px, transparent 1.5px 4px); border-color: var(--hatch); }
.mark.fail::before { border-color: var(--signal); }
.mark.not-applicable::before { height: 0; border-width: 1px 0 0; border-color: var(--quiet); vertical-align: 0.25em; }
.severity { font-size: 0.875rem; color: var(--quiet); }
.severity.critical { color: var(--signal); font-weight: 650; }
.severity.high { color: var(--ink); font-weight: 600; }
`;
