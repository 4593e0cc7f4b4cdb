/** What is wrong with an endpoint's settings, as far as it can be told before anything is sent. */

import { LOG_EVENTS } from '@macadam/adapters/decisions/log-actions';
import type { NewWebhook } from '@macadam/adapters/decisions/webhooks';
import { type AddressRules, literalProblem } from '@macadam/adapters/webhooks/address';
import type { RequestDiagnostic } from '@macadam/core/text/diagnostic';
import { didYouMean } from '@macadam/core/text/suggestion';

/** A name is looked up when something is sent: what it means then may be another thing than now. */
export function webhookObjections(
  { url, events }: Pick<NewWebhook, 'url' | 'events'>,
  { allowed }: Pick<AddressRules, 'allowed'>,
): readonly RequestDiagnostic[] {
  const at = new URL(url);
  const hidden = literalProblem(at, allowed);
  return [
    ...(at.username !== '' || at.password !== ''
      ? [
          {
            field: 'url',
            reason: 'it holds a name or a password, which everybody who lists webhooks would read',
            fix: 'leave them out: what is sent is signed, and the receiver verifies that',
          },
        ]
      : []),
    ...(hidden === null
      ? []
      : [
          {
            field: 'url',
            reason: hidden,
            fix: 'name a host on the internet, or have the operator allow its network',
          },
        ]),
    ...events.flatMap((event, index): RequestDiagnostic[] =>
      LOG_EVENTS.has(event)
        ? []
        : [
            {
              field: `events.${index}`,
              reason: `nothing is ever logged as \`${event}\`${didYouMean(event, LOG_EVENTS)}`,
              fix: 'name an action of the log, as `batch.open`, `batch.*` or `*`',
            },
          ],
    ),
  ];
}
