/** The access token for a customer, from the environment: it is never an argument, which other processes could read. */

export type Environment = Readonly<Record<string, string | undefined>>;

/** `GOOGLE_TOKEN_` and the customer; for one customer alone `GOOGLE_TOKEN` will do. */
export const variableFor = (customer: string): string =>
  `GOOGLE_TOKEN_${customer.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;

/** Undefined when there is none. A token is of one customer, so one for any is used only where a single one is asked. */
export function tokenFor(customer: string, customers: number, environment: Environment): string | undefined {
  const own = environment[variableFor(customer)]?.trim();
  if (own) return own;
  const any = environment.GOOGLE_TOKEN?.trim();
  return customers === 1 && any ? any : undefined;
}
