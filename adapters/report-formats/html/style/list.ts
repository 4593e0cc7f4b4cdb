/** The list of findings and its filters. */
export const LIST = `
#filters { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 9rem), 1fr)); gap: 0.75rem 1rem; }
#filters label { font-size: 0.875rem; color: var(--quiet); display: flex; flex-direction: column; gap: 0.2rem; min-width: 0; }
#filters .wide { grid-column: 1 / -1; }
#filters :is(input, select) { font: inherit; font-size: 1rem; color: var(--ink); background: var(--raised); border: 1px solid light-dark(#8b8f96, #7d838a); border-radius: 4px; padding: 0.4rem 0.6rem; width: 100%; min-width: 0; min-height: 2.4rem; text-overflow: ellipsis; }
#chips { display: flex; flex-wrap: wrap; gap: 0.5rem; margin-top: 1rem; }
#chips a { display: inline-block; border: 1px solid var(--accent); border-radius: 1rem; padding: 0.15rem 0.8rem; font-size: 0.875rem; text-decoration: none; }
#status { margin: 1rem 0 0.5rem; font-weight: 600; }
.rows > li { border-top: 1px solid var(--line); }
.finding > summary { display: grid; grid-template-columns: 8.5rem minmax(0, 3fr) minmax(0, 2fr); gap: 0.15rem 1.5rem; padding: 0.7rem 0.25rem; list-style: none; }
.finding > summary::-webkit-details-marker { display: none; }
.finding > summary:hover { background: var(--raised); }
.finding .what, .finding .where { display: flex; flex-direction: column; min-width: 0; }
.finding .name { font-weight: 600; }
.finding .name, .finding .message, .finding .of, .finding .who, .finding .where .place, .group .name { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
.finding .where { font-size: 0.875rem; }
.finding[open] > summary .name { color: var(--accent); }
.finding .inside { padding: 0.25rem 0 1.5rem 10rem; max-width: 60rem; display: grid; gap: 1rem; }
.finding .whole { font-size: 1.0625rem; white-space: pre-wrap; }
.evidence li { display: flex; flex-wrap: wrap; gap: 0 1rem; padding: 0.3rem 0; border-top: 1px solid var(--line); }
.evidence .text { white-space: pre-wrap; }
.finding .prose { padding: 0; }
.finding h3 { margin: 0; font-weight: 600; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 16rem), 1fr)); gap: 0.6rem 2rem; font-size: 0.9375rem; }
.facts dt { color: var(--quiet); font-size: 0.875rem; }
.group > summary { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1.5rem; padding: 0.6rem 0.25rem; }
.group > summary .name { font-weight: 600; }
.group > summary .name::before { content: '› ' / ''; color: var(--accent); }
.group > .inside { padding-left: clamp(0rem, 2vw, 1.5rem); }
.more { margin: 1rem 0; }
.empty { padding: 1rem 0; color: var(--quiet); }
.plain-list li { padding: 0.35rem 0; border-top: 1px solid var(--line); }
noscript h3:target { color: var(--accent); }
`;
