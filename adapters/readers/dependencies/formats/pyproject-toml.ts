/** pyproject.toml: PEP 621 `project`, PEP 735 `dependency-groups`, and the tables of Poetry, PDM and uv. */
import { compact } from '../../../compact.ts';
import {
  type DependencyFormat,
  entries,
  type FileReading,
  failed,
  field,
  list,
  MEBIBYTE,
  named,
  type Package,
  type ReadingProblem,
  text,
  texts,
} from '../format.ts';
import { declared, normalName, parseRequirement } from '../python.ts';
import { parseToml, tomlLines } from '../text.ts';

function parsePyproject(source: string, path: string): FileReading {
  const parsed = parseToml(source);
  if ('problem' in parsed) return failed(parsed.problem);
  const project = field(parsed.value, 'project');
  const tool = field(parsed.value, 'tool');
  const poetry = field(tool, 'poetry');
  const find = tomlLines(source);
  const packages: Package[] = [];
  const problems: ReadingProblem[] = [];
  const local = new Map(
    entries(field(field(tool, 'uv'), 'sources')).map(([name, from]) => [
      normalName(name),
      field(from, 'workspace') === true || text(field(from, 'path')) !== undefined
        ? ('path' as const)
        : text(field(from, 'git')) !== undefined
          ? ('git' as const)
          : text(field(from, 'url')) !== undefined
            ? ('url' as const)
            : undefined,
    ]),
  );
  const add = (requirements: unknown, section: string, development: boolean): void => {
    for (const requirement of texts(requirements)) {
      const read = parseRequirement(requirement);
      if (read === undefined) {
        problems.push({
          code: 'requirement-unreadable',
          message: `\`${requirement.slice(0, 60)}\` is not a requirement`,
          remedy: 'write it as PEP 508 says',
          ...compact<{ line?: number }>({ line: find(section, requirement) }),
        });
        continue;
      }
      const found = declared(read, development, find(section, requirement) ?? find(section, read.name));
      packages.push({ ...found, origin: local.get(found.name) ?? found.origin });
    }
  };
  add(field(project, 'dependencies'), 'project', false);
  for (const [, extra] of entries(field(project, 'optional-dependencies'))) {
    add(extra, 'project.optional-dependencies', false);
  }
  for (const [, group] of entries(field(parsed.value, 'dependency-groups')))
    add(group, 'dependency-groups', true);
  add(field(field(tool, 'uv'), 'dev-dependencies'), 'tool.uv', true);
  for (const [, group] of entries(field(field(tool, 'pdm'), 'dev-dependencies'))) {
    add(group, 'tool.pdm.dev-dependencies', true);
  }
  const addPoetry = (table: unknown, section: string, development: boolean): void => {
    for (const [name, value] of entries(table)) {
      if (name !== 'python') packages.push(poetryDependency(name, value, development, find(section, name)));
    }
  };
  addPoetry(field(poetry, 'dependencies'), 'tool.poetry.dependencies', false);
  addPoetry(field(poetry, 'dev-dependencies'), 'tool.poetry.dev-dependencies', true);
  for (const [group, value] of entries(field(poetry, 'group'))) {
    addPoetry(field(value, 'dependencies'), `tool.poetry.group.${group}.dependencies`, true);
  }
  const includes: string[] = [];
  if (texts(field(project, 'dynamic')).includes('dependencies')) {
    const dynamic = field(field(field(field(tool, 'setuptools'), 'dynamic'), 'dependencies'), 'file');
    const files = typeof dynamic === 'string' ? [dynamic] : texts(dynamic);
    const base = path.slice(0, path.lastIndexOf('/') + 1);
    includes.push(...files.map((file) => base + file.replace(/^\.\//, '')));
    if (files.length === 0 && poetry === undefined) {
      problems.push(
        compact<ReadingProblem>({
          code: 'dependencies-computed',
          message: 'leaves its dependencies to code that runs at build time (`dynamic`)',
          remedy: 'list them under `project.dependencies`',
          line: find('project', 'dynamic'),
        }),
      );
    }
  }
  const name = text(field(project, 'name')) ?? text(field(poetry, 'name'));
  const members = field(field(field(tool, 'uv'), 'workspace'), 'members');
  return compact<FileReading>({
    packages: packages.filter((found) => name === undefined || found.name !== normalName(name)),
    problems,
    includes: includes.length > 0 ? includes : undefined,
    workspaces: list(members).length > 0 ? texts(members) : undefined,
    project: name === undefined ? undefined : normalName(name),
    published: name !== undefined && field(parsed.value, 'build-system') !== undefined,
  });
}

function poetryDependency(
  name: string,
  value: unknown,
  development: boolean,
  line: number | undefined,
): Package {
  // Several constraints for one package, by Python version or platform, are a list of tables.
  const table = Array.isArray(value) ? value[0] : value;
  const git = text(field(table, 'git'));
  const url = text(field(table, 'url'));
  return compact<Package>({
    type: 'pypi',
    name: normalName(name),
    requirement: git ?? url ?? text(table) ?? text(field(table, 'version')) ?? '*',
    direct: true,
    development,
    origin:
      text(field(table, 'path')) !== undefined
        ? 'path'
        : git !== undefined
          ? 'git'
          : url
            ? 'url'
            : 'registry',
    line,
  });
}

export const pyprojectToml: DependencyFormat = {
  id: 'pyproject-toml',
  family: 'pypi',
  ecosystem: 'pip',
  role: 'manifest',
  matches: named('pyproject.toml'),
  limit: 2 * MEBIBYTE,
  parse: parsePyproject,
};
