/** The key that asks an account, from the environment: a secret is never an argument, which other processes could read. */

export type Environment = Readonly<Record<string, string | undefined>>;

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Names of the variables of one account; for a single account, and for one that takes on roles, those without it will do. */
export const variablesFor = (account: string) => ({
  id: `AWS_ACCESS_KEY_ID_${account}`,
  secret: `AWS_SECRET_ACCESS_KEY_${account}`,
  token: `AWS_SESSION_TOKEN_${account}`,
});

/** Undefined when there is none. `shared` says that a key of no account by name may ask this one. */
export function keyFor(account: string, shared: boolean, environment: Environment): AccessKey | undefined {
  const names = variablesFor(account);
  const own = keyIn(environment, names.id, names.secret, names.token);
  if (own !== undefined || !shared) return own;
  return keyIn(environment, 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN');
}

function keyIn(environment: Environment, id: string, secret: string, token: string): AccessKey | undefined {
  const [accessKeyId, secretAccessKey, sessionToken] = [id, secret, token].map((name) =>
    environment[name]?.trim(),
  );
  if (!accessKeyId || !secretAccessKey) return undefined;
  return sessionToken ? { accessKeyId, secretAccessKey, sessionToken } : { accessKeyId, secretAccessKey };
}
