/**
 * Prism over the OpenAPI description that GitHub publishes: which operation a request is, what is wrong with it, what is
 * wrong with an answer, and how the description's own examples answer it.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

export interface JudgedRequest {
  readonly method: string;
  /** Path and query, below the API's base. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface JudgedAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface Judge {
  /** The path template and method that the request is of; throws when the description has none. */
  operationOf(request: JudgedRequest): string;
  /** Everything that is wrong with the request or the answer, one line each. */
  faults(request: JudgedRequest, answer: JudgedAnswer): Promise<string[]>;
  /** The answer that the description's examples give. */
  example(request: JudgedRequest, status?: number): Promise<JudgedAnswer>;
}

interface Diagnostic {
  readonly message: string;
  readonly path?: readonly (string | number)[];
}

interface Response {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly request?: { readonly query?: readonly { readonly name: string }[] };
}

/** As much of prism-http as is used: its packages are installed at their first use, so their types are not there. */
interface Prism {
  getHttpOperationsFromSpec(spec: object): Promise<Operation[]>;
  createInstance(config: object, components: object): Instance;
}

interface Instance {
  request(input: object, operations: readonly Operation[]): () => Promise<Either>;
}

type Either =
  | { readonly _tag: 'Left'; readonly left: Error & { readonly detail?: string } }
  | {
      readonly _tag: 'Right';
      readonly right: {
        readonly output: Response;
        readonly validations: {
          readonly input: readonly Diagnostic[];
          readonly output: readonly Diagnostic[];
        };
      };
    };

export interface Description {
  readonly info: object;
  readonly paths: Readonly<Record<string, object>>;
}

/** GitHub's, which has more than is passed on: webhooks, and what paths refer to. */
interface Whole extends Description {
  readonly openapi: string;
  readonly servers: readonly object[];
}

/** With what it refers to in place, until that refers to itself. All of the description written out like this has 73 MB, of which a twentieth is asked for. */
function followed(part: unknown, whole: unknown, within: readonly string[] = []): unknown {
  if (Array.isArray(part)) return part.map((one) => followed(one, whole, within));
  if (typeof part !== 'object' || part === null) return part;
  if ('$ref' in part && typeof part.$ref === 'string') {
    const { $ref } = part;
    return within.includes($ref) ? part : followed(at($ref, whole), whole, [...within, $ref]);
  }
  return Object.fromEntries(
    // Which of several schemas is meant is said by references that stand in no `$ref`; what is held to one of them needs no such hint.
    Object.entries(part)
      .filter(([name, value]) => name !== 'discriminator' || !Object.hasOwn(value, 'mapping'))
      .map(([name, value]) => [name, followed(value, whole, within)]),
  );
}

/** Where a reference points: `#/components/schemas/user`. */
const at = (reference: string, whole: unknown): unknown =>
  reference
    .slice('#/'.length)
    .split('/')
    .reduce<unknown>(
      (part, name) => (part as Record<string, unknown>)[name.replaceAll('~1', '/').replaceAll('~0', '~')],
      whole,
    );

const silent = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  success() {},
  trace() {},
  child: () => silent,
};

/** `templates` are the paths of the description that are needed: reading all of them takes minutes. */
export async function judgeOf(folder: string, templates: readonly string[]): Promise<Judge> {
  const read = (name: string): Whole =>
    JSON.parse(readFileSync(join(folder, `node_modules/@octokit/openapi/generated/${name}.json`), 'utf8'));
  const partOf = (description: Whole) => (template: string) => {
    const path = description.paths[template];
    return path === undefined ? [] : [[template, followed(path, description) as object] as const];
  };
  const everybody = read('api.github.com');
  const rest = templates.filter((template) => !Object.hasOwn(everybody.paths, template));
  // What enterprises alone have stands in a description of its own.
  const enterprises = rest.length === 0 ? everybody : read('ghec');
  const paths = [...templates.flatMap(partOf(everybody)), ...rest.flatMap(partOf(enterprises))];
  const { openapi, info, servers } = everybody;
  const asked = { openapi, info, servers, paths: Object.fromEntries(paths) };
  return judgeBy(folder, "GitHub's", asked, templates);
}

/** Over any description, OpenAPI or Swagger; `whose` names it in problems. */
export async function judgeBy(
  folder: string,
  whose: string,
  whole: Description,
  templates: readonly string[],
): Promise<Judge> {
  const require = createRequire(join(folder, 'package.json'));
  const prism: Prism = require('@stoplight/prism-http');
  const missing = templates.filter((template) => !Object.hasOwn(whole.paths, template));
  if (missing.length > 0) throw new Error(`${whose} description has no ${missing.join(', ')}`);
  const operations = await prism.getHttpOperationsFromSpec({
    ...whole,
    paths: Object.fromEntries(templates.map((template) => [template, whole.paths[template]])),
  });
  const validate = { validateRequest: true, validateResponse: true, checkSecurity: false, errors: false };
  const inputOf = ({ method, path, headers, body }: JudgedRequest): object => {
    const { pathname, searchParams } = new URL(path, 'https://host.example');
    return {
      method: method.toLowerCase(),
      url: { path: pathname, query: Object.fromEntries(searchParams) },
      headers,
      ...(body !== undefined && { body }),
    };
  };
  const operationOf = ({ method, path }: JudgedRequest): Operation => {
    const { pathname } = new URL(path, 'https://host.example');
    const found = operations.find(
      (each) => each.method === method.toLowerCase() && templateOf(each.path).test(pathname),
    );
    if (found === undefined) throw new Error(`${whose} description has no ${method} ${pathname}`);
    return found;
  };
  return {
    operationOf: (request) => operationOf(request).path,
    async faults(request, { status, body }) {
      const output: Response = { statusCode: status, headers: { 'content-type': 'application/json' }, body };
      const forward = () => () => async () => ({ _tag: 'Right', right: output });
      const config = {
        ...validate,
        isProxy: true,
        upstream: 'https://host.example',
        mock: { dynamic: false },
      };
      const instance = prism.createInstance(config, { logger: silent, forward });
      const answered = await instance.request(inputOf(request), operations)();
      if (answered._tag === 'Left') return [answered.left.detail ?? answered.left.message];
      const { input, output: found } = answered.right.validations;
      const documented = new Set(operationOf(request).request?.query?.map(({ name }) => name));
      const asked = [...new URL(request.path, 'https://host.example').searchParams.keys()];
      return [
        ...asked.filter((name) => !documented.has(name)).map((name) => `parameter ${name} is not documented`),
        ...input.map((each) => `request: ${spell(each)}`),
        ...found.map((each) => `answer: ${spell(each)}`),
      ];
    },
    async example(request, status) {
      const mock = { dynamic: false, ...(status === undefined ? {} : { code: status }) };
      const instance = prism.createInstance({ ...validate, isProxy: false, mock }, { logger: silent });
      const answered = await instance.request(inputOf(request), operations)();
      if (answered._tag === 'Left') throw answered.left;
      const { statusCode, body } = answered.right.output;
      return { status: statusCode, body: typeof body === 'string' ? JSON.parse(body) : body };
    },
  };
}

function templateOf(path: string): RegExp {
  const escaped = path
    .split(/\{[^}]*\}/)
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${escaped.join('[^/]+')}$`);
}

function spell({ path, message }: Diagnostic): string {
  return `${path?.join('.') ?? ''} ${message}`.trim();
}
