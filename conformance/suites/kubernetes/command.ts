/** The flags of a command line: `--name=value`, `--name value` or, for true, `--name`. The last of a name counts. */
import { type Fields, fieldsOf, listOf, textOf } from './object.ts';

export interface Flag extends Fields {
  readonly value: string;
  /** The value's items, as they are separated by commas. */
  readonly items: readonly string[];
  /** Where it stands in the manifest; empty for a running process. */
  readonly path: string;
}

export type Flags = Readonly<Record<string, Flag>>;

interface Word {
  readonly text: string;
  readonly path: string;
}

/** The program that a command line runs, without its folder, and its flags. */
export interface Command {
  readonly program: string;
  readonly flags: Flags;
}

export function commandLine(text: string): Command {
  return commandOf(wordsOf(text, ''));
}

/** A container's command and arguments; none when the image decides what is run. */
export function containerCommand(container: unknown, path: string): Command | undefined {
  const { command, args } = fieldsOf(container);
  if (textOf(listOf(command)[0]) === undefined) return undefined;
  const words = (list: unknown, name: string) =>
    listOf(list).flatMap((each, index) => wordsOf(String(each), `${path}.${name}[${index}]`));
  return commandOf([...words(command, 'command'), ...words(args, 'args')]);
}

function wordsOf(text: string, path: string): readonly Word[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => ({ text: word, path }));
}

function commandOf([program, ...words]: readonly Word[]): Command {
  const flags = words.flatMap(({ text, path }, index): [string, Flag][] => {
    const [, name, given] = /^--([^=]+)(?:=(.*))?$/s.exec(text) ?? [];
    if (name === undefined) return [];
    const next = words[index + 1]?.text;
    const value = given ?? (next === undefined || next.startsWith('-') ? 'true' : next);
    return [[name, { value, items: value.split(','), path }]];
  });
  return { program: program?.text.split('/').at(-1) ?? '', flags: Object.fromEntries(flags) };
}
