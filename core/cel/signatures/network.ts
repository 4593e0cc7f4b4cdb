/** Addresses and networks as Kubernetes' CEL has them (libraries `net.ip` and `net.cidr`), with its ids. */
import { rowsOf, type Signature } from '../signature.ts';
import { BOOL, CIDR, INT, IP, STRING } from '../type.ts';

const { plain, method } = rowsOf('network');

export const NETWORK: readonly Signature[] = [
  plain('string_to_ip', 'ip', [STRING], IP),
  plain('is_ip', 'isIP', [STRING], BOOL),
  plain('ip_is_canonical', 'ip.isCanonical', [STRING], BOOL),
  plain('ip_to_string', 'string', [IP], STRING),
  method('ip_family', 'family', [IP], INT),
  method('ip_is_unspecified', 'isUnspecified', [IP], BOOL),
  method('ip_is_loopback', 'isLoopback', [IP], BOOL),
  method('ip_is_link_local_multicast', 'isLinkLocalMulticast', [IP], BOOL),
  method('ip_is_link_local_unicast', 'isLinkLocalUnicast', [IP], BOOL),
  method('ip_is_global_unicast', 'isGlobalUnicast', [IP], BOOL),
  plain('string_to_cidr', 'cidr', [STRING], CIDR),
  plain('is_cidr', 'isCIDR', [STRING], BOOL),
  plain('cidr_to_string', 'string', [CIDR], STRING),
  method('cidr_contains_ip_ip', 'containsIP', [CIDR, IP], BOOL),
  method('cidr_contains_ip_string', 'containsIP', [CIDR, STRING], BOOL),
  method('cidr_contains_cidr', 'containsCIDR', [CIDR, CIDR], BOOL),
  method('cidr_contains_cidr_string', 'containsCIDR', [CIDR, STRING], BOOL),
  method('cidr_ip', 'ip', [CIDR], IP),
  method('cidr_masked', 'masked', [CIDR], CIDR),
  method('cidr_prefix_length', 'prefixLength', [CIDR], INT),
];
