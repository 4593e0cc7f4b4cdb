/** What a table of services tells, by a mapping that the company writes. */
import type { SourceDescription } from '../description.ts';
import { MAPPING } from '../mapping.ts';

export const SERVICES = 'services.csv';

const ELSEWHERE = 'a catalogue of services does not know events; the central store of logs says it';

export const cmdbDescription: SourceDescription = {
  id: 'cmdb',
  title: 'Services: a table of the catalogue',
  intro:
    'Reads a table of services that a catalogue (CMDB) exported: `macadam ingest --format cmdb DIR`. It says which services there are, and which teams answer for them.',
  saving: [
    'Two files in a folder. `services.csv`: a row for each service, with a line of names of columns. `mapping.json` says what the columns mean: `{"catalogue": "cmdb.example.com", "service_id": "Number", "name": "Name", "owners": {"column": "Owned by", "separator": ";"}, "environment": {"column": "Used for", "production": ["Production"], "test": ["QA", "Staging"]}, "dns_names": {"column": "Names", "separator": " "}, "customer_facing": {"column": "Customers", "yes": ["true"], "no": ["false"]}}`. All but `catalogue` and `service_id` may be left out.',
    'A value that the mapping does not name is unknown. A row with nothing under the column of owners has none: that is what the catalogue says.',
  ],
  endpoints: [
    { path: SERVICES, permission: 'the export itself', gives: 'services and who answers for them' },
    { path: MAPPING, permission: 'written by the company', gives: 'what the columns mean' },
  ],
  kinds: {
    service: {
      catalogue: { from: [MAPPING], how: '`catalogue`' },
      service_id: { from: [SERVICES], how: "the column of the catalogue's own id" },
      environment: { from: [SERVICES, MAPPING], how: 'the values that the mapping names' },
      owners: { from: [SERVICES], how: 'the column of owners; empty where the cell is' },
      dns_names: { from: [SERVICES], how: 'the column of names, as attested: others may lead there too' },
      customer_facing: { from: [SERVICES, MAPPING], how: 'the values that the mapping names' },
      security_operations: { not: ELSEWHERE },
      audit_library_supported: { not: 'its lockfile says it' },
      customer_logs: { not: 'what customers can read is not in a catalogue' },
    },
  },
  unused: [],
  limits: ['A table is its own list: what is not in it is gone from the catalogue, not from the company.'],
};
