/** What is wrong with the expressions of a standard whose document has mistakes of its own: both are told in one run. */

import type { Kind } from '@macadam/core/kinds/kind';
import type { FileDiagnostic } from '@macadam/core/text/diagnostic';
import { readDocument } from '@macadam/core/text/document';
import { compileStandard } from '@macadam/core/verdicts/compiled-standard';
import { type Standard, standardSchema } from '@macadam/core/verdicts/standard';
import { z } from 'zod';

/** Stands where the document says nothing that can be judged; it makes no mistake of its own. */
const TRUE = z.string().default('true').catch('true');
const REASON = { id: 'none', when: 'true', say: 'it is so' };

/** The parts that expressions are in, or rest on, each as far as it is sound by itself. */
const schema = z.object({
  scope: z.object({ kind: z.string(), where: TRUE }),
  check: TRUE,
  params: standardSchema.shape.params,
  reasons: z
    .array(
      z.object({
        id: z.string().catch(REASON.id),
        when: TRUE,
        say: z.string().catch(REASON.say),
        at: z.string().optional().catch(undefined),
        point: z.string().optional().catch(undefined),
      }),
    )
    .min(1)
    .catch([REASON]),
});

/** Empty where the kind or the parameters are not known: then every expression could seem wrong. */
export function expressionMistakes(
  text: string,
  file: string,
  kinds: ReadonlyMap<string, Kind>,
): readonly FileDiagnostic[] {
  const document = readDocument(text, file, schema);
  if ('mistakes' in document) return [];
  const { value, lineOf, within } = document;
  const kind = kinds.get(value.scope.kind);
  if (!kind) return [];
  // Of the rest of a standard compiling asks nothing; what it counts is told from the whole of it.
  const definition = { ...value, evidence: {}, measure: { kind: 'share' } } as unknown as Standard;
  const compiled = compileStandard(definition, kind, { file, lineOf, within, kinds });
  return 'mistakes' in compiled ? compiled.mistakes : [];
}
