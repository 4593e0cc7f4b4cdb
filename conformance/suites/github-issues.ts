/**
 * Mirroring work as issues, under GitHub's published OpenAPI description: what is sent, and what our fake answers. Bodies
 * are judged by Ajv here: Prism finds nothing wrong with anything that is an issue, whose schema refers to itself.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startIssueHost } from '@macadam/adapters/trackers/github/fake';
import { trackerKind } from '@macadam/adapters/trackers/github/tracker';
import { Ajv } from 'ajv';
import type { Suite } from '../suite.ts';
import type { Judge } from './github-api/judge.ts';
import { exchangesOf } from './trackers/exchanges.ts';
import { exchangeCases } from './trackers/judged.ts';

const ISSUES = '/repos/{owner}/{repo}/issues';
const TEMPLATES: readonly (readonly [RegExp, string])[] = [
  [/^\/repos\/[^/]+\/[^/]+\/issues$/, ISSUES],
  [/^\/repos\/[^/]+\/[^/]+\/issues\/\d+$/, `${ISSUES}/{issue_number}`],
  [/^\/repos\/[^/]+\/[^/]+\/issues\/\d+\/comments$/, `${ISSUES}/{issue_number}/comments`],
];
const DOCUMENT = 'https://description.example/';

interface Referring {
  readonly $ref: string;
}
type Parameter = Referring | { readonly name: string };
interface Described {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, object>>;
}
interface Whole {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly parameters: Readonly<Record<string, { readonly name: string }>> };
}

export const suite: Suite = {
  name: 'github-issues',
  proves: "requests that mirror work, and the fake's answers, are valid under GitHub's own description",
  vectors: [],
  needsInstall: true,
  load: async () => exchangeCases('github', judgeOfBodies(), await exchangesOf(trackerKind, startIssueHost)),
};

function judgeOfBodies(): Pick<Judge, 'faults'> {
  const file = join(import.meta.dirname, '../node_modules/@octokit/openapi/generated/api.github.com.json');
  const whole: Whole = JSON.parse(readFileSync(file, 'utf8'), nullsNamed);
  // Formats are checked by nobody's reading of them alone; what is no keyword of JSON Schema is OpenAPI's.
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema(whole, DOCUMENT);
  const faultsAt = (where: string, pointer: readonly string[], value: unknown): string[] => {
    const path = pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')));
    const check = ajv.compile({ $ref: `${DOCUMENT}#/${path.join('/')}` });
    if (check(value)) return [];
    return (check.errors ?? []).map(({ instancePath, message }) => `${where}: ${instancePath} ${message}`);
  };
  return {
    faults: async ({ method, path, body }, { status, body: answer }) => {
      const { pathname, searchParams } = new URL(path, DOCUMENT);
      const template = TEMPLATES.find(([is]) => is.test(pathname))?.[1] ?? '';
      const verb = method.toLowerCase();
      const operation = whole.paths[template]?.[verb];
      if (!operation) return [`the description has no ${method} ${pathname}`];
      const content = ['content', 'application/json', 'schema'];
      const at = ['paths', template, verb];
      const reply = operation.responses[String(status)];
      const refers = reply && '$ref' in reply ? String(reply.$ref).slice(2).split('/') : null;
      return [
        ...undocumented(searchParams, operation, whole),
        ...(operation.requestBody ? faultsAt('request', [...at, 'requestBody', ...content], body) : []),
        ...(reply
          ? faultsAt('answer', [...(refers ?? [...at, 'responses', String(status)]), ...content], answer)
          : [`answer: ${status} is not described`]),
      ];
    },
  };
}

/** OpenAPI 3.0 says `nullable` beside anything, lists of values included; Ajv takes it beside a type alone. */
function nullsNamed(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('nullable' in value)) return value;
  const { nullable, ...rest } = value;
  const needed = !('type' in value) || 'enum' in value;
  return nullable === true && needed ? { anyOf: [rest, { type: 'null' }] } : value;
}

function undocumented(asked: URLSearchParams, { parameters = [] }: Described, whole: Whole): string[] {
  const names = parameters.map((one) =>
    '$ref' in one ? whole.components.parameters[one.$ref.split('/').at(-1) ?? '']?.name : one.name,
  );
  return [...asked.keys()]
    .filter((name) => !names.includes(name))
    .map((name) => `parameter ${name} is not documented`);
}
