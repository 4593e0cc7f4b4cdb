/**
 * Adds what no update tool covers to `.github/dependabot.yml`, as text at the end of the list `updates`: comments,
 * order and style of what is there stay as they are. Idempotent, because an entry that is there is not added again.
 */
import type { Fix } from '../../../../core/verdicts/fix.ts';

interface Missing {
  readonly ecosystem: string;
  readonly directory: string;
}

const FILE = '.github/dependabot.yml';

export const fix: Fix = ({ asset, read }) => {
  const targets = Array.isArray(asset.attributes.update_targets) ? asset.attributes.update_targets : [];
  const missing = targets.flatMap((target): Missing[] => {
    if (typeof target !== 'object' || 'unobserved' in target || Array.isArray(target)) return [];
    const { ecosystem, directory, updated_by } = target as Record<string, unknown>;
    return updated_by === undefined && typeof ecosystem === 'string' && typeof directory === 'string'
      ? [{ ecosystem, directory }]
      : [];
  });
  if (missing.length === 0) return { files: {}, notes: [] };
  const config = asset.attributes.update_config;
  const path = typeof config === 'string' && config.startsWith('.github/dependabot.y') ? config : FILE;
  if (typeof config === 'string' && path !== config) {
    const places = missing.map(({ ecosystem, directory }) => `${ecosystem} in ${directory}`).join(', ');
    return {
      files: {},
      notes: [`${config} leaves out ${places}; decide there whether Renovate is to cover it`],
    };
  }
  const text = read(path) ?? 'version: 2\nupdates:\n';
  const there = missing.filter((one) => mentions(text, one));
  const notes = there.map(
    ({ ecosystem, directory }) =>
      `${path} has an entry for ${ecosystem} in ${directory} that updates nothing; remove its limit of 0, or what makes it ignore everything`,
  );
  const added = missing.filter((one) => !there.includes(one));
  if (added.length === 0) return { files: {}, notes };
  const next = append(text, added);
  return next === undefined
    ? {
        files: {},
        notes: [...notes, `${path} has no list \`updates\` that can be added to; write it as a block`],
      }
    : { files: { [path]: next }, notes };
};

/** Whether an entry of the text names this ecosystem and folder, switched off or not. */
function mentions(text: string, { ecosystem, directory }: Missing): boolean {
  const plain = (path: string): string => path.replaceAll(/^\/+|\/+$/g, '');
  return text.split(/^ *- +(?=[a-z"'])/m).some((entry) => {
    const named = /package-ecosystem["']?: *["']?([\w-]+)/.exec(entry)?.[1];
    if (named !== ecosystem) return false;
    const single = /^ *["']?directory["']?: *["']?([^"'\s#]*)/m.exec(entry)?.[1];
    return single !== undefined && plain(single) === plain(directory);
  });
}

function append(text: string, missing: readonly Missing[]): string | undefined {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = text.split(/\r?\n/);
  const empty = lines.findIndex((line) => /^updates: *\[ *\] *(#.*)?$/.test(line));
  if (empty >= 0) lines[empty] = 'updates:';
  const start = lines.findIndex((line) => /^updates: *(#.*)?$/.test(line));
  if (start < 0) return undefined;
  let end = lines.findIndex((line, at) => at > start && /^[^\s#-]/.test(line));
  if (end < 0) end = lines.length;
  // Blank lines and comments before the next key belong to it.
  while (end > start + 1 && /^(#.*)?\s*$/.test(lines[end - 1] ?? '')) end -= 1;
  const dash = lines.slice(start + 1, end).find((line) => /^ *- /.test(line));
  const indent = dash === undefined ? '  ' : (/^ */.exec(dash)?.[0] ?? '');
  const entries = [...group(missing)].flatMap(([ecosystem, directories]) =>
    entry(ecosystem, directories, indent),
  );
  const rest = lines.slice(end);
  if (rest.length === 0) rest.push('');
  return [...lines.slice(0, end), ...entries, ...rest].join(eol);
}

function group(missing: readonly Missing[]): Map<string, string[]> {
  const byEcosystem = new Map<string, string[]>();
  for (const { ecosystem, directory } of missing) {
    byEcosystem.set(ecosystem, [...(byEcosystem.get(ecosystem) ?? []), directory]);
  }
  return byEcosystem;
}

function entry(ecosystem: string, directories: readonly string[], indent: string): string[] {
  const quoted = directories.map((directory) =>
    /^\/[\w./-]*$/.test(directory) ? directory : JSON.stringify(directory),
  );
  const where =
    quoted.length === 1
      ? [`  directory: ${quoted[0]}`]
      : ['  directories:', ...quoted.map((directory) => `    - ${directory}`)];
  // A version that was taken over is mostly found within days; a group keeps the number of pull requests small.
  return [
    `- package-ecosystem: ${ecosystem}`,
    ...where,
    '  schedule:',
    '    interval: weekly',
    '  cooldown:',
    '    default-days: 7',
    '  groups:',
    '    minor-and-patch:',
    '      update-types: [minor, patch]',
  ].map((line) => indent + line);
}
