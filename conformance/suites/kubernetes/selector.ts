/** Labels and what selects by them: kubernetes.io/docs/concepts/overview/working-with-objects/labels. */
import { type Fields, fieldsOf, isFields, listOf } from './object.ts';

/** `matchLabels` and `matchExpressions`; both empty: everything. */
export function selects(selector: unknown, labels: Fields): boolean {
  const { matchLabels, matchExpressions } = fieldsOf(selector);
  return selectsPlainly(matchLabels, labels) && listOf(matchExpressions).every((each) => holds(each, labels));
}

/** A service's selector: labels alone. */
export function selectsPlainly(selector: unknown, labels: Fields): boolean {
  return Object.entries(fieldsOf(selector)).every(([key, value]) => labels[unprefixed(key)] === value);
}

function holds(expression: unknown, labels: Fields): boolean {
  if (!isFields(expression)) return false;
  const key = unprefixed(String(expression.key));
  const isIn = listOf(expression.values).includes(labels[key]);
  switch (expression.operator) {
    case 'In':
      return isIn;
    case 'NotIn':
      return !isIn;
    case 'Exists':
      return key in labels;
    case 'DoesNotExist':
      return !(key in labels);
    default:
      return false;
  }
}

/** Cilium may name a label's source. */
const unprefixed = (key: string): string => key.replace(/^(?:k8s|any):/, '');
