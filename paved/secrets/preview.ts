/**
 * What people may see of a secret: at most its first four characters, never more than an eighth of it, and its
 * length. A prefix such as `ghp_` tells the reader what it is; a short password shows nothing of itself.
 */
export function preview(secret: string): string {
  const shown = Math.min(4, Math.floor(secret.length / 8));
  const head = secret.slice(0, shown).replaceAll(/[^\x21-\x7e]/g, '?');
  return `${head}… (${secret.length} characters)`;
}
