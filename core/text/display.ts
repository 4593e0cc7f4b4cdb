/** A value as people read it, for messages. */
import { fieldsOf, isList } from '../cel/runtime/equality.ts';
import { printCidr, printIp } from '../cel/runtime/network.ts';
import { displayDuration, displayTimestamp } from '../cel/runtime/time.ts';
import {
  Cidr,
  type Data,
  Double,
  Duration,
  Ip,
  MapValue,
  Optional,
  PartialList,
  type RecordValue,
  Semver,
  Timestamp,
  TypeValue,
  Uint,
  Unknown,
} from '../cel/runtime/value.ts';

export function display(value: Data | undefined): string {
  if (value === undefined) return 'none';
  if (value === null || typeof value !== 'object') return String(value);
  if (isList(value)) return value.map(display).join(', ');
  if (value instanceof PartialList) return value.items.map(display).join(', ');
  if (value instanceof Unknown) return '?';
  if (value instanceof Timestamp) return displayTimestamp(value);
  if (value instanceof Duration) return displayDuration(value);
  if (value instanceof Double || value instanceof Uint) return String(value.value);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (value instanceof Optional) return display(value.value);
  if (value instanceof TypeValue) return value.name;
  if (value instanceof MapValue) {
    return [...value.entries.values()].map(([key, held]) => `${display(key)}: ${display(held)}`).join(', ');
  }
  if (value instanceof Ip) return printIp(value);
  if (value instanceof Cidr) return printCidr(value);
  if (value instanceof Semver)
    return (
      value.numbers.join('.') + value.prerelease.map((part, at) => (at ? `.${part}` : `-${part}`)).join('')
    );
  const record = value as RecordValue;
  return fieldsOf(record)
    .map((name) => `${name}: ${display(record[name])}`)
    .join(', ');
}
