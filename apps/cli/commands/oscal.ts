/** `macadam oscal`: where standards and frameworks stand, as OSCAL documents. */
import { didYouMean } from '@macadam/core/text/suggestion';
import { EXIT } from '../exit.ts';
import { type ServerOptions, serverFor } from '../server.ts';
import { deliver, UsageError } from '../terminal.ts';

export interface OscalOptions extends ServerOptions {
  readonly framework?: string;
  readonly review?: string;
  readonly out?: string;
}

const PATHS: Readonly<Record<string, string>> = {
  'assessment-results': 'oscal/assessment-results',
  poam: 'oscal/plan-of-action',
};

export async function writeOscal(what: string, options: OscalOptions): Promise<number> {
  const path = Object.hasOwn(PATHS, what) ? PATHS[what] : undefined;
  if (path === undefined)
    throw new UsageError(
      `there is no OSCAL document \`${what}\` here${didYouMean(what, Object.keys(PATHS))}; there are ${Object.keys(PATHS).join(', ')}`,
    );
  const { framework, review, out } = options;
  if (framework !== undefined && what === 'poam')
    throw new UsageError('--framework: a plan of action is of all standards; leave it out');
  const document = await serverFor(options).get<unknown>(path, { framework, review });
  deliver(JSON.stringify(document, null, 2), out);
  return EXIT.ok;
}
