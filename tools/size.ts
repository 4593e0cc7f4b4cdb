/**
 * `node tools/size.ts [FOLDER]`: how large the code is, in nodes of the syntax tree, by what it is for. Lines would invite whoever writes to
 * put more on one; a tree does not care how it is laid out.
 */
import { join, relative, resolve } from 'node:path';
import type { Node } from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';

export const PURPOSES = ['product', 'fakes', 'proof', 'tests', 'tools'] as const;
export type Purpose = (typeof PURPOSES)[number];

export interface Size {
  readonly files: number;
  readonly nodes: number;
}

/** Where a file counts, by its path below the root. `fakes` are what tests run against: foreign things, fixtures and contracts; `proof` is conformance. */
export function purposeOf(path: string): Purpose {
  const name = path.split('/').at(-1) ?? '';
  if (name.endsWith('.test.ts')) return 'tests';
  if (path.startsWith('conformance/')) return 'proof';
  if (path.startsWith('tools/')) return 'tools';
  return path.startsWith('testing/') || /^fake(-[a-z-]+)?\.ts$/.test(name) ? 'fakes' : 'product';
}

export function nodesOf(node: Node): number {
  let count = 1;
  node.forEachChild((child) => {
    count += nodesOf(child);
    return undefined;
  });
  return count;
}

/** Every file that the project of a folder compiles, but what is installed. */
export function sizesOf(root: string): ReadonlyMap<Purpose, Size> {
  const sizes = new Map<Purpose, Size>(PURPOSES.map((purpose) => [purpose, { files: 0, nodes: 0 }]));
  const api = new API({ cwd: root });
  try {
    const config = join(root, 'tsconfig.json');
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
    if (!project) throw new TypeError(`${config} is no project`);
    for (const file of project.program.getSourceFileNames()) {
      const path = relative(root, file).replaceAll('\\', '/');
      if (path.startsWith('..') || path.includes('node_modules/') || !path.endsWith('.ts')) continue;
      const source = project.program.getSourceFile(file);
      if (!source) continue;
      const purpose = purposeOf(path);
      const { files = 0, nodes = 0 } = sizes.get(purpose) ?? {};
      sizes.set(purpose, { files: files + 1, nodes: nodes + nodesOf(source) });
    }
  } finally {
    api.close();
  }
  return sizes;
}

if (import.meta.main) {
  const sizes = sizesOf(resolve(process.argv[2] ?? join(import.meta.dirname, '..')));
  for (const [purpose, { files, nodes }] of sizes)
    console.log(
      `${purpose.padEnd(8)} ${files.toLocaleString('en').padStart(6)} files ${nodes.toLocaleString('en').padStart(9)} nodes`,
    );
}
