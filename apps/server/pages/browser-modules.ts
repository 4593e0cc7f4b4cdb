/**
 * Modules of packages as a browser loads them: the file that a package publishes for modules, with the names of others in it replaced by
 * their addresses. So nothing is bundled, and a package that changes is one file that a browser asks for again.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const NAMED = /^((?:import|export)\b[^;'"]*?\bfrom )'([^'.][^']*)';$/gm;

export class BrowserModules<File extends { readonly href: string }> {
  readonly #made = new Map<string, File>();
  readonly #make: (name: string, text: string) => File;

  /** `make`: gives the text of a module its address. */
  constructor(make: (name: string, text: string) => File) {
    this.#make = make;
  }

  get files(): readonly File[] {
    return [...this.#made.values()];
  }

  /** Of a package by its name, with all that it imports. Throws where it is not installed. */
  file(name: string): File {
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const text = readFileSync(fileURLToPath(import.meta.resolve(name)), 'utf8');
    const short = name.replaceAll(/[^a-z]+/g, '-').replace(/^-/, '');
    const licence = `/* ${name}: its licence is in its package, as it is installed with the server. */\n`;
    const file = this.#make(short, `${licence}${this.linked(text)}`);
    this.#made.set(name, file);
    return file;
  }

  /** The text of a module with addresses in place of names. */
  linked(text: string): string {
    return text.replaceAll(NAMED, (_, before: string, name: string) => `${before}'${this.file(name).href}';`);
  }
}
