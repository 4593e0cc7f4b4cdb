/** Fields and acts, and pages that are a list of sections with their answers. */
export const FORMS = `
.main > section, .main > form + section { margin-bottom: var(--s-6); }
p.answer { margin: 0 0 var(--s-4); max-width: 90ch; font-size: var(--t-head); line-height: 22px; font-weight: 500; text-wrap: pretty; }
section > h2:has(+ .answer) { color: var(--ink-3); font-weight: 500; }
section > h3 { margin: var(--s-5) 0 var(--s-3); font-size: var(--t-base); }
section ul:not([class]) > li { padding: 2px 0; }
button { min-height: 28px; padding: 0 10px; border: 1px solid var(--line-2); border-radius: var(--r-2); background: var(--canvas); color: var(--ink); font: 500 var(--t-base)/1.2 var(--sans); cursor: pointer; &:hover { background: var(--hover); } }
button.main, .btn.go { border-color: var(--ink); background: var(--ink); color: var(--canvas); &:hover { background: var(--ink-2); } }
button.main { grid-area: auto; padding: 0 14px; justify-self: start; }
.field:is(input, textarea, select), :is(form.write, form.ask, form.find, .menu, #filters) :is(input:not([type='checkbox'], [type='radio'], [type='hidden']), select, textarea) { min-width: 0; max-width: 100%; min-height: 30px; padding: 3px 10px; border: 1px solid var(--control); border-radius: var(--r-2); background: var(--canvas); color: var(--ink); font: 400 var(--t-base)/1.45 var(--sans); }
form.write { display: grid; gap: var(--s-4); padding: var(--s-4); max-width: 44rem;
  label { display: block; font-weight: 600; }
  .lightly label, .choices label { font-weight: 400; min-height: var(--row); }
  .hint { display: block; font-weight: 400; font-size: var(--t-small); color: var(--ink-2); }
  .wrong { display: block; color: var(--fail); font-weight: 600; }
  :is(input:not([type='checkbox'], [type='radio']), select, textarea) { width: 100%; margin-top: 2px; }
  [aria-invalid='true'] { border: 2px solid var(--fail); }
  textarea { min-height: 5rem; resize: vertical; }
  legend { font-weight: 600; }
}
.choices { display: grid; max-height: 16rem; overflow-y: auto; margin-top: var(--s-2); padding: var(--s-2) var(--s-4); border: 1px solid var(--line); border-radius: var(--r-2); label { display: flex; align-items: baseline; gap: var(--s-3); min-height: 24px; } input { flex: none; width: 16px; height: 16px; } }
form.ask { label { display: grid; gap: 2px; font-size: var(--t-small); color: var(--ink-2); } label.check { display: flex; align-items: center; gap: var(--s-3); min-height: 30px; } a { line-height: 30px; } }
form.find { display: grid; grid-template-columns: minmax(0, 1fr) auto; align-items: end; gap: var(--s-2) var(--s-3); max-width: 44rem; margin: 0 0 var(--s-5); label { grid-column: 1 / -1; font-weight: 600; } input, button { min-height: 36px; } }
div.acts, section .acts { display: grid; gap: var(--s-3); max-width: 44rem; & > details { border: 1px solid var(--line-2); border-radius: var(--r-2); } & > details > summary { padding: 5px var(--s-4); min-height: 32px; font-weight: 600; } & > details[open] > summary { border-bottom: 1px solid var(--line); } }
:is(.state, table) + div.acts { margin-top: var(--s-3); }
.head .acts { display: flex; max-width: none; & > details { border: 0; } & > details > summary { min-height: 28px; padding: 0 10px; font-weight: 500; } & > details[open] > summary { border-bottom: 1px solid var(--line-2); } }
.refused { margin: 0 0 var(--s-4); padding: var(--s-3) var(--s-4); max-width: 80ch; border: 1px solid var(--fail); border-radius: var(--r-2); background: var(--fail-soft); li { margin-top: var(--s-2); } }
.quickly { display: flex; flex-wrap: wrap; align-items: center; gap: var(--s-3); margin: 0 0 var(--s-5); }
.things > li { display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 5fr) minmax(0, 3fr); gap: 0 var(--s-6); padding: 6px 0; border-top: 1px solid var(--line); .what { font-weight: 600; } .what a { line-height: 24px; } p:is(.quiet, .note) { margin: 0; font-size: var(--t-small); } }
ul.places, ol.places { & > li { padding: 6px 0; border-top: 1px solid var(--line); } ul { padding-left: var(--s-5); } ul li { display: grid; grid-template-columns: minmax(0, 1fr) auto; align-items: start; gap: 0 var(--s-5); padding: var(--s-2) 0; } ul li form { grid-column: 2; grid-row: 1 / 3; } .reason { grid-column: 1; font-size: var(--t-small); color: var(--ink-2); } .code { margin-top: var(--s-2); } &.wide { margin: 0 0 var(--s-5); } }
.events > li { display: grid; grid-template-columns: 13rem minmax(0, 1fr); gap: 0 var(--s-6); padding: 6px 0; border-top: 1px solid var(--line); blockquote { white-space: pre-wrap; max-width: 80ch; } form { margin-top: var(--s-3); } }
p.said, blockquote.said { white-space: pre-wrap; max-width: 80ch; }
section.call, article.call, div.call:has(dl) { display: block; margin: 0 0 var(--s-5); padding: var(--s-4) var(--s-5); max-width: 60rem; border: 1px solid var(--line-2); border-radius: var(--r-2); h3 { margin: 0 0 var(--s-3); font-size: var(--t-head); } .reach { font-size: var(--t-head); font-weight: 600; } dl > div { padding: var(--s-3) 0; border-top: 1px solid var(--line); } dt { color: var(--ink-3); font-size: var(--t-small); } }
.past { border-collapse: collapse; width: 100%; caption { text-align: left; padding: 0 0 var(--s-3); } :is(th, td) { padding: 2px var(--s-5) 2px 0; border-bottom: 1px solid var(--line); vertical-align: baseline; text-align: left; overflow-wrap: normal; } thead th { color: var(--ink-2); font-size: var(--t-small); } :is(td, th).id { min-width: 12rem; overflow-wrap: anywhere; } :is(td, th).amount { text-align: right; } .of { font-size: var(--t-small); color: var(--ink-2); } a { line-height: 24px; text-decoration-color: transparent; } a:hover { text-decoration-color: currentcolor; } .amount a { display: inline-block; min-width: 24px; } .bar { max-width: 16rem; } }
h2 + :is(.state, .acts, .scroll, form.ask), .h2 + .state { margin-top: var(--s-3); }
.grid.tall tr:has(form) > * { vertical-align: middle; }
.index { columns: 12rem; column-gap: var(--s-6); margin-top: var(--s-4); li { break-inside: avoid; } a { display: flex; justify-content: space-between; gap: var(--s-4); max-width: 16rem; line-height: 24px; } }
details table { margin: var(--s-3) 0; caption { text-align: left; } :is(th, td) { padding: 2px var(--s-5) 2px 0; border-bottom: 1px solid var(--line); } }
`;
