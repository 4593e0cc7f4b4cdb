/**
 * Which credential goes where is the operator's word, not that of who keeps the settings of a tracker: those name where a secret is and an
 * address, so that, without it, an administrator of one division could have any file of the server sent to a place of their own.
 */

/** In the environment: `env:DESK_TOKEN@https://desk.example file:/run/secrets/jira@https://acme.atlassian.net`. */
export const GRANTS = 'MACADAM_TRACKER_SECRETS';

/** Why the secret is not read; null: it may go to that address. */
export function ungranted(
  { secret, baseUrl }: { readonly secret: string; readonly baseUrl: string },
  environment: Readonly<Record<string, string | undefined>>,
): string | null {
  const { origin } = new URL(baseUrl);
  const granted = (environment[GRANTS] ?? '').split(/\s+/).some((one) => {
    const at = one.lastIndexOf('@');
    return at > 0 && one.slice(0, at) === secret && URL.parse(one.slice(at + 1))?.origin === origin;
  });
  return granted ? null : `${secret} may not be sent to ${origin}; have the operator name both in ${GRANTS}`;
}
