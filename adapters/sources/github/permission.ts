/** The permission that a refusal of GitHub names in its headers. Pure. */

/**
 * Fine-grained tokens and apps: `X-Accepted-GitHub-Permissions: administration=read; contents=read,metadata=read`,
 * alternatives by `;`. Classic tokens: what `X-Accepted-OAuth-Scopes` lists and `X-OAuth-Scopes` lacks.
 */
export function missingPermission(headers: Headers): string | undefined {
  const accepted = headers.get('x-accepted-github-permissions')?.trim();
  if (accepted) {
    return accepted
      .split(';')
      .map((all) => all.split(',').map(spelled).join(' and '))
      .join(', or ');
  }
  const scopes = words(headers.get('x-accepted-oauth-scopes'));
  const held = new Set(words(headers.get('x-oauth-scopes')));
  if (scopes.length === 0 || scopes.some((scope) => held.has(scope))) return undefined;
  return `the scope ${scopes.map((scope) => `\`${scope}\``).join(' or ')}`;
}

/** `pull_requests=write` as the settings page has it: `Pull requests: write`. */
function spelled(permission: string): string {
  const [name = '', level = 'read'] = permission.trim().split('=');
  const text = name.replaceAll('_', ' ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}: ${level}`;
}

function words(text: string | null): string[] {
  return (text ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}
