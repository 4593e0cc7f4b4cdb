/**
 * Which files are pipelines, and of which platform: the published detectors. docs/pipelines.md shows the same table, and a test
 * holds the two together. What is recognised and not read makes the list of its platform incomplete, and only that one.
 */
export interface Detector {
  /** The format under which its files are listed. */
  readonly id: string;
  readonly name: string;
  /** Any of these. `*` stays within a folder, `**` does not. */
  readonly globs: readonly string[];
  readonly read: boolean;
}

const yaml = (...paths: readonly string[]): readonly string[] =>
  paths.flatMap((path) => [`${path}.yml`, `${path}.yaml`]);

export const DETECTORS: readonly Detector[] = [
  {
    id: 'github-actions',
    name: 'GitHub Actions',
    globs: yaml('.github/workflows/*', '**/action'),
    read: true,
  },
  {
    id: 'azure-pipelines',
    name: 'Azure Pipelines',
    globs: yaml(
      '**/azure-pipelines*',
      '**/azure-pipelines/**/*',
      '**/.azure-pipelines/**/*',
      '**/.pipelines/**/*',
    ),
    read: true,
  },
  {
    id: 'gitlab-ci',
    name: 'GitLab CI',
    globs: yaml('**/.gitlab-ci', '**/*.gitlab-ci', '.gitlab/ci/**/*'),
    read: true,
  },
  { id: 'circleci', name: 'CircleCI', globs: yaml('.circleci/*'), read: true },
  {
    id: 'jenkins',
    name: 'Jenkins',
    globs: ['**/Jenkinsfile', '**/Jenkinsfile.*', '**/*.Jenkinsfile', '**/*.jenkinsfile'],
    read: false,
  },
  { id: 'tekton', name: 'Tekton', globs: yaml('**/.tekton/**/*'), read: false },
  { id: 'buildkite', name: 'Buildkite', globs: yaml('.buildkite/**/*', 'buildkite'), read: false },
  { id: 'travis', name: 'Travis CI', globs: yaml('.travis'), read: false },
  { id: 'drone', name: 'Drone', globs: [...yaml('.drone'), '.drone.star', '.drone.jsonnet'], read: false },
  { id: 'woodpecker', name: 'Woodpecker', globs: yaml('.woodpecker', '.woodpecker/**/*'), read: false },
  {
    id: 'gitea-actions',
    name: 'Gitea and Forgejo Actions',
    globs: yaml('.gitea/workflows/*', '.forgejo/workflows/*'),
    read: false,
  },
  { id: 'bitbucket-pipelines', name: 'Bitbucket Pipelines', globs: yaml('bitbucket-pipelines'), read: false },
  {
    id: 'cloud-build',
    name: 'Google Cloud Build',
    globs: [...yaml('**/cloudbuild*', '**/cloudbuild/**/*'), '**/cloudbuild.json'],
    read: false,
  },
  { id: 'codebuild', name: 'AWS CodeBuild', globs: yaml('**/buildspec*'), read: false },
  { id: 'appveyor', name: 'AppVeyor', globs: yaml('appveyor', '.appveyor'), read: false },
  { id: 'cirrus', name: 'Cirrus CI', globs: [...yaml('.cirrus'), '.cirrus.star'], read: false },
  { id: 'semaphore', name: 'Semaphore', globs: yaml('.semaphore/**/*'), read: false },
  { id: 'teamcity', name: 'TeamCity', globs: ['.teamcity/**/*.kts', '.teamcity/**/*.xml'], read: false },
  {
    id: 'bamboo',
    name: 'Bamboo',
    globs: [...yaml('bamboo-specs/**/*'), 'bamboo-specs/**/*.java'],
    read: false,
  },
  { id: 'codefresh', name: 'Codefresh', globs: yaml('codefresh', '.codefresh/**/*'), read: false },
  { id: 'harness', name: 'Harness', globs: yaml('.harness/**/*'), read: false },
  { id: 'sourcehut', name: 'SourceHut', globs: yaml('.build', '.builds/*'), read: false },
  { id: 'prow', name: 'Prow', globs: yaml('.prow', '.prow/**/*'), read: false },
  { id: 'zuul', name: 'Zuul', globs: yaml('.zuul', 'zuul', '.zuul.d/**/*', 'zuul.d/**/*'), read: false },
  { id: 'bitrise', name: 'Bitrise', globs: yaml('bitrise'), read: false },
  { id: 'codemagic', name: 'Codemagic', globs: yaml('codemagic'), read: false },
  { id: 'screwdriver', name: 'Screwdriver', globs: yaml('screwdriver'), read: false },
  { id: 'wercker', name: 'Wercker', globs: yaml('wercker'), read: false },
];

/** A regular expression for a glob of this table. */
function expression(glob: string): string {
  return glob
    .split(/(\*\*\/|\*)/)
    .map((part) => {
      if (part === '**/') return '(?:[^/]+/)*';
      if (part === '*') return '[^/]*';
      return part.replaceAll(/[\\^$.+()[\]{}|]/g, '\\$&');
    })
    .join('');
}

const COMPILED = DETECTORS.map((detector) => ({
  detector,
  matches: new RegExp(`^(?:${detector.globs.map(expression).join('|')})$`, 'i'),
}));
/** One question for the many paths that no detector knows. */
const ANY = new RegExp(
  `^(?:${DETECTORS.flatMap(({ globs }) => globs)
    .map(expression)
    .join('|')})$`,
  'i',
);

/** How paths end that a glob may match, by extension, or what stands in them where their end says nothing. In lower case. */
const ENDS = new Map<string, string[]>();
const PARTS: string[] = [];
for (const glob of DETECTORS.flatMap(({ globs }) => globs)) {
  const literals = glob.toLowerCase().split('*');
  const tail = (literals.at(-1) ?? '').replace(/^\//, '');
  const extension = tail.slice(tail.lastIndexOf('.'));
  if (extension.startsWith('.')) ENDS.set(extension, [...(ENDS.get(extension) ?? []), tail]);
  else PARTS.push((literals.findLast((part) => part !== '') ?? '').replace(/^\//, ''));
}

/** Most paths of a repository are told apart by their end, at a fraction of what the pattern costs. */
function mayBePipeline(path: string): boolean {
  const lower = path.toLowerCase();
  const ends = ENDS.get(lower.slice(lower.lastIndexOf('.')));
  return (ends?.some((end) => lower.endsWith(end)) ?? false) || PARTS.some((part) => lower.includes(part));
}

/** The platform whose detector knows a path; undefined for every other file. */
export function detectorOf(path: string): Detector | undefined {
  if (!mayBePipeline(path) || !ANY.test(path) || /(^|\/)node_modules\//.test(path)) return undefined;
  return COMPILED.find(({ matches }) => matches.test(path))?.detector;
}
