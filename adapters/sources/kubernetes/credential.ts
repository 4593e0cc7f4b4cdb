/** Where a cluster of Kubernetes is. */

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

/** A cluster by its host, as its variable names it. */
export const nameOf = (url: string): string => new URL(url).host.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_');
