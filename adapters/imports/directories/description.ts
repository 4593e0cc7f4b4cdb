/** What a source of a directory delivers, as data: the pages of the documents and the messages about missing permissions are made of it. */
import type { Kind } from '@macadam/core/kinds/kind';

/** One request, and what reading it takes. */
export interface Endpoint {
  /** Below the API's root, with `{id}` for ids. */
  readonly path: string;
  /** Least permission that gives what is read from it. */
  readonly permission: string;
  /** What it gives, in a few words. */
  readonly gives: string;
}

/** Where an attribute comes from; or, as a text, why it cannot. */
export type Delivery = { readonly paths: readonly string[]; readonly how: string } | string;

export const APPROVED = 'set by an approval in Macadam, never by a source';

export const from = (paths: readonly string[], how: string): Delivery => ({ paths, how });

export interface SourceDescription {
  readonly id: string;
  readonly title: string;
  readonly intro: string;
  /** How its host tells a server of changes, a paragraph each; left out where it does not. */
  readonly told?: readonly string[];
  /** How files of it are saved and named, a paragraph each; none where saved answers are not read. */
  readonly saving: readonly string[];
  readonly endpoints: readonly Endpoint[];
  /** Kind → attribute or relation → where it comes from. Every attribute of the kind is here. */
  readonly kinds: Readonly<Record<string, Readonly<Record<string, Delivery>>>>;
  /** What is recognised and left unused: path → the reason. */
  readonly unused?: Readonly<Record<string, string>>;
  readonly limits: readonly string[];
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** A table whose columns are as wide as their widest cell. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((one, column) => one.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line), ''];
}

/** The page of a source, in Markdown. */
export function sourcePage(source: SourceDescription, kinds: ReadonlyMap<string, Kind>): string {
  const lines = [`# ${source.title}`, '', source.intro, ''];
  if (source.saving.length > 0) lines.push('## Saving the answers', '');
  for (const paragraph of source.saving) lines.push(paragraph, '');
  if (source.told) lines.push('## Told by the host', '');
  for (const paragraph of source.told ?? []) lines.push(paragraph, '');
  const requests = source.endpoints.map(({ path, permission, gives }) => [
    `\`${path}\``,
    `\`${permission}\``,
    cell(gives),
  ]);
  lines.push('## What is asked', '', ...table(['request', 'least permission', 'gives'], requests));
  lines.push('## What is delivered', '');
  for (const [kind, deliveries] of Object.entries(source.kinds)) {
    const rows = Object.entries(deliveries).map(([attribute, delivery]) => [
      `\`${attribute}\``,
      ...(typeof delivery === 'string'
        ? ['not delivered', cell(delivery)]
        : [delivery.paths.map((path) => `\`${path}\``).join(', '), cell(delivery.how)]),
    ]);
    lines.push(`### \`${kind}\``, '', kinds.get(kind)?.description ?? '', '');
    lines.push(...table(['attribute', 'from', 'how, or why not'], rows));
  }
  if (source.unused) {
    const rows = Object.entries(source.unused).map(([path, why]) => [`\`${path}\``, cell(why)]);
    lines.push('## Known, and not used', '', ...table(['answer of', 'why'], rows));
  }
  lines.push('## Limits', '');
  for (const limit of source.limits) lines.push(`- ${limit}`);
  return `${lines.join('\n')}\n`;
}

/** Attributes that a description forgets, or names although their kind has none: empty when it is right. */
export function descriptionGaps(
  source: SourceDescription,
  kinds: ReadonlyMap<string, Kind>,
): readonly string[] {
  return Object.entries(source.kinds).flatMap(([name, deliveries]) => {
    const kind = kinds.get(name);
    if (kind === undefined) return [`there is no kind \`${name}\``];
    const has = Object.keys(kind.attributes);
    const paths = new Set(source.endpoints.map(({ path }) => path));
    return [
      ...has.filter((one) => !Object.hasOwn(deliveries, one)).map((one) => `${name}.${one} is not described`),
      ...Object.keys(deliveries)
        .filter((one) => !has.includes(one))
        .map((one) => `${name} has no attribute \`${one}\``),
      ...Object.entries(deliveries).flatMap(([one, delivery]) =>
        typeof delivery === 'string'
          ? []
          : delivery.paths
              .filter((path) => !paths.has(path))
              .map((path) => `${name}.${one}: \`${path}\` is no endpoint`),
      ),
    ];
  });
}
