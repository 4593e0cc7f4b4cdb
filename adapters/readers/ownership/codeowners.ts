/**
 * GitHub's CODEOWNERS file, as its documentation ("About code owners") describes it: one pattern and its owners a
 * line, the last match wins, a line that the host does not understand is ignored. Such lines are kept as errors,
 * because whoever wrote them believes that they count.
 */
import { compilePatterns, patternProblem } from './pattern.ts';

/** Where the host looks, in this order; the first that exists is the only one that counts. */
export const CODEOWNERS_PATHS = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'] as const;

/** Bytes; the host does not load a larger file. */
export const CODEOWNERS_LIMIT = 3 * 1024 * 1024;

export interface CodeownersRule {
  readonly line: number;
  readonly pattern: string;
  /** As written; empty when the line takes ownership away. */
  readonly owners: readonly string[];
}

export interface CodeownersError {
  readonly line: number;
  /** The line, shortened. */
  readonly text: string;
  /** Lower case, no final period. */
  readonly problem: string;
}

export interface Codeowners {
  readonly rules: readonly CodeownersRule[];
  readonly errors: readonly CodeownersError[];
}

export type OwnerKind = 'user' | 'team' | 'email';

const login = '[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?';
const user = new RegExp(`^@${login}(?:\\[bot\\])?$`);
const team = new RegExp(`^@${login}/[A-Za-z0-9_][A-Za-z0-9_.-]*$`);
const email = /^[^\s@#]+@[^\s@#.]+(?:\.[^\s@#.]+)+$/;

/** What an owner is, or null for something that names nobody. */
export function ownerKind(owner: string): OwnerKind | null {
  if (user.test(owner)) return 'user';
  if (team.test(owner)) return 'team';
  return email.test(owner) ? 'email' : null;
}

/** Words of a line up to a comment. A backslash keeps what follows it in the word, and stays itself. */
function words(line: string): string[] {
  const found: string[] = [];
  for (const [word] of line.matchAll(/(?:\\.|[^\s\\]|\\$)+/gu)) {
    if (word.startsWith('#')) break;
    found.push(word);
  }
  return found;
}

function lineProblem(pattern: string, owners: readonly string[]): string | null {
  if (/^\[.*\]$|^\^\[/.test(pattern))
    return 'sections are another code host’s syntax: GitHub ignores this line';
  if (pattern.startsWith('!')) return 'a pattern cannot be negated with `!`';
  if (pattern.startsWith('\\#')) return 'a pattern cannot begin with an escaped `#`';
  if (/(?<!\\)[[\]]/.test(pattern)) return 'a pattern cannot hold a `[ ]` range';
  const wrong = owners.find((owner) => ownerKind(owner) === null);
  if (wrong !== undefined)
    return `\`${shorten(wrong)}\` is not an owner: write @user, @org/team or an address`;
  return patternProblem(pattern);
}

/** Never throws: what is not understood becomes an error with its line. */
export function parseCodeowners(text: string): Codeowners {
  const rules: CodeownersRule[] = [];
  const errors: CodeownersError[] = [];
  for (const [index, content] of text.split(/\r\n|\n|\r/).entries()) {
    const line = index + 1;
    const [pattern, ...owners] = words(content.trim());
    if (pattern === undefined) continue;
    const problem = lineProblem(pattern, owners);
    if (problem === null) rules.push({ line, pattern, owners });
    else errors.push({ line, text: shorten(content.trim()), problem });
  }
  return { rules, errors };
}

/** The rule that decides for a path: the last that matches. */
export function compileCodeowners(
  rules: readonly CodeownersRule[],
): (path: string) => CodeownersRule | undefined {
  const match = compilePatterns(rules.map((rule) => rule.pattern));
  return (path) => rules[match(path)];
}

/** Whether a rule matches every path there can be. */
export function isCatchAll(rule: CodeownersRule): boolean {
  return /^(\*|\/?\*\*(\/\*{0,2})?)$/.test(rule.pattern);
}

function shorten(text: string): string {
  const characters = [...text];
  return characters.length <= 120 ? text : `${characters.slice(0, 119).join('')}…`;
}
