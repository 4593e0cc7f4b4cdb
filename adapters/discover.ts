/**
 * Finds sources and formats by their folders, so that adding or removing one edits nothing else. The published
 * command line is one bundle without folders: packing replaces this module by a list made in the same way.
 */
import { existsSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Format } from './report-formats/port.ts';
import type { Source } from './sources/port.ts';

export async function discoverSources(): Promise<Source[]> {
  return (await modules('sources', 'source')).map((module) => (module as { source: Source }).source);
}

export async function discoverFormats(): Promise<Format[]> {
  return (await modules('report-formats', 'format')).map((module) => (module as { format: Format }).format);
}

/** Ids of the formats, without loading any of them. */
export function formatIds(): string[] {
  return namesIn('report-formats', 'format');
}

/** One format by its id, without loading the others; undefined when there is no such. */
export async function discoverFormat(id: string): Promise<Format | undefined> {
  if (!formatIds().includes(id)) return undefined;
  return ((await load('report-formats', 'format', id)) as { format: Format }).format;
}

async function modules(folder: string, name: string): Promise<unknown[]> {
  return Promise.all(namesIn(folder, name).map((id) => load(folder, name, id)));
}

function namesIn(folder: string, name: string): string[] {
  const root = join(import.meta.dirname, folder);
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, fileOf(name))))
    .map((entry) => entry.name)
    .sort();
}

const load = (folder: string, name: string, id: string): Promise<unknown> =>
  import(pathToFileURL(join(import.meta.dirname, folder, id, fileOf(name))).href);

/** TypeScript in the repository, JavaScript in the published package. */
const fileOf = (name: string): string => `${name}${extname(import.meta.filename)}`;
