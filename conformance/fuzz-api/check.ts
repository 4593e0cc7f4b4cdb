/** Whether an answer is one that the description allows. */
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type Asked, type Description, type Operation, operationsOf, resolved } from './request.ts';
import type { Schema } from './value.ts';

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** It goes on without end, and was let go. */
  readonly endless: boolean;
}

/** What is wrong with an answer; empty: nothing. */
export type Check = (operation: Operation, asked: Asked, answered: Answered) => readonly string[];

interface Response {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

export function checker(description: Description): Check {
  const ajv = new Ajv2020.default({ strict: false, allErrors: false });
  addFormats.default(ajv);
  const known = new Map<string, ValidateFunction>();
  const problem = resolved(description, '#/components/schemas/Problem');
  const validate = (key: string, schema: Schema, value: unknown): string | null => {
    const { components } = description;
    const test = known.get(key) ?? ajv.compile({ ...schema, components });
    known.set(key, test);
    return test(value) ? null : ajv.errorsText(test.errors);
  };
  const methods = new Map(operationsOf(description).map((one) => [`${one.method} ${one.path}`, one]));

  return (operation, asked, { status, headers, body, endless }) => {
    const faults: string[] = [];
    const media = String(headers['content-type'] ?? '').split(';')[0] ?? '';
    // Who is told when to come again may: a backup, say, while another one is under way.
    const honest = status === 503 && headers['retry-after'] !== undefined;
    if (status >= 500 && !honest) faults.push(`${status}`);
    if (headers['x-content-type-options'] !== 'nosniff')
      faults.push('an answer without x-content-type-options');
    const head = asked.method === 'HEAD';
    // Another method, or another address: it must be refused, and well.
    const own = methods.get(`${head ? 'GET' : asked.method} ${operation.path}`);
    const response = own && responseFor(description, own, status);
    if (own && !response && ![404, 405].includes(status)) faults.push(`${status} is not described`);
    if (head || body === '' || endless) {
      if (body !== '' && head) faults.push('HEAD with a body');
      return faults;
    }
    if (media === 'application/problem+json') {
      const wrong = validate('problem', problem, parsed(body));
      if (wrong !== null) faults.push(`a problem that is none: ${wrong}`);
      else if ((parsed(body) as { status: number }).status !== status)
        faults.push('a problem of another status');
      return faults;
    }
    if (!own || !response) {
      // What the server does not describe are pages for people.
      if (status >= 400 && media !== 'text/html') faults.push(`${status} as ${media} is no problem+json`);
      return faults;
    }
    const content = response.content?.[media] ?? response.content?.['*/*'];
    if (!content) faults.push(`${status} as ${media || 'nothing'} is not described`);
    else if (content.schema && media === 'application/json') {
      const wrong = validate(`${own.method} ${own.path} ${status}`, content.schema, parsed(body));
      if (wrong !== null) faults.push(`${status} is not as its schema says: ${wrong}`);
    }
    return faults;
  };
}

function responseFor(
  description: Description,
  { responses }: Operation,
  status: number,
): Response | undefined {
  const found = (responses[status] ?? responses[`${Math.floor(status / 100)}XX`] ?? responses.default) as
    | Response
    | undefined;
  return found?.$ref === undefined ? found : (resolved(description, found.$ref) as Response);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
