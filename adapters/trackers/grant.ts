/**
 * Which credential goes where, and for whom, is the operator's word, not that of who keeps the settings of a tracker: those name where a
 * secret is and an address, so that, without it, an administrator of one division could have any file of the server sent to a place of
 * their own, or use the credential of another division.
 */

/**
 * In the environment, with spaces between: `env:DESK_TOKEN@https://desk.example?division=shop&project=acme/desk`. An empty division is the
 * whole company; `project=*` is every project of that address.
 */
export const GRANTS = 'MACADAM_TRACKER_SECRETS';

export interface TrackerGrant {
  readonly secret: string;
  readonly baseUrl: string;
  readonly division: string;
  readonly project: string;
}

/** Why the secret is not read; null: it may go to that address, for that division and project. */
export function ungranted(
  { secret, baseUrl, division, project }: TrackerGrant,
  environment: Readonly<Record<string, string | undefined>>,
): string | null {
  const { origin } = new URL(baseUrl);
  const granted = grantsIn(environment[GRANTS] ?? '').some(
    (one) =>
      one.secret === secret &&
      one.origin === origin &&
      one.division === division &&
      (one.project === project || one.project === '*'),
  );
  if (granted) return null;
  const asked = new URLSearchParams({ division, project }).toString();
  return (
    `${secret} may not be sent to ${origin} for ${division === '' ? 'the whole company' : `division ${division}`} and ` +
    `project ${project}; have the operator write ${secret}@${origin}?${asked} into ${GRANTS}`
  );
}

/** What names no division or no project grants nothing. */
function grantsIn(text: string): readonly (Omit<TrackerGrant, 'baseUrl'> & { readonly origin: string })[] {
  return text.split(/\s+/).flatMap((one) => {
    const at = one.search(/@https?:/);
    const url = at > 0 ? URL.parse(one.slice(at + 1)) : null;
    const [division, project] = [url?.searchParams.get('division'), url?.searchParams.get('project')];
    if (!url || typeof division !== 'string' || typeof project !== 'string') return [];
    return [{ secret: one.slice(0, at), origin: url.origin, division, project }];
  });
}
