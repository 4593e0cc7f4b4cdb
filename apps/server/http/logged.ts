/** What nobody foresaw, for the log. */
import { visible } from '@macadam/adapters/report-formats/text';
import { logLine } from '../life/log-line.ts';

const LONGEST = 500;

/**
 * One entry: its first line names the request, and the rest is indented. Addresses and messages hold what strangers sent, so nothing in
 * them begins a line, as another entry would, or is obeyed by the terminal that shows it.
 */
export function logged(error: unknown, request: string, at: Date): string {
  const asked = request.length > LONGEST ? `${request.slice(0, LONGEST)} …` : request;
  const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const [first = '', ...rest] = told.split(/\r\n|[\n\r\u2028\u2029]/).map(visible);
  const head = logLine(`${visible(asked)}: ${first}`, at);
  return `${head}${rest.map((line) => `    ${line.trim()}\n`).join('')}`;
}
