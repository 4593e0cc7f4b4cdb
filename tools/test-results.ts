/**
 * A reporter of node:test that writes one line of JSON for each test that ran to its end: which file, which title, and what came of it.
 * Beside the reporter for people, it is what `tools/proofs.ts` holds the claims of docs/asvs.yaml against.
 */
import { relative } from 'node:path';

/** What the runner says of one test, as far as it is read here. */
interface Told {
  readonly type: string;
  readonly data: {
    readonly name?: string;
    readonly file?: string;
    readonly skip?: string | boolean;
    readonly todo?: string | boolean;
    /** 0 for a test that stands in no other. */
    readonly nesting?: number;
    readonly details?: { readonly duration_ms?: number };
  };
}

export interface TestResult {
  /** Relative to the root. */
  readonly file: string;
  readonly title: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** How long it took by the clock; 0 for one that stands in another, whose time is counted there. */
  readonly milliseconds: number;
}

/** Where the suites of files that share a process are made. */
const TOGETHER = 'tools/test-together.ts';

async function* results(source: AsyncIterable<Told>): AsyncGenerator<string> {
  for await (const { type, data } of source) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const { name: title = '', file = '', skip, todo, nesting = 0, details } = data;
    const skipped = skip !== undefined || todo !== undefined;
    const outcome = skipped ? 'skipped' : type === 'test:pass' ? 'passed' : 'failed';
    const own = relative(process.cwd(), file).replaceAll('\\', '/');
    const result: TestResult = {
      // A file that shares its process is a suite there, which has its name.
      file: own === TOGETHER ? title : own,
      title,
      outcome,
      milliseconds: nesting === 0 ? Math.round(details?.duration_ms ?? 0) : 0,
    };
    yield `${JSON.stringify(result)}\n`;
  }
}

// biome-ignore lint/style/noDefaultExport: node:test takes the default export of a reporter
export { results as default };
