/** What is asked when a folder of git repositories is all that is measured. */
import { type EstateRequest, estateRequest } from '../../apps/server/folder.ts';

export const folderRequest = ({
  path,
  title,
  cache,
}: {
  readonly path: string;
  readonly title: string;
  readonly cache: string;
}): Promise<EstateRequest> => estateRequest({ estate: { folder: path, others: [] }, title, cache });
