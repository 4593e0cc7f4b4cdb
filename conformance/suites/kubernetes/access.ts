/**
 * Who may do what: each subject of each binding, and each grant, which is one rule of the role that the binding gives to
 * the subject.
 */
import { below, type Fields, fieldsOf, type KubernetesObject, listOf } from './object.ts';

export interface Subject {
  readonly facts: Fields;
  readonly binding: KubernetesObject;
}

const isBinding = ({ kind }: KubernetesObject) => kind === 'RoleBinding' || kind === 'ClusterRoleBinding';

export function subjectsOf(objects: readonly KubernetesObject[]): readonly Subject[] {
  return objects.filter(isBinding).flatMap((binding) => {
    const roleRef = fieldsOf(binding.fields.roleRef);
    const role = roleOf(binding, objects);
    return listOf(binding.fields.subjects).map((subject, index) => ({
      binding,
      facts: {
        kind: 'Subject',
        subject: { ...fieldsOf(subject), index },
        binding: { kind: binding.kind, name: binding.name, namespace: binding.namespace ?? 'default' },
        roleRef,
        rules: listOf(role?.fields.rules),
      },
    }));
  });
}

export function grantsOf(subjects: readonly Subject[]): readonly Subject[] {
  return subjects.flatMap(({ facts: { rules, ...facts }, binding }) =>
    listOf(rules).map((rule, index) => ({
      binding,
      facts: {
        ...facts,
        kind: 'Grant',
        rule: { apiGroups: [], resources: [], verbs: [], ...fieldsOf(rule), index },
      },
    })),
  );
}

/** A role is found in its binding's namespace, a cluster's role everywhere. */
function roleOf(
  binding: KubernetesObject,
  objects: readonly KubernetesObject[],
): KubernetesObject | undefined {
  const kind = below(binding.fields, 'roleRef', 'kind');
  const name = below(binding.fields, 'roleRef', 'name');
  return objects.find(
    (role) =>
      role.kind === kind &&
      role.name === name &&
      (kind === 'ClusterRole' || (role.namespace ?? 'default') === (binding.namespace ?? 'default')),
  );
}
