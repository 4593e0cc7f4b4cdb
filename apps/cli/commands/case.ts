/** `macadam case`: advisories and CVE records of vulnerability cases, and the mandatory tests of CSAF for any document. */
import { visible } from '@macadam/adapters/report-formats/text';
import { csafFaults } from '@macadam/core/advisories/csaf-tests';
import { EXIT } from '../exit.ts';
import { textFrom } from '../input.ts';
import { type ServerOptions, serverFor } from '../server.ts';
import { deliver, UsageError } from '../terminal.ts';

export interface CaseExportOptions extends ServerOptions {
  readonly format: string;
  readonly title: string;
  readonly summary: string;
  readonly publisher: string;
  readonly namespace: string;
  readonly cvss?: string;
  readonly reference?: string;
  readonly assigner?: string;
  readonly assignerName?: string;
  readonly out?: string;
}

export async function exportCase(id: string, options: CaseExportOptions): Promise<number> {
  const { server: _, out, ...query } = options;
  const made = await serverFor(options).get<unknown>(`cases/${encodeURIComponent(id)}/advisory`, query);
  deliver(JSON.stringify(made, null, 2), out);
  return EXIT.ok;
}

/** 1 where a test does not hold. */
export async function checkAdvisory(file: string, { json }: { readonly json?: boolean }): Promise<number> {
  let document: unknown;
  try {
    document = JSON.parse(await textFrom(file));
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new UsageError(`${visible(file)}: it is not JSON: ${error.message}`);
    throw error;
  }
  const faults = csafFaults(document);
  if (json) deliver(JSON.stringify({ faults }, null, 2));
  else {
    const lines = faults.map(({ test, path, reason }) => visible(`${test} ${path}: ${reason}`));
    deliver([...lines, sum(faults.length)].join('\n'));
  }
  return faults.length === 0 ? EXIT.ok : EXIT.fails;
}

const sum = (faults: number): string =>
  faults === 0
    ? 'Every mandatory test of CSAF 2.0 holds. Whether it holds the schema is not looked at.'
    : `${faults} of what the mandatory tests of CSAF 2.0 ask is not so.`;
