/** `macadam catalogue --kind K --as …`: what follows from one kind's definition, each made anew when it is asked for. */

import { createTable } from '@macadam/adapters/facts/layout';
import { jsonSchemaOf } from '@macadam/core/kinds/json-schema';
import type { Kind } from '@macadam/core/kinds/kind';
import { pageOf } from '@macadam/core/kinds/page';
import { typesOf } from '@macadam/core/kinds/typescript';
import { didYouMean } from '@macadam/core/text/suggestion';
import type { Catalogue } from '@macadam/services/catalogue/load';
import { UsageError } from '../terminal.ts';

const FORMS: Readonly<Record<string, (kind: Kind, catalogue: Catalogue) => string>> = {
  docs: (kind, { kinds, standards }) =>
    pageOf(
      kind,
      kinds,
      standards
        .filter(({ compiled }) => compiled.kind === kind)
        .map(({ definition, compiled }) => ({ definition, reads: compiled.reads })),
    ),
  schema: (kind) => `${JSON.stringify(jsonSchemaOf(kind), null, 2)}\n`,
  table: (kind) => `${createTable(kind)};\n`,
  types: (kind) => typesOf(kind),
};

const FORM_NAMES = Object.keys(FORMS);

/** The text of one form of a kind. Throws `UsageError` for a kind or a form that there is not. */
export function kindText(catalogue: Catalogue, name: string, form: string): string {
  const kind = catalogue.kinds.get(name);
  if (!kind)
    throw new UsageError(
      `--kind: there is no kind \`${name}\`${didYouMean(name, catalogue.kinds.keys())}; there are ${[...catalogue.kinds.keys()].join(', ')}`,
    );
  const write = Object.hasOwn(FORMS, form) ? FORMS[form] : undefined;
  if (!write) throw new UsageError(`--as: there is no \`${form}\`; there are ${FORM_NAMES.join(', ')}`);
  return write(kind, catalogue);
}
