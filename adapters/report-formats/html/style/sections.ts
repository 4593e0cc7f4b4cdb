/** Honesty, actions and standards. */
export const SECTIONS = `
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 1.5rem 2rem; align-items: start; }
.figure .value { display: block; font-size: 2.5rem; line-height: 1.1; font-weight: 600; letter-spacing: -0.02em; }
.figure .label { display: block; font-weight: 600; }
.figure .quiet { display: block; font-size: 0.875rem; }
details.figure summary { list-style: none; }
details.figure summary::-webkit-details-marker { display: none; }
details.figure summary .label::after { content: ' ›' / ''; color: var(--accent); }
details.figure[open] summary .label::after { content: ' ⌄' / ''; }
details.figure .value { text-decoration: underline; text-decoration-color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 0.14em; }
.figure .value a { color: inherit; text-decoration-color: var(--accent); text-underline-offset: 0.14em; }
details.figure ul { margin-top: 0.5rem; font-size: 0.9375rem; }
details.figure li { margin: 0.25rem 0; }

.least { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 0 2.5rem; }
.least li { display: grid; grid-template-columns: minmax(0, 1fr) 5rem 3.75rem; gap: 0.75rem; align-items: center; padding: 0.2rem 0; font-size: 0.9375rem; }
.least a { color: inherit; text-decoration-color: var(--line); }
.least a:hover { text-decoration-color: var(--accent); }
.least .amount { text-align: right; white-space: nowrap; }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 0 2.5rem; }
.sources > li { padding: 0.5rem 0; border-top: 1px solid var(--line); }
.state { margin: 0 0.75rem 0 0.25rem; }
.state.incomplete, .state.failed { color: var(--signal); font-weight: 600; }
.problems li { padding: 0.5rem 0 0.5rem 1rem; max-width: 80ch; }
.remedy { max-width: 72ch; }
.remedy::before { content: '→ ' / ''; color: var(--accent); font-weight: 600; }
.blind { display: grid; gap: 1.25rem; }
.blind > li { border-top: 1px solid var(--line); padding-top: 0.75rem; }
.blind > li > .quiet { font-size: 0.875rem; margin-top: 0.25rem; }

.failing { display: grid; gap: 0; }
.failure { border-top: 1px solid var(--line); padding: 1rem 0 1.25rem; }
.failure h3 { margin: 0; line-height: 1.3; }
.failure h3 a { color: inherit; text-decoration-color: var(--line); }
.about-failure { display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; font-size: 0.9375rem; color: var(--quiet); }
.failure .places { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 0.5rem 2rem; margin-top: 0.6rem; font-size: 0.9375rem; }
.places li { min-width: 0; }
.places.wide { display: grid; gap: 0.75rem; margin: 0.5rem 0 1rem; font-size: 0.9375rem; }
.failure .more-places { margin-top: 0.4rem; font-size: 0.9375rem; }
.failure .command { max-width: 60rem; margin-top: 0.25rem; }
.code { font-family: var(--mono); font-size: 0.8125rem; line-height: 1.5; background: var(--code); border-radius: 4px; padding: 0.4rem 0; margin: 0.35rem 0 0; flex-basis: 100%; }
.code .line { display: block; padding: 0 0.75rem 0 3.5rem; text-indent: -2.75rem; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; }
.code .here { box-shadow: inset 3px 0 0 var(--signal); font-weight: 600; }
.code .number { display: inline-block; min-width: 2.25rem; text-indent: 0; color: var(--quiet); font-weight: 400; user-select: none; }

.actions { counter-reset: action; display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); }
.card { height: 100%; background: var(--raised); border: 1px solid var(--line); border-radius: 8px; padding: 1.25rem 1.25rem 1rem; display: flex; flex-direction: column; gap: 0.4rem; }
.card h3 { margin: 0; line-height: 1.3; font-size: 1.0625rem; }
.card .place { color: var(--ink); }
.command { display: flex; align-items: flex-start; gap: 0.5rem; margin-top: auto; padding-top: 0.5rem; }
.command code { flex: 1; background: var(--code); border-radius: 4px; padding: 0.5rem 0.65rem; min-width: 0; }
button { font: inherit; color: inherit; background: none; border: 1px solid var(--line); border-radius: 4px; padding: 0.25rem 0.75rem; min-height: 2rem; cursor: pointer; }
button:hover { border-color: var(--accent); }
.copy { font-size: 0.875rem; margin-top: 1px; }
.rest { margin-top: 1rem; }
.rest > summary, .about > summary, .sources summary { color: var(--accent); width: fit-content; }
.rest .actions { margin-top: 1rem; }
.changes { display: flex; flex-wrap: wrap; gap: 0.5rem 2rem; }

.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; font-size: 0.9375rem; }
.legend .quiet { flex: 1 1 30rem; max-width: 75ch; }
.pillar { font-size: 1.125rem; text-transform: capitalize; margin: 2.5rem 0 0.5rem; }
.pillar .quiet { font-weight: 400; font-size: 1rem; text-transform: none; margin-left: 0.75rem; }
.standard { display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 6fr); column-gap: 3rem; row-gap: 0.15rem; border-top: 1px solid var(--line); padding: 1rem 0 0.9rem; scroll-margin-top: 1rem; }
.standard:target { border-top-color: var(--accent); }
.standard h4 { grid-column: 1; grid-row: 1; }
.standard .severity { grid-column: 1; grid-row: 2; }
.standard .graph { grid-column: 2; grid-row: 1; align-self: center; line-height: 0; }
.standard .share { grid-column: 2; grid-row: 2; margin-top: 0.25rem; }
.standard .standing { font-weight: 650; margin-right: 0.5rem; }
.standard .counts { grid-column: 2; display: flex; flex-wrap: wrap; gap: 0 1.5rem; font-size: 0.9375rem; color: var(--quiet); }
.standard .note { grid-column: 2; font-size: 0.9375rem; }
.standard .about { grid-column: 1 / -1; font-size: 0.9375rem; }
.standard .about:not([open]) { grid-column: 1; grid-row: 3; }
.bar { overflow: hidden; border-radius: 2px; display: block; }
.bar .fail { fill: var(--raised); stroke: var(--signal); }
.bar rect { stroke-width: 1.5px; width: calc(100% - 1.5px); }
.bar .pass { fill: var(--accent); stroke: var(--accent); }
.bar .decided { fill: var(--ink); stroke: var(--ink); }
.bar .unknown { fill: url(#hatch); stroke: var(--hatch); }
.bar.none line { stroke: var(--line); stroke-width: 1.5px; stroke-dasharray: 2 4; }
.defs .gap { fill: var(--paper); }
.defs .stripe { fill: var(--hatch); }

.prose { max-width: 72ch; padding: 0.5rem 0 1rem; }
.prose :is(p, ul, ol, pre, table, blockquote) { margin: 0.5rem 0; }
.prose :is(ul, ol) { padding-left: 1.25rem; list-style: revert; }
.prose h5 { font-weight: 650; margin-top: 1.25rem; }
.prose h6 { font-weight: 600; margin-top: 0.75rem; }
.prose .statement { font-size: 1.125rem; font-weight: 550; }
.prose pre { background: var(--code); border-radius: 4px; padding: 0.75rem 1rem; white-space: pre-wrap; }
.prose :not(pre) > code { background: var(--code); border-radius: 3px; padding: 0.1em 0.3em; }
.prose :is(th, td) { text-align: left; overflow-wrap: break-word; vertical-align: top; padding: 0.25rem 1rem 0.25rem 0; border-bottom: 1px solid var(--line); }
.prose blockquote { border-left: 2px solid var(--line); padding-left: 1rem; }
`;
