/** Answers of the API of Kubernetes about one cluster, as one collection. Pure: the same answers give the same observations. */
import { type KnownImages, NO_IMAGES } from '../../images/known.ts';
import type { ExportRead, ExportRequest } from '../export.ts';
import { readOf, type SavedFolder, savedFolder, scopeOf } from '../reading.ts';
import { accountsOf } from './accounts.ts';
import { KUBERNETES } from './dialect.ts';
import { imagesOf } from './images.ts';
import { servicesOf } from './names.ts';
import { objectsIn } from './object.ts';
import { spacesOf } from './spaces.ts';

const MISSING =
  'does not say of which cluster it is: the id of the namespace kube-system does; save namespaces.json, or give it by `--subject`';

export function readKubernetes(
  request: ExportRequest,
  saved: SavedFolder = savedFolder(request, KUBERNETES),
  known: KnownImages = NO_IMAGES,
): ExportRead {
  const { lists } = saved;
  const { objects } = objectsIn(lists.list('/namespaces').items, '/namespaces');
  const clusters = objects
    .filter(({ name }) => name === 'kube-system')
    .map(({ uid }) => ({ id: `kubernetes/${uid}`, name: request.folder }));
  const named = scopeOf('kubernetes', request, clusters, MISSING);
  if ('mistakes' in named) return named;
  const { scope } = named;
  return readOf({
    scope,
    saved,
    listed: [
      accountsOf(scope, lists),
      servicesOf(scope, lists),
      spacesOf(scope, lists),
      imagesOf(scope, lists, known),
    ],
  });
}
