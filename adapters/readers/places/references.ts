/**
 * Paths that a build or deployment refers to. Read are the files that build or deploy: container files, compose files,
 * jobs that publish or deploy, actions, packages that name what they publish, and the settings of hosting platforms.
 * Commands that test or check refer to tests every day; they make nothing product.
 */
import { isUnobserved, type Unobserved } from '@macadam/core/facts/observation';
import { join } from '../dependencies/format.ts';
import { child, entriesOf, isInvalid, type Node, parseYaml, textOf } from '../pipelines/document.ts';
import { productionOf } from '../pipelines/github/production.ts';
import { canPublish } from '../pipelines/github/publishers.ts';
import type { Surroundings } from '../pipelines/github/resolution.ts';
import { actionOf, type Job, type Step, type Workflow, workflowOf } from '../pipelines/github/workflow.ts';
import type { Tree } from '../tree.ts';
import { folderPlace, placeByGlobs } from './match.ts';

export interface References {
  /** Files and folders of the tree, without those that are product anyway. */
  readonly referred: ReadonlySet<string>;
  /** The first file that may refer to more and could not be read. */
  readonly unread?: Unobserved;
}

const LIMIT = 512 * 1024;

/** What a reader is told of one file; it answers with everything in it that may be a path. */
interface Referrer {
  readonly path: string;
  readonly text: string;
}

/** One thing that may be a path, with the folders that it may be relative to. */
interface Mention {
  readonly token: string;
  readonly bases: readonly string[];
}

interface ReferrerKind {
  readonly matches: (path: string, name: string) => boolean;
  readonly mentions: (file: Referrer) => readonly Mention[];
}

const BUILDS =
  /\b(docker|podman|buildah|nerdctl)\s+(buildx\s+)?build\b|\bbuildx\s+bake\b|\bko\s+(build|apply|publish)\b|\bkubectl\s+(apply|create|replace|rollout)\b|\bkustomize\s+build\b|\bhelm\s+(install|upgrade|package|push)\b|\b(terraform|tofu|pulumi|cdk|sam|serverless|sls|skaffold)\b.*\b(apply|deploy|up|run)\b|\b(wrangler|vercel|netlify|firebase|flyctl|fly|heroku|railway)\b.*\b(deploy|publish|push|release|up|--prod)\b|\b(gcloud|aws|az|oc|eb|cf)\b.*\b(deploy|push|sync|cp|apply|update|create|up|publish)\b|\b(npm|pnpm|yarn|uv|poetry|flit|hatch|pdm|maturin|cargo|vsce)\s+(npm\s+)?publish\b|\btwine\s+upload\b|\b(rsync|scp)\s/;
/** What is installed on the machine of the pipeline may be such a command. */
const INSTALLS = /\b(apt|apt-get|apk|brew|choco|dnf|pacman|yum|zypper)\s+(\S+\s+)*?(install|add|-S\w*)\s/;
const CHECKS =
  /\b(test|tests|testing|pytest|tox|nox|jest|vitest|mocha|ava|playwright|cypress|rspec|lint|eslint|biome|prettier|ruff|mypy|tsc|typecheck|bench|benchmark|fuzz|coverage|e2e|check|validate|verify)\b/i;

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** Everything on a line that could be a path. */
function tokens(line: string): string[] {
  return line
    .replaceAll(
      /\$\{\{\s*github\.workspace\s*\}\}\/|\$\{?GITHUB_WORKSPACE\}?\/|\$\{?CI_PROJECT_DIR\}?\//g,
      '',
    )
    .split(/[\s'"`=,;()[\]{}<>|&]+/)
    .flatMap((token) => [token, ...token.split(':')])
    .filter((token) => token !== '' && token.length < 400);
}

/** A line of a shell without its paths, so that `deploy test/app` is no test. */
const withoutPaths = (line: string): string =>
  line
    .split(/\s+/)
    .filter((word) => !word.includes('/'))
    .join(' ');

/**
 * Paths in a script: arguments of commands that build or deploy, and the folder that such a script goes to with `cd`.
 * `deploys`: the script belongs to a job that deploys, so that going somewhere is enough unless it checks something.
 */
function scriptMentions(script: string, bases: readonly string[], deploys = false): Mention[] {
  const mentions: Mention[] = [];
  let current = bases;
  let working = bases;
  for (const line of script.replaceAll(/\\\r?\n/g, ' ').split('\n')) {
    if (line.length > 5000 || /^\s*#/.test(line)) continue;
    const target = /(?:^|[\s;&(])cd\s+["']?([^\s"';&)]+)/.exec(line)?.[1];
    const acts = BUILDS.test(line) && !INSTALLS.test(line);
    if (target !== undefined) {
      // Whether the folder before still counts depends on the shell, so both do.
      working = working.map((base) => joined(base, target));
      current = [...bases, ...bases.map((base) => joined(base, target)), ...working];
    }
    if (acts) {
      for (const token of tokens(line).filter(isPath)) mentions.push({ token, bases: current });
    }
    const arrived = target !== undefined && deploys && !CHECKS.test(withoutPaths(line));
    if (acts || arrived) for (const base of current) mentions.push({ token: base, bases: [''] });
  }
  return mentions;
}

/** A bare word that also names a check is a stage, a script or a command, such as `test -f a && run`, and no folder. */
const isPath = (token: string): boolean => token.includes('/') || !CHECKS.test(token);

const joined = (base: string, relative: string): string =>
  relative.startsWith('/') || base === '' ? relative : `${base}/${relative}`;

/** Sources of COPY and ADD; a stage that only tests is left out. */
function containerFile({ path, text }: Referrer): Mention[] {
  const bases = ['', folderOf(path)];
  const mentions: Mention[] = [];
  let checks = false;
  for (const line of text.replaceAll(/\\\r?\n/g, ' ').split('\n')) {
    const [instruction = '', ...words] = line.trim().split(/\s+/);
    const name = instruction.toUpperCase();
    if (name === 'FROM') checks = CHECKS.test(words.slice(1).join(' '));
    if (checks || !/^(COPY|ADD)$/.test(name) || words.some((word) => word.startsWith('--from='))) continue;
    const plain = words.filter((word) => !word.startsWith('--'));
    for (const token of tokens(plain.slice(0, -1).join(' '))) mentions.push({ token, bases });
  }
  return mentions;
}

function composeFile({ path, text }: Referrer): Mention[] {
  const bases = [folderOf(path)];
  const mentions: Mention[] = [];
  for (const line of text.split('\n')) {
    const value = /^\s*(?:build|context|dockerfile):\s*["']?([^\s"'#]+)/.exec(line)?.[1];
    if (value !== undefined) mentions.push({ token: value, bases });
  }
  return mentions;
}

/** Every input of a step that builds or deploys, and the folder in which it works. */
function workflow({ path, text }: Referrer): Mention[] {
  const document = parseYaml(text);
  if (isInvalid(document)) return [];
  const read = workflowOf(document);
  if ('message' in read) return [];
  const jobs = productionOf({ path, workflow: read }, () => undefined);
  const production = new Set(jobs.flatMap(({ job, certain }) => (certain === true ? [job] : [])));
  return read.jobs.flatMap((job) => jobMentions(job, read, production.has(job.id), path));
}

function jobMentions(job: Job, file: Workflow, production: boolean, path: string): Mention[] {
  const home =
    workingDirectory(child(child(job.node, 'defaults'), 'run')) ??
    workingDirectory(child(child(file.root, 'defaults'), 'run')) ??
    '';
  if (job.uses !== undefined && production)
    return valueMentions(child(job.node, 'with'), ['', folderOf(path)]);
  return job.steps.flatMap((step) => stepMentions({ workflow: file, job, step }, step, home, production));
}

const workingDirectory = (node: Node | undefined): string | undefined =>
  textOf(child(node, 'working-directory'));

function stepMentions(at: Surroundings, step: Step, home: string, deploys: boolean): Mention[] {
  const own = textOf(child(step.node, 'working-directory'));
  const directory = own ?? home;
  const bases = directory === '' ? [''] : ['', directory];
  const script = step.run?.text ?? '';
  const acts = canPublish(at, step) || BUILDS.test(script);
  const builder = /\b(build|deploy|publish|release|upload-pages|pages)\b/i.test(step.uses?.text ?? '');
  const mentions: Mention[] = [];
  if (acts || (deploys && script !== '' && !CHECKS.test(withoutPaths(script)))) {
    mentions.push({ token: directory, bases: [''] });
  }
  if (step.run !== undefined) mentions.push(...scriptMentions(script, bases, deploys));
  if (acts || builder) mentions.push(...valueMentions(step.with, bases));
  return mentions;
}

function valueMentions(node: Node | undefined, bases: readonly string[]): Mention[] {
  return entriesOf(node).flatMap(({ value }) => {
    const text = (textOf(value) ?? '').trim();
    const paths = tokens(text).filter((token) => token.includes('/') || token === text);
    return paths.map((token) => ({ token, bases }));
  });
}

/** What an action runs. */
function action({ path, text }: Referrer): Mention[] {
  const document = parseYaml(text);
  if (isInvalid(document)) return [];
  const read = actionOf(document);
  if ('message' in read) return [];
  const runs = child(read.root, 'runs');
  return ['main', 'pre', 'post', 'image'].flatMap((key) => {
    const token = textOf(child(runs, key));
    return token === undefined ? [] : [{ token, bases: [folderOf(path)] }];
  });
}

/** What a package publishes and runs. */
function packageFile({ path, text }: Referrer): Mention[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return [];
  }
  if (typeof parsed !== 'object' || parsed === null) return [];
  const fields = parsed as Readonly<Record<string, unknown>>;
  const bases = [folderOf(path)];
  return ['main', 'module', 'browser', 'bin', 'exports', 'files', 'types']
    .flatMap((name) => strings(fields[name], 0))
    .map((token) => ({ token, bases }));
}

function strings(value: unknown, depth: number): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || depth > 8) return [];
  return Object.values(value).flatMap((each) => strings(each, depth + 1));
}

/** Files in which every line that is no check and names a path says what is deployed. */
function everything({ path, text }: Referrer): Mention[] {
  const bases = ['', folderOf(path)];
  return text.split('\n').flatMap((line) => {
    if (line.length > 5000 || /^\s*(#|\/\/)/.test(line)) return [];
    return tokens(line)
      .filter(isPath)
      .map((token) => ({ token, bases }));
  });
}

const PLATFORM_FILES = new Set([
  'vercel.json',
  'netlify.toml',
  'wrangler.toml',
  'wrangler.json',
  'wrangler.jsonc',
  'firebase.json',
  'fly.toml',
  'render.yaml',
  'app.yaml',
  'procfile',
  'serverless.yml',
  'serverless.yaml',
  'skaffold.yaml',
  'kustomization.yaml',
  'kustomization.yml',
  'cloudbuild.yaml',
  'cloudbuild.yml',
  'docker-bake.hcl',
  '.goreleaser.yml',
  '.goreleaser.yaml',
  'apprunner.yaml',
  'railway.json',
  'railway.toml',
]);

const SCRIPTS =
  /^(jenkinsfile|makefile|gnumakefile|justfile|taskfile\.ya?ml|\.gitlab-ci\.ya?ml|bitbucket-pipelines\.ya?ml|azure-pipelines[^/]*\.ya?ml|buildspec\.ya?ml)$/;

const KINDS: readonly ReferrerKind[] = [
  {
    matches: (_, name) => /^([\w.-]+\.)?(dockerfile|containerfile)(\.[\w.-]+)?$/.test(name),
    mentions: containerFile,
  },
  {
    matches: (_, name) =>
      /^(docker-)?compose[\w.-]*\.ya?ml$/.test(name) && !/test|ci|dev|e2e|bench|local/.test(name),
    mentions: composeFile,
  },
  { matches: (path) => /^\.github\/workflows\/[^/]+\.ya?ml$/i.test(path), mentions: workflow },
  { matches: (_, name) => /^action\.ya?ml$/.test(name), mentions: action },
  { matches: (_, name) => name === 'package.json', mentions: packageFile },
  { matches: (_, name) => PLATFORM_FILES.has(name), mentions: everything },
  {
    matches: (path, name) =>
      SCRIPTS.test(name) || /(^|\/)\.(circleci|pipelines|azure-pipelines|gitlab)\/.+\.ya?ml$/i.test(path),
    // A job, or a target, begins in the first column, and where the one before went says nothing of it.
    mentions: ({ text }) => text.split(/^(?=\S)/m).flatMap((part) => scriptMentions(part, [''])),
  },
];

/**
 * Never rejects for what a file contains. A file counts only where it is product itself, by the globs or because
 * another one refers to it, so that the container file of a test does not turn its fixtures into product.
 */
export async function readReferences(tree: Tree): Promise<References> {
  const { files, folders } = apart(tree);
  if (files.size === 0) return { referred: new Set() };
  const referred = new Set<string>();
  const seen = new Set<string>();
  let unread: Unobserved | undefined;
  const candidates = tree.entries.flatMap(({ path, type }) => {
    if (type !== 'file' && type !== 'executable') return [];
    const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
    const kind = KINDS.find(({ matches }) => matches(path, name));
    return kind === undefined ? [] : [{ path, kind }];
  });
  const isProduct = (path: string): boolean => {
    if (referred.has(path)) return true;
    for (let folder = folderOf(path); folder !== ''; folder = folderOf(folder))
      if (referred.has(folder)) return placeByGlobs(path.slice(folder.length + 1)) === 'product';
    return placeByGlobs(path) === 'product';
  };
  for (let grown = true; grown; ) {
    grown = false;
    for (const { path, kind } of candidates) {
      if (seen.has(path) || !isProduct(path)) continue;
      seen.add(path);
      const text = await tree.read(path, LIMIT);
      if (isUnobserved(text)) {
        unread ??= { unobserved: text.unobserved, why: `${path} may say what is built: ${text.why}` };
        continue;
      }
      for (const mention of kind.mentions({ path, text })) {
        for (const found of resolved(mention, files, folders)) {
          if (referred.has(found)) continue;
          referred.add(found);
          grown = true;
        }
      }
    }
  }
  return unread === undefined ? { referred } : { referred, unread };
}

/** Files and folders that the globs do not call product: only a reference to those changes anything. */
function apart(tree: Tree): { readonly files: ReadonlySet<string>; readonly folders: ReadonlySet<string> } {
  const files = new Set<string>();
  const folders = new Set<string>();
  for (const { path } of tree.entries) {
    if (placeByGlobs(path) === 'product') continue;
    files.add(path);
    for (let folder = folderOf(path); folder !== '' && !folders.has(folder); folder = folderOf(folder))
      if (folderPlace(folder) !== 'product') folders.add(folder);
  }
  return { files, folders };
}

function resolved(
  { token, bases }: Mention,
  files: ReadonlySet<string>,
  folders: ReadonlySet<string>,
): string[] {
  const plain = withoutRest(token.replace(/^(\.\/)+/, ''));
  return bases.flatMap((base) => {
    const path = join('', joined(base, plain));
    return path !== undefined && (files.has(path) || folders.has(path)) ? [path] : [];
  });
}

/** What says "all below" at the end of a path. */
const ALL_BELOW = ['/**', '/*', '/...', '/'];

function withoutRest(token: string): string {
  let plain = token;
  for (;;) {
    const ending = ALL_BELOW.find((one) => plain.endsWith(one));
    if (ending === undefined) return plain;
    plain = plain.slice(0, -ending.length);
  }
}
