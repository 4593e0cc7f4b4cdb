/** What one vendor's API looks like to a reader of saved answers: its paths, and how it writes addresses, lists and errors. */
import { type AnswerDialect, isRecord } from './answer.ts';
import type { Endpoint } from './description.ts';
import type { ListDialect } from './listing.ts';

/** What an address asks for: a list, one item of it, how many it has, or only its items of one type. */
export interface Resolved {
  /** Address of the list. */
  readonly list: string;
  /** The described path of the list, with `{id}` for ids. */
  readonly template: string;
  readonly form: 'list' | 'item' | 'count' | 'cast';
}

export interface Api {
  readonly answers: AnswerDialect;
  readonly lists: ListDialect;
  /** Null for an address that is not described. */
  readonly resolve: (address: string) => Resolved | null;
  readonly permissionOf: (path: string) => string;
  /** Why answers of a path are not used; null where they are. */
  readonly unusedBecause: (path: string) => string | null;
  /** Paths that answer one record and no list. */
  readonly singletons: ReadonlySet<string>;
}

export interface ApiDescription {
  readonly endpoints: readonly Endpoint[];
  readonly unused: Readonly<Record<string, string>>;
  readonly singletons: readonly string[];
  readonly addressOf: AnswerDialect['addressOf'];
  /** The path that a body states of itself, which may be one that is not described. */
  readonly pathIn: (body: unknown) => string | null;
  readonly lists: ListDialect;
  /** An address that stands for a part of another list. */
  readonly partOf?: (address: string) => Resolved | null;
}

/** Number of a page: `users-2`, `users.page3`, `users_2`. */
const PAGE = /[-._ ](?:page[-._ ]?)?\d{1,6}$/i;

export function apiOf(description: ApiDescription): Api {
  const { endpoints, unused, lists } = description;
  const templates = [...endpoints.map(({ path }) => path), ...Object.keys(unused)].map((path) => ({
    path,
    pattern: patternOf(path),
  }));
  const templateOf = (path: string): string | null =>
    templates.find(({ pattern }) => pattern.test(path))?.path ?? null;
  const resolve = (address: string): Resolved | null => {
    const part = description.partOf?.(address) ?? null;
    if (part !== null) return part;
    const forms = [
      { form: 'list', list: address },
      { form: 'count', list: address.replace(/\/\$count$/, '') },
      { form: 'cast', list: address.replace(/\/(?:microsoft\.)?graph\.\w+(?:\/\$count)?$/, '') },
      { form: 'list', list: address.replace(/\/delta$/, '') },
      { form: 'item', list: address.replace(/\/[^/]+$/, '') },
    ] as const;
    for (const [index, { form, list }] of forms.entries()) {
      if (index > 0 && list === address) continue;
      const template = templateOf(list);
      if (template !== null) return { list: spelt(template, list), template, form };
    }
    return null;
  };
  // The last word of a list's path, where no other list ends with it.
  const aliases = new Map(
    endpoints
      .filter(({ path }) => !path.includes('{id}'))
      .map(({ path }) => [(path.split('/').at(-1) ?? '').toLowerCase(), path] as const),
  );
  const addressOfFile = (path: string): string | null => {
    const whole = path.replace(/\.(json|csv)$/i, '');
    for (const named of [whole, whole.replace(PAGE, '')]) {
      const parts = named.split('/');
      for (let start = 0; start < parts.length; start += 1) {
        const address = `/${parts.slice(start).join('/')}`;
        if (resolve(address) !== null) return address;
      }
      const alias = aliases.get((parts.at(-1) ?? '').toLowerCase());
      if (alias !== undefined) return alias;
    }
    return null;
  };
  const permissions = new Map(endpoints.map(({ path, permission }) => [path, permission] as const));
  return {
    answers: {
      addressOf: description.addressOf,
      addressIn: (body) => {
        const path = description.pathIn(body);
        return path !== null && resolve(path) !== null ? path : null;
      },
      addressOfFile,
      isError: lists.isError,
    },
    lists,
    resolve,
    permissionOf: (path) => permissions.get(path) ?? 'a permission that its page does not list',
    unusedBecause: (path) => unused[path] ?? null,
    singletons: new Set(description.singletons),
  };
}

/** The words of a path as its description writes them, and the ids as they stand: some APIs tell `a` from `A` in an id. */
function spelt(template: string, address: string): string {
  const parts = address.split('/');
  return template
    .split('/')
    .map((part, index) => (part === '{id}' ? (parts[index] ?? part) : part))
    .join('/');
}

function patternOf(template: string): RegExp {
  const source = template
    .split('/')
    .map((part) => (part === '{id}' ? '[^/]+' : part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')))
    .join('/');
  return new RegExp(`^${source}$`, 'i');
}

/** Path and query of a request line or a full URL, below a prefix that every address of the API has. */
export function splitAddress(
  line: string,
  prefix: RegExp,
): { readonly address: string; readonly query: string } | null {
  const [, path, query = ''] =
    /^(?:GET\s+)?(?:https?:\/\/[^/\s]+)?\/?([^\s?#]*)(?:\?(\S.*))?$/i.exec(line.trim()) ?? [];
  if (path === undefined || path === '') return null;
  const below = decodedText(path)
    .replace(prefix, '')
    .replace(/^\/+|(?<!\/)\/+$/g, '');
  return below === '' ? null : { address: `/${below}`, query };
}

export function decodedText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A query with one parameter set. */
export function withParameter(query: string, name: string, value: string): string {
  const parameters = new URLSearchParams(query);
  parameters.set(name, value);
  return parameters.toString();
}

/** The error of a body in which it stands under `error`, as most APIs write it. */
export const errorIn = (body: unknown): Readonly<Record<string, unknown>> | null =>
  isRecord(body) && isRecord(body.error) ? body.error : null;

/** What leaves items out, among the parameters of a query. */
export function narrowingIn(query: string, names: readonly string[]): string | null {
  const given = [...new URLSearchParams(query).keys()];
  const found = given.filter((name) => names.includes(name.replace(/^\$/, '').toLowerCase()));
  return found.length === 0 ? null : found.map((name) => `\`${name}\``).join(' and ');
}
