/** The access token for a tenant, from the environment: it is never an argument, which other processes could read. */

type Environment = Readonly<Record<string, string | undefined>>;

/** `AZURE_TOKEN_` and the tenant, with `_` for what no name may hold; for one tenant alone `AZURE_TOKEN` will do. */
export const variableFor = (tenant: string): string =>
  `AZURE_TOKEN_${tenant.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;

/** Undefined when there is none. A token is for one tenant, so one for any is used only where a single one is asked. */
export function tokenFor(tenant: string, tenants: number, environment: Environment): string | undefined {
  const own = environment[variableFor(tenant)]?.trim();
  if (own) return own;
  const any = environment.AZURE_TOKEN?.trim();
  return tenants === 1 && any ? any : undefined;
}

/** The token for the vaults of a tenant: theirs is another audience. Undefined where none is given, and no vault is asked then. */
export function vaultTokenFor(tenant: string, tenants: number, environment: Environment): string | undefined {
  const own = environment[variableFor(tenant).replace('AZURE_TOKEN', 'AZURE_VAULT_TOKEN')]?.trim();
  if (own) return own;
  const any = environment.AZURE_VAULT_TOKEN?.trim();
  return tenants === 1 && any ? any : undefined;
}
