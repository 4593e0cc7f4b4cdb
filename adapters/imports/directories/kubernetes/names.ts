/** Services of a cluster, and the names under which they are reached. */

import type { Observation } from '@macadam/core/facts/observation';
import { isRecord, type Json, recordIn, recordsIn, textIn } from '../answer.ts';
import { type ExportScope, type Listed, observationOf } from '../export.ts';
import type { SavedLists } from '../saved-lists.ts';
import { listOf } from '../statement.ts';
import { type KubernetesObject, lacking, namespacedIn } from './object.ts';

export function servicesOf(scope: ExportScope, lists: SavedLists): Listed {
  const { objects, listing } = namespacedIn(lists, '/services');
  return {
    kind: 'service',
    observations: objects.map((one) => serviceOf(scope, one, lists)),
    gaps: listing.gaps,
  };
}

function serviceOf(scope: ExportScope, service: KubernetesObject, lists: SavedLists): Observation {
  const found = namespacedIn(lists, '/ingresses');
  const ingresses = lacking(found.listing, found.objects, {
    what: 'by `spec` which names lead where',
    says: ({ record }) => saysWhere(record.spec),
  });
  const hosts = found.objects.flatMap(({ record }) => hostsOf(record, service));
  const names = [...new Set([...ownNames(service), ...hosts])].toSorted();
  return observationOf(scope, {
    kind: 'service',
    key: [scope.directory, service.uid],
    name: `${service.namespace}/${service.name}`,
    attributes: {
      catalogue: { value: scope.directory },
      service_id: { value: service.uid },
      dns_names: listOf(names, ingresses.gaps[0]?.why),
    },
  });
}

function ownNames({ name, namespace, record }: KubernetesObject): readonly string[] {
  const spec = recordIn(record.spec);
  const status = recordIn(record.status);
  const balancer = recordIn(status.loadBalancer);
  return [
    `${name}.${namespace}.svc`,
    ...(typeof spec.externalName === 'string' && spec.externalName !== '' ? [spec.externalName] : []),
    ...recordsIn(balancer.ingress).flatMap(({ hostname }) =>
      typeof hostname === 'string' ? [hostname] : [],
    ),
  ];
}

/** A rule without a host is of every name; what has no rule or no paths goes to the usual backend, which then has to be there. */
function saysWhere(spec: unknown): boolean {
  if (!isRecord(spec)) return false;
  const { rules, defaultBackend } = spec;
  const isUsual = leadsAnywhere(defaultBackend);
  if (rules === undefined || rules === null) return isUsual;
  const says = (rule: unknown): boolean => {
    if (!isRecord(rule)) return false;
    const { host, http } = rule;
    if (host !== undefined && host !== null && typeof host !== 'string') return false;
    if (http === undefined || http === null) return isUsual;
    if (!isRecord(http) || !Array.isArray(http.paths)) return false;
    return http.paths.every((path) => isRecord(path) && leadsAnywhere(path.backend));
  };
  return Array.isArray(rules) && rules.every(says);
}

const leadsAnywhere = (backend: unknown): boolean =>
  isRecord(backend) &&
  (isRecord(backend.resource) || (isRecord(backend.service) && typeof backend.service.name === 'string'));

/** Hosts of an ingress whose traffic a service gets; one without a host is of every name. */
function hostsOf({ metadata, spec }: Json, service: KubernetesObject): readonly string[] {
  if (!isRecord(spec) || !isRecord(metadata) || metadata.namespace !== service.namespace) return [];
  const rules = recordsIn(spec.rules);
  const hosts = rules.filter(({ http }) => {
    const paths = isRecord(http) ? recordsIn(http.paths) : [];
    return paths.some(({ backend }) => leadsTo(backend, service));
  });
  const named = hosts.map(({ host }) => textIn(host) ?? '*');
  return leadsTo(spec.defaultBackend, service) ? [...named, '*'] : named;
}

const leadsTo = (backend: unknown, { name }: KubernetesObject): boolean =>
  isRecord(backend) && isRecord(backend.service) && backend.service.name === name;
