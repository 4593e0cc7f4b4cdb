/** What events of a central store tell of who sends them and by what, and what they do not. */
import { from, type SourceDescription } from '../description.ts';
import { MAPPING } from '../mapping.ts';

export const EVENTS = 'events.json';

const CATALOGUE = 'the catalogue of services says it (`cmdb`)';

export const logStoreDescription: SourceDescription = {
  id: 'log-store',
  title: 'The central store of logs: which events came, how late, and written by what',
  intro:
    'Reads events of OCSF that the central store gave out: `macadam ingest --format log-store DIR`. Which streams should arrive, and which operations of a service should be in them, the company lists; what did arrive is in the events.',
  saving: [
    'Two files in a folder. `events.json`: events of OCSF as a list or one a line, of the last week at least, with `metadata.logged_time`. A query may leave out all but the newest event of each kind and what arrived in the last day.',
    '`mapping.json` lists what is expected: `{"store": "logs.example.com", "window": "168h", "streams": [{"asset": "service/…", "kind": "service", "stream": "audit", "environment": "production", "since": "2026-10-01", "where": {"metadata.log_name": "orders"}}], "services": [{"catalogue": "cmdb.example.com", "service_id": "orders", "where": {"metadata.log_name": "orders"}, "operations": [{"name": "sign-in", "class_uid": 3002, "activity_id": 1}]}], "library": {"name": "acme-audit", "supported": ["2."]}}`. `where` compares fields of the events, `window` is how far back the export reaches, and `supported` are beginnings of versions of the standard library. `streams` or `services` may be left out.',
  ],
  endpoints: [
    { path: EVENTS, permission: 'reading the store', gives: 'which events came, when, and written by what' },
    { path: MAPPING, permission: 'written by the company', gives: 'what should be there' },
  ],
  kinds: {
    'log-source': {
      asset: from([MAPPING], '`asset`'),
      stream: from([MAPPING], '`stream`'),
      asset_kind: from([MAPPING], '`kind`'),
      environment: from([MAPPING], '`environment`'),
      owners: 'the asset that sends has owners',
      expected_since: from([MAPPING], '`since`'),
      last_event_at: from(
        [EVENTS],
        '`time` of the newest event that fits `where`; absent where none did in the window',
      ),
      delay: from(
        [EVENTS],
        'from `time` to `metadata.logged_time`, as 95 of 100 events of the last day kept it',
      ),
      missing_events: 'that something happened another witness has to say',
      standard_format: from(
        [EVENTS],
        'whether each of its events has what OCSF asks of every event: class, type, category, activity, severity, time, version and product',
      ),
      retention: 'the settings of the store say it',
      retention_set: 'the settings of the store say it',
      retention_locked: 'the settings of the store say it',
      oldest_event_at: 'an export begins where somebody lets it begin',
    },
    service: {
      catalogue: from([MAPPING], '`catalogue`'),
      service_id: from([MAPPING], '`service_id`'),
      environment: CATALOGUE,
      owners: CATALOGUE,
      dns_names: CATALOGUE,
      customer_facing: CATALOGUE,
      security_operations: from(
        [EVENTS, MAPPING],
        'each operation that the mapping lists, with what wrote its newest event by `metadata.product.name`; unknown where no event came, since nobody says whether it ran',
      ),
      audit_library_supported: from(
        [EVENTS, MAPPING],
        'whether every version of the library that wrote such an event is supported; absent where it wrote none',
      ),
      customer_logs: 'what a customer can read is read with the account of one',
    },
  },
  limits: ['An event says of itself what wrote it. Whoever can write events by hand can write that, too.'],
};
