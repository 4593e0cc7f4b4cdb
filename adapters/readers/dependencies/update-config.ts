/**
 * What keeps dependencies current, as the repository's own configuration says: Dependabot
 * (https://docs.github.com/en/code-security/dependabot/working-with-dependabot/dependabot-options-reference) or
 * Renovate (https://docs.renovatebot.com/configuration-options/). Configured is not the same as running: whether the
 * app is installed, or a preset elsewhere switches something off, cannot be seen in the files.
 */

import { isUnobserved, type Unobserved } from '@macadam/core/facts/observation';
import { parse as parseYamlData } from 'yaml';
import { compact } from '../../compact.ts';
import {
  child,
  entry,
  isInvalid,
  itemsOf,
  parseYaml as parsePipelineYaml,
  textOf,
} from '../pipelines/document.ts';
import type { Tree } from '../tree.ts';
import { entries, field, list, text, texts } from './format.ts';
import { globMatches } from './glob.ts';
import { parseJson } from './text.ts';
import { parseYaml, type YamlNode, yamlGet, yamlMap, yamlText } from './yaml.ts';

export interface UpdateConfig {
  readonly path: string;
  readonly tool: 'dependabot' | 'renovate';
  /** Whether it keeps this place current; unobserved when the configuration cannot be understood. */
  readonly covers: Unobserved | ((ecosystem: string, directory: string, path: string) => boolean);
  /** Entries of a configuration that has some, whether they update anything or not. */
  readonly entries?: readonly UpdateEntry[];
}

/** One entry of a Dependabot configuration. */
export interface UpdateEntry {
  readonly ecosystem: string;
  /** Days that a version has to be out before it is proposed; undefined where nothing says so. */
  readonly cooldownDays?: number;
  /** Whether code of what it updates may run while it looks for versions. */
  readonly runsCode: boolean;
  readonly grouped: boolean;
  readonly line: number;
  /** Where it speaks of the cooldown, and of running code. */
  readonly cooldownLine?: number;
  readonly runsCodeLine?: number;
}

const DEPENDABOT = ['.github/dependabot.yml', '.github/dependabot.yaml'];
/** In the order in which Renovate looks. */
const RENOVATE = [
  'renovate.json',
  'renovate.json5',
  '.github/renovate.json',
  '.github/renovate.json5',
  '.gitlab/renovate.json',
  '.gitlab/renovate.json5',
  '.renovaterc',
  '.renovaterc.json',
  '.renovaterc.json5',
];

export async function updateConfigs(tree: Tree): Promise<UpdateConfig[]> {
  const configs: UpdateConfig[] = [];
  const dependabot = DEPENDABOT.find((path) => tree.has(path));
  if (dependabot !== undefined) {
    const source = await tree.read(dependabot, 1_000_000);
    configs.push({
      path: dependabot,
      tool: 'dependabot',
      covers: isUnobserved(source) ? source : dependabotCovers(source),
      entries: isUnobserved(source) ? [] : dependabotEntries(source),
    });
  }
  const renovate = RENOVATE.find((path) => tree.has(path));
  if (renovate !== undefined) {
    const source = await tree.read(renovate, 1_000_000);
    configs.push({
      path: renovate,
      tool: 'renovate',
      covers: isUnobserved(source) ? source : renovateCovers(source),
    });
  } else if (tree.has('package.json')) {
    const source = await tree.read('package.json', 2_000_000);
    const parsed = isUnobserved(source) ? undefined : parseJson(source);
    const own = parsed && 'value' in parsed ? field(parsed.value, 'renovate') : undefined;
    if (own !== undefined)
      configs.push({ path: 'package.json', tool: 'renovate', covers: renovateRules(own) });
  }
  return configs;
}

const failed = (why: string): Unobserved => ({ unobserved: 'failed', why });

export function dependabotCovers(source: string): UpdateConfig['covers'] {
  const parsed = parseYaml(source);
  if ('problem' in parsed) return failed(`the Dependabot configuration ${parsed.problem.message}; fix it`);
  if (yamlText(yamlGet(parsed.value, 'version')) !== '2') {
    return failed('the Dependabot configuration is not of version 2; write `version: 2`');
  }
  const updates = yamlGet(parsed.value, 'updates');
  if (!Array.isArray(updates)) return failed('the Dependabot configuration has no list `updates`; add one');
  const rules = updates.flatMap((update: YamlNode) => {
    const ecosystem = yamlText(yamlGet(update, 'package-ecosystem'));
    const directories = yamlGet(update, 'directories');
    const patterns = [
      yamlText(yamlGet(update, 'directory')),
      ...(Array.isArray(directories) ? directories : []),
    ];
    // A limit of 0 switches version updates off; only security updates, a setting of the code host, remain.
    const off = yamlText(yamlGet(update, 'open-pull-requests-limit')) === '0' || ignoresAll(update);
    if (ecosystem === undefined || off || yamlMap(update) === undefined) return [];
    const excluded = yamlGet(update, 'exclude-paths');
    return [
      {
        ecosystem,
        patterns: patterns.filter((pattern) => typeof pattern === 'string'),
        excluded: Array.isArray(excluded) ? excluded.flatMap((item) => yamlText(item) ?? []) : [],
      },
    ];
  });
  return (ecosystem, directory, path) =>
    rules.some(
      (rule) =>
        rule.ecosystem === ecosystem &&
        !rule.excluded.some((pattern) => globMatches(pattern, path) || globMatches(`${pattern}/**`, path)) &&
        rule.patterns.some(
          (pattern) =>
            globMatches(pattern, directory) ||
            // For workflows both spellings are understood.
            (ecosystem === 'github-actions' && /^\/?\.github\/workflows\/?$/.test(pattern)),
        ),
    );
}

const UPDATE_TYPES = [
  'version-update:semver-major',
  'version-update:semver-minor',
  'version-update:semver-patch',
];

/** An entry that ignores every version of everything proposes nothing. */
function ignoresAll(update: YamlNode): boolean {
  const ignored = yamlGet(update, 'ignore');
  if (!Array.isArray(ignored)) return false;
  return ignored.some((rule) => {
    if (yamlText(yamlGet(rule, 'dependency-name')) !== '*') return false;
    const types = yamlGet(rule, 'update-types');
    const versions = yamlGet(rule, 'versions');
    const named = (Array.isArray(types) ? types : []).map(yamlText);
    const ranges = (Array.isArray(versions) ? versions : versions === undefined ? [] : [versions]).map(
      yamlText,
    );
    const everyType = named.length === 0 || UPDATE_TYPES.every((type) => named.includes(type));
    const everyVersion =
      ranges.length === 0 || ranges.some((range) => /^(\*|>=?\s*0(\.0)*)$/.test(range?.trim() ?? ''));
    return everyType && everyVersion;
  });
}

/** What each entry says about itself; empty where the file cannot be understood. */
function dependabotEntries(source: string): readonly UpdateEntry[] {
  const document = parsePipelineYaml(source);
  if (isInvalid(document)) return [];
  return itemsOf(child(document.root, 'updates')).flatMap((update): UpdateEntry[] => {
    const ecosystem = entry(update, 'package-ecosystem');
    const name = textOf(ecosystem?.value);
    if (ecosystem === undefined || name === undefined) return [];
    const cooldown = entry(update, 'cooldown');
    const stated = entry(cooldown?.value, 'default-days') ?? cooldown;
    const days = Number(textOf(child(cooldown?.value, 'default-days')) ?? Number.NaN);
    const runs = entry(update, 'insecure-external-code-execution');
    return [
      compact({
        ecosystem: name,
        ...(Number.isInteger(days) ? { cooldownDays: days } : {}),
        runsCode: textOf(runs?.value) === 'allow',
        cooldownLine: stated?.line,
        runsCodeLine: runs?.line,
        grouped:
          child(update, 'groups') !== undefined || child(update, 'multi-ecosystem-group') !== undefined,
        line: ecosystem.line,
      }),
    ];
  });
}

/** Renovate's managers for each of our ecosystems: one that is on is enough. */
const MANAGERS: Readonly<Record<string, readonly string[]>> = {
  npm: ['npm'],
  bun: ['bun', 'npm'],
  pip: ['pip_requirements', 'pip-compile', 'pep621', 'poetry', 'pipenv', 'pip_setup', 'setup-cfg'],
  uv: ['pep621'],
  gomod: ['gomod'],
  cargo: ['cargo'],
  nuget: ['nuget'],
  gradle: ['gradle'],
  maven: ['maven'],
  bundler: ['bundler'],
  composer: ['composer'],
  'github-actions': ['github-actions'],
  docker: ['dockerfile'],
};

/** What `config:recommended` leaves alone, through its preset `:ignoreModulesAndTests`. */
const RECOMMENDED_IGNORES = [
  '**/node_modules/**',
  '**/bower_components/**',
  '**/vendor/**',
  '**/examples/**',
  '**/__tests__/**',
  '**/test/**',
  '**/tests/**',
  '**/__fixtures__/**',
];

export function renovateCovers(source: string): UpdateConfig['covers'] {
  const parsed = parseJson5(source);
  return isUnobserved(parsed) ? parsed : renovateRules(parsed.value);
}

function renovateRules(config: unknown): UpdateConfig['covers'] {
  if (entries(config).length === 0 && typeof config !== 'object') {
    return failed('the Renovate configuration is not an object; fix it');
  }
  const presets = texts(field(config, 'extends'));
  const managers = list(field(config, 'enabledManagers'));
  const own = field(config, 'ignorePaths');
  const recommended = presets.some((preset) =>
    /^(config:(recommended|base|best-practices|js-app|js-lib)|:ignoreModulesAndTests)/.test(preset),
  );
  const ignored = Array.isArray(own) ? texts(own) : recommended ? RECOMMENDED_IGNORES : [];
  const included = texts(field(config, 'includePaths'));
  const off = field(config, 'enabled') === false || presets.includes(':disableRenovate');
  const rules = switchingRules(config);
  return (ecosystem, _directory, path) => {
    if (off) return false;
    const names = MANAGERS[ecosystem] ?? [];
    const on = names.some(
      (name) =>
        (managers.length === 0 || managers.includes(name)) &&
        switchedOn(rules, name, path, field(field(config, name), 'enabled') !== false) &&
        !(name === 'dockerfile' && presets.includes('docker:disable')),
    );
    const matches = (pattern: string): boolean =>
      globMatches(pattern, path) || globMatches(`${pattern}/**`, path);
    return on && !ignored.some(matches) && (included.length === 0 || included.some(matches));
  };
}

interface SwitchingRule {
  readonly enabled: boolean;
  readonly managers: readonly string[];
  readonly files: readonly string[];
}

/** Selectors that leave nothing out: any package, or every kind of update. */
const EVERYTHING = new Set(['*', '**', '.*', '/.*/', '/^.*$/', '^.*$']);
const SELECTORS = new Set(['enabled', 'description', 'matchManagers', 'matchFileNames', 'matchPaths']);

/** Rules of `packageRules` that switch whole managers or files on or off; those about some packages say nothing of the rest. */
function switchingRules(config: unknown): readonly SwitchingRule[] {
  return (list(field(config, 'packageRules')) ?? []).flatMap((rule): SwitchingRule[] => {
    const enabled = field(rule, 'enabled');
    if (typeof enabled !== 'boolean') return [];
    const whole = entries(rule).every(([name, value]) => {
      if (SELECTORS.has(name)) return true;
      // A preset of a rule says which packages it is about.
      if (name === 'extends') return false;
      if (/^match(Package|Dep)(Names|Patterns)$/.test(name))
        return texts(value).some((each) => EVERYTHING.has(each));
      if (name === 'matchUpdateTypes')
        return ['major', 'minor', 'patch'].every((type) => texts(value).includes(type));
      return !name.startsWith('match') && !name.startsWith('exclude');
    });
    if (!whole) return [];
    return [
      {
        enabled,
        managers: texts(field(rule, 'matchManagers')),
        files: [...texts(field(rule, 'matchFileNames')), ...texts(field(rule, 'matchPaths'))],
      },
    ];
  });
}

/** The last rule that speaks of a manager and a file decides, as Renovate applies them. */
function switchedOn(
  rules: readonly SwitchingRule[],
  manager: string,
  path: string,
  otherwise: boolean,
): boolean {
  let on = otherwise;
  for (const { enabled, managers, files } of rules) {
    const speaks =
      (managers.length === 0 || managers.includes(manager)) &&
      (files.length === 0 || files.some((pattern) => globMatches(pattern, path)));
    if (speaks) on = enabled;
  }
  return on;
}

/**
 * JSON5 (https://spec.json5.org) by way of YAML, whose flow style has all of it but comments and `key:value` without
 * a space. Exact for configurations; not for strings that continue over several lines.
 */
function parseJson5(source: string): { readonly value: unknown } | Unobserved {
  const strict = parseJson(source);
  if ('value' in strict) return strict;
  if (source.length > 200_000) return failed('the Renovate configuration is too large; shorten it');
  try {
    const value: unknown = parseYamlData(withoutComments(source), {
      schema: 'core',
      logLevel: 'error',
      maxAliasCount: 0,
    });
    if (text(value) === undefined && typeof value === 'object' && value !== null) return { value };
  } catch {
    // Falls through to the one answer for everything that is not JSON5.
  }
  return failed('the Renovate configuration is not valid JSON5; fix it');
}

function withoutComments(source: string): string {
  let out = '';
  for (let at = 0; at < source.length; at += 1) {
    const char = source.charAt(at);
    if (char === '"' || char === "'") {
      const start = at;
      for (at += 1; at < source.length && source.charAt(at) !== char; at += 1)
        if (source.charAt(at) === '\\') at += 1;
      const inside = source.slice(start + 1, at);
      out += char === '"' ? `"${inside}"` : `"${inside.replaceAll('"', '\\"').replaceAll("\\'", "'")}"`;
    } else if (char === '/' && source.charAt(at + 1) === '/') {
      const end = source.indexOf('\n', at);
      at = end < 0 ? source.length : end - 1;
    } else if (char === '/' && source.charAt(at + 1) === '*') {
      const end = source.indexOf('*/', at + 2);
      at = end < 0 ? source.length : end + 1;
      out += ' ';
    } else if (char === ':') out += ': ';
    else if (char === '\n' || char === '\t' || char === '\r') out += ' ';
    else out += char;
  }
  return out.trim();
}
