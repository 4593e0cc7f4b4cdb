/**
 * Gives every file an owner by one rule for everything, in front of the rules that are there: the last match decides,
 * so no owner that somebody chose is lost. What only a person can decide becomes a note.
 */
import type { Fix, FixInput, FixResult } from '../../../../core/verdicts/fix.ts';

const FILE = '.github/CODEOWNERS';

type Fields = Readonly<Record<string, unknown>>;

export const fix: Fix = (input) => {
  const { asset, params } = input;
  const codeowners = fields(asset.attributes.codeowners);
  const notes = codeowners === undefined ? [] : forPeople(codeowners);
  if (codeowners?.covers_all === true) return { files: {}, notes };
  const owner = typeof params.default_owner === 'string' ? params.default_owner.trim() : '';
  if (!/^(@[\w-]+(\/[\w.-]+)?|[^\s@#]+@[^\s@#]+)$/.test(owner)) {
    const how =
      'say in macadam.yaml whom to name: `parameters: { repository-owned: { default_owner: "@org/team" } }`';
    return { files: {}, notes: [...notes, how] };
  }
  const result = cover(input, codeowners?.path, owner);
  return { files: result.files, notes: [...notes, ...result.notes] };
};

function cover({ read }: FixInput, given: unknown, owner: string): FixResult {
  const path = typeof given === 'string' ? given : FILE;
  const rule = `*  ${owner}`;
  const text = read(path);
  if (text === undefined) return { files: { [path]: `${rule}\n` }, notes: [] };
  const lines = text.split('\n');
  if (lines.some((line) => /^\s*(\*|\/?\*\*)(\s|$)/.test(line))) {
    return {
      files: {},
      notes: [`${path} has a rule for everything: decide who owns what a later rule leaves out`],
    };
  }
  const first = lines.findIndex((line) => !/^\s*(#|$)/.test(line));
  const end = text.includes('\r\n') ? '\r' : '';
  lines.splice(first < 0 ? lines.length - 1 : first, 0, `${rule}${end}`);
  return { files: { [path]: lines.join('\n') }, notes: [] };
}

/** What only somebody who knows the people can decide. */
function forPeople({ path, errors, owners }: Fields): string[] {
  const wrong = elements(errors).map(
    ({ line, problem }) => `${path}:${line}: ${problem}; correct or remove the line`,
  );
  const gone = elements(owners)
    .filter(({ state }) => state === 'left' || state === 'bot' || state === 'missing')
    .map(({ line, name, state }) => `${path}:${line}: ${name} is ${state}; name somebody who is here`);
  return [...wrong, ...gone];
}

function fields(value: unknown): Fields | undefined {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRecord ? (value as Fields) : undefined;
}

function elements(value: unknown): Fields[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.map(fields).filter((each) => each !== undefined);
}
