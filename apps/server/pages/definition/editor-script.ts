/// <reference lib="dom" />
/**
 * An editor over each text field of an expression: colours, names of attributes while one types, and what is wrong under its line, as the
 * product's own checker says it. The field stays and is what the form sends; without a script it is the editor. Sent to the browser as
 * source with the modules of CodeMirror as its argument: refers to nothing outside.
 */
import type * as autocomplete from '@codemirror/autocomplete';
import type * as commands from '@codemirror/commands';
import type * as language from '@codemirror/language';
import type * as state from '@codemirror/state';
import type * as view from '@codemirror/view';
import type * as highlight from '@lezer/highlight';

export interface EditorModules {
  readonly autocomplete: typeof autocomplete;
  readonly commands: typeof commands;
  readonly highlight: typeof highlight;
  readonly language: typeof language;
  readonly state: typeof state;
  readonly view: typeof view;
}

export function expressionEditors(modules: EditorModules): void {
  const form = document.querySelector<HTMLFormElement>('form.trying');
  const checker = form?.dataset.checker;
  if (!form || checker === undefined) return;
  const { EditorState, StateEffect, StateField } = modules.state;
  const { Decoration, EditorView, WidgetType } = modules.view;
  type Editor = InstanceType<typeof EditorView>;

  /** As the address answers. */
  interface Diagnostic {
    readonly field: string;
    readonly line: number;
    readonly column: number;
    readonly reason: string;
  }
  const tokens = modules.language.StreamLanguage.define<{ readonly none?: never }>({
    name: 'cel',
    startState: () => ({}),
    token: (stream) => {
      if (stream.eatSpace()) return null;
      if (stream.match(/^\/\/.*/)) return 'comment';
      if (stream.match(/^[rRbB]{0,2}(?:"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)/)) return 'string';
      if (stream.match(/^(?:0x[\da-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)u?/)) return 'number';
      if (stream.match(/^(?:true|false|null|in)\b/)) return 'keyword';
      if (stream.match(/^(?:asset|params|now)\b/)) return 'variableName.special';
      if (stream.match(/^[A-Za-z_]\w*(?=\s*\()/)) return 'variableName.function';
      if (stream.match(/^[A-Za-z_]\w*/)) return 'variableName';
      if (stream.match(/^(?:&&|\|\||[!<>=]=|[-+*/%!<>?:])/)) return 'operator';
      stream.next();
      return null;
    },
  });
  const { tags } = modules.highlight;
  const colours = modules.language.HighlightStyle.define([
    { tag: tags.special(tags.variableName), color: 'var(--pass)' },
    { tag: tags.function(tags.variableName), fontWeight: '600' },
    { tag: tags.keyword, fontWeight: '600' },
    { tag: [tags.string, tags.number], color: 'var(--simulated)' },
    { tag: tags.comment, color: 'var(--ink-3)', fontStyle: 'italic' },
  ]);
  const look = EditorView.theme({
    '&': { backgroundColor: 'var(--canvas)', color: 'var(--ink)', fontSize: 'var(--t-small)' },
    '&.cm-focused': { outline: 'none' },
    '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.6' },
    '.cm-content': { padding: '5px 0', caretColor: 'var(--ink)', minHeight: '1.6em' },
    '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--ink-3)', border: '0' },
    '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'transparent' },
    '&.cm-focused .cm-activeLine': { backgroundColor: 'var(--hover)' },
    '.cm-wrong': { textDecoration: 'underline wavy var(--fail)', textUnderlineOffset: '0.25em' },
    '.cm-said': {
      padding: '4px 10px',
      borderBlock: '1px solid var(--fail)',
      backgroundColor: 'var(--fail-soft)',
      fontFamily: 'var(--sans)',
    },
    '.cm-tooltip': {
      border: '1px solid var(--line-2)',
      borderRadius: '3px',
      backgroundColor: 'var(--raised)',
      color: 'var(--ink)',
      boxShadow: 'var(--shadow)',
    },
    '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', minWidth: '20rem' },
    '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '3px 8px', lineHeight: '1.6' },
    '.cm-tooltip-autocomplete ul li[aria-selected]': {
      backgroundColor: 'var(--chosen)',
      color: 'var(--ink)',
    },
    '.cm-completionDetail': { fontFamily: 'var(--sans)', fontStyle: 'normal', color: 'var(--ink-2)' },
    '.cm-completionInfo': { padding: '4px 8px', fontFamily: 'var(--sans)', maxWidth: '22rem' },
    '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '600' },
  });

  const words = (row: Element): readonly string[] => [...row.children].map((cell) => cell.textContent ?? '');
  const names = [
    ...[...form.querySelectorAll('.attributes tbody tr')].map((row) => {
      const [label = '', detail = '', info = ''] = words(row);
      return { label, detail, info };
    }),
    ...[...form.querySelectorAll('.pair label')].map((label) => ({
      label: `params.${label.firstChild?.textContent ?? ''}`,
      detail: 'parameter',
      info: `now ${label.querySelector('input')?.value ?? ''}`,
    })),
    { label: 'now', detail: 'timestamp', info: 'The moment of the judgement.' },
    {
      label: 'has',
      detail: 'function',
      info: 'Whether an attribute that may be absent is there.',
      apply: 'has(',
    },
  ];

  /** A line of words below a line of the text. */
  const saidBelow = (text: string): InstanceType<typeof WidgetType> =>
    Object.assign(Object.create(WidgetType.prototype) as InstanceType<typeof WidgetType>, {
      text,
      eq: (other: object) => 'text' in other && other.text === text,
      toDOM: () => {
        const made = document.createElement('div');
        made.className = 'cm-said';
        // Said to whoever does not see it by the alert beside the field.
        made.setAttribute('aria-hidden', 'true');
        made.textContent = text;
        return made;
      },
    });
  const found = StateEffect.define<readonly Diagnostic[]>();
  const marksOf = (own: readonly Diagnostic[], doc: Editor['state']['doc']) =>
    Decoration.set(
      own.flatMap(({ line, column, reason }) => {
        const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
        const from = Math.min(at.from + Math.max(column, 1) - 1, Math.max(at.from, at.to - 1));
        const length = /^\w+/.exec(doc.sliceString(from, at.to))?.[0].length ?? 1;
        const to = Math.min(at.to, from + length);
        const said = Decoration.widget({
          widget: saidBelow(`Line ${line}, column ${column}: ${reason}.`),
          block: true,
          side: 1,
        }).range(at.to);
        return from < to ? [Decoration.mark({ class: 'cm-wrong' }).range(from, to), said] : [said];
      }),
      true,
    );
  const wrong = StateField.define({
    create: () => Decoration.none,
    update: (marks, transaction) => {
      const fresh = transaction.effects.find((effect) => effect.is(found));
      if (fresh !== undefined) return marksOf(fresh.value as readonly Diagnostic[], transaction.newDoc);
      return marks.map(transaction.changes);
    },
    provide: (field) => EditorView.decorations.from(field),
  });

  const editors = new Map<string, Editor>();
  /** Until then the page says what is wrong. */
  let isChecked = false;
  let asked: AbortController | null = null;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const check = async (): Promise<void> => {
    asked?.abort();
    asked = new AbortController();
    const fields = [...new FormData(form)].map(([name, value]) => [name, String(value)]);
    const address = `${checker}?${new URLSearchParams(fields)}`;
    const answer = await fetch(address, { redirect: 'manual', signal: asked.signal });
    if (!answer.ok) return;
    isChecked = true;
    const { mistakes } = (await answer.json()) as { readonly mistakes: readonly Diagnostic[] };
    for (const [name, editor] of editors)
      editor.dispatch({ effects: found.of(mistakes.filter(({ field }) => field === name)) });
  };
  const soon = (): void => {
    clearTimeout(waiting);
    // What was given up for something newer says nothing.
    waiting = setTimeout(() => check().catch(() => undefined), 200);
  };

  for (const field of form.querySelectorAll<HTMLTextAreaElement>('textarea.cel')) {
    const label = form.querySelector<HTMLLabelElement>(`label[for="${field.id}"]`);
    const place = document.createElement('cel-editor');
    const root = place.attachShadow({ mode: 'open' });
    const editor = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: field.value,
        extensions: [
          modules.view.lineNumbers(),
          modules.view.highlightActiveLine(),
          modules.commands.history(),
          EditorView.lineWrapping,
          tokens,
          modules.language.syntaxHighlighting(colours),
          modules.language.bracketMatching(),
          wrong,
          look,
          modules.autocomplete.autocompletion({
            icons: false,
            interactionDelay: 0,
            override: [
              (context) => {
                const word = context.matchBefore(/[A-Za-z_][\w.]*/);
                if (word === null && !context.explicit) return null;
                return { from: word?.from ?? context.pos, options: names, validFor: /^[\w.]*$/ };
              },
            ],
          }),
          modules.view.keymap.of([
            {
              key: 'Mod-Enter',
              run: () => {
                form.requestSubmit();
                return true;
              },
            },
            ...modules.commands.historyKeymap,
            ...modules.commands.defaultKeymap,
          ]),
          EditorView.contentAttributes.of((of) => ({
            'aria-label': label?.textContent ?? field.name,
            'aria-invalid': String(
              isChecked ? of.state.field(wrong).size > 0 : field.getAttribute('aria-invalid') === 'true',
            ),
          })),
          // Over a selection a browser types with the style of what was there, which the policy refuses.
          EditorView.domEventHandlers({
            beforeinput: (event, of) => {
              const { inputType, data } = event as InputEvent;
              if (inputType !== 'insertText' || data === null || of.state.selection.main.empty) return false;
              of.dispatch(of.state.replaceSelection(data), { userEvent: 'input.type', scrollIntoView: true });
              event.preventDefault();
              return true;
            },
          }),
          EditorView.updateListener.of(({ docChanged, state: now }) => {
            if (!docChanged) return;
            field.value = now.doc.toString();
            field.dispatchEvent(new Event('input', { bubbles: true }));
            soon();
          }),
        ],
      }),
    });
    editors.set(field.name, editor);
    label?.addEventListener('click', (event) => {
      event.preventDefault();
      editor.focus();
    });
    field.hidden = true;
    field.after(place);
  }
  soon();
}
