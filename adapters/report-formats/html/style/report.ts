/** The report of a scan: its own masthead, what fails, what to do first, standards, and the list with its filters. */
export const REPORT = `
.report { max-width: 1280px; margin: 0 auto; padding: var(--s-5) 18px var(--s-7); }
.masthead { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: var(--s-2) var(--s-6); align-items: baseline; margin-bottom: var(--s-5); padding-bottom: var(--s-4); border-bottom: 1px solid var(--line-2);
  .brand { grid-column: 1; height: auto; padding: 0; }
  h1 { grid-column: 1; font-size: var(--t-page); line-height: 1.25; letter-spacing: -0.018em; overflow-wrap: anywhere; }
  p.of { grid-column: 1; color: var(--ink-2); }
  .assets { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: 0 var(--s-5); color: var(--ink-2); font-size: var(--t-small); }
  nav { grid-column: 2; grid-row: 1; }
  nav ol { display: flex; flex-wrap: wrap; gap: 0 var(--s-5); }
  nav a { line-height: 24px; color: var(--ink-2); text-decoration-color: transparent; }
}
.report main > section, .main > section { scroll-margin-top: var(--s-5); }
.report main > section { margin-bottom: var(--s-7); padding-top: var(--s-3); border-top: 1px solid var(--line); }
.report main > section:first-child { padding-top: 0; border-top: 0; }
.report > footer { padding-top: var(--s-4); border-top: 1px solid var(--line); font-size: var(--t-small); color: var(--ink-2); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: var(--s-4) var(--s-6); align-items: start; }
.figure { .value, .label, .quiet { display: block; } .value { font-size: var(--t-figure); line-height: 32px; font-weight: 600; letter-spacing: -0.024em; } .label { font-weight: 600; } .quiet { font-size: var(--t-small); } ul { margin-top: var(--s-3); } li { padding: 2px 0; } li a { line-height: 24px; } }
ul.least { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 0 var(--s-7); li { display: grid; grid-template-columns: minmax(0, 1fr) 5rem 3.75rem; align-items: center; gap: var(--s-4); min-height: var(--row); border-bottom: 1px solid var(--line); } }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 0 var(--s-7); h3 { margin: var(--s-5) 0 var(--s-3); font-size: var(--t-base); } }
.sources > li { padding: 4px 0; border-top: 1px solid var(--line); .state { display: inline; margin: 0 var(--s-3) 0 var(--s-2); padding: 0; border: 0; } :is(.incomplete, .failed) { color: var(--fail); font-weight: 600; } }
.sources .problems li { display: block; padding: 4px 0 4px var(--s-5); max-width: 90ch; span { padding: 0; } }
.remedy { max-width: 80ch; }
.remedy::before { content: '→ ' / ''; color: var(--pass); font-weight: 600; }
.blind { display: grid; gap: var(--s-4); & > li { padding-top: var(--s-3); border-top: 1px solid var(--line); } & > li > .quiet { font-size: var(--t-small); } }
ol.failing > .failure { padding: var(--s-3) 0 var(--s-4); border-top: 1px solid var(--line); h3 { margin: 0; } }
.about-failure { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 var(--s-4); color: var(--ink-2); font-size: var(--t-small); a { line-height: 24px; } }
.failure .places { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: var(--s-3) var(--s-6); margin: var(--s-3) 0; & > li { min-width: 0; padding: 0; border: 0; } }
.failure .more-places { font-size: var(--t-small); }
.failure .command { max-width: 60rem; margin-top: var(--s-3); }
ol.actions { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr)); gap: var(--s-4); }
.card { display: flex; flex-direction: column; gap: var(--s-2); height: 100%; padding: var(--s-4) var(--s-5); border: 1px solid var(--line-2); border-radius: var(--r-2); h3 { margin: 0; } a { line-height: 24px; } .command { margin-top: auto; } }
.rest { margin-top: var(--s-4); .actions { margin-top: var(--s-4); } }
:is(.rest, .about, .sources) > summary, .sources summary { width: fit-content; min-height: 24px; color: var(--ink-2); text-decoration: underline; text-decoration-color: var(--control); text-underline-offset: 0.22em; }
.changes { display: flex; flex-wrap: wrap; gap: var(--s-2) var(--s-6); li { padding: 2px 0; } }
.pillar { margin: var(--s-6) 0 0; padding: 3px var(--s-3); background: var(--sunken); font-size: var(--t-base); text-transform: capitalize; .quiet { margin-left: var(--s-4); font-weight: 400; text-transform: none; } }
.standard { display: grid; grid-template-columns: minmax(0, 5fr) 4.5rem minmax(8rem, 12rem) minmax(0, 5fr); align-items: center; gap: 0 var(--s-5); padding: 3px var(--s-3); border-bottom: 1px solid var(--line); &:hover { background: var(--hover); } &:target { background: var(--chosen); }
  h4 { font-weight: 500; }
  .share .standing { display: inline-block; min-width: 5.5rem; font-weight: 600; }
  :is(.counts, .note, .about) { grid-column: 1 / -1; }
  .counts { grid-column: 3 / -1; display: flex; flex-wrap: wrap; gap: 0 var(--s-4); font-size: var(--t-small); }
  .counts a { line-height: 24px; }
  .about { grid-column: 1 / 3; grid-row: 2; font-size: var(--t-small); }
  .about[open] { grid-column: 1 / -1; grid-row: auto; font-size: inherit; }
  .note { margin: 0; }
}
.prose { max-width: 80ch; padding: var(--s-3) 0; :is(p, ul, ol, pre, table, blockquote) { margin: var(--s-3) 0; } :is(ul, ol) { padding-left: 1.25rem; list-style: revert; } h5 { margin-top: var(--s-4); } .statement { font-size: var(--t-read); font-weight: 500; } pre { padding: var(--s-3) var(--s-4); border: 1px solid var(--line); border-radius: var(--r-2); background: var(--sunken); white-space: pre-wrap; } :is(th, td) { padding: 3px var(--s-5) 3px 0; border-bottom: 1px solid var(--line); vertical-align: top; } blockquote { padding-left: var(--s-5); border-left: 2px solid var(--line-2); } }
#filters { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 9rem), 1fr)); gap: var(--s-3) var(--s-4); label { display: flex; flex-direction: column; gap: 2px; min-width: 0; font-size: var(--t-small); color: var(--ink-2); } .wide { grid-column: 1 / -1; } :is(input, select) { width: 100%; text-overflow: ellipsis; } }
#chips { display: flex; flex-wrap: wrap; gap: var(--s-3); margin-top: var(--s-4); a { display: inline-flex; align-items: center; min-height: 24px; padding: 0 var(--s-3); border: 1px solid var(--line-2); border-radius: var(--r-1); font-size: var(--t-small); text-decoration: none; } }
#status { margin: var(--s-4) 0 var(--s-3); font-weight: 600; }
.rows > li, .plain-list li { border-top: 1px solid var(--line); }
.plain-list li { padding: var(--s-2) 0; }
.finding > summary { display: grid; grid-template-columns: 7rem minmax(0, 3fr) minmax(0, 2fr); gap: 0 var(--s-5); padding: var(--s-2) var(--s-2); list-style: none; &:hover { background: var(--hover); } &::-webkit-details-marker { display: none; } }
.finding { :is(.what, .where) { display: flex; flex-direction: column; min-width: 0; } .name { font-weight: 500; } .where { font-size: var(--t-small); } :is(.name, .message, .of, .who), .where .place { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; } .inside { display: grid; gap: var(--s-4); max-width: 60rem; padding: var(--s-2) 0 var(--s-5) 8.25rem; } .whole { font-size: var(--t-read); white-space: pre-wrap; } .prose { padding: 0; } h3 { margin: 0; } .facts { margin: 0; } .facts dt { color: var(--ink-3); } }
ul.evidence { display: block; li { display: flex; flex-wrap: wrap; gap: 0 var(--s-4); padding: var(--s-2) 0; border-top: 1px solid var(--line); } & > :not(:last-child)::after { content: none; } .text { white-space: pre-wrap; color: var(--ink); } .code { flex-basis: 100%; } }
details.group > summary { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 var(--s-5); padding: var(--s-2); .name { display: inline; font-weight: 600; } }
details.group > .inside { padding-left: var(--s-5); }
.more:is(button) { margin: var(--s-4) 0; }
.empty { padding: var(--s-4) 0; color: var(--ink-2); }
`;
