/** The token for a cluster, from the environment: it is never an argument, which other processes could read. */

export type Environment = Readonly<Record<string, string | undefined>>;

/** Throws a TypeError for what is no address of an API server. */
export function clusterAt(target: string): string {
  const url = URL.canParse(target) ? new URL(target) : null;
  const isOwn = url !== null && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  const isSafe = url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && isOwn));
  if (url === null || !isSafe || url.username !== '' || url.password !== '' || url.search !== '')
    throw new TypeError(
      `${JSON.stringify(target)} is not the address of a cluster; it is written like https://cluster.example.com:6443, as \`kubectl config view\` shows`,
    );
  return target.replace(/(?<!\/)\/+$/, '');
}

const suffix = (url: string): string => new URL(url).host.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_');

export const variableFor = (url: string): string => `KUBERNETES_TOKEN_${suffix(url)}`;

/** Undefined when there is none. A token is of one cluster, so one for any is used only where a single one is asked. */
export function tokenFor(url: string, clusters: number, environment: Environment): string | undefined {
  const own = environment[variableFor(url)]?.trim();
  if (own) return own;
  const any = environment.KUBERNETES_TOKEN?.trim();
  return clusters === 1 && any ? any : undefined;
}
