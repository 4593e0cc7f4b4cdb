/** Hooks of servers that tests make, without what each of them would compile at its first push: 0.1 processor seconds of it, and not 0.3. */
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let kept = process.env.NODE_COMPILE_CACHE;

/** `folder`: where a hook was installed, so a repository without a working copy or the `.git` of one. */
export function shareCompiled(folder: string): void {
  symlinkSync(keptHere(), join(folder, 'macadam/compile-cache'));
}

/** What this process keeps its own compiled code in; a folder that ends with it where it keeps none. */
function keptHere(): string {
  if (kept !== undefined) return kept;
  const made = mkdtempSync(join(tmpdir(), 'macadam-compiled-'));
  process.on('exit', () => rmSync(made, { recursive: true, force: true }));
  kept = made;
  return made;
}
