/** Sections of the server, forms and what is said of them, and lists of things to do. */
export const FORMS = `
.trail { grid-column: 1 / -1; grid-row: auto; }
.trail ol { justify-content: flex-start; gap: 0.25rem 0.5rem; }
.trail li:not(:last-child)::after { content: '›' / ''; color: var(--quiet); margin-left: 0.5rem; }
.told { border-left: 3px solid var(--accent); background: var(--raised); padding: 0.6rem 1rem; margin: 0 0 1.25rem; max-width: 72ch; }
.refused { border: 1px solid var(--signal); border-left-width: 4px; border-radius: 4px; background: var(--raised); padding: 0.75rem 1rem; margin: 0 0 1.25rem; max-width: 72ch; }
.refused li { margin-top: 0.35rem; }
.late { color: var(--signal); font-weight: 600; }
.acts { display: grid; gap: 0.5rem; max-width: 44rem; }
.acts > details { border: 1px solid var(--line); border-radius: 6px; background: var(--raised); }
.acts > details > summary { padding: 0.5rem 1rem; font-weight: 600; min-height: 2.5rem; }
.acts > details[open] > summary { border-bottom: 1px solid var(--line); }
form.write { display: grid; gap: 1rem; padding: 1rem; max-width: 44rem; }
form.write label { display: block; font-weight: 600; }
form.write .lightly label { font-weight: 400; min-height: 1.75rem; }
form.write .hint { display: block; font-weight: 400; font-size: 0.875rem; color: var(--quiet); }
form.write .wrong { display: block; color: var(--signal); font-weight: 600; font-size: 0.9375rem; }
form.write :is(input:not([type=checkbox], [type=radio]), select, textarea) { font: inherit; color: var(--ink); background: var(--paper); border: 1px solid light-dark(#8b8f96, #7d838a); border-radius: 4px; padding: 0.4rem 0.6rem; min-height: 2.5rem; width: 100%; margin-top: 0.25rem; }
form.write [aria-invalid=true] { border: 2px solid var(--signal); }
form.write textarea { min-height: 6rem; resize: vertical; }
form.write fieldset { border: 0; margin: 0; padding: 0; min-width: 0; }
form.write legend { font-weight: 600; padding: 0; }
.choices { display: grid; gap: 0.15rem; max-height: 16rem; overflow-y: auto; border: 1px solid var(--line); border-radius: 4px; padding: 0.5rem 0.75rem; margin-top: 0.35rem; }
form.write .choices label { display: flex; gap: 0.6rem; align-items: baseline; font-weight: 400; min-height: 1.75rem; }
.choices input { flex: none; width: 1.1rem; height: 1.1rem; }
button.main { background: var(--accent); color: var(--paper); border-color: var(--accent); font-weight: 600; min-height: 2.5rem; padding: 0.3rem 1.1rem; justify-self: start; }
.quickly { display: flex; flex-wrap: wrap; gap: 0.75rem; align-items: center; margin: 0 0 1.25rem; }
.things > li { border-top: 1px solid var(--line); padding: 0.75rem 0; display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 5fr) minmax(0, 3fr); gap: 0.1rem 2rem; }
.things .what { font-weight: 600; }
.things p:is(.quiet, .note) { font-size: 0.9375rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); gap: 0.9rem 2rem; margin: 0 0 1.5rem; }
.facts dt { color: var(--quiet); font-size: 0.875rem; }
.places > li { border-top: 1px solid var(--line); padding: 0.6rem 0; }
.places ul { padding-left: 1rem; }
.places ul li { padding: 0.3rem 0; display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 1rem; align-items: start; }
.places ul li form { grid-column: 2; grid-row: 1 / 3; }
.places .reason { grid-column: 1; }
.places .reason { font-size: 0.9375rem; color: var(--quiet); }
.events > li { border-top: 1px solid var(--line); padding: 0.6rem 0; display: grid; grid-template-columns: 15.5rem minmax(0, 1fr); gap: 0.1rem 2rem; }
.events blockquote, .said { white-space: pre-wrap; max-width: 72ch; margin: 0; }
.events form { margin-top: 0.5rem; }
.tree ul { padding-left: 1.25rem; border-left: 1px solid var(--line); }
.tree li { padding: 0.25rem 0; }
.tree .level { color: var(--quiet); font-size: 0.875rem; }
.call { border: 1px solid var(--line); border-radius: 8px; background: var(--raised); padding: 1.25rem; margin: 0 0 1.25rem; max-width: 60rem; }
.call h3 { margin: 0 0 0.75rem; font-size: 1.25rem; }
.call .reach { font-size: 1.25rem; font-weight: 600; }
.call dl > div { padding: 0.5rem 0; border-top: 1px solid var(--line); }
.call dt { color: var(--quiet); font-size: 0.875rem; }
form.find { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0.5rem 0.75rem; align-items: end; max-width: 44rem; margin: 0 0 1.5rem; }
form.find label { font-weight: 600; grid-column: 1 / -1; }
form.find input { font: inherit; font-size: 1.125rem; color: var(--ink); background: var(--raised); border: 1px solid light-dark(#8b8f96, #7d838a); border-radius: 4px; padding: 0.5rem 0.75rem; min-height: 3rem; width: 100%; }
form.find button { min-height: 3rem; }
main > section > p:has(+ :is(.things, .call, .ask)) { margin-bottom: 0.75rem; }
@media (max-width: 48rem) {
  .things > li, .events > li { grid-template-columns: minmax(0, 1fr); }
  form.write { padding: 0.75rem; }
  .places ul li { grid-template-columns: minmax(0, 1fr); }
  .places ul li form { grid-column: 1; grid-row: auto; margin-top: 0.25rem; }
}
`;
