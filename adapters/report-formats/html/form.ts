/** Forms without a script: what was refused stands beside its field, and what was typed is still there. */
import type { RequestDiagnostic } from '@macadam/core/text/diagnostic';
import { type Child, html, type Markup } from './markup.ts';
import { sentence } from './words.ts';

/** A form that was sent and refused. */
export interface Attempt {
  /** Which one, of those on its page. */
  readonly form: string;
  readonly typed: Readonly<Record<string, string | readonly string[]>>;
  readonly objections: readonly RequestDiagnostic[];
  /** What went wrong, as a whole. */
  readonly said: string;
}

/** One form of a page, filled in as it was typed. */
export interface FormOn {
  readonly form: string;
  /** The refused one of the page, whichever it is. */
  readonly attempt: Attempt | null;
}

const mine = ({ form, attempt }: FormOn): Attempt | null => (attempt?.form === form ? attempt : null);
const idOf = (form: string, name: string) => `${form}-${name}`;

/** What is typed in a field: what was, else what is proposed. */
export function typedIn(on: FormOn, name: string, proposed = ''): string {
  const typed = mine(on)?.typed[name];
  return typed === undefined ? proposed : typeof typed === 'string' ? typed : (typed[0] ?? '');
}

/** The choices that were made in a field of many, else those that are proposed. */
export function chosenIn(on: FormOn, name: string, proposed: readonly string[] = []): ReadonlySet<string> {
  const attempt = mine(on);
  const typed = attempt?.typed[name];
  if (typed === undefined) return new Set(attempt ? [] : proposed);
  return new Set(typeof typed === 'string' ? [typed] : typed);
}

/** Every objection in one place at the top of the page. */
export function refusal(attempt: Attempt | null): Markup | null {
  if (attempt === null) return null;
  const { form, typed, objections, said } = attempt;
  const named = (field: string): Child =>
    field === ''
      ? null
      : Object.hasOwn(typed, field)
        ? html`<a href="#${idOf(form, field)}">${field}</a>: `
        : html`<code>${field}</code>: `;
  return html`<div class="refused" role="alert"><p><strong>This was not done.</strong>${objections.length === 0 && html` ${sentence(said)}`}</p>
${objections.length > 0 && html`<ul>${objections.map(({ field, reason, fix }) => html`<li>${named(field)}${sentence(reason)}${fix !== '' && html`; ${sentence(fix)}`}.</li>`)}</ul>`}</div>`;
}

export interface FieldOptions extends FormOn {
  readonly name: string;
  readonly label: Child;
  readonly hint?: Child;
  readonly kind?: 'text' | 'date' | 'area';
  /** What stands in it at first. */
  readonly value?: string;
  readonly optional?: boolean;
  /** Days, of a date. */
  readonly least?: string;
  readonly most?: string;
}

export function field(options: FieldOptions): Markup {
  const { form, name, label, hint, kind = 'text', value = '', optional = false, least, most } = options;
  const id = idOf(form, name);
  const wrong = wrongOf(options, name);
  const typed = typedIn(options, name, value);
  const described = describedBy(id, hint, wrong.length > 0);
  const marks = html`id="${id}" name="${name}"${!optional && html` required`}${wrong.length > 0 && html` aria-invalid="true"`}${described}`;
  // A browser leaves out the first line break of an area.
  const control =
    kind === 'area'
      ? html`<textarea ${marks}>
${typed}</textarea>`
      : html`<input type="${kind}" ${marks} value="${typed}"${least && html` min="${least}"`}${most && html` max="${most}"`}>`;
  return html`<div class="field"><label for="${id}">${label}${optional && html` <span class="quiet">(may be left out)</span>`}</label>${notes(id, hint, wrong)}${control}</div>`;
}

export interface ChoiceOptions extends FormOn {
  readonly name: string;
  readonly label: Child;
  readonly hint?: Child;
  readonly options: readonly { readonly value: string; readonly label: Child }[];
  /** One of them, or (default) any number. */
  readonly one?: boolean;
  /** Those that are chosen at first. */
  readonly chosen?: readonly string[];
}

export function choices(given: ChoiceOptions): Markup {
  const { form, name, label, hint, options, one = false, chosen = [] } = given;
  const id = idOf(form, name);
  const wrong = wrongOf(given, name);
  const picked = chosenIn(given, name, chosen);
  const type = one ? 'radio' : 'checkbox';
  return html`<fieldset id="${id}"${describedBy(id, hint, wrong.length > 0)}><legend>${label}</legend>${notes(id, hint, wrong)}<div class="choices">${options.map(
    ({ value, label: said }) =>
      html`<label><input type="${type}" name="${name}" value="${value}"${picked.has(value) && html` checked`}><span>${said}</span></label>`,
  )}</div></fieldset>`;
}

export interface FormOptions extends FormOn {
  readonly action: string;
  /** Sent along: the version that was seen. */
  readonly hidden?: Readonly<Record<string, string>>;
  readonly fields: Child;
  readonly button: string;
}

export const form = ({ action, hidden = {}, fields, button }: Omit<FormOptions, keyof FormOn>): Markup =>
  html`<form method="post" action="${action}" class="write">${carried(hidden)}${fields}<button class="main">${button}</button></form>`;

/** A form that is a button. */
export const pressed = (
  action: string,
  label: Child,
  hidden: Readonly<Record<string, string>> = {},
  main = false,
): Markup =>
  html`<form method="post" action="${action}">${carried(hidden)}<button${main && html` class="main"`}>${label}</button></form>`;

/** Folded away until somebody wants it, or was refused in it. */
export const folded = (label: Child, options: FormOptions): Markup =>
  html`<details${mine(options) !== null && html` open`}><summary>${label}</summary>${form(options)}</details>`;

/** As `folded`, and open from the beginning: whoever comes for it finds it. */
export const opened = (label: Child, options: FormOptions): Markup =>
  html`<details open><summary>${label}</summary>${form(options)}</details>`;

const carried = (hidden: Readonly<Record<string, string>>) =>
  Object.entries(hidden).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`);

const wrongOf = (on: FormOn, name: string): readonly RequestDiagnostic[] =>
  mine(on)?.objections.filter(({ field: of }) => of === name || of.startsWith(`${name}.`)) ?? [];

const describedBy = (id: string, hint: Child, wrong: boolean): Child => {
  const parts = [...(hint ? [`${id}-hint`] : []), ...(wrong ? [`${id}-wrong`] : [])];
  return parts.length > 0 && html` aria-describedby="${parts.join(' ')}"`;
};

const notes = (id: string, hint: Child, wrong: readonly RequestDiagnostic[]): Child => [
  hint ? html`<span class="hint" id="${id}-hint">${hint}</span>` : null,
  wrong.length > 0 &&
    html`<span class="wrong" id="${id}-wrong">${wrong.map(({ reason, fix }, at) => html`${at > 0 && html` `}${sentence(reason)}; ${sentence(fix)}.`)}</span>`,
];
