/** A catalogue of few kinds, for companies that are simulated by the dozen: each kind takes the engine half a second of planning. */
import type { Catalogue } from '@macadam/services/catalogue/load';
import { simulatedCatalogue } from '../../apps/server/simulated.ts';

const KINDS = ['application', 'privileged-assignment', 'network-device', 'cloud-resource', 'tenant'];

/** Five kinds with their standards, among them work, exceptions and a change of hands. */
export function smallCatalogue(): Catalogue {
  const all = simulatedCatalogue();
  return {
    ...all,
    kinds: new Map([...all.kinds].filter(([name]) => KINDS.includes(name))),
    standards: all.standards.filter(({ definition }) => KINDS.includes(definition.scope.kind)),
  };
}
