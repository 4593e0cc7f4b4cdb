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

async function modules(folder: string, name: string): Promise<unknown[]> {
  // TypeScript in the repository, JavaScript in the published package.
  const file = `${name}${extname(import.meta.filename)}`;
  const root = join(import.meta.dirname, folder);
  const files = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(root, entry.name, file))
    .filter((path) => existsSync(path))
    .sort();
  return Promise.all(files.map((path) => import(pathToFileURL(path).href)));
}
