/** The description of the API as a page: each operation with what goes in and what comes out. */

import { html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import type { Page } from '@macadam/adapters/report-formats/html/page';
import { framed } from '../history/frame.ts';

/** What this page reads of a description; `openApi` makes it. */
interface Operation {
  readonly summary: string;
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly security?: readonly unknown[];
  readonly 'x-action'?: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly description?: string;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Media };
  readonly responses: Readonly<Record<string, { readonly content?: Media }>>;
}
type Media = Readonly<Record<string, { readonly schema?: Schema }>>;
type Schema = Readonly<Record<string, unknown>>;
interface Listed {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

export function referencePage(description: Readonly<Record<string, unknown>>): Page {
  const paths = description.paths as Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  const all: Listed[] = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
  const groups = [...Map.groupBy(all, ({ operation }) => operation.tags[0] ?? '')].sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const body = html`<section aria-labelledby="how"><h2 id="how">How is it asked?</h2>
<p class="answer">With an API token as <code>Authorization: Bearer …</code>, or with the session of a browser. For programs the same is at <a href="/api/openapi.json"><code>/api/openapi.json</code></a>.</p>
<p>A list comes in pages: <code>next</code> of one is <code>after</code> of the next; <code>?format=csv</code> gives all of it. What changes a record that has versions takes <code>If-Match</code> with the ETag that was read, and says so below; elsewhere that is refused. A change takes an <code>Idempotency-Key</code> with which asking twice does it once. What goes wrong is <code>application/problem+json</code>, with field, reason and fix.</p>
<ul class="index">${groups.map(([tag, own]) => html`<li><a href="#${tag}">${tag}<span class="ink-3">${own.length}</span></a></li>`)}</ul></section>
${groups.map(([tag, own]) => group(tag, own))}`;
  return framed({
    title: 'API',
    heading: 'What can be asked',
    when: `${all.length} operations`,
    trail: [],
    simulated: null,
    sections: { current: 'api' },
    body,
  });
}

const group = (tag: string, own: readonly Listed[]): Markup =>
  html`<section aria-labelledby="${tag}"><h2 id="${tag}">${tag}</h2>${own.map(operationBody)}</section>`;

function operationBody({ method, path, operation }: Listed): Markup {
  const { summary, operationId, parameters, requestBody, responses } = operation;
  const action = operation['x-action'];
  const done = Object.entries(responses).filter(([status]) => /^[23]/.test(status));
  return html`<h3 id="${operationId}"><code>${method} ${path}</code></h3>
<p>${summary}. ${action ? html`Takes <code>${action}</code>.` : 'Open to everybody.'}</p>
${
  parameters.length > 0 &&
  html`<table><caption>What it takes</caption><thead><tr><th scope="col">Name</th><th scope="col">Where</th><th scope="col">Value</th><th scope="col">Meaning</th></tr></thead>
<tbody>${parameters.map(
    (one) =>
      html`<tr><th scope="row"><code>${one.name}</code>${one.required && ' (required)'}</th><td>${one.in}</td><td><code>${typeText(one.schema)}</code></td><td>${one.description}</td></tr>`,
  )}</tbody></table>`
}
${requestBody && shapes('Body', requestBody.content)}
${done.map(([status, { content }]) => (content ? shapes(`Answer ${status}`, content) : html`<p>Answer ${status}: nothing.</p>`))}`;
}

const shapes = (name: string, content: Media): Markup =>
  html`${Object.entries(content).map(
    ([media, { schema }]) =>
      html`<details><summary>${name}: <code>${media}</code></summary>${
        schema && html`<pre class="explained">${JSON.stringify(schema, null, 2)}</pre>`
      }</details>`,
  )}`;

/** A schema in a few characters. */
function typeText(schema: Schema): string {
  if (Array.isArray(schema.enum)) return schema.enum.join(' | ');
  const { type, format, minimum, maximum } = schema;
  const range = minimum !== undefined || maximum !== undefined ? ` ${minimum ?? ''}…${maximum ?? ''}` : '';
  return `${type ?? 'any'}${format ? ` (${format})` : ''}${range}`;
}
