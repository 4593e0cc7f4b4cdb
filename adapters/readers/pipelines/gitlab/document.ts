/** GitLab CI files as YAML: a header `spec:` may stand in a document of its own before the pipeline. */
import { compact } from '../../../compact.ts';
import {
  child,
  type Entry,
  type Invalid,
  isInvalid,
  mergedEntries,
  type Node,
  parseYaml,
  type YamlDocument,
} from '../document.ts';

export interface GitlabDocument extends YamlDocument {
  /** Inputs that whoever includes the file gives. */
  readonly inputs?: Node;
}

/** Lines keep their numbers: what stands before the pipeline is read apart, and blank lines take its place. */
export function parseGitlab(text: string): GitlabDocument | Invalid {
  const header = /^(?:---[^\n]*\n)?(?:[ \t]*(?:#[^\n]*)?\n)*spec:[\s\S]*?\n---[^\n]*(?:\n|$)/.exec(text)?.[0];
  if (header === undefined) return parseYaml(text, '<<');
  const spec = parseYaml(header.replace(/^---[^\n]*\n/, '\n').replace(/\n---[^\n]*\n?$/, '\n'));
  if (isInvalid(spec)) return spec;
  const blank = header.replaceAll(/[^\n]/g, ' ');
  const document = parseYaml(blank + text.slice(header.length), '<<');
  if (isInvalid(document)) return document;
  return compact({ ...document, inputs: child(child(spec.root, 'spec'), 'inputs') });
}

/** Entries with what `<<` merges, which may stand there more than once. */
export const gitlabEntries = (node: Node | undefined): readonly Entry[] => mergedEntries(node, true);
